import re

import pytest

from tests.transcripts.notes_dialogues import bare, recognised, spoken, write

BOTH_FORMS = pytest.mark.parametrize("read", [spoken, recognised], ids=["punctuated", "bare"])


def say(read, text):
    """Return a text as the reader of the script writes it."""
    return text if read is spoken else bare(text).lower()


def actions_of(read, script):
    return [(task["action"], task["assignee"], task["due_date"]) for task in write(read(script)).notes["actions"]]


def questions_of(read, script):
    return [(asked["question"], asked["answer"]) for asked in write(read(script)).notes["qna"]]


def expected(read, *rows):
    fixed = ("Not specified", "No due date", "Unassigned")
    return [
        tuple(text if text in fixed or re.fullmatch("Ann|Ben|Cleo", text) else say(read, text) for text in row)
        for row in rows
    ]


@BOTH_FORMS
@pytest.mark.parametrize(
    "request_",
    [
        "Please share your screen so that we can see the report.",
        "Ben, please mute the microphone.",
        "Could you repeat the price?",
        "Can you say that again?",
        "Please wait for the report.",
        "Please look at this drawing.",
        "Can you start with the roof?",
        "Please go ahead with the report.",
        "Next slide, please.",
        "Can you hear me and the painter?",
        "Let me share my screen.",
        "Let me check the drawing.",
    ],
)
def test_request_for_this_moment_is_no_action_and_no_question(read, request_):
    script = f"Ann: {request_}\nBen: Sure.\nBen: The roof of the hall is old."

    notes = write(read(script)).notes

    assert (notes["actions"], notes["qna"], notes["ambiguities"]) == ([], [], [])


@BOTH_FORMS
def test_request_for_this_moment_leaves_what_is_for_later(read):
    script = "Ann: Ben, please share your screen and send the drawing to Cleo.\nBen: Sure.\nCleo: Thanks."

    assert actions_of(read, script) == expected(
        read, ("Ben, please share your screen and send the drawing to Cleo.", "Ben", "No due date")
    )


@BOTH_FORMS
def test_promise_after_others_spoke_is_an_action_of_its_own(read):
    script = (
        "Ann: Ben, please send the report to the painter.\nBen: The first part of the report is finished.\n"
        "Cleo: I will send you the prices by Tuesday.\nBen: Then I will send the report to everyone by Thursday."
    )

    assert actions_of(read, script) == expected(
        read,
        ("Ben, please send the report to the painter.", "Ben", "No due date"),
        ("I will send you the prices by Tuesday.", "Cleo", "Tuesday"),
        ("Then I will send the report to everyone by Thursday.", "Ben", "Thursday"),
    )


@BOTH_FORMS
@pytest.mark.parametrize(
    "reply",
    [
        "Yes, I will call the painter on Wednesday and ask about the contract.",
        "I will call the painter on Wednesday.",
        "Sure.\nBen: I will call him on Wednesday.",
        "Of course, on Wednesday.",
        "I can do that on Wednesday.",
    ],
)
def test_reply_that_accepts_gives_the_date_and_is_not_listed_again(read, reply):
    request = "Ben, can you call the painter and ask for a new date?"

    found = actions_of(read, f"Ann: {request}\nBen: {reply}\nCleo: Good.")

    assert found == expected(read, (request, "Ben", "Wednesday"))


@BOTH_FORMS
def test_reply_of_somebody_else_does_not_accept(read):
    script = "Ann: Ben, can you call the painter?\nCleo: Yes, the painter is good.\nBen: Okay, tomorrow."

    assert actions_of(read, script) == expected(read, ("Ben, can you call the painter?", "Ben", "tomorrow"))


@BOTH_FORMS
def test_request_that_one_refuses_goes_to_the_one_who_offers(read):
    script = "Ann: Ben, will you take photos?\nBen: No, sorry, I am away.\nCleo: I could take them tomorrow morning."

    assert actions_of(read, script) == expected(read, ("Ben, will you take photos?", "Cleo", "tomorrow morning"))


@BOTH_FORMS
def test_duty_of_nobody_goes_to_the_one_who_offers(read):
    script = "Ann: Somebody should inform the painter about the date.\nBen: True.\nCleo: I'll do it."

    assert actions_of(read, script) == expected(
        read, ("Somebody should inform the painter about the date.", "Cleo", "No due date")
    )


@BOTH_FORMS
def test_request_that_points_back_means_the_duty_before(read):
    script = "Ann: We should also update the drawing of the roof.\nBen: Cleo, can you do that?\nCleo: Yes, will do."

    assert actions_of(read, script) == expected(
        read, ("We should also update the drawing of the roof.", "Cleo", "No due date")
    )


@BOTH_FORMS
def test_promise_said_twice_is_listed_once(read):
    script = "Ann: I think I can fix it by Wednesday.\nBen: Sorry?\nAnn: I'll fix the hole in the roof by Wednesday."

    assert actions_of(read, script) == expected(
        read, ("I'll fix the hole in the roof by Wednesday.", "Ann", "Wednesday")
    )


@BOTH_FORMS
@pytest.mark.parametrize(
    "text",
    [
        "We need to fix this.",
        "People will say I'll buy the roof.",
        "How will you take the roof down?",
        "A roof of steel doesn't need to be tested.",
        "If the rain stops, we have to order the paint.",
        "We will have the next meeting in thirty minutes.",
        "We'll move on to the roof this morning.",
        "It is only useful if you have to draw a roof.",
    ],
)
def test_other_talk_of_doing_is_no_action(read, text):
    assert actions_of(read, f"Ann: {text}\nBen: Yeah.") == []


@BOTH_FORMS
@pytest.mark.parametrize(
    "reply",
    [
        "That question is still open.",
        "Let us talk about that question next week.",
        "Let's come back to this.",
        "We will decide later.",
        "We can discuss that next time.",
        "I don't remember.",
        "I'd have to check with Cleo.",
        "I'm not sure, maybe Cleo.",
        "We haven't decided yet.",
        "I did not hear that.",
        "That is hard to say.",
    ],
)
def test_question_that_is_put_off_stays_open(read, reply):
    question = "Who will give the presentation to the customer?"
    script = f"Ann: {question}\nBen: {reply}\nCleo: We met the customer last year."

    notes = write(read(script)).notes

    assert notes["qna"] == [{"question": say(read, question), "answer": "Not specified"}]
    assert notes["ambiguities"] == [say(read, question)]


@BOTH_FORMS
@pytest.mark.parametrize(
    "question",
    [
        "Is there anything else that we need to discuss today?",
        "Do you have anything else on the agenda today?",
        "Anything else?",
        "Are there any other questions?",
        "Can you hear my voice?",
        "Shall we start with the agenda?",
        "Hello, are you ready to start?",
        "Ben, are you ready?",
        "Is everybody here?",
        "Can everybody see the screen?",
    ],
)
def test_housekeeping_is_no_question_of_the_meeting(read, question):
    assert questions_of(read, f"Ann: {question}\nBen: No, I have nothing else.") == []


@BOTH_FORMS
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Do we need anything else for the kitchen?", "We need a lamp."),
        ("When are you ready with the kitchen?", "Next Monday."),
        ("Can we start the work in the kitchen?", "Yes, the floor is dry."),
        ("Can you start the work in the kitchen?", "Yes, the floor is dry."),
        ("Who has the key to the kitchen?", "The caretaker has it."),
        ("Ben, how far are we with the kitchen?", "The floor is finished."),
        ("Ben, what about the kitchen?", "The floor is finished."),
    ],
)
def test_question_of_the_subject_is_kept(read, question, answer):
    assert questions_of(read, f"Ann: {question}\nBen: {answer}") == expected(read, (question, answer))


@BOTH_FORMS
def test_question_of_a_date_is_answered_by_the_decision(read):
    script = (
        "Ann: When do we paint the roof?\nBen: I'd say on the twentieth of June.\nCleo: That is too early.\n"
        "Ben: What about the twenty-seventh?\nCleo: The twenty-seventh works for me.\n"
        "Ann: Good, so we paint the roof on the twenty-seventh of June."
    )

    notes = write(read(script)).notes

    settled = say(read, "Good, so we paint the roof on the twenty-seventh of June.")
    assert notes["decisions"] == [settled]
    assert notes["qna"][0] == {"question": say(read, "When do we paint the roof?"), "answer": settled}


def test_question_asked_again_is_listed_with_its_answer():
    script = (
        "Ann: Where is the paint?\nBen: I don't know.\nAnn: Cleo knows the cellar.\n"
        "Ann: Where is the paint?\nCleo: It is in the cellar."
    )

    assert questions_of(spoken, script) == [("Where is the paint?", "It is in the cellar.")]


def test_remark_that_seeks_a_nod_is_no_question():
    assert questions_of(spoken, "Ann: You want the blue paint?\nBen: Yeah.") == []
    assert questions_of(spoken, "Анна: Вывеска готова к открытию?\nИван: Да.") == [
        ("Вывеска готова к открытию?", "Да.")
    ]


@BOTH_FORMS
@pytest.mark.parametrize(
    "text",
    [
        "Here are the two buttons we agreed on.",
        "That's confirmed.",
        "Let's go for the first presentation.",
        "I'll add the programme as soon as it is final.",
    ],
)
def test_other_talk_of_deciding_is_no_decision(read, text):
    assert write(read(f"Ann: {text}\nBen: The roof is old.")).notes["decisions"] == []


@BOTH_FORMS
def test_leave_that_is_given_is_the_decision_itself(read):
    script = "Ann: Can we pay the painter from the reserve?\nBen: Yes, we can.\nAnn: Good, then it's approved."

    assert write(read(script)).notes["decisions"] == [say(read, "Can we pay the painter from the reserve?")]

import pytest

from tests.transcripts.notes_dialogues import dialogue_of, spoken
from transcripts.notes.decisions import find_decisions
from transcripts.notes.dialogue import is_question
from transcripts.notes.people import People
from transcripts.notes.questions import find_questions
from transcripts.notes.sentences import split_lines
from transcripts.notes.tasks import find_tasks

PEOPLE = People(["Ann", "Ben Carter", "Cleo", "Анна", "Will"])


def decisions_of(script):
    return [
        (decision.sentence.text, decision.agreement and decision.agreement.text)
        for decision in find_decisions(dialogue_of(script))
    ]


def tasks_of(script):
    return [
        (task.sentence.text, task.assignee, task.due_date, task.acceptance and task.acceptance.text)
        for task in find_tasks(dialogue_of(script), PEOPLE)
    ]


def questions_of(script):
    return [
        (question.sentence.text, " ".join(sentence.text for sentence in question.answer))
        for question in find_questions(dialogue_of(script), PEOPLE)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "We decided to paint the roof.",
        "we've agreed on the blue paint",
        "Let's go with the blue paint.",
        "the budget is approved",
        "The final decision is blue paint.",
        "Мы решили красить крышу.",
    ],
)
def test_decision_is_known_by_its_words(text):
    assert decisions_of(f"Ann: {text}") == [(text, None)]


@pytest.mark.parametrize(
    "text",
    [
        "We have not decided on the paint.",
        "If we decided on blue paint, it would be late.",
        "Have we decided on the paint?",
        "We haven't agreed on the paint.",
        "Мы пока не решили, чем красить крышу.",
        "The paint is blue.",
    ],
)
def test_decision_is_not_read_into_doubt(text):
    assert decisions_of(f"Ann: {text}\nBen: The roof is old.") == []


@pytest.mark.parametrize(
    ("script", "decisions"),
    [
        ("Ann: How about the blue paint?\nBen: Sounds good.", [("How about the blue paint?", "Sounds good.")]),
        (
            "Ann: I suggest Tuesday at ten.\nBen: Tuesday works for me.",
            [("I suggest Tuesday at ten.", "Tuesday works for me.")],
        ),
        (
            "Ann: I suggest the blue paint.\nAnn: Okay, that's decided.",
            [("I suggest the blue paint.", "Okay, that's decided.")],
        ),
        ("Ann: How about the blue paint?\nBen: Yes.", []),
        ("Ann: How about the blue paint?\nAnn: Agreed.", []),
        ("Ann: How about the blue paint?\nBen: Agreed?", []),
        ("Ann: The paint is blue.\nBen: Agreed.", []),
    ],
)
def test_proposal_that_another_accepts_is_a_decision(script, decisions):
    assert decisions_of(script) == decisions


def test_decision_takes_the_place_of_the_proposal_it_sums_up():
    script = "Ann: I suggest the blue paint.\nBen: Agreed.\nAnn: So we decided on the blue paint.\nBen: Perfect."

    assert decisions_of(script) == [("So we decided on the blue paint.", "Perfect.")]


def test_decision_leaves_what_was_decided_before():
    script = (
        "Ann: I suggest the blue paint.\nBen: Agreed.\nAnn: We decided to rent a ladder.\nBen: We agreed on a ladder."
    )

    assert [text for text, _ in decisions_of(script)] == [
        "I suggest the blue paint.",
        "We decided to rent a ladder.",
        "We agreed on a ladder.",
    ]


def test_decision_long_ago_is_not_taken_back():
    chatter = "\n".join(f"Cleo: Chatter number {place} goes on." for place in range(5))
    script = f"Ann: I suggest the blue paint.\nBen: Agreed.\n{chatter}\nAnn: We decided to buy the blue paint."

    assert len(decisions_of(script)) == 2


@pytest.mark.parametrize(
    ("script", "task"),
    [
        ("Ann: I'll send the report by Friday.", ("Ann", "Friday", None)),
        ("Ann: i will quickly check the gutter", ("Ann", "", None)),
        ("Ann: I 'll have the report ready tomorrow.", ("Ann", "tomorrow", None)),
        ("Ann: We'll paint the roof next week.", ("", "next week", None)),
        ("Ann: Ben will order the paint.", ("Ben Carter", "", None)),
        ("Ann: ben needs to order the paint by the 15th", ("Ben Carter", "the 15th", None)),
        ("Ann: Could you order the paint?\nBen Carter: The roof is old.", ("", "", None)),
        ("Ann: Could you order the paint?\nBen Carter: Sure.", ("Ben Carter", "", "Sure.")),
        ("Ann: Cleo, could you order the paint?\nBen Carter: Sure.", ("Cleo", "", None)),
        ("Ann: Please order the paint, Cleo.", ("Cleo", "", None)),
        ("Ann: cleo please order the paint", ("Cleo", "", None)),
        ("Ann: Somebody needs to order the paint.", ("", "", None)),
        ("Ann: The paint needs to be ordered today.", ("", "today", None)),
        ("Ann: Cleo, you need to order the paint.", ("Cleo", "", None)),
        ("Анна: Отправлю договор до пятницы.", ("Анна", "до пятницы", None)),
        ("Ann: Анне нужно подготовить смету.", ("Анна", "", None)),
        ("Ann: Кто-то должен, надо проверить кассу.", ("", "", None)),
    ],
)
def test_task_has_whoever_is_certain_and_a_date_that_was_said(script, task):
    [(text, *found)] = tasks_of(script)

    assert text == script.splitlines()[0].split(": ", 1)[1]
    assert tuple(found) == task


@pytest.mark.parametrize(
    "script",
    [
        "Ann: Could you order the paint?\nBen: No, I can't.",
        "Ann: Could you explain the paint order to me?\nBen: Sure.",
        "Ann: If I can find the paint, fine.",
        "Ann: I'll ask you about the paint.",
        "Ann: I'll see the painter tomorrow.",
        "Ann: You need to order paint in this trade.\nBen: The roof is old.",
        "Ann: You should order paint in this trade.\nBen: No.",
        "Ann: Must we order the paint, as somebody has to order it?",
        "Ann: Will I send the paint?",
        "Ann: I'll do that.",
        "Ann: The roof is old.",
        "Ann: I'll send the report " + "and so on " * 20 + ".",
    ],
)
def test_task_is_not_read_into_other_talk(script):
    assert tasks_of(script) == []


def test_promise_to_a_request_gives_it_a_person_and_a_date():
    script = "Ann: Somebody has to order the paint.\nBen Carter: Okay, I'll do that on Monday."

    assert tasks_of(script) == [
        ("Somebody has to order the paint.", "Ben Carter", "Monday", "Okay, I'll do that on Monday.")
    ]


def test_promise_of_something_else_is_a_task_of_its_own():
    script = (
        "Ann: Somebody has to order the paint.\nAnn: I'll order the paint.\nBen Carter: I'll rent a ladder.\n"
        "Cleo: One.\nCleo: Two.\nCleo: Three.\nCleo: Four.\nCleo: I'll rent that ladder."
    )

    assert [(text, assignee) for text, assignee, _, _ in tasks_of(script)] == [
        ("Somebody has to order the paint.", ""),
        ("I'll order the paint.", "Ann"),
        ("I'll rent a ladder.", "Ben Carter"),
        ("I'll rent that ladder.", "Cleo"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The roof?",
        'He said "why?"',
        "when do we paint the roof",
        "ben when can you paint the roof",
        "so how much paint do we need",
        "is the roof painted",
        "did you paint the roof",
        "who brings the paint",
        "what about the roof",
        "а когда красим крышу",
        "успеем покрасить крышу",
    ],
)
def test_question_is_known_by_mark_or_word_order(text):
    [sentence] = split_lines(spoken(f"Ann: {text}"))

    assert is_question(sentence)


@pytest.mark.parametrize(
    "text",
    ["What we need is paint.", "what we want is paint", "when we paint it dries", "this is the roof", "do the roof"],
)
def test_statement_is_no_question(text):
    [sentence] = split_lines(spoken(f"Ann: {text}"))

    assert not is_question(sentence)


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("Ann: When do we paint the roof?\nBen: On Monday.", "On Monday."),
        ("Ann: When do we paint the roof?\nBen: Good weather matters.\nCleo: In two weeks.", "In two weeks."),
        ("Ann: When do we paint the roof?\nBen: How about Monday?\nCleo: Monday is good.", "Monday is good."),
        ("Ann: When do we paint the roof?\nBen: Why do you ask?\nAnn: Well.\nCleo: On Monday.", ""),
        ("Ann: Who paints the roof?\nBen: The blue paint is here.\nCleo: Ann does.", "Ann does."),
        ("Ann: Who paints the roof?\nBen: I do.", "I do."),
        ("Ann: How much paint is left?\nBen: Hardly any blue.\nCleo: Two cans.", "Two cans."),
        ("Ann: Where is the paint?\nBen: Yes.\nBen: Down in the cellar.", "Down in the cellar."),
        ("Ann: Is the roof painted?\nBen: Yes. We painted it blue.", "Yes. We painted it blue."),
        ("Ann: Is the roof painted?\nBen: Mm.\nBen: Not yet.", "Not yet."),
        ("Ann: Where is the paint?\nBen: I don't know.\nCleo: Nice weather today.", ""),
        ("Ann: Where is the paint?\nBen: Well. Not sure.", ""),
        ("Ann: Where is the paint?\nBen: Let's move on to the next topic.", ""),
        ("Ann: Where is the paint?\nAnn: It is in the cellar.", ""),
        ("Ann: Where is the paint?", ""),
        ("Ann: Can you tell me where the paint is?\nBen: In the cellar.", "In the cellar."),
    ],
)
def test_question_has_the_answer_that_fits(script, answer):
    question = script.splitlines()[0].split(": ", 1)[1]

    assert questions_of(script)[0] == (question, answer)


def test_two_questions_one_of_them_unanswered():
    script = (
        "Ann: When do we paint the roof?\nBen: We paint it on Monday.\n"
        "Ann: And who brings the ladder?\nBen: Let's move on to the budget."
    )

    assert questions_of(script) == [
        ("When do we paint the roof?", "We paint it on Monday."),
        ("And who brings the ladder?", ""),
    ]


@pytest.mark.parametrize("text", ["Really?", "What is it?", "Can you order the paint?"])
def test_question_of_nothing_and_request_are_left_out(text):
    assert questions_of(f"Ann: {text}\nBen: Yes.") == []


def test_first_name_that_two_have_means_neither():
    people = People(["Ben Carter", "Ben Doe", "Al", "X"])

    assert people.find_dutiful("Ben will order the paint") == ""
    assert people.find_dutiful("ben doe will order the paint") == "Ben Doe"


def test_name_that_is_a_common_word_needs_its_capital():
    assert PEOPLE.find_addressed("will you please order it, will", speaker="Ann") == ""
    assert PEOPLE.find_addressed("Please order the paint, Will.", speaker="Ann") == "Will"


def test_nobody_addresses_himself():
    assert PEOPLE.find_addressed("Ann, please order the paint.", speaker="Ann") == ""


def test_names_may_be_missing_or_strange():
    assert People([]).find_dutiful("Ben will order the paint") == ""
    assert People(["(*", "a\\b"]).find_dutiful("(* will order the paint") == "(*"

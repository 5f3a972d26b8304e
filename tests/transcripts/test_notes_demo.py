import pytest

from tests.transcripts.notes_dialogues import bare, check_receipts, read_demo, recognised, spoken, write

DECISIONS = [
    "We decided to start the training in the second week of October.",
    "We decided to move to the new office in September.",
]
ACTIONS = [
    ("I will send you the missing numbers by Tuesday.", "Carl", "Tuesday"),
    ("Then I will send the report to everyone by Thursday.", "Ben", "Thursday"),
    ("Carl, can you call the customer and ask for a new date?", "Carl", "Wednesday"),
    ("I will test the new website on Friday and send the results by email.", "Ben", "Friday"),
]
OPEN_QUESTION = "Who will give the presentation to the customer?"
QUESTIONS = [
    ("How much money is left for the training?", "There are five thousand dollars left for the training."),
    (OPEN_QUESTION, "Not specified"),
]


def read_plainly(script):
    """Return the lines as a recogniser gives them that writes the first letter and names of days and months large."""
    lines = spoken(script)
    return [type(line)(line.id, line.speaker, line.start_ms, line.end_ms, bare(line.text)) for line in lines]


@pytest.mark.parametrize(
    ("read", "form"),
    [(spoken, str), (read_plainly, bare), (recognised, lambda text: bare(text).lower())],
    ids=["punctuated", "bare", "small letters"],
)
def test_notes_of_the_demo_are_what_was_agreed(read, form):
    lines = read(read_demo())

    written = write(lines, participants=["Anna", "Ben", "Carl"])
    notes = written.notes

    check_receipts(lines, written)
    assert notes["decisions"] == [form(text) for text in DECISIONS]
    assert notes["actions"] == [
        {
            "action": form(text),
            "assignee": assignee,
            "due_date": form(due_date),
        }
        for text, assignee, due_date in ACTIONS
    ]
    assert notes["qna"] == [
        {"question": form(question), "answer": answer if answer == "Not specified" else form(answer)}
        for question, answer in QUESTIONS
    ]
    assert notes["ambiguities"] == [form(OPEN_QUESTION)]
    assert [source.quote for source in written.sources["/ambiguities/0"]] == [form(OPEN_QUESTION)]


def test_accepted_request_of_the_demo_cites_the_reply():
    written = write(spoken(read_demo()))

    assert [source.quote for source in written.sources["/actions/2"]] == [
        "Carl, can you call the customer and ask for a new date?",
        "Yes, I will call the customer on Wednesday and ask about the contract.",
    ]


@pytest.mark.parametrize("read", [spoken, recognised])
def test_highlights_of_the_demo_are_outcomes_rather_than_requests(read):
    written = write(read(read_demo()))
    highlights, decisions = written.notes["highlights"], written.notes["decisions"]
    requests = [written.notes["actions"][2]["action"], *(asked["question"] for asked in written.notes["qna"])]

    assert set(decisions) <= set(highlights)
    assert set(highlights).isdisjoint(requests)
    assert len(set(highlights) & {action["action"] for action in written.notes["actions"]}) >= 2

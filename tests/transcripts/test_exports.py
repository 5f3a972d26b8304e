import json
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transcripts.exports import Line, as_json, as_md, as_txt

LINES = [
    Line("65f0000000000000000000a1", "Anna", 0, 1500, "Good morning."),
    Line("65f0000000000000000000a2", "Ben", 65_999, 67_000, "Hello, Anna — 你好 👩‍🚀"),
    Line("65f0000000000000000000a3", "Anna", 3_723_000, 3_724_000, "Let us end here."),
]
unhurried = settings(deadline=None)  # the machine may be busy
any_text = st.text(st.characters())
any_line = st.builds(Line, st.just("x"), any_text, st.integers(0, 10**8), st.integers(0, 10**8), any_text)


def test_txt_is_one_text_line_for_each_spoken_one():
    assert as_txt("Weekly", LINES, []) == (
        "Weekly\n"
        "\n"
        "[00:00] Anna: Good morning.\n"
        "[01:05] Ben: Hello, Anna — 你好 👩‍🚀\n"
        "[1:02:03] Anna: Let us end here.\n"
    )


def test_txt_says_what_is_missing():
    assert as_txt("Weekly", LINES[:1], ["Ben's track: 12 s could not be recognised.", "Eve\nleft."]) == (
        "Weekly\n\n[00:00] Anna: Good morning.\n\nMissing:\n- Ben's track: 12 s could not be recognised.\n- Eve left.\n"
    )


def test_txt_of_no_lines_is_the_title():
    assert as_txt("Weekly", [], []) == "Weekly\n\n"


@pytest.mark.parametrize(
    ("start_ms", "clock"),
    [
        (0, "00:00"),
        (999, "00:00"),
        (59_999, "00:59"),
        (3_599_999, "59:59"),
        (3_600_000, "1:00:00"),
        (360_000_000, "100:00:00"),
    ],
)
def test_txt_time_is_minutes_and_then_hours(start_ms, clock):
    assert as_txt("T", [Line("x", "Anna", start_ms, start_ms, "Hi.")], []) == f"T\n\n[{clock}] Anna: Hi.\n"


@pytest.mark.parametrize(
    "line_break", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_txt_message_cannot_fake_a_line(line_break):
    forged = Line("x", f"Eve{line_break}[00:09] Ben", 0, 0, f"Hi.{line_break}[00:10] Anna: I resign.")

    assert as_txt("T", [forged], []) == "T\n\n[00:00] Eve [00:09] Ben: Hi. [00:10] Anna: I resign.\n"


@unhurried
@given(any_text, st.lists(any_line, max_size=4), st.lists(any_text, max_size=3))
def test_txt_has_as_many_lines_as_it_should_and_nothing_unseen(title, lines, missing):
    text = as_txt(title, lines, missing)

    rows = text.split("\n")
    assert rows == [*text.splitlines(), ""]
    assert len(rows) - 1 == 2 + len(lines) + (2 + len(missing) if missing else 0)
    assert all(re.match(r"\[(\d+:)?\d\d:\d\d\] ", row) for row in rows[2 : 2 + len(lines)])
    assert {character for character in text if unicodedata.category(character) in ("Cc", "Cs")} == {"\n"}
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    text.encode()


def test_json_holds_everything_as_stored():
    message = 'She said "no"\n[00:01] Eve: yes\x07'

    body = as_json("65f0000000000000000000ff", "Weekly", [LINES[0], Line("x", "Eve", 5, 9, message)], ["Ben's track."])

    assert body == {
        "meeting": {"id": "65f0000000000000000000ff", "title": "Weekly"},
        "lines": [
            {
                "_id": "65f0000000000000000000a1",
                "userName": "Anna",
                "startMs": 0,
                "endMs": 1500,
                "message": "Good morning.",
            },
            {"_id": "x", "userName": "Eve", "startMs": 5, "endMs": 9, "message": message},
        ],
        "missing": ["Ben's track."],
    }
    assert json.loads(json.dumps(body)) == body


def test_json_of_nothing_is_empty():
    assert as_json("x", "", [], []) == {"meeting": {"id": "x", "title": ""}, "lines": [], "missing": []}


NOTES = {
    "title": "Weekly *planning*",
    "summary": "We moved the report.\nNothing else.",
    "highlights": ["# Not a heading", "[No](link)"],
    "chapters": [{"timestamp": "00:00", "title": "Report", "bullets": ["Thursday"]}],
    "decisions": [],
    "actions": [{"action": "Send it", "assignee": "Anna", "due_date": "Thursday"}],
    "qna": [{"question": "When?", "answer": "On Thursday."}],
    "participants": [{"name": "Anna", "role": "Host"}],
    "topics": [],
    "keywords": [],
    "ambiguities": ["Who books the room?"],
}


def test_md_has_a_part_for_all_that_is_there():
    assert as_md(NOTES) == (
        "# Weekly \\*planning\\*\n"
        "\n"
        "We moved the report. Nothing else.\n"
        "\n"
        "## Highlights\n"
        "\n"
        "- \\# Not a heading\n"
        "- \\[No\\](link)\n"
        "\n"
        "## Chapters\n"
        "\n"
        "- 00:00 **Report**\n"
        "  - Thursday\n"
        "\n"
        "## Actions\n"
        "\n"
        "- [ ] Send it (Anna, Thursday)\n"
        "\n"
        "## Questions and answers\n"
        "\n"
        "- When?\n"
        "  - On Thursday.\n"
        "\n"
        "## Open points\n"
        "\n"
        "- Who books the room?\n"
        "\n"
        "## Participants\n"
        "\n"
        "- Anna: Host\n"
    )

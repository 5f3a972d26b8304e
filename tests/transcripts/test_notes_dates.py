import pytest

from transcripts.notes.dates import find_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("I'll send the draft by Friday", "Friday"),
        ("by friday at noon please", "friday at noon"),
        ("ready in two weeks", "in two weeks"),
        ("by the end of the week", "the end of the week"),
        ("do it before Monday", "before Monday"),
        ("on March 3rd, 2026", "March 3rd, 2026"),
        ("on the twenty third of may", "the twenty third of may"),
        ("by 5 pm tomorrow", "5 pm tomorrow"),
        ("tomorrow morning at nine o'clock", "tomorrow morning at nine o'clock"),
        ("at 10 a.m. sharp", "10 a.m."),
        ("due 5/12", "5/12"),
        ("due 2026-01-02, I think", "2026-01-02"),
        ("due 12.5.2026", "12.5.2026"),
        ("by June", "June"),
        ("within the next few days", "within the next few days"),
        ("next week", "next week"),
        ("by EOD", "EOD"),
        ("the 15th is fine", "the 15th"),
        ("отправлю до пятницы", "до пятницы"),
        ("готово завтра до 15:00", "завтра до 15:00"),
        ("до конца следующей недели", "до конца следующей недели"),
        ("через две недели", "через две недели"),
        ("к 5 марта всё", "к 5 марта"),
        ("в понедельник утром", "в понедельник утром"),
    ],
)
def test_date_is_found_as_it_was_said(text, date):
    assert find_date(text) == date


@pytest.mark.parametrize(
    "text",
    ["may I ask", "3.5 million", "today's numbers", "second of all", "the march", "Sunday-ish", "we sun ourselves", ""],
)
def test_no_date_is_made_up(text):
    assert find_date(text) == ""

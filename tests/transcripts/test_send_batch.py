"""`POST /send-transcript/batch`."""

import pytest

from accounts.models import AuditEvent
from meetings.models import Meeting, Participant
from tests.transcripts.sending import SECRET, said
from transcripts import crypto
from transcripts.api.serializers import BATCH_LINES
from transcripts.api.views import LINES_A_CALL
from transcripts.models import Line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_secret")]


def test_batch_is_answered_in_the_order_in_which_it_was_sent(send_batch, running):
    answer = send_batch(
        running,
        {"message": "Second", "startMs": 2000, "clientId": "2"},
        {"message": "First", "startMs": 1000, "clientId": "1"},
        {"message": crypto.encrypt("Third", SECRET), "startMs": 3000, "userName": "Ben"},
        {"message": "Second again", "clientId": "2"},
    )

    assert (answer.status_code, answer.json()["success"]) == (201, True)
    data = answer.json()["data"]
    assert [(line["startMs"], line["userName"]) for line in data] == [
        (2000, "Haseeb Stats"),
        (1000, "Haseeb Stats"),
        (3000, "Ben"),
        (2000, "Haseeb Stats"),
    ]
    assert data[3] == data[0]
    assert said(running) == ["First", "Second", "Third"]


def test_batch_sent_again_is_kept_once(send_batch, running):
    lines = [{"message": f"Line {number}", "clientId": str(number)} for number in range(3)]
    first = send_batch(running, *lines[:2]).json()["data"]

    again = send_batch(running, *lines).json()["data"]

    assert again[:2] == first
    assert Line.objects.count() == 3


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"message": crypto.encrypt("Hello.", "another secret")}, None),
        ({"message": ""}, "lines"),
        ({"message": "Hello.", "userName": "\x07"}, "userName"),
        ({"message": "Hello.", "startMs": 2, "endMs": 1}, "lines"),
    ],
)
def test_batch_with_one_bad_line_keeps_none(send_batch, running, bad, field):
    answer = send_batch(running, {"message": "Good"}, bad, {"message": "Good too"})

    assert (answer.status_code, [*answer.json().get("errors", {})]) == (400, [field] if field else [])
    assert (Line.objects.count(), Participant.objects.count()) == (0, 0)


def test_batch_that_fails_at_its_end_leaves_nothing(send_batch, running, monkeypatch):
    Meeting.objects.update(started_at=None)
    monkeypatch.setattr(Line.objects, "bulk_create", lambda rows: 1 / 0)

    assert send_batch(running, {"message": "Good"}).status_code == 500
    running.refresh_from_db()
    assert (running.started_at, Participant.objects.count(), AuditEvent.objects.filter(action="START").count()) == (
        None,
        0,
        0,
    )


@pytest.mark.parametrize("count", [0, BATCH_LINES + 1])
def test_batch_of_none_or_too_many_is_refused(send_batch, running, count):
    answer = send_batch(running, *[{"message": "Hello."}] * count)

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"lines"})


def test_batch_costs_what_it_holds(send_batch, running, settings):
    settings.RATES = {**settings.RATES, "RATE_TRANSCRIPT": "30/d"}
    sizes = [BATCH_LINES, LINES_A_CALL, 2 * LINES_A_CALL, 1]

    answers = [send_batch(running, *[{"message": "Hello."}] * size) for size in sizes]

    assert [answer.status_code for answer in answers] == [201, 201, 429, 429]
    assert Line.objects.count() == BATCH_LINES + LINES_A_CALL


@pytest.mark.parametrize("count", [1, 3, BATCH_LINES])
def test_batch_asks_as_often_whatever_its_size(send_batch, running, count, django_assert_num_queries):
    lines = [{"message": "Hello.", "clientId": str(number)} for number in range(count)]
    send_batch(running, {"message": "First"})

    # Meeting and consent; the transaction (2); the lock, for timing and for storing; what was sent, the person, the
    # lines, the audit row.
    with django_assert_num_queries(10):
        send_batch(running, *lines)

"""What happens at once: the same line sent twice, and notes that several ask for."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from meetings.models import Meeting, Participant
from tests.factories import make_meeting
from transcripts import actions
from transcripts.actions import SentLine
from transcripts.models import Line, NotesWriting

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, ROUNDS = 8, 5


def at_once(act: Callable[[int], object]) -> list:
    """Let threads of their own begin the same thing in the same moment."""
    start = Barrier(THREADS)

    def begin(number: int) -> object:
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begin, range(THREADS)))


@pytest.fixture
def waiting(owner) -> Meeting:
    meeting = make_meeting(owner, names=[])
    Meeting.objects.update(started_at=None, ended_at=None)
    return meeting


def test_line_that_is_sent_by_many_at_once_is_kept_once(owner, waiting):
    for round in range(ROUNDS):
        line = SentLine(name="Anna", message=f"Line {round}", client_id=str(round))

        kept = at_once(lambda _, line=line: actions.send_lines(meeting_id=waiting.pk, lines=[line], by=owner)[0].pk)

        assert len(set(kept)) == 1
    assert (Line.objects.count(), Participant.objects.count()) == (ROUNDS, 1)


def test_labels_that_come_at_once_are_each_one_person(owner, waiting):
    def say(number: int) -> None:
        lines = [SentLine(name=f"Person {number % 4}", message="Hello.")]
        actions.send_lines(meeting_id=waiting.pk, lines=lines, by=owner)

    at_once(say)

    people = Participant.objects.filter(meeting=waiting)
    assert sorted(person.name for person in people) == [f"Person {number}" for number in range(4)]
    assert [person.position for person in people] == [0, 1, 2, 3]
    assert Line.objects.count() == THREADS


def test_who_asks_for_what_is_new_misses_nothing(owner, waiting, api):
    """Read after each line that was seen while eight write: every line comes, and each once."""
    api.force_authenticate(owner)
    first = actions.send_lines(meeting_id=waiting.pk, lines=[SentLine(name="Anna", message="First")], by=owner)[0]
    seen, last = [], first.pk

    def look() -> None:
        nonlocal last
        body = b"".join(answer) if (answer := api.get(f"/view-transcript/{waiting.pk}?since={last}")).streaming else b""
        rows = json.loads(body or answer.content)["data"]
        seen.extend(row["_id"] for row in rows)
        if rows:
            # In the order of storing, which is not the one of speaking.
            last = Line.objects.filter(pk__in=[row["_id"] for row in rows]).order_by("created_at", "pk").last().pk

    def say_or_look(number: int) -> None:
        for n in range(10):
            if number == 0:
                look()
            else:
                line = SentLine(name=f"Person {number}", message=f"Line {n}")
                actions.send_lines(meeting_id=waiting.pk, lines=[line], by=owner)

    at_once(say_or_look)
    look()

    assert len(seen) == len(set(seen)) == (THREADS - 1) * 10


def test_notes_that_many_ask_for_at_once_are_written_once(owner, waiting):
    actions.send_lines(meeting_id=waiting.pk, lines=[SentLine(name="Anna", message="Hello there.")], by=owner)

    at_once(lambda _: actions.request_notes(meeting_id=waiting.pk, by=owner))

    assert NotesWriting.objects.count() == 1

"""Lists that go out part by part: what a reader that stops reading holds."""

import asyncio
from functools import partial

import orjson
import pytest
from django.db import connection
from django.db.models import QuerySet

from config.asgi import application
from config.lib import keys
from config.lib.streaming import PART_ROWS, in_parts
from meetings.models import Meeting
from rooms.models import Room
from tests.asgi import ORIGIN, bearer, call
from tests.factories import make_meeting
from transcripts import reading
from transcripts.models import Line

POOL = {"min_size": 1, "max_size": 2, "timeout": 2}
READERS = 3
# More than is read at once, of whatever it is.
ROWS = max(PART_ROWS, reading.FIRST) + 1


@pytest.fixture
def _small_pool(transactional_db):
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    options["pool"] = POOL
    yield
    connection.close_pool()
    connection.close()
    del options["pool"]


def rooms(owner) -> str:
    Room.objects.bulk_create(Room(name="Planning", owner=owner) for _ in range(ROWS))
    return "/room/list"


def meetings(owner) -> str:
    Meeting.objects.bulk_create(Meeting(title="Planning", host=owner) for _ in range(ROWS))
    return f"/meetings/list/{owner.pk}"


def transcript(owner) -> str:
    meeting = make_meeting(owner)
    speaker, cipher = meeting.participants.first(), keys.cipher(meeting.pk)
    lines = [Line(meeting=meeting, participant=speaker, start_ms=at, end_ms=at) for at in range(ROWS)]
    for line in lines:
        line.message = cipher.encrypt("Hello.", row_id=line.pk, field="line.message")
    Line.objects.bulk_create(lines)
    return f"/view-transcript/{meeting.pk}"


async def read(path: str, headers: dict[str, str], stopped: asyncio.Event, go_on: asyncio.Event) -> bytes:
    """Ask for a list, take its first bytes, stop, and read the rest when told to."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "headers": [(name.lower().encode(), value.encode()) for name, value in {**headers, "host": ORIGIN[7:]}.items()],
        "client": ("127.0.0.1", 1),
    }

    taken = bytearray()
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive():
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message):
        taken.extend(message.get("body", b""))
        if taken:
            stopped.set()
            await go_on.wait()

    await application(scope, receive, send)
    return bytes(taken)


@pytest.mark.usefixtures("_small_pool")
@pytest.mark.parametrize("make", [rooms, meetings, transcript])
def test_readers_that_stop_reading_leave_the_database_to_others(owner, make):
    path, headers = make(owner), bearer(owner)
    connection.close()

    async def read_and_ask() -> tuple[int, list[bytes]]:
        stopped, go_on = [asyncio.Event() for _ in range(READERS)], asyncio.Event()
        readers = [asyncio.create_task(read(path, headers, event, go_on)) for event in stopped]
        await asyncio.gather(*(event.wait() for event in stopped))
        answer = await asyncio.to_thread(partial(call, "GET", "/auth/me", headers=headers))
        go_on.set()
        return answer.status_code, await asyncio.gather(*readers)

    status, lists = asyncio.run(read_and_ask())

    assert status == 200
    assert [len(orjson.loads(each)["data"]) for each in lists] == [ROWS] * READERS


@pytest.mark.django_db
@pytest.mark.parametrize("order", ["pk", "-pk"])
@pytest.mark.parametrize("count", [0, 1, PART_ROWS, PART_ROWS + 1])
@pytest.mark.parametrize("shape", [QuerySet.all, partial(QuerySet.values_list)], ids=["objects", "tuples"])
def test_rows_in_parts_are_all_rows_in_their_order(owner, order, count, shape):
    Room.objects.bulk_create(Room(name="Planning", owner=owner) for _ in range(count))
    rows = shape(Room.objects.all())

    assert list(in_parts(rows, order)) == list(rows.order_by(order))

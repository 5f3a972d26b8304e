"""Work that is never lost: processes are killed and Redis is emptied in the middle of it, and nobody lends a hand.

By default each part is killed once while the demo's first 50 seconds are recognised, and 24 small units go through the
trial; `SOAK=full` takes the whole demo five times for each part, and 120 units.
"""

import os
import random
import signal
import time
from contextlib import suppress

import psutil
import psycopg
import pytest
import redis

from config.lib import embedded
from tests.system.people import database, register
from tests.system.processes import RunningSystem, run_manage, serving, wait_until

pytestmark = pytest.mark.soak

IS_FULL = os.environ.get("SOAK") == "full"
ROUNDS = 5 if IS_FULL else 1
UNITS = 120 if IS_FULL else 24
SECONDS = None if IS_FULL else 50

# Short leases and sweeps, so that what a kill left is found within seconds; the proportions are the product's own.
WORK = {"WORK_LEASE_SECONDS": "4", "WORK_SWEEP_SECONDS": "2"}


@pytest.fixture(scope="module")
def system():
    with serving(env=WORK) as running:
        yield running


@pytest.fixture(scope="module")
def host(system):
    return register(system, "host")


@pytest.fixture(scope="module")
def undisturbed(system, host) -> list[tuple[str, int, int, str]]:
    """The transcript of the demo as it is when nothing happens."""
    meeting_id = host.import_demo("Undisturbed", SECONDS)
    host.wait_for_everything(meeting_id)
    return host.lines(meeting_id)


def query(system: RunningSystem, sql: str, *values) -> list[tuple]:
    with database(system.data_dir) as connection:
        return connection.execute(sql, values).fetchall()


def is_half_recognised(system: RunningSystem, meeting_id: str) -> bool:
    """Say whether some lines are committed, and some track is being worked on."""
    sql = (
        "SELECT bool_or(cursor_ms > 0), bool_or(state = 'running') FROM transcripts_trackrecognition"
        " WHERE meeting_id = %s"
    )
    return query(system, sql, meeting_id) == [(True, True)]


def pool_children(system: RunningSystem) -> list[psutil.Process]:
    """List the processes that perform tasks: the children of the worker but beat."""
    pid = system.pid("worker")
    children = psutil.Process(pid).children() if pid else []
    return [child for child in children if not is_beat(child)]


def is_beat(process: psutil.Process) -> bool:
    # Beat opens its schedule; those who work never do.
    try:
        return any("beat-schedule" in file.path for file in process.open_files())
    except psutil.NoSuchProcess:
        return True


def kill_child(system: RunningSystem) -> None:
    """Kill one that is at work on a track: ffmpeg is its child."""
    busy = [child for child in pool_children(system) if child.children()]
    random.choice(busy or pool_children(system)).send_signal(signal.SIGKILL)


def empty_redis(system: RunningSystem) -> None:
    url = embedded.redis_url(embedded.locate(system.data_dir))
    with redis.Redis.from_url(url) as connection:
        connection.flushall()


def killer(name: str):
    def kill(system: RunningSystem) -> None:
        system.wait_for_restart(name, system.kill(name))

    return kill


DISTURBANCES = {
    "worker": killer("worker"),
    "a child of the worker": kill_child,
    "redis": killer("redis"),
    "the content of redis": empty_redis,
    "web": killer("web"),
    "postgres": killer("postgres"),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", DISTURBANCES)
def test_meeting_completes_with_each_line_once(system, host, undisturbed, what):
    for number in range(ROUNDS):
        meeting_id = host.import_demo(f"Disturbed {number}", SECONDS)
        wait_until(lambda: is_half_recognised(system, meeting_id), 60, "some lines are there")  # noqa: B023

        DISTURBANCES[what](system)

        host.wait_for_everything(meeting_id)
        found = host.lines(meeting_id)
        assert found == undisturbed
        assert len(set(found)) == len(found) > 5


# Notes of meetings with some hundred lines each, so that a unit takes long enough to be hit. They are due all at once
# in a few seconds, when nobody rings any more: the sweep has to find them.
MAKE_UNITS = """
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from accounts.models import User
from config.lib.work import enqueue
from config.lib import keys
from tests.factories import make_meeting
from transcripts.models import Line, NotesWriting
host = User.objects.get(email="host@example.com")
with transaction.atomic():
    for number in range({count}):
        meeting = make_meeting(host, title="Soak")
        cipher, speaker = keys.cipher(meeting.pk), meeting.participants.first()
        lines = [Line(meeting=meeting, participant=speaker, start_ms=1000 * n, end_ms=1000 * n) for n in range(300)]
        for n, line in enumerate(lines):
            text = f"We decided to move item {{n % 97}} of list {{n % 13}} to week {{number}}."
            line.message = cipher.encrypt(text, row_id=line.pk, field="line.message")
        Line.objects.bulk_create(lines)
        enqueue(NotesWriting(meeting=meeting, not_before=timezone.now() + timedelta(seconds=5)))
"""

# What became durable, counted by the database itself: notes that were written, and leases that were taken.
COUNT_EFFECTS = """
CREATE TABLE soak (kind text, unit text);
CREATE FUNCTION count_notes() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO soak VALUES ('written', NEW.meeting_id); RETURN NEW; END $$;
CREATE FUNCTION count_leases() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO soak VALUES ('taken', NEW.meeting_id); RETURN NEW; END $$;
CREATE TRIGGER soak_notes AFTER INSERT ON transcripts_notes FOR EACH ROW EXECUTE FUNCTION count_notes();
CREATE TRIGGER soak_leases AFTER UPDATE ON transcripts_noteswriting FOR EACH ROW
    WHEN (NEW.lease <> '' AND NEW.lease <> OLD.lease) EXECUTE FUNCTION count_leases();
"""


def kill_pool(system: RunningSystem) -> int:
    children = pool_children(system)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.send_signal(signal.SIGKILL)
    return len(children)


def states(system: RunningSystem) -> dict[str, int]:
    sql = (
        "SELECT w.state, count(*) FROM transcripts_noteswriting w JOIN meetings_meeting m ON m.id = w.meeting_id"
        " WHERE m.title = 'Soak' GROUP BY w.state"
    )
    return dict(query(system, sql))


def count(connection: psycopg.Connection, kind: str) -> dict[str, int]:
    return dict(connection.execute("SELECT unit, count(*) FROM soak WHERE kind = %s GROUP BY unit", [kind]).fetchall())


@pytest.mark.timeout(900)
def test_every_unit_is_done_once_under_kills_and_an_emptied_redis(system, host):
    """The trial in which Celery alone loses up to two thirds of the tasks."""
    with database(system.data_dir) as connection:
        connection.execute(COUNT_EFFECTS)
        made = run_manage(system.data_dir, "shell", "-c", MAKE_UNITS.format(count=UNITS), env=WORK)
        assert made.returncode == 0, made.stderr
        kills = 0

        deadline = time.monotonic() + (600 if IS_FULL else 120)
        while (found := states(system)) != {"done": UNITS}:
            assert time.monotonic() < deadline, f"not done: {found}"
            assert "parked" not in found
            if kills < UNITS // 2 and "running" in found:
                kills += kill_pool(system)
                empty_redis(system)
                # Long enough for some units to be done in peace, or each would be tried until it is parked.
                time.sleep(random.uniform(0.5, 1.0))
            time.sleep(0.02)

        written, taken = count(connection, "written"), count(connection, "taken")
    assert sorted(written.values()) == [1] * UNITS
    # The kills met units at work: leases were taken anew.
    assert kills >= UNITS // 2
    assert sum(taken.values()) > UNITS

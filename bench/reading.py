"""Compare the whole read of a meeting's 10,000 lines with plain psycopg and the same decoding, side by side in one run.

Run it as `python -m bench.reading`: it starts a database of its own. The first part of the figures is decoding alone
against the bare AES-GCM calls (`bench.crypto_lines`).
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

import psycopg

from bench import crypto_lines
from bench.crypto_lines import LINES, SENTENCE, time_rounds
from config.lib import embedded

ROUNDS = 9
ALLOWED_RATIO = 2.0
QUERY = """
    SELECT l.id, l.participant_id, p.name, l.start_ms, l.end_ms, l.created_at, l.message
    FROM transcripts_line l JOIN meetings_participant p ON p.id = l.participant_id
    WHERE l.meeting_id = %s ORDER BY l.start_ms, p.position, l.id
"""


def main() -> int:
    decoding = crypto_lines.main()
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as folder:
        data_dir = Path(folder)
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings")
        embedded.ensure_secrets(data_dir)
        with embedded.ensure(data_dir, database=True, redis=True):
            return max(decoding, compare(data_dir))


def compare(data_dir: Path) -> int:
    import django  # noqa: PLC0415 - settings need the data folder that was just made

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the loaded apps
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps

    from transcripts import reading  # noqa: PLC0415 - needs the loaded apps

    call_command("migrate", verbosity=0)
    meeting_id = store_lines()
    settings = connection.settings_dict
    plain = psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], dbname=settings["NAME"], user=settings["USER"]
    )
    taken = time_rounds(
        {
            "plain psycopg + decode": lambda: read_plainly(plain, meeting_id),
            "the whole read": lambda: list(reading.lines_of(meeting_id)),
        },
        ROUNDS,
    )
    plain.close()
    connection.close()
    for name, times in taken.items():
        print(f"{name:<24} {min(times):7.1f} ms best, {statistics.median(times):7.1f} ms median of {ROUNDS} rounds")
    ratio = min(taken["the whole read"]) / min(taken["plain psycopg + decode"])
    print(f"{'ratio':<24} {ratio:7.2f}    (at most {ALLOWED_RATIO:.0f})")
    return 0 if ratio <= ALLOWED_RATIO else 1


def store_lines(count: int = LINES) -> str:
    """Make a meeting of so many lines; give its id."""
    from accounts.models import User  # noqa: PLC0415 - needs the loaded apps
    from config.lib import keys  # noqa: PLC0415 - needs the loaded apps
    from meetings.models import Meeting, Participant  # noqa: PLC0415 - needs the loaded apps
    from transcripts.models import Line  # noqa: PLC0415 - needs the loaded apps

    host = User.objects.filter(email="bench@example.com").first() or User.objects.create_user("bench@example.com")
    meeting = Meeting.objects.create(title="Long", host=host)
    people = [Participant.objects.create(meeting=meeting, name=f"Person {n}", position=n) for n in range(4)]
    keys.create(meeting.pk)
    cipher = keys.cipher(meeting.pk)
    lines = []
    for number in range(count):
        start = number * 3000
        line = Line(meeting=meeting, participant=people[number % 4], start_ms=start, end_ms=start + 2500)
        line.message = cipher.encrypt(f"{SENTENCE} {number}", row_id=line.pk, field="line.message")
        lines.append(line)
    Line.objects.bulk_create(lines, batch_size=1000)
    return meeting.pk


def read_plainly(connection: "psycopg.Connection[tuple[object, ...]]", meeting_id: str) -> list[str]:
    from config.lib import keys  # noqa: PLC0415 - needs the loaded apps

    rows = connection.execute(QUERY, [meeting_id], binary=True).fetchall()
    cipher = keys.cipher(meeting_id)
    return cipher.decrypt_rows([(str(row[0]), bytes(row[6])) for row in rows], field="line.message")  # type: ignore[call-overload]


if __name__ == "__main__":
    sys.exit(main())

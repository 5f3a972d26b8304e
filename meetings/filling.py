"""Plausible sessions by the million, for trying out and measuring reports; everybody in them is made up."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.countries import name_of
from accounts.models import User
from rooms.enums import RoomType
from rooms.models import Room

DAYS = 365
# On average; a few hosts are whole organisations and hold many times as many.
SESSIONS_OF_A_HOST = 500
# How many of the sessions begin in each hour of a day in UTC, and on each day of the week from Monday.
HOURS = (1, 1, 1, 1, 2, 3, 6, 10, 14, 14, 12, 8, 9, 13, 14, 12, 9, 6, 5, 4, 3, 2, 1, 1)
WEEKDAYS = (10, 11, 11, 10, 8, 3, 2)
DOMAINS = ("meet.example.com", "school.example.org", "api.example.net")
# City, region and code of the country; of some less is known.
PLACES = (
    ("Lahore", "Punjab", "PK"),
    ("Karachi", "Sindh", "PK"),
    ("", "", "PK"),
    ("Madrid", "Madrid", "ES"),
    ("Valencia", "Valencia", "ES"),
    ("", "", "ES"),
    ("Berlin", "Land Berlin", "DE"),
    ("Munich", "Bavaria", "DE"),
    ("London", "England", "GB"),
    ("Birmingham", "England", "GB"),
    ("Birmingham", "Alabama", "US"),
    ("New York", "New York", "US"),
    ("Chicago", "Illinois", "US"),
    ("Paris", "Île-de-France", "FR"),
    ("Milan", "Lombardy", "IT"),
    ("Saint Petersburg", "St.-Petersburg", "RU"),
    ("São Paulo", "São Paulo", "BR"),
    ("Nairobi", "Nairobi County", "KE"),
    ("Mumbai", "Maharashtra", "IN"),
    ("Tokyo", "Tokyo", "JP"),
    ("", "", ""),
)
COPY_SESSIONS = """
    COPY meetings_session (id, room_id, host_id, type, domain, country_code, country_name, region, city, started_at,
    ended_at) FROM STDIN
"""
COPY_ATTENDANCES = """
    COPY meetings_attendance (id, session_id, user_id, person, name, joined_at, left_at, reason, session_started_at,
    session_city, session_is_over) FROM STDIN
"""


@dataclass(frozen=True)
class Wanted:
    """How much, in the year before which day, drawn by which seed: the same gives the same."""

    sessions: int
    attendances: int
    seed: int
    until: datetime

    def chance(self, about: str) -> random.Random:
        return random.Random(f"{self.seed} {self.until} {about}")  # noqa: S311 - nothing in here is a secret


@dataclass(frozen=True)
class _Host:
    """Somebody with rooms, a home, and people who mostly come again."""

    id: str
    rooms: list[Room]
    home: int
    circle: list[str]


@dataclass(frozen=True)
class _Session:
    id: str
    host: _Host
    room: Room
    domain: str
    place: tuple[str, str, str]
    started_at: datetime
    ended_at: datetime


@transaction.atomic
def fill(wanted: Wanted) -> None:
    """Add hosts where there are not enough, and sessions with their attendances, all or none of it.

    Raises:
        django.db.IntegrityError: the same was added before.
    """
    hosts = _hosts(wanted)
    with connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy(COPY_SESSIONS) as copy:
            for session in _sessions(wanted, hosts):
                copy.write_row(_session_row(session))
        with cursor.copy(COPY_ATTENDANCES) as copy:
            for row in _attendance_rows(wanted, hosts):
                copy.write_row(row)


def tidy() -> None:
    """Let the database see what it holds, as it does by itself after a while; not in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE meetings_session, meetings_attendance")


def _hosts(wanted: Wanted) -> list[_Host]:
    chance = wanted.chance("hosts")
    emails = [f"host{number}@sessions.invalid" for number in range(1 + wanted.sessions // SESSIONS_OF_A_HOST)]
    homes = {email: chance.randrange(len(PLACES)) for email in emails}
    there = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    new = User.objects.bulk_create(_user(email, PLACES[homes[email]][2]) for email in emails if email not in there)
    Room.objects.bulk_create(Room(name=str(type.label), type=type, owner=user) for user in new for type in RoomType)
    return [
        _Host(user.pk, list(user.rooms.all()), homes[user.email], _circle(chance))
        for user in User.objects.filter(email__in=emails).order_by("email").prefetch_related("rooms")
    ]


def _user(email: str, country: str) -> User:
    name = email.partition("@")[0]
    return User(
        email=email, username=f"{name}.sessions", first_name=name, country=country, password=make_password(None)
    )


def _circle(chance: random.Random) -> list[str]:
    return [_guest(chance) for _ in range(chance.randrange(20, 400))]


def _guest(chance: random.Random) -> str:
    return f"g_{chance.getrandbits(96):024x}"


def _sessions(wanted: Wanted, hosts: list[_Host]) -> Iterator[_Session]:
    """Draw the sessions in the order in which they began, as a database gets them."""
    chance = wanted.chance("sessions")
    process = chance.getrandbits(40)
    for number, begun in enumerate(_starts(wanted, chance)):
        host = hosts[int(chance.random() ** 3 * len(hosts))]
        is_home = chance.random() < 0.9
        yield _Session(
            id=_id(begun, process, number),
            host=host,
            room=chance.choice(host.rooms),
            domain=DOMAINS[host.home % len(DOMAINS)] if is_home else chance.choice(DOMAINS),
            place=PLACES[host.home] if is_home else chance.choice(PLACES),
            started_at=begun,
            ended_at=begun + timedelta(minutes=chance.triangular(2, 180, 45)),
        )


def _starts(wanted: Wanted, chance: random.Random) -> Iterator[datetime]:
    """Draw when the sessions began; each is over by the last of these days."""
    first = wanted.until - timedelta(days=DAYS)
    hours = [first + timedelta(hours=hour) for hour in range((DAYS - 1) * 24)]
    weights = [HOURS[hour.hour] * WEEKDAYS[hour.weekday()] for hour in hours]
    drawn = sorted(chance.choices(range(len(hours)), weights, k=wanted.sessions))
    for _, same in groupby(drawn):
        within = sorted((chance.uniform(0, 3600), hour) for hour in same)
        yield from (hours[hour] + timedelta(seconds=second) for second, hour in within)


def _session_row(session: _Session) -> tuple[object, ...]:
    city, region, code = session.place
    known = (session.id, session.room.pk, session.host.id, session.room.type, session.domain)
    return (*known, code, name_of(code), region, city, session.started_at, session.ended_at)


def _attendance_rows(wanted: Wanted, hosts: list[_Host]) -> Iterator[tuple[object, ...]]:
    chance = wanted.chance("attendances")
    process, number = chance.getrandbits(40), 0
    for before, session in enumerate(_sessions(wanted, hosts)):
        to_come, left = wanted.sessions - before, wanted.attendances - number
        # About as many in each of those to come; the last one takes whoever is left.
        some = 1 + int(chance.expovariate(1 / max(left / to_come - 0.5, 0.1)))
        for position in range(left if to_come == 1 else min(left, some)):
            row_id = _id(session.started_at, process, number)
            yield (row_id, *_attendance_row(session, position == 0, chance))
            number += 1


def _attendance_row(session: _Session, is_host: bool, chance: random.Random) -> tuple[object, ...]:
    host = session.host
    known = (session.id, host.id, host.id, "Host") if is_host else (session.id, None, _person(host, chance), "Guest")
    stay = (session.started_at, session.ended_at, "")
    return (*known, *stay, session.started_at, session.place[0], True)


def _person(host: _Host, chance: random.Random) -> str:
    return chance.choice(host.circle) if chance.random() < 0.7 else _guest(chance)


def _id(at: datetime, process: int, number: int) -> str:
    """Make an id as `config.lib.ids` does, of a time that has passed."""
    return f"{int(at.timestamp()):08x}{process:010x}{number % 2**24:06x}"

"""Measure the reports over a million sessions with five million attendances, side by side with hand-written SQL.

Run it as `python -m bench.reports [sessions attendances]`: it starts a database of its own and fills it, which takes
some minutes. The user is the one who held most sessions in a month; all users are what administrators see.
"""

import os
import statistics
import sys
import tempfile
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.crypto_lines import time_rounds
from config.lib import embedded

if TYPE_CHECKING:
    from reporting.reports import Filters

SESSIONS, ATTENDANCES = 1_000_000, 5_000_000
ROUNDS = 7
ALLOWED_RATIO = 1.2
ALLOWED_MONTH_MS = 100.0
ALLOWED_DASHBOARD_MS = 400.0
# How many users have all their months measured: the busiest, and as many drawn by their ids.
USERS = 10

BY_HAND = {
    "count": "SELECT count(*) FROM meetings_session s WHERE {sessions}",
    "by_day": """
        SELECT date_trunc('day', s.started_at AT TIME ZONE 'UTC'), s.domain, count(*) FROM meetings_session s
        WHERE {sessions} GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2""",
    "by_type": "SELECT s.type, count(*) FROM meetings_session s WHERE {sessions} GROUP BY 1 ORDER BY 2 DESC, 1",
    "by_place": """
        SELECT s.city, s.region, s.country_code, s.country_name, count(*) FROM meetings_session s
        WHERE {sessions} GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC, 1, 2, 3, 4""",
    "by_city": """
        SELECT city, s.count, p.count
        FROM (SELECT city, count(*) FROM meetings_session s WHERE {sessions} GROUP BY 1) s
        LEFT JOIN (SELECT {attendances} GROUP BY 1) p USING (city) ORDER BY 2 DESC, 1""",
}
OVER = "s.is_over"
BETWEEN = "s.is_over AND s.started_at >= %(since)s AND s.started_at < %(until)s"
OF_HOST = f"s.host_id = %(host_id)s AND {BETWEEN}"
PEOPLE = "a.session_city AS city, count(DISTINCT a.person) FROM meetings_attendance a"
PEOPLE_BETWEEN = "a.session_is_over AND a.session_started_at >= %(since)s AND a.session_started_at < %(until)s"
PEOPLE_OF_HOST = f"{PEOPLE} JOIN meetings_session s ON s.id = a.session_id WHERE {OF_HOST}"
MONTHS = """
    SELECT host_id, date_trunc('month', started_at, 'UTC') AS month, count(*) AS held
    FROM meetings_session WHERE {which} GROUP BY 1, 2 ORDER BY 3 DESC
"""
SOME_USERS = """
    host_id IN (SELECT host_id FROM meetings_session GROUP BY 1 ORDER BY count(*) DESC LIMIT {users})
    OR host_id IN (SELECT id FROM accounts_user ORDER BY md5(id) LIMIT {users})
"""


def main() -> int:
    sizes = [int(size) for size in sys.argv[1:]] or [SESSIONS, ATTENDANCES]
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as folder:
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings")
        embedded.ensure_secrets(Path(folder))
        with embedded.ensure(Path(folder), database=True, redis=True):
            return measure(*sizes)


def measure(sessions: int, attendances: int) -> int:
    import django  # noqa: PLC0415 - settings need the data folder that was just made

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the loaded apps
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps

    from reporting.reports import Filters  # noqa: PLC0415 - needs the loaded apps

    call_command("migrate", verbosity=0)
    call_command("fill_sessions", sessions=sessions, attendances=attendances)
    months = months_of_users()
    busiest = months[0]
    everybody = Filters(since=busiest.since, until=busiest.until)
    kept = [
        compare("one user's month", busiest, each=ALLOWED_MONTH_MS, in_all=ALLOWED_DASHBOARD_MS),
        compare("all users' month", everybody, in_all=ALLOWED_DASHBOARD_MS),
        compare("all users' year", Filters()),
        is_quick(months),
    ]
    connection.close()
    return 0 if all(kept) else 1


def months_of_users() -> list["Filters"]:
    """Give every month of some users, the one with most sessions first."""
    from reporting.reports import Filters  # noqa: PLC0415 - needs the loaded apps

    rows = fetch(MONTHS.format(which=SOME_USERS.format(users=USERS)))
    return [Filters(host_id=host, since=month, until=next_month(month)) for host, month, _ in rows]


def next_month(month: Any) -> Any:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def compare(what: str, filters: "Filters", *, each: float = inf, in_all: float = inf) -> bool:
    """Make the five reports by the ORM and by hand in turn, and add them up to a dashboard."""
    kept, dashboard = True, 0.0
    for name, sql in statements(filters).items():
        taken = time_rounds({"orm": partial(by_orm, name, filters), "hand": partial(fetch, sql, filters)}, ROUNDS)
        orm, hand = min(taken["orm"]), min(taken["hand"])
        kept = kept and orm <= min(each, ALLOWED_RATIO * hand)
        dashboard += orm
        print(f"{what:<17} {name:<8} {orm:8.1f} ms by the ORM {hand:8.1f} ms by hand {orm / hand:5.2f}")
    print(f"{what:<17} in all   {dashboard:8.1f} ms{'' if in_all == inf else f'    (at most {in_all:.0f})'}")
    return kept and dashboard <= in_all


def is_quick(months: list["Filters"]) -> bool:
    """Make the reports of each month of each of these users; the best of three counts."""
    names = {name: [best(name, month) for month in months] for name in BY_HAND}
    for name, times in names.items():
        slowest, median = max(times), statistics.median(times)
        print(f"{len(months)} months, {name:<8} {slowest:8.1f} ms slowest, {median:8.1f} ms median")
    return max(map(max, names.values())) <= ALLOWED_MONTH_MS


def best(name: str, filters: "Filters") -> float:
    return min(time_rounds({name: partial(by_orm, name, filters)}, 3)[name])


def by_orm(name: str, filters: "Filters") -> object:
    from reporting import reports  # noqa: PLC0415 - needs the loaded apps

    return getattr(reports, name)(filters)


def statements(filters: "Filters") -> dict[str, str]:
    """Write what the ORM makes of these filters as somebody would by hand."""
    if filters.host_id:
        sessions, attendances = OF_HOST, PEOPLE_OF_HOST
    elif filters.since:
        sessions, attendances = BETWEEN, f"{PEOPLE} WHERE {PEOPLE_BETWEEN}"
    else:
        sessions, attendances = OVER, f"{PEOPLE} WHERE a.session_is_over"
    return {name: sql.format(sessions=sessions, attendances=attendances) for name, sql in BY_HAND.items()}


def fetch(sql: str, filters: "Filters | None" = None) -> list[tuple[Any, ...]]:
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps

    with connection.cursor() as cursor:
        cursor.execute(sql, vars(filters) if filters else None)
        return list(cursor.fetchall())


if __name__ == "__main__":
    sys.exit(main())

"""What is asked for: the meetings of a user who is signed in, among those of others."""

import logging
from dataclasses import dataclass
from datetime import timedelta

MEETINGS = 1000
PARTICIPANTS = 4
LIMIT = 50


@dataclass(frozen=True)
class Given:
    """What a client, and a server that is not ours, need to know."""

    path: str
    token: str
    key: str
    public_url: str


def prepare() -> Given:
    """Load Django, which needs the data folder, and fill the database."""
    import django  # noqa: PLC0415 - settings need the data folder

    django.setup()
    # The access line of each request is the servers' to write.
    logging.disable(logging.INFO)
    from django.conf import settings  # noqa: PLC0415 - needs the data folder
    from django.core.management import call_command  # noqa: PLC0415 - needs the loaded apps
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps

    from accounts.actions import start_session  # noqa: PLC0415 - needs the loaded apps
    from accounts.clients import Client  # noqa: PLC0415 - needs the loaded apps
    from accounts.enums import SessionKind  # noqa: PLC0415 - needs the loaded apps
    from accounts.models import User  # noqa: PLC0415 - needs the loaded apps
    from accounts.tokens import AccessToken  # noqa: PLC0415 - needs the loaded apps

    call_command("migrate", verbosity=0)
    host, other = (User.objects.create_user(email=f"{name}@example.com", first_name=name) for name in ("host", "other"))
    store_meetings(host.pk)
    store_meetings(other.pk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    pair = start_session(by=host, kind=SessionKind.LONG, client=Client())
    return Given(
        path=f"/meetings/list/{host.pk}?limit={LIMIT}",
        token=pair.access,
        key=str(AccessToken().token_backend.signing_key),
        public_url=settings.PUBLIC_URL,
    )


def store_meetings(host_id: str) -> None:
    from django.utils import timezone  # noqa: PLC0415 - needs the loaded apps

    from meetings.models import Meeting, Participant  # noqa: PLC0415 - needs the loaded apps

    now = timezone.now()
    times = {"started_at": now - timedelta(hours=1), "ended_at": now}
    meetings = Meeting.objects.bulk_create(
        Meeting(title=f"Weekly planning, number {number}", host_id=host_id, **times) for number in range(MEETINGS)
    )
    Participant.objects.bulk_create(
        Participant(meeting=meeting, name=f"Person {position}", position=position)
        for meeting in meetings
        for position in range(PARTICIPANTS)
    )


def count_queries(given: Given) -> int:
    """Count the queries of one request to ours."""
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps
    from django.test import Client  # noqa: PLC0415 - needs the loaded apps
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 - needs the loaded apps

    client = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {given.token}"})
    with CaptureQueriesContext(connection) as queries:
        assert client.get(given.path).status_code == 200
    connection.close()
    return len(queries)

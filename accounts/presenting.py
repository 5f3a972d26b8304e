"""What the account page shows: where somebody is signed in, what their plan has, and what the audit log has on them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.fields.json import KT
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import features
from accounts.enums import Act, Outcome
from accounts.models import AuditEvent, LoginSession, User

# As many events as a person looks through.
EVENTS = 50

ACTS: dict[str, Promise] = {
    Act.REGISTER: gettext_lazy("Account made"),
    Act.LOGIN: gettext_lazy("Sign-in"),
    Act.LOGOUT: gettext_lazy("Sign-out"),
    Act.REFRESH: gettext_lazy("A used token came back"),
    Act.END_SESSIONS: gettext_lazy("Sign-ins ended"),
    Act.CHANGE_PASSWORD: gettext_lazy("Change of the password"),
    Act.REQUEST_RESET: gettext_lazy("Link to reset the password"),
    Act.RESET_PASSWORD: gettext_lazy("Reset of the password"),
    Act.UPDATE_PROFILE: gettext_lazy("Change of the profile"),
    Act.ADD_USER: gettext_lazy("Account made"),
    Act.UPDATE_USER: gettext_lazy("Change of the account"),
    Act.UPDATE_LIMIT: gettext_lazy("Change of a limit"),
    Act.ENABLE: gettext_lazy("Account enabled"),
    Act.DISABLE: gettext_lazy("Account disabled"),
    "GET": gettext_lazy("Reading"),
    "EXPORT": gettext_lazy("Export"),
    "UPLOAD": gettext_lazy("Upload of a file"),
    "DELETE": gettext_lazy("Deletion"),
}
OUTCOMES: dict[str, Promise] = {
    Outcome.OK: gettext_lazy("done"),
    Outcome.REFUSED: gettext_lazy("refused"),
    Outcome.LIMITED: gettext_lazy("too often"),
}
# What of a resource tells a person which thing it was.
TELLING = ("content", "fileName", "recordingId", "meetingId", "roomId")


@dataclass(frozen=True)
class Event:
    """One row of the audit log, in words."""

    at: datetime
    what: str
    about: str
    by: str
    address: str
    outcome: str
    is_refused: bool


@dataclass(frozen=True)
class SignIn:
    """One place where somebody is signed in, and the address from which they did."""

    session: LoginSession
    address: str


def features_of(user: User) -> list[tuple[Promise, bool]]:
    """Give each feature, and whether the user's plan has it."""
    return [(name, user.has_feature(feature)) for feature, name in features.NAMES.items()]


def sign_ins_of(user: User) -> list[SignIn]:
    """Give the families of tokens that can still be used, the one used last first."""
    since = timezone.now() - timedelta(days=settings.REFRESH_TOKEN_DAYS)
    sessions = list(user.login_sessions.open().filter(rotated_at__gte=since).order_by("-rotated_at"))
    begun = AuditEvent.objects.filter(
        user_id=user.pk,
        action=Act.LOGIN,
        outcome=Outcome.OK,
        resource__sessionId__in=[session.pk for session in sessions],
    )
    addresses = dict(begun.values_list("resource__sessionId", "address"))
    return [SignIn(session, addresses.get(session.pk, "")) for session in sessions]


def events_of(user: User) -> list[Event]:
    """Give what was done, or tried, with the user's account and things, the newest first."""
    concerning = AuditEvent.objects.alias(owner=KT("resource__userId")).filter(owner=user.pk)
    rows = list(concerning.order_by("-at")[:EVENTS])
    people = User.objects.in_bulk(_people_in(rows))
    return [_event(row, user, people) for row in rows]


def _people_in(rows: Iterable[AuditEvent]) -> set[str]:
    return {row.user_id for row in rows if row.user_id}


def _event(row: AuditEvent, user: User, people: dict[str, User]) -> Event:
    is_own = row.user_id == user.pk
    return Event(
        at=row.at,
        what=str(ACTS.get(row.action, row.action)),
        about=next((str(row.resource[name]) for name in TELLING if name in row.resource), ""),
        by=_by(row, user, people),
        # From where others work is not the user's to know.
        address=row.address if is_own or row.user_id is None else "",
        outcome=str(OUTCOMES.get(row.outcome, row.outcome)),
        is_refused=row.outcome != Outcome.OK,
    )


def _by(row: AuditEvent, user: User, people: dict[str, User]) -> str:
    """Say who it was: administrators by name, other users not."""
    if row.user_id is None or (row.action, row.outcome) == (Act.LOGIN, Outcome.REFUSED):
        return _("Somebody who was not signed in")
    if row.user_id == user.pk:
        return _("You")
    person = people.get(row.user_id)
    if person is None or not person.is_staff:
        return _("Another user")
    return _("%(name)s, administrator") % {"name": person.full_name}

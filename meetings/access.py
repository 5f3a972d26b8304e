"""Who may have what was said in a meeting, and why each may: read it, give rights, take them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from accounts.rules import is_reader_account
from config.lib.ids import is_id
from meetings import rules
from meetings.enums import ALL_RIGHTS
from meetings.exceptions import AccountNotFound, HasOwnRights, RightNotHeld
from meetings.models import AccessGrant, Meeting, Participant
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember

Rights = frozenset[str]
Why = Literal["host", "cohost", "participant", "granted"]


@dataclass(frozen=True)
class Access:
    """Rights that one person has for one reason; somebody with two reasons has two of these."""

    user: User
    rights: list[str]
    why: Why
    granted_by: User | None = None


def list_access(meeting: Meeting) -> list[Access]:
    """Give everybody who may have the content: the host, co-hosts, participants with an account, those given rights.

    Administrators' accounts and closed ones are not among them, whatever rows speak of them: they may nothing.
    """
    grants = AccessGrant.objects.filter(meeting=meeting).select_related("user", "granted_by").order_by("pk")
    attended = Participant.objects.filter(meeting=meeting, user__isnull=False).select_related("user")
    cohosts = [Access(grant.user, _ordered(grant.rights), "cohost") for grant in grants if grant.is_cohost]
    participants = [
        Access(person, _ordered(meeting.participant_rights), "participant")
        for person in {row.user: None for row in attended if row.user and row.user_id != meeting.host_id}
    ]
    given = [
        Access(grant.user, _ordered(grant.rights), "granted", grant.granted_by)
        for grant in grants
        if not grant.is_cohost
    ]
    everybody = [Access(meeting.host, [*ALL_RIGHTS], "host"), *cohosts, *participants, *given]
    return [access for access in everybody if is_reader_account(access.user)]


def account(name: str) -> User:
    """Find, by id or e-mail, the account that is to be given rights.

    Raises:
        AccountNotFound: there is none, it is closed, or it is an administrator's; the three are not told apart.
    """
    found = User.objects.filter(**({"pk": name} if is_id(name) else {"email": name.strip().lower()})).first()
    if found is None or not is_reader_account(found):
        raise AccountNotFound(gettext_noop("There is no account of a user with this id or e-mail."))
    return found


@transaction.atomic
def replace(*, meeting: Meeting, rights: Mapping[User, Iterable[str]], by: User) -> None:
    """Make these all the rights that anybody was given; what people have as host, co-host or participant stays.

    Raises:
        RightNotHeld: somebody would gain or lose a right that `by` has not.
        HasOwnRights: the host is among them.
    """
    given = _given(meeting)
    wanted = {user: frozenset(names) for user, names in rights.items()}
    _change(meeting, {**dict.fromkeys(given.keys() - wanted.keys(), frozenset()), **wanted}, given, by)


@transaction.atomic
def give(*, meeting: Meeting, user: User, rights: Iterable[str], by: User) -> None:
    """Make these all the rights that one person was given; without any, what was given is taken back.

    Raises:
        RightNotHeld, HasOwnRights: as `replace`.
    """
    _change(meeting, {user: frozenset(rights)}, _given(meeting), by)


def follow_roles(*, room: Room, users: Collection[User]) -> None:
    """Let co-hosts of meetings to come, and of the one that runs, be ones only as long as the room has them as such;
    hears `members_changed`."""
    cohosts = RoomMember.objects.filter(room=room, role=RoomRole.COHOST).values("user")
    grants = AccessGrant.objects.filter(user__in=users, is_cohost=True, meeting__room=room, meeting__ended_at=None)
    grants.exclude(user__in=cohosts).delete()


def _given(meeting: Meeting) -> dict[User, Rights]:
    """Read what was given, the meeting's row locked, so that of two changes at once each sees the other whole."""
    Meeting.objects.lock(meeting)
    rows = AccessGrant.objects.filter(meeting=meeting, is_cohost=False).select_related("user")
    return {row.user: frozenset(row.rights) for row in rows}


def _change(meeting: Meeting, wanted: Mapping[User, Rights], given: Mapping[User, Rights], by: User) -> None:
    held = rules.rights_of(by, meeting)
    for user, rights in wanted.items():
        before = given.get(user, frozenset())
        if rights == before:
            continue
        if user.pk == meeting.host_id:
            raise HasOwnRights(gettext_noop("The host has every right already."))
        if not rights ^ before <= held:
            raise RightNotHeld(gettext_noop("You can give and take only the rights that you have yourself."))
        _write(meeting, user, rights, by)
        resource = {"meetingId": meeting.pk, "userId": user.pk, "rights": _ordered(rights)}
        audit.record("GRANT", by=by, resource=resource)


def _write(meeting: Meeting, user: User, rights: Rights, by: User) -> None:
    if rights:
        values = {"rights": _ordered(rights), "granted_by": by}
        AccessGrant.objects.update_or_create(meeting=meeting, user=user, is_cohost=False, defaults=values)
    else:
        AccessGrant.objects.filter(meeting=meeting, user=user, is_cohost=False).delete()


def _ordered(rights: Iterable[str]) -> list[str]:
    return [right for right in ALL_RIGHTS if right in rights]

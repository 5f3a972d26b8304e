"""Who may have what was said in a meeting, and why each may: read it, give rights, take them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from accounts import audit, naming, notices
from accounts.models import User
from accounts.rules import is_reader_account
from meetings import rules
from meetings.enums import ALL_RIGHTS, Right
from meetings.exceptions import HasOwnRights, RightNotHeld
from meetings.models import AccessGrant, Meeting, Participant
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember

Rights = frozenset[str]
Why = Literal["host", "cohost", "participant", "granted"]


@dataclass(frozen=True)
class Access:
    """Rights that one person has for one reason; somebody with two reasons has two of these.

    `email` is empty of who did not take part and was not named by it: nobody learns whose address an id is.
    """

    user: User
    email: str
    rights: list[str]
    why: Why
    granted_by: User | None = None


@dataclass(frozen=True)
class Gift:
    """All the rights that the account of an id or an e-mail is given."""

    name: str = ""
    rights: Rights = frozenset()


def list_access(meeting: Meeting) -> list[Access]:
    """Give everybody who may have the content: the host, co-hosts, participants with an account, those given rights.

    Administrators' accounts and closed ones are not among them, whatever rows speak of them: they may nothing, and what
    they were given goes when all is replaced.
    """
    grants = AccessGrant.objects.filter(meeting=meeting).select_related("user", "granted_by").order_by("pk")
    attended = Participant.objects.filter(meeting=meeting, user__isnull=False).select_related("user")
    participants = {row.user: None for row in attended if row.user and row.user_id != meeting.host_id}
    everybody = [
        Access(meeting.host, meeting.host.email, [*ALL_RIGHTS], "host"),
        *(Access(grant.user, grant.email, _ordered(grant.rights), "cohost") for grant in grants if grant.is_cohost),
        *(Access(user, user.email, _ordered(meeting.participant_rights), "participant") for user in participants),
        *(
            Access(grant.user, grant.email, _ordered(grant.rights), "granted", grant.granted_by)
            for grant in grants
            if not grant.is_cohost
        ),
    ]
    return [access for access in everybody if is_reader_account(access.user)]


def tell_readers(meeting: Meeting, notice: notices.Notice) -> None:
    """Tell everybody who may read the meeting something about it, on their tabs, after the commit."""
    readers = {access.user.pk: None for access in list_access(meeting) if Right.VIEW in access.rights}
    notices.notify(readers, notice)


def replace(*, meeting: Meeting, gifts: Sequence[Gift], by: User) -> None:
    """Make these all the rights that anybody was given; what people have as host, co-host or participant stays.

    A gift of nothing takes also what somebody has as a co-host, once the meeting is over.

    Raises:
        accounts.exceptions.AccountNotFound, config.lib.errors.RateLimited: as `accounts.naming.readers`.
        RightNotHeld: somebody would gain or lose a right that `by` has not.
        HasOwnRights: the host is among them.
    """
    _change(meeting, _named(gifts, by), by, is_whole=True)


def give(*, meeting: Meeting, gift: Gift, by: User) -> None:
    """Make these all the rights that one person was given; a gift of nothing is as in `replace`.

    Raises:
        accounts.exceptions.AccountNotFound, config.lib.errors.RateLimited, RightNotHeld, HasOwnRights: as `replace`.
    """
    _change(meeting, _named([gift], by), by, is_whole=False)


def follow_roles(*, room: Room, users: Collection[User]) -> None:
    """Let co-hosts of meetings to come, and of the one that runs, be ones only as long as the room has them as such;
    hears `members_changed`."""
    cohosts = RoomMember.objects.filter(room=room, role=RoomRole.COHOST).values("user")
    grants = AccessGrant.objects.filter(user__in=users, is_cohost=True, meeting__room=room, meeting__ended_at=None)
    grants.exclude(user__in=cohosts).delete()


def _named(gifts: Sequence[Gift], by: User) -> dict[User, Gift]:
    """Find who is named, with all that is theirs, and the e-mail in it if they were named by that."""
    named: dict[User, Gift] = {}
    for gift, user in zip(gifts, naming.readers([gift.name for gift in gifts], by=by), strict=True):
        before = named.get(user, Gift())
        named[user] = Gift(user.email if "@" in gift.name else before.name, before.rights | gift.rights)
    return named


@transaction.atomic
def _change(meeting: Meeting, gifts: Mapping[User, Gift], by: User, *, is_whole: bool) -> None:
    # Of two changes at once each sees the other whole.
    is_over = Meeting.objects.lock(meeting).is_over
    losers = [user for user, gift in gifts.items() if is_over and not gift.rights]
    rows = AccessGrant.objects.filter(Q(is_cohost=False) | Q(user__in=losers), meeting=meeting).select_related("user")
    before: dict[User, Rights] = {}
    for row in rows:
        before[row.user] = before.get(row.user, frozenset()) | {*row.rights}
    wanted = {**dict.fromkeys(before if is_whole else (), Gift()), **gifts}
    differences = {user: gift.rights ^ before.get(user, frozenset()) for user, gift in wanted.items()}
    changed = {user: gift for user, gift in wanted.items() if differences[user]}
    _check(meeting, {user: differences[user] for user in changed}, by)
    _write(meeting, changed, rows, by)


def _check(meeting: Meeting, differences: Mapping[User, Rights], by: User) -> None:
    held = rules.rights_of(by, meeting)
    for user, rights in differences.items():
        if user.pk == meeting.host_id:
            raise HasOwnRights(gettext_noop("The host has every right already."))
        # Whoever may nothing loses nothing.
        if is_reader_account(user) and not rights <= held:
            raise RightNotHeld(gettext_noop("You can give and take only the rights that you have yourself."))


def _write(meeting: Meeting, changed: Mapping[User, Gift], rows: Iterable[AccessGrant], by: User) -> None:
    """Write all rows anew that speak of these people."""
    old = [row for row in rows if row.user in changed]
    emails = {row.user: row.email for row in old}
    AccessGrant.objects.filter(pk__in=[row.pk for row in old]).delete()
    AccessGrant.objects.bulk_create(
        AccessGrant(
            meeting=meeting,
            user=user,
            rights=_ordered(gift.rights),
            email=gift.name or emails.get(user, ""),
            granted_by=by,
        )
        for user, gift in changed.items()
        if gift.rights
    )
    resources = [
        {"meetingId": meeting.pk, "userId": user.pk, "rights": _ordered(gift.rights)} for user, gift in changed.items()
    ]
    audit.record_each("GRANT", by=by, resources=resources)
    for user, gift in changed.items():
        if gift.rights:
            notices.notify([user.pk], notices.AccessGranted(meetingId=meeting.pk, rights=_ordered(gift.rights)))


def _ordered(rights: Iterable[str]) -> list[str]:
    return [right for right in ALL_RIGHTS if right in rights]

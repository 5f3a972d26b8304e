"""One room with a meeting that was recognised, and everybody who may or may not come near it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any

from django.utils import timezone

from accounts import actions, tokens
from accounts.clients import Client
from accounts.enums import SessionKind
from accounts.models import LoginSession, User
from config.lib import staging, work
from config.lib.work import WorkState
from integrations.webhooks import actions as webhooks
from integrations.webhooks.models import WebhookDelivery
from meetings.enums import COHOST_RIGHTS
from meetings.models import AccessGrant, Meeting, Participant
from recordings import actions as recordings
from rooms.actions import files, invites, joining, places
from rooms.enums import RoomRole, RoomType
from rooms.models import LobbyTicket, Room, RoomMember
from tests.factories import make_line, make_meeting, make_user
from transcripts import actions as transcripts
from transcripts.models import NotesWriting

# Who calls; the last two bring tokens that were good once: the host's, and one of a co-host whose account was disabled.
PEOPLE = ("anonymous", "stranger", "participant", "cohost", "host", "administrator", "expired", "removed")
HERE = Client(address="127.0.0.1")
STREAM = {
    "recording_id": "1756364334628_738386",
    "stream_id": "755961800257348400",
    "name": "Host Tester",
    "video_type": "video",
    "started_at": datetime(2025, 8, 28, 6, 58, tzinfo=UTC),
}


@dataclass
class World:
    room: Room
    meeting: Meeting
    users: dict[str, User]
    # Words of paths and bodies: `$meeting` and the like.
    names: dict[str, str] = field(default_factory=dict)

    def fill(self, template: Any, who: str) -> Any:
        """Put ids for the names in a path or a body; `$caller` is the id of whoever calls, or the host's."""
        if isinstance(template, str):
            caller = self.users.get(who, self.users["host"]).pk
            return Template(template).substitute(self.names, caller=caller)
        if isinstance(template, dict):
            return {name: self.fill(value, who) for name, value in template.items()}
        return [self.fill(value, who) for value in template] if isinstance(template, list) else template

    def headers(self, who: str) -> dict[str, str]:
        if who == "anonymous":
            return {}
        token = {"expired": self._expired, "removed": self._removed}.get(who, lambda: self._fresh(who))()
        return {"Authorization": f"Bearer {token}"}

    def _fresh(self, who: str) -> str:
        return actions.start_session(by=self.users[who], kind=SessionKind.LONG, client=HERE).access

    def _expired(self) -> str:
        session = LoginSession.objects.create(user=self.users["host"], client=HERE.fingerprint)
        claims = tokens.AccessToken.read(tokens.make_access(session)).payload
        kept = {name: value for name, value in claims.items() if name not in ("iat", "exp", "iss", "aud")}
        long_ago = timezone.now() - timedelta(days=2)
        return tokens.AccessToken.signed(kept, issued_at=long_ago, lifetime=timedelta(hours=1))

    def _removed(self) -> str:
        """Sign in somebody with all the host's rights, and disable the account."""
        user = make_user("removed")
        RoomMember.objects.create(room=self.room, user=user, role=RoomRole.COHOST)
        AccessGrant.objects.create(meeting=self.meeting, user=user, rights=list(COHOST_RIGHTS), is_cohost=True)
        token = actions.start_session(by=user, kind=SessionKind.LONG, client=HERE).access
        User.objects.filter(pk=user.pk).update(is_active=False)
        return token


def make_world() -> World:
    users = {name: make_user(name) for name in ("stranger", "participant", "cohost", "host")}
    users["administrator"] = make_user("administrator", is_staff=True, is_superuser=True)
    host = users["host"]
    room = places.create(values={"name": "Planning", "type": RoomType.MEETING}, by=host)
    meeting = make_meeting(host, title="Planning")
    Meeting.objects.filter(pk=meeting.pk).update(room=room)
    meeting.refresh_from_db()
    make_line(meeting, 0, 0, "We decided to send the report on Thursday.")
    for name, role in (("participant", RoomRole.PARTICIPANT), ("cohost", RoomRole.COHOST)):
        RoomMember.objects.create(room=room, user=users[name], role=role)
    Participant.objects.create(meeting=meeting, user=users["participant"], name="Participant", position=2)
    AccessGrant.objects.create(meeting=meeting, user=users["cohost"], rights=list(COHOST_RIGHTS), is_cohost=True)
    _write_notes(meeting)
    return World(room, meeting, users, {**_things(room, users), "meeting": meeting.pk})


def _write_notes(meeting: Meeting) -> None:
    writing = NotesWriting(meeting=meeting)
    work.enqueue(writing)
    work.run(NotesWriting, writing.pk, transcripts.write_notes)


def _things(room: Room, users: dict[str, User]) -> dict[str, str]:
    """Make what the host has in the room and elsewhere; give the ids by name."""
    host = users["host"]
    invite, _ = invites.invite(room=room, role=RoomRole.PARTICIPANT, expires_at=None, by=host)
    waiting = make_user("waiting")
    Room.objects.filter(pk=room.pk).update(is_private=True)
    joining.enter(room_id=room.pk, wish=joining.Wish(), by=waiting, device=joining.Device())
    Room.objects.filter(pk=room.pk).update(is_private=False)
    room.refresh_from_db()
    recordings.start_track(room=room, by=host, **STREAM)
    webhook, _ = webhooks.subscribe(url="https://example.com/hook", events=["meeting.ended"], by=host)
    delivery = webhooks.ping(webhook=webhook, by=host)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state=WorkState.DONE)
    return {
        "room": room.pk,
        "host": host.pk,
        "participant": users["participant"].pk,
        "refresh": actions.start_session(by=host, kind=SessionKind.LONG, client=HERE).refresh,
        "file": _file(room, host),
        "invite": invite.pk,
        "ticket": LobbyTicket.objects.get().pk,
        "webhook": webhook.pk,
        "delivery": delivery.pk,
    }


def _file(room: Room, host: User) -> str:
    with staging.folder() as folder, staging.StagedWriter(folder / "0", "notes.txt") as writer:
        writer.write(b"Who writes the minutes?")
        return files.take_in(room=room, staged=writer.finish(), by=host).filename

"""Meetings from the moment that they are made until they are deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from accounts.rules import check_feature
from config.lib import facts, keys
from meetings import rules
from meetings.actions import people, telling
from meetings.enums import COHOST_RIGHTS, Right
from meetings.exceptions import MeetingOver, MeetingRuns, NoMeetingRuns, RoomBusy, TooManyRecordings
from meetings.invitations import actions as invitations
from meetings.models import ONE_RUNS, AccessGrant, Consent, Meeting, Participant
from meetings.names import clean_name, clean_title
from rooms.actions import moderating
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from rooms.realtime import publishing

# Each answer that shows a meeting lists them all.
MAX_RECORDINGS = 1000


class Plan(TypedDict, total=False):
    """When a meeting is to be, in whose time, and for how many minutes."""

    starts_at: datetime | None
    duration_minutes: int | None
    time_zone: str


class Changes(Plan, total=False):
    """What may be changed of a meeting; what is not there stays."""

    title: str
    room: Room | None
    transcript_enabled: bool
    summary_generated: bool


# What the invited are told of when it changes.
TOLD = ("title", "room", "starts_at", "duration_minutes", "time_zone")


def create(
    *,
    title: str,
    host: User,
    transcript_enabled: bool,
    by: User,
    room: Room | None = None,
    plan: Plan | None = None,
    invited: Collection[str] = (),
) -> Meeting:
    """Make a meeting that is to come, with its data key; the room's co-hosts become its own, the invited get mail.

    Raises:
        ContentClosedToAdmins: the host is an administrator.
        accounts.exceptions.FeatureNotInPlan: a transcript is asked for, and the host's plan has none.
        InvalidMeeting: the title cannot be taken.
        rooms.exceptions.RoomNotFound: the room was deleted meanwhile.
        config.lib.errors.RateLimited: more mails would be sent than RATE_INVITE allows.
    """
    rules.check_host(host)
    if transcript_enabled:
        check_feature(host, "transcripts")
    meeting = Meeting(
        title=clean_title(title), host=host, room=room, transcript_enabled=transcript_enabled, **(plan or {})
    )
    invitations.check_rate(meeting=meeting, emails=invited, by=by)
    with transaction.atomic():
        if room is not None:
            Room.objects.locked(room.pk)
        meeting.save(force_insert=True)
        if room is not None:
            _copy_cohosts(meeting, room)
        invitations.replace(meeting=meeting, emails=invited, by=by)
        audit.record("CREATE", by=by, resource={"meetingId": meeting.pk})
        # Last, so that whatever fails in here leaves no key.
        keys.create(meeting.pk)
    return meeting


@transaction.atomic
def create_past(
    *, title: str, host: User, names: Sequence[str], started_at: datetime, ended_at: datetime, by: User
) -> Meeting:
    """Make a meeting that is over already, with the people who spoke in it, and its data key.

    The key is on disk before the meeting is committed; the caller removes it (`keys.destroy`) when its own transaction
    fails.

    Raises:
        InvalidMeeting: the title or a name cannot be taken.
    """
    meeting = Meeting.objects.create(title=clean_title(title), host=host, started_at=started_at, ended_at=ended_at)
    Participant.objects.bulk_create(
        Participant(meeting=meeting, name=clean_name(name), position=position) for position, name in enumerate(names)
    )
    audit.record("CREATE", by=by, resource={"meetingId": meeting.pk})
    # Last, so that whatever fails in here leaves no key.
    keys.create(meeting.pk)
    return meeting


def update(
    *,
    meeting: Meeting,
    changes: Changes,
    by: User,
    recording_id: str | None = None,
    invited: Collection[str] | None = None,
) -> Meeting:
    """Change what `changes` names, note a recording, make `invited` the invited people; the invited are told by mail.

    Raises:
        config.lib.errors.NotAllowed: as `rules.check_move`.
        MeetingOver: another time, or other people, for a meeting that has ended.
        rooms.exceptions.RoomNotFound: that room was deleted meanwhile.
        MeetingRuns: it is in a room, where it stays until it has ended.
        RoomBusy: it runs in no room, and another one does in that one.
        TooManyRecordings: it has as many as a meeting may have.
        accounts.exceptions.FeatureNotInPlan: something is switched on that the host's plan has not.
        InvalidMeeting: the title cannot be taken.
        config.lib.errors.RateLimited: as `create`.
    """
    is_changed = any(getattr(meeting, name) != value for name, value in changes.items() if name in TOLD)
    if not meeting.is_over and (is_changed or invited is not None):
        emails = invitations.emails_of(meeting) if invited is None else invited
        invitations.check_rate(meeting=meeting, emails=emails, is_changed=is_changed, by=by)
    with transaction.atomic():
        if (room := changes.get("room")) is not None:
            Room.objects.locked(room.pk)
        return _update(Meeting.objects.lock(meeting), changes, recording_id, invited, by)


def _update(
    row: Meeting, changes: Changes, recording_id: str | None, invited: Collection[str] | None, by: User
) -> Meeting:
    if row.is_over and (invited is not None or changes.keys() & Plan.__annotations__.keys()):
        raise MeetingOver(gettext_noop("The meeting has ended: its time and its invitations stay as they were."))
    is_moved = "room" in changes and changes["room"] != row.room
    if is_moved:
        _check_move(row, by)
    before = [getattr(row, name) for name in TOLD]
    _apply(row, changes, by)
    if is_moved and row.is_running:
        _begin_in_room(row)
    if recording_id is not None:
        _add_recording(row, recording_id)
    is_changed = before != [getattr(row, name) for name in TOLD]
    if not row.is_over:
        emails = invitations.emails_of(row) if invited is None else invited
        invitations.replace(meeting=row, emails=emails, is_changed=is_changed, by=by)
    audit.record("UPDATE", by=by, resource={"meetingId": row.pk, "fields": sorted(changes)})
    return row


@transaction.atomic
def start(*, meeting: Meeting, by: User | None) -> Meeting:
    """Let the meeting begin, which it does once; `by` is nobody where a guest was the first to come.

    Raises:
        MeetingOver: it has ended.
        RoomBusy: another one runs in its room.
    """
    row = _locked(meeting)
    if row.is_over:
        raise MeetingOver(gettext_noop("The meeting has ended and cannot begin again."))
    if row.is_running:
        return row
    row.started_at = timezone.now()
    _save(row, ["started_at"])
    facts.state("meeting_started", meeting=row)
    audit.record("START", by=by, resource={"meetingId": row.pk})
    _begin_in_room(row)
    return row


@transaction.atomic
def end(*, meeting: Meeting, by: User | None) -> Meeting:
    """End the meeting, which ends once; one that nobody came to began and ended in this moment.

    `by` is nobody where it ends by itself, some time after the last person left.
    """
    row = _locked(meeting)
    if not row.is_over:
        _end(row)
        audit.record("END", by=by, resource={"meetingId": row.pk})
    return row


def follow_room(*, room: Room) -> None:
    """End the meeting that runs in a room which is deleted; hears `room_deleted`."""
    running = Meeting.objects.running_in(room.pk)
    if running is not None:
        end(meeting=running, by=None)


def delete(*, meeting: Meeting, by: User) -> None:
    """Delete the meeting with all that was said in it.

    Its data key goes first, and for good: whatever fails afterwards leaves nothing that could be read, and the deletion
    can be repeated.
    """
    keys.destroy(meeting.pk)
    _delete(meeting, by)


@transaction.atomic
def _delete(meeting: Meeting, by: User) -> None:
    row = _locked(meeting)
    if row.is_running:
        _end(row)
    elif not row.is_over:
        invitations.call_off(meeting=row, by=by)
    if row.room_id is not None:
        publishing.forget_kept(row.room_id, row.chat.people())
    facts.state("meeting_deleted", meeting=row)
    audit.record("DELETE", by=by, resource={"meetingId": row.pk})
    row.delete()


@transaction.atomic
def add_recording(*, meeting: Meeting, recording_id: str) -> None:
    """Note that a recording belongs to the meeting; once, however often it is said.

    Raises:
        MeetingNotFound, TooManyRecordings.
    """
    _add_recording(Meeting.objects.lock(meeting), recording_id)


@transaction.atomic
def give_consent(*, meeting: Meeting, take_part: bool, by: User | None, guest: str = "") -> None:
    """Note whether recording and transcription may have what `by`, or a guest, says; the room sees it."""
    Consent.objects.update_or_create(meeting=meeting, user=by, guest=guest, defaults={"take_part": take_part})
    resource = {"meetingId": meeting.pk, "takePart": take_part, **({"person": guest} if guest else {})}
    audit.record("CONSENT", by=by, resource=resource)
    if meeting.room_id is not None:
        publishing.look(meeting.room_id)


@transaction.atomic
def answer_consent(*, room_id: str, person: str, take_part: bool) -> None:
    """Note the answer of somebody who is in a room, for the meeting that runs there.

    Raises:
        NoMeetingRuns.
    """
    meeting = Meeting.objects.running_in(room_id)
    if meeting is None:
        raise NoMeetingRuns
    user = User.objects.filter(pk=person).first()
    give_consent(meeting=meeting, take_part=take_part, by=user, guest="" if user else person)


def mark_summarised(*, meeting_id: str) -> None:
    Meeting.objects.filter(pk=meeting_id).update(summary_generated=True)


def _locked(meeting: Meeting) -> Meeting:
    """Lock a meeting to begin or end it, and before it its room, so that nobody comes or goes meanwhile.

    Raises:
        MeetingNotFound.
    """
    if meeting.room_id is not None:
        Room.objects.select_for_update(no_key=True).filter(pk=meeting.room_id).first()
    return Meeting.objects.lock(meeting)


def _check_move(row: Meeting, by: User) -> None:
    """Raises: config.lib.errors.NotAllowed, MeetingRuns."""
    rules.check_move(by, row)
    if row.is_running and row.room_id is not None:
        raise MeetingRuns


def _begin_in_room(row: Meeting) -> None:
    """Take those in who are in the room of a meeting that runs there from now on, and tell them."""
    if row.room_id is not None:
        people.follow_start(meeting=row)
        telling.tell_start(row.room_id, row)


def _save(row: Meeting, fields: Sequence[str]) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        if ONE_RUNS not in str(error):
            raise
        raise RoomBusy(gettext_noop("Another meeting is running in this room: end it first.")) from error


def _apply(row: Meeting, changes: Changes, by: User) -> None:
    if changes.get("transcript_enabled") and not row.transcript_enabled:
        check_feature(row.host, "transcripts")
    if changes.get("summary_generated") and not row.summary_generated:
        check_feature(row.host, "summaries")
    if "title" in changes:
        changes = {**changes, "title": clean_title(changes["title"])}
    for name, value in changes.items():
        setattr(row, name, value)
    _save(row, [*changes])
    # Their rights are given by whoever moves the meeting, who may only give what is theirs to give.
    if row.room is not None and "room" in changes and {Right.GRANT, *COHOST_RIGHTS} <= rules.rights_of(by, row):
        _copy_cohosts(row, row.room)


def _copy_cohosts(meeting: Meeting, room: Room) -> None:
    cohosts = RoomMember.objects.filter(room=room, role=RoomRole.COHOST).exclude(user=meeting.host)
    AccessGrant.objects.bulk_create(
        (
            AccessGrant(meeting=meeting, user_id=user_id, rights=[*COHOST_RIGHTS], is_cohost=True)
            for user_id in cohosts.values_list("user_id", flat=True)
        ),
        ignore_conflicts=True,
    )


def _add_recording(row: Meeting, recording_id: str) -> None:
    if recording_id in row.recording_ids:
        return
    if len(row.recording_ids) >= MAX_RECORDINGS:
        raise TooManyRecordings(MAX_RECORDINGS)
    row.recording_ids.append(recording_id)
    row.save(update_fields=["recording_ids"])


def _end(row: Meeting) -> None:
    is_running = row.is_running
    row.ended_at = timezone.now()
    row.started_at = row.started_at or row.ended_at
    row.save(update_fields=["started_at", "ended_at"])
    if row.room is not None and is_running:
        people.send_away(meeting=row)
        moderating.forget(room=row.room)
        telling.tell_end(row.room.pk, row)
    facts.state("meeting_ended", meeting=row)

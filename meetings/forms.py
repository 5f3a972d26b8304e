"""The forms of the pages about meetings; what is valid is decided by the actions, for pages and REST alike."""

import re
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import mail
from accounts.models import EMAIL_LENGTH, User
from meetings.actions import Changes, Plan
from meetings.enums import ALL_RIGHTS, Right
from meetings.exceptions import InvalidMeeting, MeetingRuns
from meetings.invitations.actions import MAX_INVITED, emails_of
from meetings.models import Meeting
from meetings.names import TITLE_LENGTH, clean_title
from meetings.zones import ZONES, in_zone
from rooms.models import Room

MAX_MINUTES = 7 * 24 * 60
# What cannot be changed any more of a meeting that has ended.
OF_THE_PLAN = ("day", "time", "time_zone", "duration", "invited")


def _title(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=TITLE_LENGTH, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class FilterForm(forms.Form):
    """Words and dates by which meetings are found; days are those of UTC."""

    q = forms.CharField(label=gettext_lazy("Words in the title"), max_length=TITLE_LENGTH, required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PlanForm(forms.Form):
    """A meeting that is planned, or changed."""

    title = _title(gettext_lazy("Title"))
    room = forms.ModelChoiceField(
        Room.objects.none(), label=gettext_lazy("Room"), required=False, empty_label=gettext_lazy("No room")
    )
    day = forms.DateField(
        label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=[(zone, zone) for zone in ZONES])
    duration = forms.IntegerField(label=gettext_lazy("Length, min"), min_value=1, max_value=MAX_MINUTES, required=False)
    invited = forms.CharField(
        label=gettext_lazy("Invited"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("E-mail addresses. Each gets a mail with a link and an entry for the calendar."),
    )
    transcript_enabled = forms.BooleanField(label=gettext_lazy("Make a transcript"), required=False)

    def __init__(self, sent: QueryDict | None = None, *, user: User, meeting: Meeting | None = None) -> None:
        """Offer the rooms in which `user` may hold a meeting, and the one where it is."""
        super().__init__(sent, initial=_values_of(meeting) if meeting else _first_values(user))
        self._offer_rooms(user, meeting)
        if place := mail.kept_in():
            self.fields["invited"].help_text = _(
                "E-mail addresses. This server has no mail server yet: what it would send is only kept in its "
                "%(place)s, so tell people yourself."
            ) % {"place": place}
        host = meeting.host if meeting else user
        if not host.has_feature("transcripts") and not self.initial["transcript_enabled"]:
            self.fields["transcript_enabled"].disabled = True
            self.fields["transcript_enabled"].help_text = _("The plan of the host has no transcripts.")
        if meeting and meeting.is_over:
            for name in OF_THE_PLAN:
                del self.fields[name]
        for field in self.fields.values():
            field.show_hidden_initial = meeting is not None

    def _offer_rooms(self, user: User, meeting: Meeting | None) -> None:
        field = cast("forms.ModelChoiceField[Room]", self.fields["room"])
        here = Q(pk=meeting.room_id if meeting else None)
        if meeting and meeting.is_running and meeting.room_id:
            rooms, field.empty_label = here, None
            field.help_text = field.error_messages["invalid_choice"] = _(MeetingRuns().message)
        else:
            rooms = Q(pk__in=Room.objects.hosted_by(user)) | here
        field.queryset = Room.objects.filter(rooms).order_by("name", "pk")

    def clean_title(self) -> str:
        try:
            return clean_title(self.cleaned_data["title"])
        except InvalidMeeting as error:
            raise ValidationError(_("The title holds a character that cannot be shown.")) from error

    def clean_invited(self) -> list[str]:
        emails = [email for email in re.split(r"[\s,;]+", self.cleaned_data["invited"]) if email]
        if len(emails) > MAX_INVITED:
            raise ValidationError(_("At most %(count)s people can be invited.") % {"count": MAX_INVITED})
        for email in emails:
            try:
                validate_email(email)
            except ValidationError as error:
                raise ValidationError(_("%(email)s is no e-mail address.") % {"email": email}) from error
        return emails

    def clean(self) -> None:
        day, at = self.cleaned_data.get("day"), self.cleaned_data.get("time")
        if (day is None) != (at is None) and not self.errors:
            self.add_error("time" if at is None else "day", _("Give both day and time, or neither."))
        elif day is not None and at is not None and "time_zone" in self.cleaned_data:
            local = datetime.combine(day, at, ZoneInfo(self.cleaned_data["time_zone"]))
            try:
                self.cleaned_data["starts_at"] = local.astimezone(UTC)
            except OverflowError:
                self.add_error("day", _("Give a day that clocks everywhere can show."))

    @property
    def plan(self) -> Plan:
        return {
            "starts_at": self.cleaned_data.get("starts_at"),
            "duration_minutes": self.cleaned_data["duration"],
            "time_zone": self.cleaned_data["time_zone"],
        }

    @property
    def changes(self) -> Changes:
        """Give what was changed on the page; the rest stays as somebody else may have made it meanwhile."""
        changed = {*self.changed_data}
        changes: dict[str, Any] = {
            name: self.cleaned_data[name] for name in ("title", "room", "transcript_enabled") if name in changed
        }
        if changed & {"day", "time", "time_zone"}:
            changes |= {"starts_at": self.plan["starts_at"], "time_zone": self.plan["time_zone"]}
        if "duration" in changed:
            changes["duration_minutes"] = self.plan["duration_minutes"]
        return cast(Changes, changes)

    @property
    def wanted(self) -> list[str] | None:
        """Give who is to be invited; None where that was not changed."""
        return self.cleaned_data["invited"] if "invited" in self.changed_data else None


class AccessForm(forms.Form):
    """Rights for somebody with an account."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail"), max_length=EMAIL_LENGTH, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("Rights"), widget=forms.CheckboxSelectMultiple, initial=[Right.VIEW]
    )

    def __init__(self, sent: QueryDict | None = None, *, held: frozenset[str]) -> None:
        """Offer the rights that the giver holds."""
        super().__init__(sent)
        choices = [(right, Right(right).label) for right in ALL_RIGHTS if right in held]
        self.fields["rights"].choices = choices  # type: ignore[attr-defined]


class DeleteForm(forms.Form):
    """Asks for the title of the meeting, so that nobody deletes it in passing."""

    title = _title(gettext_lazy("Title of the meeting"))

    def __init__(self, sent: QueryDict | None = None, *, meeting: Meeting) -> None:
        self.meeting = meeting
        super().__init__(sent, prefix="delete")

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if title != self.meeting.title:
            raise ValidationError(_("This is not the title of the meeting."))
        return title


def _first_values(user: User) -> dict[str, Any]:
    """Begin with the zone of the last meeting that was planned."""
    last = Meeting.objects.hosted_by(user).exclude(starts_at=None).order_by("-pk").first()
    return {"time_zone": last.time_zone if last else "UTC", "transcript_enabled": user.has_feature("transcripts")}


def _values_of(meeting: Meeting) -> dict[str, Any]:
    starts_at = in_zone(meeting.starts_at, meeting.time_zone) if meeting.starts_at else None
    return {
        "title": meeting.title,
        "room": meeting.room_id,
        "day": starts_at.date() if starts_at else None,
        "time": starts_at.time() if starts_at else None,
        "time_zone": meeting.time_zone,
        "duration": meeting.duration_minutes,
        "invited": "\n".join(emails_of(meeting)),
        "transcript_enabled": meeting.transcript_enabled,
    }

"""The forms of the pages about rooms; what is valid is decided by the actions, for pages and REST alike."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.lib.fields import MAX_INTEGER
from rooms.enums import GUEST_ROLES, RoomRole, roles_below
from rooms.models import NAME_LENGTH, Room

# Days, and what they are called.
LIVES = [("1", _("a day")), ("7", _("a week")), ("30", _("a month")), ("366", _("a year"))]


class RoomForm(forms.ModelForm):  # type: ignore[type-arg]
    max_participants = forms.IntegerField(
        label=_("Most participants"),
        min_value=1,
        max_value=MAX_INTEGER,
        required=False,
        help_text=_("Empty: any number."),
    )

    class Meta:
        model = Room
        fields = ["name", "type", "max_participants", "is_private"]
        labels = {"name": _("Name of the room")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What somebody else changed since the page was shown stays as they made it.
        for field in self.fields.values():
            field.show_hidden_initial = not self.instance._state.adding

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class SectionForm(forms.Form):
    """One of several forms on a page, whose fields share names but no ids."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}_%s", **options})


class MemberForm(SectionForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), initial=RoomRole.PARTICIPANT)

    def __init__(self, *args: Any, giver: RoomRole, **options: Any) -> None:
        """Offer the roles that somebody of the role `giver` may give."""
        super().__init__(*args, **options)
        self.fields["role"].choices = [(role.value, role.label) for role in roles_below(giver)]  # type: ignore[attr-defined]


class InviteForm(SectionForm):
    role = forms.ChoiceField(label=_("Guests are"), choices=[(role.value, role.label) for role in GUEST_ROLES])
    days = forms.ChoiceField(label=_("The link works for"), choices=LIVES, initial="7")

    @property
    def expires_at(self) -> datetime:
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))


class UploadForm(SectionForm):
    file = forms.FileField(label=_("File"), allow_empty_file=True)

    def __init__(self, *args: Any, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._most = most
        self.fields["file"].help_text = _("Documents, pictures, sound, video, text, ZIP; %(size)s at most.") % {
            "size": filesizeformat(most)
        }

    def clean_file(self) -> "File[bytes]":
        """Refuse what the action would refuse, in the reader's language."""
        file: File[bytes] = self.cleaned_data["file"]
        if file.size > self._most:
            said = _("A file may have %(size)s at most; nothing was kept.")
            raise ValidationError(said, params={"size": filesizeformat(self._most)})
        return file


class DeleteForm(SectionForm):
    """Asks for the name of the room, so that nobody deletes it in passing."""

    name = forms.CharField(label=_("Name of the room"), max_length=NAME_LENGTH)

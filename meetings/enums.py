"""The fixed choices of meetings: what may be done with what was said in one, and what the invited are told."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Right(TextChoices):
    """A right to the content of one meeting: its transcript, notes and recordings."""

    VIEW = "view", _("Read and listen")
    EXPORT = "export", _("Download")
    EDIT = "edit", _("Correct lines and write notes anew")
    GRANT = "grant", _("Give rights to others")
    RECOGNISE = "recognise", _("Have it recognised anew")
    DELETE = "delete", _("Delete")


# On the wire, short for all of them.
MANAGE = "manage"
ALL_RIGHTS: tuple[str, ...] = tuple(Right.values)
# What a new meeting gives its participants, and its co-hosts.
PARTICIPANT_RIGHTS: tuple[str, ...] = (Right.VIEW, Right.EXPORT)
COHOST_RIGHTS: tuple[str, ...] = (Right.VIEW, Right.EXPORT, Right.EDIT, Right.RECOGNISE)


class InvitationKind(TextChoices):
    """What a mail tells somebody who is, or was, invited."""

    INVITED = "invited", _("Invitation")
    CHANGED = "changed", _("Change")
    REMOVED = "removed", _("No longer invited")
    OFF = "off", _("Called off")


# What takes an event out of a calendar.
CANCELLING = frozenset({InvitationKind.REMOVED, InvitationKind.OFF})

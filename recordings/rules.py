"""Who may bring recordings in."""

from accounts.models import User
from config.lib.errors import ContentClosedToAdmins
from meetings.rules import can_host


def can_import(user: User) -> bool:
    return can_host(user)


def check_import(user: User) -> None:
    """Raise ContentClosedToAdmins where `can_import` says no."""
    if not can_import(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no meetings: import with the account of a user.")

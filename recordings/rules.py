"""Who may bring recordings in."""

from accounts.rules import Person
from config.lib.errors import ContentClosedToAdmins
from meetings.rules import can_host


def can_import(user: Person) -> bool:
    return can_host(user)


def check_import(user: Person) -> None:
    """Raise ContentClosedToAdmins where `can_import` says no."""
    if not can_import(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no meetings: import with the account of a user.")

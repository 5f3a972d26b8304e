"""The fixed choices of accounts: plans, languages, kinds of sign-in, what the audit log calls an act."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Plan(TextChoices):
    ESSENTIAL = "essential", _("Essential")
    PROFESSIONAL = "professional", _("Professional")


class Language(TextChoices):
    ENGLISH = "en", "English"
    RUSSIAN = "ru", "Русский"


class SessionKind(TextChoices):
    """How long its access tokens live: long for clients that know no refresh, short for pages of other origins."""

    LONG = "long", _("Long")
    SHORT = "short", _("Short")


class EndReason(TextChoices):
    SIGNED_OUT = "signed_out", _("Signed out")
    REUSED = "reused", _("A used refresh token came back")
    PASSWORD = "password", _("The password was changed")
    DISABLED = "disabled", _("The account was disabled")
    ENDED_BY_ADMIN = "ended_by_admin", _("Ended by an administrator")


class Act(StrEnum):
    """What the audit log calls the acts of this app."""

    REGISTER = "REGISTER"
    LOGIN = "LOGIN"
    LOGOUT = "LOGOUT"
    REFRESH = "REFRESH"
    END_SESSIONS = "END-SESSIONS"
    CHANGE_PASSWORD = "CHANGE-PASSWORD"  # noqa: S105 - the name of an act
    REQUEST_RESET = "REQUEST-PASSWORD-RESET"
    RESET_PASSWORD = "RESET-PASSWORD"  # noqa: S105 - the name of an act
    UPDATE_PROFILE = "UPDATE-PROFILE"
    ADD_USER = "ADD-USER"
    UPDATE_USER = "UPDATE-USER"
    UPDATE_LIMIT = "UPDATE-LIMIT"
    ENABLE = "ENABLE-USER"
    DISABLE = "DISABLE-USER"


class Outcome(StrEnum):
    """How an audited act ended."""

    OK = "ok"
    REFUSED = "refused"
    LIMITED = "limited"

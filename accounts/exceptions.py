"""Refusals of accounts that a caller may see."""

from django.utils.translation import gettext_noop

from config.lib.errors import DomainError, NotFound


class AccountsError(DomainError):
    """Something about an account or a sign-in was refused."""


class NotAuthenticated(AccountsError):
    """The request needs a sign-in, or the one that it brings has ended."""

    code = "not_authenticated"
    status = 401


class CsrfRefused(AccountsError):
    """A page's request that changes something did not prove that it comes from our page."""

    code = "csrf_failed"
    status = 403


class BadCredentials(AccountsError):
    code = "bad_credentials"
    status = 401


class BadRefreshToken(AccountsError):
    code = "bad_refresh_token"
    status = 401


class BadResetLink(AccountsError):
    code = "bad_reset_link"
    status = 400


class EmailTaken(AccountsError):
    code = "email_taken"
    status = 409


class UsernameTaken(AccountsError):
    code = "username_taken"
    status = 409


class UsernameIsFinal(AccountsError):
    """Other systems know people by it, so that it is chosen once."""

    code = "username_is_final"
    status = 409


class RegistrationClosed(AccountsError):
    code = "registration_closed"
    status = 403


class DemoAccount(AccountsError):
    """The demo's password stands on the sign-in page, so it stays as it is."""

    code = "demo_account"
    status = 403


class InvalidFields(AccountsError):
    """Values that the account cannot hold; `fields` has the messages by field of the model, and `password`."""

    code = "invalid"
    status = 400

    def __init__(self, message: str, **fields: list[str]) -> None:
        super().__init__(message, **fields)
        self.fields = fields


class NotPermitted(AccountsError):
    code = "not_allowed"
    status = 403


class AccountNotFound(NotFound):
    """Nobody can be given anything under this id or e-mail."""

    code = "account_not_found"

    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no such account of a user."))


class FeatureNotInPlan(NotPermitted):
    """The plan of whoever hosts does not have the feature."""

    code = "feature_not_in_plan"

    def __init__(self, feature: str) -> None:
        super().__init__("The plan of the host does not have this feature.", feature=[feature])

"""Who may do what with accounts; questions only, the same for pages, REST, admin and commands."""

from collections.abc import Iterable
from typing import TypeGuard

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext_noop

from accounts.demo import DEMO_EMAIL
from accounts.exceptions import (
    AccountNotFound,
    DemoAccount,
    FeatureNotInPlan,
    NotAuthenticated,
    NotPermitted,
    RegistrationClosed,
    UsernameIsFinal,
)
from accounts.features import Feature
from accounts.models import User

Person = User | AnonymousUser


def may_sign_in(user: User) -> bool:
    """Say whether the account is in use; the demo's, whose password everybody knows, only in a demo."""
    return user.is_active and (settings.DEMO or user.email != DEMO_EMAIL)


def is_reader_account(user: Person) -> TypeGuard[User]:
    """Say whether the account may be given content at all: administrators run everything and read nothing."""
    return isinstance(user, User) and user.is_active and not user.is_staff


def is_administrator(user: Person) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active and user.is_staff


def readers(names: Iterable[str]) -> list[User]:
    """Find by ids or e-mails, in one query, the accounts of those who are to be given content.

    Raises:
        AccountNotFound: one is not there, is closed, or is an administrator's; the three are not told apart.
    """
    # NUL is the one character that PostgreSQL cannot even be asked for.
    wanted = [name.strip().lower().replace("\0", "\ufffd") for name in names]
    found = User.objects.filter(Q(pk__in=wanted) | Q(email__in=wanted))
    named = {name: user for user in found if is_reader_account(user) for name in (user.pk, user.email)}
    if not named.keys() >= {*wanted}:
        raise AccountNotFound
    return [named[name] for name in wanted]


def check_signed_in(user: Person) -> User:
    """Raises: NotAuthenticated."""
    if not isinstance(user, User):
        raise NotAuthenticated("Sign in first.")
    return user


def check_feature(host: User, feature: Feature) -> None:
    """Ask whether the plan of whoever hosts has a feature, for something new; what is there is never hidden.

    Raises:
        FeatureNotInPlan.
    """
    if not host.has_feature(feature):
        raise FeatureNotInPlan(feature)


def can_register() -> bool:
    return bool(settings.REGISTRATION_OPEN)


def check_register() -> None:
    """Raises: RegistrationClosed."""
    if not can_register():
        raise RegistrationClosed("Registration is closed here: ask an administrator for an account.")


def can_set_password(user: User) -> bool:
    """The demo's password is everybody's, and the sign-in page shows it."""
    return user.email != DEMO_EMAIL


def check_set_password(user: User) -> None:
    """Raises: DemoAccount."""
    if not can_set_password(user):
        raise DemoAccount(gettext_noop("The demo account keeps its password: make an account of your own."))


def can_choose_username(user: User) -> bool:
    """Say whether the username is still the one that was made from the e-mail."""
    return user.username_changed_at is None


def check_choose_username(user: User) -> None:
    """Raises: UsernameIsFinal."""
    if not can_choose_username(user):
        raise UsernameIsFinal(gettext_noop("A username is chosen once, and yours was."))


def can_appoint_administrators(user: Person) -> bool:
    return is_administrator(user) and user.is_superuser


def check_appoint_administrators(user: Person) -> None:
    """Raises: NotPermitted."""
    if not can_appoint_administrators(user):
        raise NotPermitted(
            gettext_noop("Only an administrator who may appoint others can make or unmake administrators.")
        )


def can_administer(user: Person, other: User) -> bool:
    """Administrators look after users; after other administrators only those who appoint them."""
    return can_appoint_administrators(user) or (is_administrator(user) and not other.is_staff)


def check_administer(user: Person, other: User) -> None:
    """Raises: NotPermitted."""
    if not can_administer(user, other):
        raise NotPermitted(
            gettext_noop("Only an administrator who may appoint others can do this to an administrator.")
        )


def check_set_active(user: Person, other: User) -> None:
    """Nobody disables themselves: an installation could be left without an administrator.

    Raises:
        NotPermitted.
    """
    check_administer(user, other)
    if user.pk == other.pk:
        raise NotPermitted(gettext_noop("You cannot disable or enable your own account."))


def can_end_sessions(user: Person, other: User) -> bool:
    return user.pk == other.pk or can_administer(user, other)


def check_end_sessions(user: Person, other: User) -> None:
    """Raises: NotPermitted."""
    if not can_end_sessions(user, other):
        check_administer(user, other)

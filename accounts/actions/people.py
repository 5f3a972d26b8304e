"""What makes and changes accounts, by their owners and by administrators."""

from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit, mail, rules
from accounts.clients import Client
from accounts.enums import Act, EndReason, Language, Outcome
from accounts.exceptions import EmailTaken, UsernameTaken
from accounts.models import User

PROFILE_FIELDS = ("first_name", "last_name", "phone_number", "country", "language")


@transaction.atomic
def register(
    *,
    email: str,
    first_name: str,
    last_name: str,
    phone_number: str,
    country: str,
    password: str,
    client: Client,
    language: str = Language.ENGLISH,
) -> User:
    """Make the account of somebody who asks for one; whoever does it is the account itself.

    Raises:
        RegistrationClosed, InvalidFields, EmailTaken.
    """
    rules.check_register()
    user = User(
        email=email.strip().lower(),
        first_name=first_name,
        last_name=last_name,
        phone_number=phone_number,
        country=country,
        language=language,
    )
    user.check_fields(["email", *PROFILE_FIELDS], password)
    user.set_password(password)
    _insert(user)
    audit.record(Act.REGISTER, by=user, resource={"userId": user.pk}, address=client.address)
    return user


@transaction.atomic
def update_profile(*, values: dict[str, str], by: User, client: Client) -> User:
    """Change one's own names, phone number, country or language, and once the username.

    Raises:
        InvalidFields, UsernameIsFinal, UsernameTaken.
    """
    user = User.objects.locked(by)
    changed = [name for name in PROFILE_FIELDS if name in values]
    if values.get("username", user.username) != user.username:
        rules.check_choose_username(user)
        user.username_changed_at = timezone.now()
        changed.append("username")
    if not changed:
        return user
    for name in changed:
        setattr(user, name, values[name])
    user.check_fields(changed)
    _save_profile(user, [*changed, "username_changed_at"])
    resource = {"userId": user.pk, "fields": changed}
    audit.record(Act.UPDATE_PROFILE, by=user, resource=resource, address=client.address)
    return user


@transaction.atomic
def set_active(*, user: User, active: bool, by: User, client: Client) -> bool:
    """Enable or disable an account, the latter with every sign-in; say whether anything changed.

    Raises:
        NotPermitted.
    """
    rules.check_set_active(by, user)
    locked = User.objects.locked(user)
    if locked.is_active == active:
        return False
    locked.is_active = active
    locked.save(update_fields=["is_active"])
    if not active:
        locked.end_sign_ins(EndReason.DISABLED)
    act = Act.ENABLE if active else Act.DISABLE
    audit.record(act, by=by, resource={"userId": user.pk}, address=client.address)
    return True


@transaction.atomic
def add_user(*, user: User, by: User, client: Client) -> User:
    """Save an account that an administrator filled in; its owner gets a link to set the password.

    Raises:
        EmailTaken.
    """
    user.email = user.email.strip().lower()
    user.set_unusable_password()
    _insert(user)
    audit.record(Act.ADD_USER, by=by, resource={"userId": user.pk}, address=client.address)
    transaction.on_commit(partial(mail.send_password_reset, user))
    return user


@transaction.atomic
def update_user(*, user: User, fields: list[str], by: User, client: Client) -> None:
    """Save what an administrator changed of an account.

    Raises:
        NotPermitted.
    """
    rules.check_administer(by, User.objects.locked(user))
    if {"is_staff", "is_superuser"} & set(fields):
        rules.check_appoint_administrators(by)
    user.save(update_fields=fields)
    resource = {"userId": user.pk, "fields": fields, **({"plan": user.plan} if "plan" in fields else {})}
    audit.record(Act.UPDATE_USER, by=by, resource=resource, address=client.address)
    if "rates" in fields:
        limits = {"userId": user.pk, "rates": user.rates}
        audit.record(Act.UPDATE_LIMIT, by=by, resource=limits, address=client.address)


@transaction.atomic
def note_attempt(*, user: User, fields: list[str], by: User, client: Client) -> None:
    """Audit that an administrator tried to change what would make them somebody else; it was not heard."""
    resource = {"userId": user.pk, "fields": fields}
    audit.record(Act.UPDATE_USER, by=by, resource=resource, outcome=Outcome.REFUSED, address=client.address)


def _insert(user: User) -> None:
    try:
        User.objects.insert(user)
    except IntegrityError as error:
        raise EmailTaken("There is already an account with this e-mail: sign in, or reset the password.") from error


def _save_profile(user: User, fields: list[str]) -> None:
    try:
        with transaction.atomic():
            user.save(update_fields=fields)
    except IntegrityError as error:
        # Nothing else of a profile is unique, and its constraints are checked before.
        raise UsernameTaken("Somebody else has this username.") from error

"""What changes accounts and sign-ins; each act commits with its audit row."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _

from accounts import audit, mail, rules, tokens
from accounts.clients import Client
from accounts.enums import Act, EndReason, Language, Outcome, SessionKind
from accounts.exceptions import BadCredentials, BadRefreshToken, BadResetLink, EmailTaken, InvalidFields
from accounts.models import LoginSession, User
from config.lib.ids import is_id

# Two tabs, or an answer lost on the way: for so long a used refresh token gives its successor once more.
REUSE_GRACE = timedelta(seconds=10)

PROFILE_FIELDS = ("first_name", "last_name", "phone_number", "country", "language")


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int


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
    _check_fields(user, ["email", *PROFILE_FIELDS], password)
    user.set_password(password)
    _insert(user)
    audit.record(Act.REGISTER, by=user, resource={"userId": user.pk}, address=client.address)
    return user


def check_credentials(*, name: str, password: str, client: Client) -> User:
    """Find who signs in with this e-mail or username; a failure is audited, and commits although this raises.

    Raises:
        BadCredentials: the same for an unknown name, a wrong password and a disabled account.
    """
    user = authenticate(None, username=name, password=password)
    if isinstance(user, User):
        return user
    # What was typed as a name is not kept: people type passwords there.
    known = User.objects.named(name)
    resource = {"userId": known.pk} if known else {}
    audit.record(Act.LOGIN, by=known, resource=resource, outcome=Outcome.REFUSED, address=client.address)
    raise BadCredentials("The e-mail or the password is wrong.")


@transaction.atomic
def start_session(*, by: User, kind: SessionKind, client: Client) -> TokenPair:
    """Begin a family of refresh tokens for somebody whose credentials were checked a moment ago.

    Raises:
        BadCredentials: the password was changed, or the account disabled, since then.
    """
    user = _lock(by)
    if user.password != by.password or not rules.may_sign_in(user):
        raise BadCredentials("The e-mail or the password is wrong.")
    session = LoginSession.objects.create(user=user, kind=kind, client=client.fingerprint)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    resource = {"userId": by.pk, "sessionId": session.pk}
    audit.record(Act.LOGIN, by=by, resource=resource, address=client.address)
    return _pair(session)


@transaction.atomic
def start_page_session(*, by: User, client: Client) -> None:
    """Audit a sign-in whose session Django keeps in a cookie."""
    audit.record(Act.LOGIN, by=by, resource={"userId": by.pk}, address=client.address)


@transaction.atomic
def end_page_session(*, by: User, client: Client) -> None:
    """Audit a sign-out of a page."""
    audit.record(Act.LOGOUT, by=by, resource={"userId": by.pk}, address=client.address)


def refresh_session(*, token: str, client: Client) -> TokenPair:
    """Exchange a refresh token for the next pair.

    Of any number of simultaneous calls one makes the successor; the others, and a repetition within the grace by the
    same client, get that same successor. Any other reuse ends the family, which commits although this raises.

    Raises:
        BadRefreshToken.
    """
    session = _rotate(tokens.read_refresh(token), client)
    if session is None:
        raise BadRefreshToken("The refresh token is no longer valid: sign in again.")
    return _pair(session)


@transaction.atomic
def _rotate(claims: tokens.RefreshClaims, client: Client) -> LoginSession | None:
    # The guard names columns of this row alone: PostgreSQL checks those again after it waited for another's update.
    guarded = LoginSession.objects.open().filter(pk=claims.session_id, generation=claims.generation)
    is_first = guarded.update(generation=claims.generation + 1, rotated_at=timezone.now(), client=client.fingerprint)
    session = LoginSession.objects.select_related("user").filter(pk=claims.session_id).first()
    if session is None or session.ended_at or not rules.may_sign_in(session.user):
        return None
    if is_first or _is_repetition(session, claims, client):
        return session
    LoginSession.objects.filter(pk=session.pk).end(EndReason.REUSED)
    resource = {"userId": session.user_id, "sessionId": session.pk}
    audit.record(Act.REFRESH, by=session.user, resource=resource, outcome=Outcome.REFUSED, address=client.address)
    return None


def _is_repetition(session: LoginSession, claims: tokens.RefreshClaims, client: Client) -> bool:
    return (
        session.generation == claims.generation + 1
        and session.client == client.fingerprint
        and timezone.now() - session.rotated_at <= REUSE_GRACE
    )


@transaction.atomic
def sign_out(*, refresh_token: str, by: User, client: Client) -> None:
    """End the family of a refresh token, also of a used one; ending it twice is ending it once.

    Raises:
        BadRefreshToken: it is no token of this user.
    """
    claims = tokens.read_refresh(refresh_token)
    if claims.user_id != by.pk:
        raise BadRefreshToken("The refresh token is not one of yours.")
    LoginSession.objects.filter(pk=claims.session_id).end(EndReason.SIGNED_OUT)
    resource = {"userId": by.pk, "sessionId": claims.session_id}
    audit.record(Act.LOGOUT, by=by, resource=resource, address=client.address)


@transaction.atomic
def end_session(*, session: LoginSession, by: User, client: Client) -> bool:
    """End one sign-in; say whether it was still open.

    Raises:
        NotPermitted.
    """
    rules.check_end_sessions(by, session.user)
    if not LoginSession.objects.filter(pk=session.pk).end(_reason(session.user, by)):
        return False
    resource = {"userId": session.user_id, "sessionId": session.pk}
    audit.record(Act.END_SESSIONS, by=by, resource=resource, address=client.address)
    return True


@transaction.atomic
def end_sessions(*, user: User, by: User, client: Client) -> bool:
    """Sign a user out everywhere: every family, and every page, of which nobody knows whether there are any.

    Raises:
        NotPermitted.
    """
    rules.check_end_sessions(by, user)
    _end_all(user, _reason(user, by))
    audit.record(Act.END_SESSIONS, by=by, resource={"userId": user.pk}, address=client.address)
    return True


def change_password(
    *, by: User, old_password: str, password: str, client: Client, keep: LoginSession | None = None
) -> User:
    """Change one's own password and end every other sign-in; a wrong old password is audited and commits.

    Page sessions end too, as they are bound to the password: the caller renews its own.

    Raises:
        DemoAccount, InvalidFields.
    """
    rules.check_set_password(by)
    if by.check_password(old_password):
        return _change_password(by, password, client, keep)
    resource = {"userId": by.pk}
    audit.record(Act.CHANGE_PASSWORD, by=by, resource=resource, outcome=Outcome.REFUSED, address=client.address)
    raise InvalidFields("The old password is wrong.", old_password=[_("The old password is wrong.")])


@transaction.atomic
def _change_password(by: User, password: str, client: Client, keep: LoginSession | None) -> User:
    user = _lock(by)
    _set_password(user, password)
    user.login_sessions.exclude(pk=keep.pk if keep else "").end(EndReason.PASSWORD)
    audit.record(Act.CHANGE_PASSWORD, by=user, resource={"userId": user.pk}, address=client.address)
    return user


@transaction.atomic
def request_password_reset(*, email: str, client: Client, by: User | None = None) -> bool:
    """Mail a reset link to the account's own address; say whether there is one that may sign in.

    Raises:
        DemoAccount: in a demo; its address is no secret.
    """
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None or not rules.may_sign_in(user):
        return False
    rules.check_set_password(user)
    audit.record(Act.REQUEST_RESET, by=by, resource={"userId": user.pk}, address=client.address)
    transaction.on_commit(partial(mail.send_password_reset, user))
    return True


@transaction.atomic
def reset_password(*, uid: str, token: str, password: str, client: Client) -> User:
    """Set a new password by a mailed link, which works once, and end every sign-in.

    Raises:
        BadResetLink, DemoAccount, InvalidFields.
    """
    # Locked before the link is checked, so that of two uses at once the second finds it spent.
    user = User.objects.select_for_update(no_key=True).filter(pk=_decoded(uid)).first()
    if user is None or not _is_good_link(user, token):
        raise BadResetLink("This link is not valid any more: ask for a new one.")
    rules.check_set_password(user)
    _set_password(user, password)
    user.login_sessions.all().end(EndReason.PASSWORD)
    audit.record(Act.RESET_PASSWORD, by=user, resource={"userId": user.pk}, address=client.address)
    return user


def is_good_reset_link(*, uid: str, token: str) -> bool:
    user = User.objects.filter(pk=_decoded(uid)).first()
    return user is not None and _is_good_link(user, token)


@transaction.atomic
def update_profile(*, values: dict[str, str], by: User, client: Client) -> User:
    """Change one's own names, phone number, country or language.

    Raises:
        InvalidFields.
    """
    user = _lock(by)
    changed = [name for name in PROFILE_FIELDS if name in values]
    for name in changed:
        setattr(user, name, values[name])
    _check_fields(user, changed)
    user.save(update_fields=changed)
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
    locked = _lock(user)
    if locked.is_active == active:
        return False
    locked.is_active = active
    locked.save(update_fields=["is_active"])
    if not active:
        _end_all(locked, EndReason.DISABLED)
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
    rules.check_administer(by, _lock(user))
    if {"is_staff", "is_superuser"} & set(fields):
        rules.check_appoint_administrators(by)
    user.save(update_fields=fields)
    resource = {"userId": user.pk, "fields": fields}
    audit.record(Act.UPDATE_USER, by=by, resource=resource, address=client.address)


def _lock(user: User) -> User:
    """Read the row anew and hold it to the end of the transaction; rows that refer to it may still be inserted."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _pair(session: LoginSession) -> TokenPair:
    lifetime = tokens.access_lifetime(session.kind)
    return TokenPair(
        access=tokens.make_access(session),
        refresh=tokens.make_refresh(session),
        expires_in=int(lifetime.total_seconds()),
    )


def _insert(user: User) -> None:
    try:
        User.objects.insert(user)
    except IntegrityError as error:
        raise EmailTaken("There is already an account with this e-mail: sign in, or reset the password.") from error


def _check_fields(user: User, fields: list[str], password: str | None = None) -> None:
    """Check these fields, and a password for this user, together, so that one answer names all that is wrong."""
    errors: dict[str, list[str]] = {}
    try:
        user.clean_fields(exclude={field.name for field in User._meta.fields} - set(fields))
    except ValidationError as error:
        errors.update(error.message_dict)
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            errors["password"] = list(error.messages)
    if errors:
        raise InvalidFields("Some fields are not valid.", **errors)


def _set_password(user: User, password: str) -> None:
    _check_fields(user, [], password)
    user.set_password(password)
    user.save(update_fields=["password", "password_changed_at"])


def _end_all(user: User, reason: EndReason) -> None:
    user.login_sessions.all().end(reason)
    User.objects.filter(pk=user.pk).update(signed_out_at=timezone.now())


def _reason(user: User, by: User) -> EndReason:
    return EndReason.SIGNED_OUT if user.pk == by.pk else EndReason.ENDED_BY_ADMIN


def _is_good_link(user: User, token: str) -> bool:
    return rules.may_sign_in(user) and default_token_generator.check_token(user, token)


def _decoded(uid: str) -> str:
    """Read the id in a link; nobody's, where it holds none."""
    try:
        decoded = urlsafe_base64_decode(uid).decode()
    except ValueError:
        return ""
    return decoded if is_id(decoded) else ""

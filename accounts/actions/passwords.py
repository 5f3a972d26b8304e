"""What changes passwords; each change ends the sign-ins that were made with the old one."""

from functools import partial

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _

from accounts import audit, mail, rules
from accounts.clients import Client
from accounts.enums import Act, EndReason, Outcome
from accounts.exceptions import BadResetLink, InvalidFields
from accounts.models import LoginSession, User
from config.lib.ids import is_id


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
    user = User.objects.locked(by)
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


def _set_password(user: User, password: str) -> None:
    user.check_fields([], password)
    user.set_password(password)
    user.save(update_fields=["password", "password_changed_at"])


def _is_good_link(user: User, token: str) -> bool:
    return rules.may_sign_in(user) and default_token_generator.check_token(user, token)


def _decoded(uid: str) -> str:
    """Read the id in a link; nobody's, where it holds none."""
    try:
        decoded = urlsafe_base64_decode(uid).decode()
    except ValueError:
        return ""
    return decoded if is_id(decoded) else ""

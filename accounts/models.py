"""The tables of accounts: users, their sign-ins, and the audit log."""

import re
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models.fields.json import KT
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.countries import code_of, validate_country
from accounts.enums import EndReason, Language, Plan, SessionKind
from accounts.exceptions import InvalidFields
from accounts.features import BY_PLAN, Feature, features_of
from accounts.rates import validate_rates
from config.lib.ids import ID_LENGTH, new_id

USERNAME_LENGTH = 64
# Leaves room in a username for the number that a collision adds.
USERNAME_STEM_LENGTH = 48
# As many characters as SMTP carries (RFC 5321).
EMAIL_LENGTH = 254
ADDRESS_LENGTH = 64


def default_plan() -> str:
    return settings.DEFAULT_PLAN


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make and save a user; without a password nobody can sign in until it has been reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        return self.insert(user)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def locked(self, user: "User") -> "User":
        """Read a row anew and hold it to the end of the transaction; rows that refer to it may still be inserted."""
        return self.select_for_update(no_key=True).get(pk=user.pk)

    def named(self, name: str) -> "User | None":
        """Find by e-mail or username; no username holds an @, so one name never means two people."""
        name = name.strip().lower()
        return self.filter(**{"email" if "@" in name else "username": name}).first()

    def insert(self, user: "User") -> "User":
        """Save a new user under the first free username made from the e-mail.

        Raises:
            IntegrityError: the e-mail is taken.
        """
        while True:
            user.username = self._free_username(user.email)
            try:
                with transaction.atomic(using=self.db):
                    user.save(using=self.db, force_insert=True)
                return user
            except IntegrityError:
                # Somebody took that name a moment ago: try the next. Any other collision is the caller's to explain.
                if not self.filter(username=user.username).exists():
                    raise

    def _free_username(self, email: str) -> str:
        stem = re.sub(r"[^a-z0-9._-]+", "-", email.partition("@")[0])[:USERNAME_STEM_LENGTH] or "user"
        taken = set(self.filter(username__startswith=stem).values_list("username", flat=True))
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}{number}"
        return name


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account; the e-mail is the login, the username the name that other systems know."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    username = models.CharField(
        _("username"),
        max_length=USERNAME_LENGTH,
        unique=True,
        help_text=_("Lower-case letters, digits, dot, underscore and hyphen."),
        validators=[
            RegexValidator(r"^[a-z0-9._-]+\Z", _("Use lower-case letters, digits, dot, underscore and hyphen only."))
        ],
    )
    # People choose another once, as other systems know them by it.
    username_changed_at = models.DateTimeField(_("username chosen"), null=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=60)
    last_name = models.CharField(_("last name"), max_length=60, blank=True)
    phone_number = models.CharField(
        _("phone number"),
        max_length=32,
        blank=True,
        validators=[
            RegexValidator(r"^[+(0-9][-+(). 0-9]{2,31}\Z", _("Enter a phone number: digits, spaces and + ( ) - ."))
        ],
    )
    # As it was given, by name or by code; `country_code` reads both.
    country = models.CharField(_("country"), max_length=60, blank=True, validators=[validate_country])
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    plan = models.CharField(_("plan"), max_length=20, choices=Plan, default=default_plan)
    rates = models.JSONField(
        _("rate limits"),
        default=dict,
        blank=True,
        help_text=_('Limits of this user alone, such as {"RATE_SUMMARY": "100/m"}; empty means the settings\'.'),
        validators=[validate_rates],
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("administrator"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    password_changed_at = models.DateTimeField(_("password changed"), default=timezone.now, editable=False)
    # Page sessions that began before this moment are void; see `get_session_auth_hash`.
    signed_out_at = models.DateTimeField(_("signed out everywhere"), null=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            # Stored in lower case, so that the plain unique index is unique whatever the case.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[a-z0-9._-]+$"), name="user_username_is_plain"
            ),
            models.CheckConstraint(condition=models.Q(plan__in=Plan.values), name="user_plan_is_known"),
            models.CheckConstraint(
                condition=models.Q(is_superuser=False) | models.Q(is_staff=True),
                name="user_superuser_is_administrator",
                violation_error_message=_("Who may appoint administrators is an administrator."),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()
        # An empty list is no value to a form, and is not validated.
        self.rates = self.rates or {}

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def roles(self) -> list[str]:
        return ["user", "admin"] if self.is_staff else ["user"]

    @property
    def permissions(self) -> list[str]:
        """Say what the account may do beyond what concerns it alone; the server asks its rules and not the token."""
        if not self.is_staff:
            return ["own_rooms", "host_meetings"]
        return ["manage_users", "manage_storage", *(["appoint_administrators"] if self.is_superuser else [])]

    @property
    def country_code(self) -> str:
        return code_of(self.country)

    @property
    def features(self) -> list[str]:
        return features_of(self.plan)

    def has_feature(self, feature: Feature) -> bool:
        return feature in BY_PLAN[self.plan]

    def check_fields(self, names: Collection[str], password: str | None = None) -> None:
        """Check these fields, and a password for this user, together, so that one answer names all that is wrong.

        Raises:
            InvalidFields.
        """
        errors: dict[str, list[str]] = {}
        try:
            self.clean_fields(exclude={field.name for field in self._meta.fields} - set(names))
        except ValidationError as error:
            errors.update(error.message_dict)
        if password is not None:
            try:
                validate_password(password, self)
            except ValidationError as error:
                errors["password"] = list(error.messages)
        if errors:
            raise InvalidFields("Some fields are not valid.", **errors)

    def end_sign_ins(self, reason: EndReason) -> None:
        """End every family of tokens, and every page session, of which nobody knows whether there are any."""
        self.login_sessions.all().end(reason)
        User.objects.filter(pk=self.pk).update(signed_out_at=timezone.now())

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()

    def get_session_auth_hash(self) -> str:
        """Bind page sessions to the password and to the last time that all of them were ended."""
        ended = self.signed_out_at.isoformat() if self.signed_out_at else ""
        return salted_hmac("accounts.page_session", f"{self.password}\n{ended}", algorithm="sha256").hexdigest()


class LoginSessionQuerySet(models.QuerySet["LoginSession"]):
    def open(self) -> "LoginSessionQuerySet":
        return self.filter(ended_at=None)

    def end(self, reason: EndReason) -> int:
        """End those that are still open; say how many that were."""
        return self.open().update(ended_at=timezone.now(), end_reason=reason)


class LoginSession(models.Model):
    """One sign-in of an API client: the family of all the refresh tokens that follow from it."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    kind = models.CharField(_("kind"), max_length=8, choices=SessionKind, default=SessionKind.LONG)
    client = models.CharField(_("client"), max_length=64, help_text=_("A hash of address and user agent."))
    generation = models.PositiveIntegerField(_("refreshes"), default=0)
    created_at = models.DateTimeField(_("began"), default=timezone.now)
    rotated_at = models.DateTimeField(_("last refresh"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("reason"), max_length=20, choices=EndReason, blank=True)

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | models.Q(ended_at__isnull=False, end_reason__in=EndReason.values),
                name="login_session_end_has_reason",
            ),
        ]
        indexes = [
            models.Index("user", condition=models.Q(ended_at=None), name="login_session_open"),
        ]

    def __str__(self) -> str:
        return self.id


class AuditEvent(models.Model):
    """Who did what to what, when and from where; `seq` and `mac` are set once, by the sealer."""

    id = models.CharField(max_length=ID_LENGTH, primary_key=True, default=new_id, editable=False)
    # No foreign key: the log outlives the accounts that it speaks of.
    user_id = models.CharField(_("user"), max_length=ID_LENGTH, null=True)  # noqa: DJ001 - null is nobody
    action = models.CharField(_("action"), max_length=40)
    resource = models.JSONField(_("resource"), default=dict)
    at = models.DateTimeField(_("at"), default=timezone.now)
    address = models.CharField(_("address"), max_length=ADDRESS_LENGTH, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20)
    seq = models.PositiveBigIntegerField(_("place in the chain"), null=True, unique=True)
    mac = models.CharField(_("seal"), max_length=64, null=True)  # noqa: DJ001 - null is not sealed yet

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seq=None, mac=None) | models.Q(seq__isnull=False, mac__isnull=False),
                name="audit_event_is_sealed_whole",
            ),
        ]
        indexes = [
            models.Index("id", condition=models.Q(seq=None), name="audit_event_unsealed"),
            models.Index(fields=["user_id", "-at"], name="audit_event_by_user"),
            models.Index(KT("resource__userId"), models.F("at").desc(), name="audit_event_by_owner"),
            models.Index(fields=["-at"], name="audit_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.outcome}"

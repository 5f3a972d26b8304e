"""The forms of the account pages; what is valid is decided by the actions, for pages and REST alike."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import countries, rules
from accounts.enums import Language
from accounts.exceptions import InvalidFields
from accounts.models import EMAIL_LENGTH, USERNAME_LENGTH, User

PASSWORD_LENGTH = 256


def _password(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=PASSWORD_LENGTH, strip=False, widget=widget, **options)


def _text(
    label: Any, autocomplete: str, max_length: int, *, required: bool = True, help_text: Any = "", **attributes: str
) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attributes})
    return forms.CharField(label=label, max_length=max_length, widget=widget, required=required, help_text=help_text)


def _countries() -> list[tuple[str, str]]:
    return [("", "—"), *countries.choices(get_language() or settings.LANGUAGE_CODE)]


def _country(**options: Any) -> forms.ChoiceField:
    widget = forms.Select(attrs={"autocomplete": "country"})
    return forms.ChoiceField(label=_("Country"), choices=_countries, widget=widget, **options)


def _email() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"), max_length=EMAIL_LENGTH, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class ActionForm(forms.Form):
    """A form whose action may find more that is wrong than the form could."""

    def add_refusal(self, error: InvalidFields) -> None:
        for name, texts in error.fields.items():
            self.add_error(name, texts)


class SignInForm(forms.Form):
    username = _text(_("E-mail or username"), "username", 254, autocapitalize="none", spellcheck="false")
    password = _password(_("Password"), "current-password")


class RegisterForm(ActionForm):
    email = _email()
    first_name = _text(_("First name"), "given-name", 60)
    last_name = _text(_("Last name"), "family-name", 60)
    phone_number = _text(_("Phone number"), "tel", 32, inputmode="tel")
    country = _country()
    password = _password(
        _("Password"), "new-password", help_text=_("At least 8 characters, and not a common password.")
    )

    def clean(self) -> None:
        """Find what the action would, where it is not reached, so that one answer names all that is wrong."""
        if not self.errors:
            return
        given = {**self.cleaned_data}
        password = given.pop("password", None)
        try:
            User(**given).check_fields(given, password)
        except InvalidFields as error:
            self.add_refusal(error)


class ProfileForm(ActionForm):
    first_name = _text(_("First name"), "given-name", 60)
    last_name = _text(_("Last name"), "family-name", 60, required=False)
    phone_number = _text(_("Phone number"), "tel", 32, required=False, inputmode="tel")
    country = _country(required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    username = _text(
        _("Username"),
        "username",
        USERNAME_LENGTH,
        help_text=_(
            "Other systems know you by it, and you can sign in with it. It can be chosen once: lower-case letters, "
            "digits, dot, underscore and hyphen."
        ),
        autocapitalize="none",
        spellcheck="false",
    )

    def __init__(self, data: Any, *, user: User) -> None:
        """Make the form of a user's own profile; the username is in it while it can be chosen."""
        names = ("first_name", "last_name", "phone_number", "language", "username")
        super().__init__(data, initial={**{name: getattr(user, name) for name in names}, "country": user.country_code})
        if not rules.can_choose_username(user):
            del self.fields["username"]

    def changes(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class PasswordChangeForm(ActionForm):
    old_password = _password(_("Old password"), "current-password")
    password = _password(
        _("New password"), "new-password", help_text=_("At least 8 characters, and not a common password.")
    )


class PasswordResetForm(forms.Form):
    email = _email()


class PasswordResetConfirmForm(ActionForm):
    password = _password(
        _("New password"), "new-password", help_text=_("At least 8 characters, and not a common password.")
    )

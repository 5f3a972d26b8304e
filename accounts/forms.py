"""The forms of the account pages; what is valid is decided by the actions, for pages and REST alike."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import InvalidFields

PASSWORD_LENGTH = 256


def _password(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=PASSWORD_LENGTH, strip=False, widget=widget, **options)


def _text(label: Any, autocomplete: str, max_length: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, **attributes})
    return forms.CharField(label=label, max_length=max_length, widget=widget)


def _email() -> forms.EmailField:
    return forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))


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
    country = _text(_("Country"), "country-name", 60)
    password = _password(
        _("Password"), "new-password", help_text=_("At least 8 characters, and not a common password.")
    )


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

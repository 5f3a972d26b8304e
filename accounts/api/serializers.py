"""What the account calls take and give, in the names that existing clients use."""

from typing import Any, TypedDict

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.actions import TokenPair
from accounts.enums import Language, SessionKind
from accounts.models import EMAIL_LENGTH, USERNAME_LENGTH, User
from config.lib.fields import TextField, WireSerializer

# Long enough for any passphrase, short enough to cost the hasher nothing.
PASSWORD_LENGTH = 256


class PasswordField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=PASSWORD_LENGTH, trim_whitespace=False, **options)


@extend_schema_field({"type": "string", "pattern": "^[+(0-9][-+(). 0-9]{2,31}$"})
class PhoneField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(source="phone_number", max_length=32, **options)


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": 60,
        "description": "A country by its English name, or by its ISO 3166 code of two or three letters.",
    }
)
class CountryField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)


class RegisterSerializer(WireSerializer):
    email = serializers.EmailField(max_length=EMAIL_LENGTH)
    fName = TextField(source="first_name", max_length=60)
    lName = TextField(source="last_name", max_length=60)
    phoneNumber = PhoneField()
    country = CountryField()
    password = PasswordField(help_text="At least 8 characters; not a common password, and not much like the name.")


class LoginSerializer(WireSerializer):
    userName = TextField(source="name", max_length=EMAIL_LENGTH)
    password = PasswordField()
    session = serializers.ChoiceField(source="kind", choices=SessionKind.choices, default=SessionKind.LONG)


class RefreshSerializer(WireSerializer):
    refreshToken = TextField(source="token", max_length=4096)


class ProfileSerializer(WireSerializer):
    fName = TextField(source="first_name", max_length=60, required=False)
    lName = TextField(source="last_name", max_length=60, required=False)
    phoneNumber = PhoneField(required=False)
    country = CountryField(required=False)
    language = serializers.ChoiceField(choices=Language.choices, required=False)
    username = TextField(
        max_length=USERNAME_LENGTH,
        validators=[RegexValidator("^[a-z0-9._-]+$")],
        required=False,
        help_text="Chosen once: other systems know the user by it.",
    )


class PasswordChangeSerializer(WireSerializer):
    oldPassword = PasswordField(source="old_password")
    newPassword = PasswordField(source="password")


class PasswordResetSerializer(WireSerializer):
    email = serializers.EmailField(max_length=EMAIL_LENGTH)


class PasswordResetConfirmSerializer(WireSerializer):
    uid = TextField(max_length=64)
    token = TextField(max_length=128)
    newPassword = PasswordField(source="password")


class RegisteredUser(TypedDict):
    fName: str
    lName: str
    email: str
    _id: str


class SignedInUser(RegisteredUser):
    username: str
    roles: list[str]
    plan: str


class Profile(SignedInUser):
    phoneNumber: str
    country: str
    countryCode: str
    language: str
    features: list[str]


class Tokens(TypedDict):
    token: str
    refreshToken: str
    expiresIn: int


class SignIn(Tokens):
    user: SignedInUser


def registered_user(user: User) -> RegisteredUser:
    return {"fName": user.first_name, "lName": user.last_name, "email": user.email, "_id": user.pk}


def signed_in_user(user: User) -> SignedInUser:
    return {**registered_user(user), "username": user.username, "roles": user.roles, "plan": user.plan}


def profile(user: User) -> Profile:
    return {
        **signed_in_user(user),
        "phoneNumber": user.phone_number,
        "country": user.country,
        "countryCode": user.country_code,
        "language": user.language,
        "features": user.features,
    }


def token_pair(pair: TokenPair) -> Tokens:
    return {"token": pair.access, "refreshToken": pair.refresh, "expiresIn": pair.expires_in}

"""How Django finds who signs in: by e-mail or username, and administrators hold every permission of the admin."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts import rules
from accounts.models import User


class EmailOrUsername(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Find the user with this name and password; an unknown name costs the hasher as much as a known one."""
        if username is None or password is None:
            return None
        user = User.objects.named(username)
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return isinstance(user, User) and rules.may_sign_in(user)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Answer for the admin: every administrator works there, and its pages hold no content."""
        return rules.is_administrator(user_obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return rules.is_administrator(user_obj)

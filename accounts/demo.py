"""The demo's account; its password stands on the sign-in page, so it works in demo mode only."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.enums import Plan
from accounts.models import User

DEMO_EMAIL = "demo@tertulia.example"
DEMO_PASSWORD = "three-voices-two-minutes"  # noqa: S105 - shown to everybody who opens a demo


def ensure_demo_user() -> User:
    """Find or make the demo's user.

    Raises:
        ImproperlyConfigured: this is no demo.
    """
    if not settings.DEMO:
        raise ImproperlyConfigured("The demo user is made only where DEMO is True.")
    user = User.objects.filter(email=DEMO_EMAIL).first()
    # Whatever DEFAULT_PLAN says: the demo is of a transcript.
    plan = Plan.PROFESSIONAL
    return user or User.objects.create_user(DEMO_EMAIL, DEMO_PASSWORD, first_name="Demo", last_name="User", plan=plan)


def demo_sign_in() -> dict[str, str] | None:
    """Give what the sign-in page shows in demo mode."""
    return {"email": DEMO_EMAIL, "password": DEMO_PASSWORD} if settings.DEMO else None

"""The addresses of rooms, as they are sent to people."""

from django.conf import settings


def join_url(room_id: str, *, invite: str = "") -> str:
    """Give the page of a room; with the secret of an invitation it lets people without an account in."""
    page = f"{settings.PUBLIC_URL}/r/{room_id}"
    return f"{page}?invite={invite}" if invite else page

"""What changes accounts and sign-ins; each act commits with its audit row."""

from accounts.actions.passwords import change_password, is_good_reset_link, request_password_reset, reset_password
from accounts.actions.people import add_user, note_attempt, register, set_active, update_profile, update_user
from accounts.actions.sign_ins import (
    REUSE_GRACE,
    TokenPair,
    check_credentials,
    end_page_session,
    end_session,
    end_sessions,
    refresh_session,
    sign_out,
    start_page_session,
    start_session,
)

__all__ = [
    "REUSE_GRACE",
    "TokenPair",
    "add_user",
    "change_password",
    "check_credentials",
    "end_page_session",
    "end_session",
    "end_sessions",
    "is_good_reset_link",
    "note_attempt",
    "refresh_session",
    "register",
    "request_password_reset",
    "reset_password",
    "set_active",
    "sign_out",
    "start_page_session",
    "start_session",
    "update_profile",
    "update_user",
]

"""Who may have whose sessions counted."""

from accounts.models import User
from accounts.rules import check_feature, is_administrator
from config.lib.errors import NotAllowed


def host_for(user: User, wanted: str) -> str:
    """Give the host whose sessions `user` gets: their own; administrators get those of whom they want, or of all: "".

    Raises:
        config.lib.errors.NotAllowed: the sessions wanted are another user's.
        accounts.exceptions.FeatureNotInPlan.
    """
    if is_administrator(user):
        return wanted
    if wanted not in ("", user.pk):
        raise NotAllowed("You can have reports of your own sessions only.")
    check_feature(user, "analytics")
    return user.pk

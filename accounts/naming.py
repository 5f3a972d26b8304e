"""Finding those whom somebody names, without telling everybody who has an account."""

from collections.abc import Collection
from functools import partial

from accounts import limits, rules, trail
from accounts.exceptions import AccountNotFound
from accounts.models import User


def readers(names: Collection[str], *, by: User) -> list[User]:
    """Find accounts as `rules.readers`, and count the times when a name was nobody's: after too many none is looked up.

    Call it outside of transactions.

    Raises:
        AccountNotFound; config.lib.errors.RateLimited.
    """
    count = partial(limits.check, "RATE_UNKNOWN_NAME", by=by, address=trail.current().address)
    count(calls=0)
    try:
        return rules.readers(names)
    except AccountNotFound:
        count()
        raise

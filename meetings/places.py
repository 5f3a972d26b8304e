"""Where somebody is: by their address where a MaxMind database is configured, else by the country of their account."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geoip2.database
from django.conf import settings
from geoip2.errors import AddressNotFoundError
from maxminddb import InvalidDatabaseError

from accounts.countries import code_of, name_of
from meetings.occupancy import PLACE_LENGTH

log = logging.getLogger("tertulia.places")


@dataclass(frozen=True)
class Place:
    """Names in English; what is unknown is empty."""

    country_code: str = ""
    country_name: str = ""
    region: str = ""
    city: str = ""


def place_of(address: str, *, country: str) -> Place:
    """Find the place of an address; where it is unknown, that of the account, of which only the country is."""
    return _by_address(address) or _place(code_of(country))


def _by_address(address: str) -> Place | None:
    if not settings.GEOIP_PATH or not address:
        return None
    path = Path(settings.GEOIP_PATH)
    try:
        found = _reader(path, path.stat().st_mtime_ns).city(address)
    except (AddressNotFoundError, ValueError):
        return None
    except (OSError, InvalidDatabaseError, TypeError) as error:
        # TypeError: it knows no cities. Nobody is kept out of a room because its place cannot be told.
        log.warning("GEOIP_PATH cannot be read: %s", type(error).__name__)
        return None
    code = found.country.iso_code
    return _place(code, found.subdivisions.most_specific.name, found.city.name) if code else None


@lru_cache(maxsize=1)
def _reader(path: Path, changed_at: int) -> geoip2.database.Reader:
    """Open the database, anew when it was replaced by a newer one."""
    return geoip2.database.Reader(path, locales=["en"])


def _place(code: str, region: str | None = None, city: str | None = None) -> Place:
    return Place(code, name_of(code), (region or "")[:PLACE_LENGTH], (city or "")[:PLACE_LENGTH])

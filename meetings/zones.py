"""The time zones in which a meeting may be planned, and times written in them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from django.utils.formats import date_format

# Places and UTC; the abbreviations beside them are old names of the same.
ZONES: list[str] = sorted(name for name in available_timezones() if "/" in name or name == "UTC")


def in_zone(moment: datetime, zone: str) -> datetime:
    """Give a time as clocks in a zone show it; the first and last days that there are have no other zone than UTC."""
    try:
        return moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        return moment.astimezone(UTC)


def written(moment: datetime | None, zone: str) -> str:
    """Write a time of a zone in the present language; nothing for none."""
    return date_format(in_zone(moment, zone), "DATETIME_FORMAT") if moment else ""

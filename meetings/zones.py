"""The time zones in which a meeting may be planned."""

from zoneinfo import available_timezones

# Places and UTC; the abbreviations beside them are old names of the same.
ZONES: list[str] = sorted(name for name in available_timezones() if "/" in name or name == "UTC")

"""Times as they go out: ISO 8601 in UTC with milliseconds, and clock readings of a recording."""

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """Write `2025-10-14T13:08:09.559Z`; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(milliseconds: int) -> str:
    """Write a reading as MM:SS, with H:MM:SS from an hour on."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"

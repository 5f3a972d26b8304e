"""Times as they go out: ISO 8601 in UTC with milliseconds, and clock readings of a recording."""

from datetime import UTC, datetime

from config.lib.errors import DomainError


def iso(moment: datetime | None) -> str | None:
    """Write `2025-10-14T13:08:09.559Z`; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str, field: str) -> datetime | None:
    """Read ISO 8601, taken as UTC where it names no zone, or epoch milliseconds; nothing for an empty text.

    Raises:
        InvalidMoment.
    """
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        raise InvalidMoment(field) from error


def read_moment(said: str | float) -> datetime:
    """Read ISO 8601 or epoch milliseconds, these as a number or in digits; what comes out is in UTC.

    Raises:
        ValueError.
    """
    try:
        if isinstance(said, str) and not (said.isascii() and said.isdigit()):
            moment = datetime.fromisoformat(said)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(said) / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError from error


class InvalidMoment(DomainError):
    """A time is neither ISO 8601 nor epoch milliseconds."""

    code = "invalid"

    def __init__(self, field: str) -> None:
        said = f"The field {field} must be a time as 2025-10-14T13:08:09.559Z or epoch milliseconds."
        super().__init__(said, **{field: [said]})


def clock(milliseconds: int) -> str:
    """Write a reading as MM:SS, with H:MM:SS from an hour on."""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"

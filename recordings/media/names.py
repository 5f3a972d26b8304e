"""What the name of an uploaded file may be, and what it promises."""

import mimetypes
from typing import Final

from recordings.exceptions import BadFileName

LONGEST_NAME: Final = 200  # characters; most file systems take 255 bytes
# Names of containers that can hold sound, though their type is called an application.
MEDIA_APPLICATIONS: Final = {"application/octet-stream", "application/ogg", "application/mxf"}
# Only the types that Python itself knows: what the machine's own lists say differs from place to place.
TYPES: Final = mimetypes.MimeTypes()


def check_file_name(name: str) -> None:
    """Raises: BadFileName."""
    if not name.strip():
        raise BadFileName("The file has no name: give it one and send it again.")
    if len(name) > LONGEST_NAME:
        raise BadFileName(f"The file's name is longer than {LONGEST_NAME} characters: rename it and send it again.")
    if "/" in name or "\\" in name or name.startswith("."):
        raise BadFileName(
            "A file's name may not contain “/” or “\\”, nor begin with a dot: rename it and send it again."
        )
    if not name.isprintable():
        raise BadFileName("The file's name contains invisible characters: rename it and send it again.")


def is_named_like_something_else(name: str) -> bool:
    """Say whether the ending belongs to something that is no sound and no video; unknown endings belong to nothing."""
    promised, packing = TYPES.guess_type(f"file:{name}")
    if packing is not None:
        return True
    return promised is not None and not promised.startswith(("audio/", "video/")) and promised not in MEDIA_APPLICATIONS

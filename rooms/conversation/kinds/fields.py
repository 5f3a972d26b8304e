"""The fields that payloads share, with their limits."""

from typing import Annotated

import msgspec

from rooms.realtime.protocol import MAX_REF

Id = str
Ref = Annotated[str, msgspec.Meta(max_length=MAX_REF)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
Label = Annotated[str, msgspec.Meta(max_length=200)]
# Of a user, or of a guest: `g_` and an id.
Person = Annotated[str, msgspec.Meta(min_length=1, max_length=26)]
Reason = Annotated[str, msgspec.Meta(max_length=500)]

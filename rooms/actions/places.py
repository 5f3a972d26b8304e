"""Making, changing and deleting rooms."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from config.lib import facts, keys
from rooms import rules
from rooms.exceptions import InvalidRoom
from rooms.models import Room


@transaction.atomic
def create(*, values: Mapping[str, Any], by: User) -> Room:
    """Make a room of `by`, with its data key, from the values of its fields.

    Raises:
        ContentClosedToAdmins: an administrator would own it.
        InvalidRoom: a value cannot be taken.
    """
    rules.check_own(by)
    room = Room(owner=by, **values)
    _save(room)
    audit.record("CREATE-ROOM", by=by, resource={"roomId": room.pk})
    # Last, so that whatever fails in here leaves no key.
    keys.create(room.pk)
    return room


@transaction.atomic
def update(*, room: Room, values: Mapping[str, Any], by: User) -> Room:
    """Change fields of a room.

    Raises:
        InvalidRoom, RoomNotFound.
    """
    row = Room.objects.locked(room.pk)
    for name, value in values.items():
        setattr(row, name, value)
    _save(row)
    resource = {"roomId": row.pk, "fields": sorted(values)}
    audit.record("UPDATE-ROOM", by=by, resource=resource)
    return row


@transaction.atomic
def delete(*, room: Room, by: User) -> None:
    """Delete a room with everything in it; meetings that were held there stay, and one that runs there ends.

    The key goes before the commit, so that a room that is gone has none. Where the commit fails after all, the room
    stands without what was in it, and can be deleted again.
    """
    row = Room.objects.locked(room.pk)
    stored = [file.stored_name for file in row.files.only("id", "room_id")]
    audit.record("DELETE-ROOM", by=by, resource={"roomId": room.pk, "files": len(stored)})
    facts.state("room_deleted", room=row)
    row.delete()
    keys.destroy(room.pk)
    for name in stored:
        transaction.on_commit(partial(default_storage.delete, name))


def _save(room: Room) -> None:
    room.name = " ".join(room.name.split())
    try:
        room.full_clean(exclude=["owner"])
    except ValidationError as error:
        raise InvalidRoom(gettext_noop("The room cannot be like this."), **error.message_dict) from error
    room.save()

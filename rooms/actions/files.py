"""Files of rooms: taking them in, handing them out, deleting them."""

from functools import partial
from itertools import count, islice

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Sum

from accounts import audit
from accounts.models import User
from config.lib import files
from config.lib.staging import StagedFile
from rooms import filetypes, reading, rules, scanning
from rooms.exceptions import EmptyFile, FileTooLarge, RoomFileNotFound, RoomFilesFull
from rooms.models import DOCUMENTS, Room, RoomFile
from rooms.names import file_name, numbered
from rooms.reading import FileNames, NamedFile

# As many names are looked up at once while a free one is sought.
_TRIED = 50


def take_in(*, room: Room, staged: StagedFile, by: User) -> NamedFile:
    """Keep a file that lies on this disk, under the first free name of its own.

    What can be refused is refused first. The file is moved into storage next, then its row is committed; when anything
    fails, both are gone.

    Raises:
        RoomNotFound, NotAllowed, FeatureNotInPlan: as `rules.check_upload`.
        EmptyFile, FileTooLarge, RoomFilesFull, TypeNotAllowed, TypeMismatch, InfectedFile, ScannerUnavailable.
        config.lib.keystore.KeyMissing: the content of the room was destroyed.
    """
    rules.check_upload(by, room)
    if staged.size == 0:
        raise EmptyFile
    if staged.size > rules.most_bytes(room):
        raise FileTooLarge(rules.most_bytes(room))
    name = file_name(staged.file_name)
    row = RoomFile(room=room, uploaded_by=by, size=staged.size, sha256=staged.sha256)
    row.content_type = filetypes.content_type_of(name, staged.path)
    scanning.check(staged.path)
    committed: list[bool] = []
    try:
        files.keep(staged.path, row.stored_name)
        with transaction.atomic():
            # Whatever goes wrong after the commit came too late.
            transaction.on_commit(lambda: committed.append(True))
            return _insert(row, name, by)
    except BaseException:
        if not committed:
            default_storage.delete(row.stored_name)
        raise


def _insert(row: RoomFile, wanted: str, by: User) -> NamedFile:
    # The lock lets two files of one name take two names, and not both the last space.
    room = Room.objects.locked(row.room_id)
    kept = room.files.aggregate(bytes=Sum("size"))["bytes"] or 0
    if kept + row.size > settings.ROOM_FILES_MAX_BYTES:
        raise RoomFilesFull
    names = FileNames(room.pk)
    name, row.name_token = _free_name(room, names, wanted)
    row.name = names.seal(name, file_id=row.pk, field=reading.NAME)
    row.original_name = names.seal(wanted, file_id=row.pk, field=reading.ORIGINAL_NAME)
    row.save()
    audit.record("UPLOAD", by=by, resource={"roomId": room.pk, "fileId": row.pk})
    return NamedFile(row, name, wanted)


def _free_name(room: Room, names: FileNames, wanted: str) -> tuple[str, str]:
    """Give the first name that no file of the room has, with its token."""
    candidates = map(partial(numbered, wanted), count(1))
    while True:
        tried = {names.token(name): name for name in islice(candidates, _TRIED)}
        taken = {*RoomFile.objects.filter(room=room, name_token__in=tried).values_list("name_token", flat=True)}
        free = next((token for token in tried if token not in taken), None)
        if free is not None:
            return tried[free], free


def note_reading(*, room: Room, file: RoomFile | None = None, by: User) -> None:
    """Put into the audit log that somebody saw the list of files, or one of them."""
    resource = {"roomId": room.pk, **({"fileId": file.pk} if file else {"content": "files"})}
    audit.record_once("GET", by=by, resource=resource)


@transaction.atomic
def delete(*, room: Room, file: RoomFile, by: User) -> None:
    """Delete one file.

    Raises:
        config.lib.errors.NotAllowed: it is neither of `by` nor in a room where they are a host.
        RoomFileNotFound: somebody else was faster.
    """
    rules.check_delete_file(by, room, file)
    _delete(file, by)


@transaction.atomic
def delete_all(*, room: Room, by: User) -> int:
    """Delete every file of the room; say how many that were.

    Raises:
        config.lib.errors.NotAllowed: `by` is no host there.
    """
    rules.check_delete_files(by, room)
    found = list(Room.objects.locked(room.pk).files.all())
    for file in found:
        _delete(file, by)
    return len(found)


def _delete(file: RoomFile, by: User) -> None:
    audit.record("DELETE", by=by, resource={"roomId": file.room_id, "fileId": file.pk})
    if not RoomFile.objects.filter(pk=file.pk).delete()[0]:
        raise RoomFileNotFound
    transaction.on_commit(partial(default_storage.delete, file.stored_name))


def remove_orphans() -> int:
    """Remove stored files that no row names, left by a kill between storing and committing; say how many."""
    named = {file.stored_name for file in RoomFile.objects.only("id", "room_id").iterator(chunk_size=2000)}
    return files.remove_orphans(named, DOCUMENTS)

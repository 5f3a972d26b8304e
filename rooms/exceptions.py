"""What can be refused about rooms."""

from django.utils.translation import gettext_noop

from config.lib.errors import DomainError, NotAllowed, NotFound


class RoomsError(DomainError):
    """Base of this app's refusals."""


class RoomNotFound(NotFound):
    """There is no such room, or it is not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no such room."))


class InvalidRoom(RoomsError):
    """A room cannot be as it was described; the facts say why, by field of the model."""

    code = "invalid_room"


class WrongName(RoomsError):
    """The name that confirms a deletion is another one."""

    code = "wrong_name"

    def __init__(self) -> None:
        super().__init__(gettext_noop("This is not the name of the room: nothing was deleted."))


class RoomFull(RoomsError):
    """As many people are there as the room takes."""

    code = "room_full"
    status = 409
    temporary = True

    def __init__(self) -> None:
        super().__init__(gettext_noop("The room is full: try again when somebody has left."))


class LobbyFull(RoomsError):
    """As many wait before the door as may."""

    code = "lobby_full"
    status = 409
    temporary = True

    def __init__(self) -> None:
        super().__init__(gettext_noop("Too many people wait before this room: try again in a few minutes."))


class MemberNotFound(NotFound):
    """The person does not belong to the room, or owns it."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no such member of the room."))


class RoleNotHeld(NotAllowed):
    """People appoint and dismiss only those who have fewer rights than themselves."""

    code = "role_not_held"

    def __init__(self) -> None:
        super().__init__(gettext_noop("You can give and take only roles below your own."))


class InviteNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no such invitation to the room."))


class InvalidExpiry(RoomsError):
    """An invitation must end, some time after now."""

    code = "invalid_expiry"


class BadInvite(NotAllowed):
    """The invitation is unknown, revoked, over, or for another room; the causes are not told apart."""

    code = "bad_invite"

    def __init__(self) -> None:
        super().__init__("This invitation does not open the room: ask its host for a new one.")


class NameNeeded(RoomsError):
    """A guest is to be called something."""

    code = "invalid"

    def __init__(self) -> None:
        said = "Say what you want to be called."
        super().__init__(said, name=[said])


class TicketNotFound(NotFound):
    """Nobody asks to be let in under this id."""

    def __init__(self) -> None:
        super().__init__(gettext_noop("Nobody waits under this id."))


class BadTicket(NotAllowed):
    """The ticket is unknown, somebody else's, or too old."""

    code = "bad_ticket"

    def __init__(self) -> None:
        super().__init__("This request to be let in is over: ask again.")


class RoomLocked(NotAllowed):
    """A host lets nobody new in while the meeting runs."""

    code = "room_locked"

    def __init__(self) -> None:
        super().__init__(gettext_noop("The room is locked: nobody new comes in while the meeting runs."))


class Removed(NotAllowed):
    """A host put the person out; it lasts as long as the meeting."""

    code = "removed"

    def __init__(self) -> None:
        super().__init__(gettext_noop("The host put you out of this meeting."))


class Refused(NotAllowed):
    """A host looked at the request to be let in, and said no."""

    code = "refused"

    def __init__(self) -> None:
        super().__init__(gettext_noop("The host of the room did not let you in."))


class BadRoomToken(RoomsError):
    code = "bad_room_token"
    status = 401


class RoomFileNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__(gettext_noop("There is no such file in the room."))


class CallNotFound(NotFound):
    """Nothing rings under this id, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("This call is over.")


class AlreadyRinging(RoomsError):
    """The caller rings this person up already."""

    code = "already_ringing"
    status = 409
    temporary = True

    def __init__(self) -> None:
        super().__init__("You ring this person up already.")


class InvalidRoomId(RoomsError):
    """Where the contract wants a malformed id told apart from an unknown one."""

    code = "invalid"

    def __init__(self) -> None:
        super().__init__("The id of a room has 24 lower-case hex digits.")


class NoFile(RoomsError):
    """An upload brought no file."""

    code = "no_file"

    def __init__(self) -> None:
        super().__init__(gettext_noop("Choose one file."))


class TooManyFiles(RoomsError):
    """An upload brought more than one file."""

    code = "too_many_files"

    def __init__(self) -> None:
        super().__init__("Send one file at a time; nothing was kept.")


class EmptyFile(RoomsError):
    """The file has no bytes."""

    code = "empty_file"

    def __init__(self) -> None:
        super().__init__(gettext_noop("The file is empty: choose another one."))


class FileTooLarge(RoomsError):
    """The file has more bytes than the plan of the room's owner allows for one."""

    code = "file_too_large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"A file may have {limit / 2**20:.0f} MiB at most; nothing was kept.")


class RoomFilesFull(RoomsError):
    """All files of a room together would have more bytes than it takes."""

    code = "room_files_full"
    status = 413

    def __init__(self) -> None:
        super().__init__(gettext_noop("The room has no space left for this file: delete others first."))


class TypeNotAllowed(RoomsError):
    """Files of this kind are not kept in rooms."""

    code = "type_not_allowed"
    status = 415

    def __init__(self) -> None:
        super().__init__(
            gettext_noop("Files of this kind are not taken: send documents, pictures, sound, video, text, ZIP.")
        )


class TypeMismatch(RoomsError):
    """The file is not what the ending of its name says."""

    code = "type_mismatch"
    status = 415

    def __init__(self) -> None:
        super().__init__(gettext_noop("The file is not what its ending says: rename it and send it again."))


class InfectedFile(RoomsError):
    """The virus scanner knows the file."""

    code = "infected_file"
    status = 415

    def __init__(self) -> None:
        super().__init__(gettext_noop("The virus scanner found something in this file; nothing was kept."))


class ScannerUnavailable(RoomsError):
    """Files are to be scanned, and the scanner does not answer, or not about this file."""

    code = "scanner_unavailable"
    status = 503
    temporary = True

    def __init__(self) -> None:
        super().__init__(gettext_noop("The virus scanner does not answer; nothing was kept. Try again in a minute."))

"""What can go wrong between a recording and its transcript."""

from config.lib.errors import DomainError


class TranscriptsError(DomainError):
    """The base of this app's refusals."""


class UnknownSpeechEngine(TranscriptsError):
    """The settings name an engine that is not built in."""

    code = "unknown_speech_engine"


class UnknownNotesEngine(TranscriptsError):
    """The settings name an engine that is not built in."""

    code = "unknown_notes_engine"


class UnknownFormat(TranscriptsError):
    """A transcript was asked for in a form that is not written."""

    code = "unknown_format"

    def __init__(self, form: str, known: list[str]) -> None:
        super().__init__(f"There is no format {form[:20]!r}; ask for one of: {', '.join(known)}.", format=known)

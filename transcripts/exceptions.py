"""What can go wrong between a recording and its transcript."""

from config.lib.errors import DomainError, NotFound


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


class TranscriptDisabled(TranscriptsError):
    """The meeting is not to be transcribed."""

    code = "transcript_disabled"
    status = 409

    def __init__(self) -> None:
        super().__init__("Transcription is off in this meeting: its host can turn it on.")


class ConsentWithheld(TranscriptsError):
    """Who stays out of recording and transcription is in no transcript."""

    code = "consent_withheld"
    status = 409

    def __init__(self) -> None:
        super().__init__("You chose to stay out of recording and transcription in this meeting.")


class EmptyLine(TranscriptsError):
    """There is nothing in what was sent."""

    code = "invalid"

    def __init__(self) -> None:
        super().__init__("A line has no words.")
        self.facts = {"message": ["This field may not be blank."]}


class TooManyLabels(TranscriptsError):
    """One person speaks under more names than anybody has."""

    code = "too_many_labels"
    status = 409

    def __init__(self) -> None:
        super().__init__("You have spoken under too many names in this meeting: use one of those.")


class LineNotFound(NotFound):
    """The meeting has no such line."""

    def __init__(self) -> None:
        super().__init__("There is no such line in this meeting.")


class NoTranscript(NotFound):
    """Nothing was said yet that notes could be written of."""

    code = "no_transcript"

    def __init__(self) -> None:
        super().__init__("Nothing was said in this meeting yet that notes could be written of.")


class NotesFailed(TranscriptsError):
    """Writing the notes was tried, and given up."""

    code = "notes_failed"
    status = 503
    temporary = True

    def __init__(self) -> None:
        super().__init__("The notes could not be written. The administrator sees why; you may try again.")

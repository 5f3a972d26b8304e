"""Transcript lines and notes on the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict

from rest_framework import serializers

from config.lib.fields import (
    MAX_INTEGER,
    BoolField,
    ClientIdField,
    IdField,
    IntField,
    MomentField,
    TextField,
    WireSerializer,
)
from config.lib.ids import is_id
from config.lib.times import iso
from transcripts.models import Line
from transcripts.notes.types import NotesFields
from transcripts.reading import ReadLine

# Far more than anybody says at once, encrypted or not.
MESSAGE_LENGTH = 65_536
BATCH_LINES = 500
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$"


class LineSerializer(WireSerializer):
    """One line; its times are milliseconds after the meeting began, and what is left out is now."""

    userName = TextField(source="name", max_length=100)
    message = TextField(max_length=MESSAGE_LENGTH)
    startMs = IntField(source="start_ms", required=False)
    endMs = IntField(source="end_ms", required=False)
    language = serializers.RegexField(LANGUAGE_TAG, required=False, help_text="BCP 47, such as en-GB.")
    clientId = ClientIdField(source="client_id", required=False)
    isEncrypted = BoolField(source="is_encrypted", required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("end_ms", MAX_INTEGER) < attrs.get("start_ms", 0):
            raise serializers.ValidationError({"endMs": ["A line cannot end before it starts."]})
        return attrs


class SendSerializer(LineSerializer):
    meetingId = IdField(source="meeting_id")


class SendBatchSerializer(WireSerializer):
    meetingId = IdField(source="meeting_id")
    lines = serializers.ListField(child=LineSerializer(), min_length=1, max_length=BATCH_LINES)


class WriteNotesSerializer(WireSerializer):
    """Hints for notes engines that know languages and templates; the built-in one takes the words as they were said."""

    language = serializers.RegexField(LANGUAGE_TAG, required=False, help_text="BCP 47, such as en-GB.")
    template = TextField(max_length=64, required=False)


class SinceField(serializers.Field[str | datetime, Any, str, Any]):
    """The id of a line, or a moment."""

    def to_internal_value(self, data: Any) -> str | datetime:
        return data if isinstance(data, str) and is_id(data) else MomentField().to_internal_value(data)


class TranscriptQuery(WireSerializer):
    since = SinceField(required=False)


class LineFields(TypedDict):
    _id: str
    meetingId: str
    userName: str
    message: str
    createdAt: str
    startMs: int
    endMs: int
    language: str


class StoredLineFields(TypedDict):
    """What became of a line that was sent; its words are encrypted and not repeated."""

    _id: str
    meetingId: str
    userName: str
    isEncrypted: bool
    createdAt: str
    startMs: int
    endMs: int
    language: str
    clientId: str


class SourceFields(TypedDict):
    lineId: str
    quote: str


class SummaryFields(TypedDict):
    """The notes; `sources` says by JSON pointer into them what each sentence rests on."""

    summary: str
    notes: NotesFields
    sources: dict[str, list[SourceFields]]
    generator: str
    state: str


class ProgressFields(TypedDict):
    state: str
    progress: int


def line_fields(meeting_id: str, line: ReadLine) -> LineFields:
    return {
        "_id": line.id,
        "meetingId": meeting_id,
        "userName": line.user_name,
        "message": line.message,
        "createdAt": line.created_at,
        "startMs": line.start_ms,
        "endMs": line.end_ms,
        "language": line.language,
    }


def stored_line_fields(line: Line) -> StoredLineFields:
    return {
        "_id": line.pk,
        "meetingId": line.meeting_id,
        "userName": line.participant.name,
        "isEncrypted": True,
        "createdAt": iso(line.created_at) or "",
        "startMs": line.start_ms,
        "endMs": line.end_ms,
        "language": line.language,
        "clientId": line.client_id,
    }


def summary_fields(written: Mapping[str, Any]) -> SummaryFields:
    return {
        "summary": written["notes"]["summary"],
        "notes": written["notes"],
        "sources": written["sources"],
        "generator": written["generator"],
        "state": "ready",
    }

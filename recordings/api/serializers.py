"""Recordings on the wire."""

from collections.abc import Sequence
from typing import Any, TypedDict

from rest_framework import serializers

from config.lib.fields import ClientIdField, IdField, MomentField, TextField, WireSerializer
from config.lib.times import iso
from recordings.enums import RecordingState, VideoType
from recordings.models import Recording, Track


class StartSerializer(WireSerializer):
    roomId = IdField(source="room_id")
    userName = TextField(source="name", max_length=100)
    streamId = ClientIdField(source="stream_id")
    recordingId = ClientIdField(source="recording_id")
    startTime = MomentField(source="started_at")
    videoType = serializers.ChoiceField(source="video_type", choices=VideoType.choices)
    # What the client believes; the server knows the state itself.
    status = TextField(max_length=32)


class StopSerializer(WireSerializer):
    recordingId = ClientIdField(source="recording_id")
    streamId = ClientIdField(source="stream_id")
    endTime = MomentField(source="ended_at")


class ListQuery(WireSerializer):
    roomId = IdField(source="room_id", default="")
    state = serializers.ChoiceField(choices=RecordingState.choices, default="")


class MissingFields(TypedDict):
    """A stretch of a track, on its own clock, that was recorded according to the client and is not there."""

    streamId: str
    fromMs: int
    toMs: int
    reason: str


class CompletenessFields(TypedDict):
    """How much of all tracks together is there."""

    expectedMs: int
    capturedMs: int
    missing: list[MissingFields]


class TrackFields(TypedDict):
    _id: str
    streamId: str
    userName: str
    videoType: str
    startedAt: str | None
    endedAt: str | None
    durationMs: int
    size: int


class RecordingFields(TypedDict):
    """A recording as the contract shows it; `status` says whether there is something to play."""

    _id: str
    roomId: str | None
    meetingId: str | None
    recordingId: str
    hostName: str
    status: bool
    state: str
    createdAt: str
    updatedAt: str
    tracks: list[TrackFields]
    completeness: CompletenessFields


START_EXAMPLE: dict[str, Any] = {
    "roomId": "68affe24fabc0702c5d30c29",
    "userName": "Anna Example",
    "streamId": 755961800257348400,
    "recordingId": "1756364334628_738386",
    "startTime": 1756364334634,
    "videoType": "video",
    "status": "pending",
}
STOP_EXAMPLE: dict[str, Any] = {
    "recordingId": "1756364334628_738386",
    "streamId": 755961800257348400,
    "endTime": 1756364394634,
}
RECORDING_EXAMPLE: dict[str, Any] = {
    "_id": "670bc2ab12f5b0e6f7a4e9d4",
    "roomId": "68affe24fabc0702c5d30c29",
    "meetingId": "68ee4b39b22d6134386fc5dc",
    "recordingId": "1756364334628_738386",
    "hostName": "Anna Example",
    "status": False,
    "state": "interrupted",
    "createdAt": "2025-08-28T06:58:54.800Z",
    "updatedAt": "2025-08-28T06:59:54.700Z",
    "tracks": [
        {
            "_id": "670bc2ab12f5b0e6f7a4e9d5",
            "streamId": "755961800257348400",
            "userName": "Anna Example",
            "videoType": "video",
            "startedAt": "2025-08-28T06:58:54.634Z",
            "endedAt": "2025-08-28T06:59:54.634Z",
            "durationMs": 0,
            "size": 0,
        }
    ],
    "completeness": {
        "expectedMs": 60000,
        "capturedMs": 0,
        "missing": [{"streamId": "755961800257348400", "fromMs": 0, "toMs": 60000, "reason": "not_captured"}],
    },
}


def recording_fields(recording: Recording) -> RecordingFields:
    tracks = list(recording.tracks.all())
    return {
        "_id": recording.pk,
        "roomId": recording.room_id,
        "meetingId": recording.meeting_id,
        "recordingId": recording.recording_id,
        "hostName": recording.host_name,
        "status": recording.is_playable,
        "state": recording.state,
        "createdAt": iso(recording.created_at) or "",
        "updatedAt": iso(recording.updated_at) or "",
        "tracks": [_track_fields(track) for track in tracks],
        "completeness": _completeness(tracks),
    }


def _track_fields(track: Track) -> TrackFields:
    return {
        "_id": track.pk,
        "streamId": track.stream_id,
        "userName": track.user_name or (track.participant.name if track.participant else ""),
        "videoType": track.video_type,
        "startedAt": iso(track.started_at),
        "endedAt": iso(track.ended_at),
        "durationMs": track.duration_ms,
        "size": track.size,
    }


def _completeness(tracks: Sequence[Track]) -> CompletenessFields:
    return {
        "expectedMs": sum(track.expected_ms for track in tracks),
        "capturedMs": sum(track.duration_ms for track in tracks),
        "missing": [
            {
                "streamId": track.stream_id,
                "fromMs": track.duration_ms,
                "toMs": track.expected_ms,
                "reason": "not_captured",
            }
            for track in tracks
            if track.duration_ms < track.expected_ms
        ],
    }

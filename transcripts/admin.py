"""The work on transcripts, for operators; lines and notes themselves are never registered."""

from django.contrib import admin
from django.http import HttpRequest

from config.lib.work import Work
from recordings.admin import WorkAdmin
from transcripts import actions
from transcripts.models import NotesWriting, TrackRecognition


class SpokenWorkAdmin(WorkAdmin):
    def try_again(self, request: HttpRequest, work: Work) -> bool:
        return actions.retry(work=work, by=request.user)


@admin.register(TrackRecognition)
class TrackRecognitionAdmin(SpokenWorkAdmin):
    list_select_related = ["meeting", "track__participant"]

    @admin.display(description="track")
    def about(self, work: TrackRecognition) -> str:
        return f"{work.meeting.title}: {work.track.participant.name}"


@admin.register(NotesWriting)
class NotesWritingAdmin(SpokenWorkAdmin):
    list_select_related = ["meeting"]

    @admin.display(description="meeting")
    def about(self, work: NotesWriting) -> str:
        return work.meeting.title

"""The work on transcripts, for operators; lines and notes themselves are never registered."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkAdmin
from transcripts import actions
from transcripts.models import NotesWriting, TrackRecognition


@admin.register(TrackRecognition)
class TrackRecognitionAdmin(WorkAdmin):
    list_select_related = ["meeting", "track__participant"]
    try_again = staticmethod(actions.retry)

    @admin.display(description=_("track"))
    def about(self, work: TrackRecognition) -> str:
        return f"{work.meeting.title}: {work.speaker.name}"


@admin.register(NotesWriting)
class NotesWritingAdmin(WorkAdmin):
    list_select_related = ["meeting"]
    try_again = staticmethod(actions.retry)

    @admin.display(description=_("meeting"))
    def about(self, work: NotesWriting) -> str:
        return work.meeting.title

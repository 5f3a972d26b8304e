"""Recordings for operators: what is wrong with the work, and the button that tries it again."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin, WorkAdmin
from recordings import actions
from recordings.models import AudioMix, Recording


@admin.register(AudioMix)
class AudioMixAdmin(WorkAdmin):
    list_select_related = ["recording__meeting"]
    exclude = [*WorkAdmin.exclude, "file"]
    try_again = staticmethod(actions.retry_mix)

    @admin.display(description=gettext_lazy("meeting"))
    def about(self, mix: AudioMix) -> str:
        return str(mix.recording.meeting or mix.recording)


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["recording_id", "room", "meeting", "host_name", "state", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["room", "meeting"]
    search_fields = ["recording_id", "meeting__title"]
    show_full_result_count = False

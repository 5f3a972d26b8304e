"""Recordings for operators: what is wrong with the work, and the button that tries it again."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin, operator_of, report
from accounts.models import User
from recordings import actions
from recordings.models import AudioMix, Recording


class WorkAdmin(ReadOnlyAdmin):
    """Rows of work, read-only, with a retry for what is parked."""

    list_display = ["id", "about", "state", "progress", "attempts", "error_code", "error_message", "created_at"]
    list_filter = ["state", "error_code", "created_at"]
    search_fields = ["id"]
    show_full_result_count = False
    actions = ["retry"]
    exclude = ["lease"]
    try_again: Callable[..., bool]

    @admin.action(description=gettext_lazy("Try again what is parked"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        by: User = operator_of(request)
        report(self, request, queryset, lambda work: type(self).try_again(work=work, by=by), _("Try again"))


@admin.register(AudioMix)
class AudioMixAdmin(WorkAdmin):
    list_select_related = ["recording__meeting"]
    exclude = [*WorkAdmin.exclude, "file"]
    try_again = staticmethod(actions.retry_mix)

    @admin.display(description=gettext_lazy("meeting"))
    def about(self, mix: AudioMix) -> str:
        return mix.recording.meeting.title


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = ["recording_id", "meeting", "host_name", "state", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["meeting"]
    search_fields = ["recording_id", "meeting__title"]
    show_full_result_count = False

"""Recordings for operators: what is wrong with the work, and the button that tries it again."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from config.lib.work import Work
from recordings import actions
from recordings.models import AudioMix, Recording


class WorkAdmin(ModelAdmin):
    """Rows of work, read-only, with a retry for what is parked."""

    list_display = ["id", "about", "state", "progress", "attempts", "error_code", "error_message", "created_at"]
    list_filter = ["state", "error_code", "created_at"]
    search_fields = ["id"]
    show_full_result_count = False
    actions = ["retry"]
    exclude = ["lease"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields]

    def try_again(self, request: HttpRequest, work: Work) -> bool:
        raise TypeError(f"{type(self).__name__} does not say how its work is tried again")

    @admin.action(description="Try again what is parked")
    def retry(self, request: HttpRequest, queryset: QuerySet[Work]) -> None:
        done = sum(self.try_again(request, work) for work in queryset)
        skipped = queryset.count() - done
        self.message_user(request, f"{done} queued again, {skipped} skipped (not parked).", messages.SUCCESS)


@admin.register(AudioMix)
class AudioMixAdmin(WorkAdmin):
    list_select_related = ["recording__meeting"]

    @admin.display(description="meeting")
    def about(self, mix: AudioMix) -> str:
        return mix.recording.meeting.title

    def try_again(self, request: HttpRequest, work: Work) -> bool:
        return isinstance(work, AudioMix) and actions.retry_mix(mix=work, by=request.user)


@admin.register(Recording)
class RecordingAdmin(ModelAdmin):
    list_display = ["recording_id", "meeting", "host_name", "state", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["meeting"]
    search_fields = ["recording_id", "meeting__title"]
    show_full_result_count = False
    readonly_fields = ["meeting", "recording_id", "host_name", "state", "created_at", "updated_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

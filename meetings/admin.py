"""Meetings for operators: metadata, nothing that was said, and nothing that would make them a reader."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin, WorkAdmin
from meetings.invitations import actions as invitations
from meetings.models import InvitationMail, Meeting, Session


@admin.register(Meeting)
class MeetingAdmin(ReadOnlyAdmin):
    list_display = ["title", "host", "created_at", "duration", "summary_generated"]
    list_filter = ["created_at", "summary_generated", "transcript_enabled"]
    list_select_related = ["host"]
    search_fields = ["id", "title", "host__email"]
    show_full_result_count = False
    fields = [
        "id",
        "title",
        "host",
        "recording_ids",
        "created_at",
        "started_at",
        "ended_at",
        "summary_generated",
        "transcript_enabled",
    ]

    @admin.display(description=gettext_lazy("length"))
    def duration(self, meeting: Meeting) -> str:
        return _("%(count)s min") % {"count": meeting.duration_ms // 60000} if meeting.is_over else ""


@admin.register(InvitationMail)
class InvitationMailAdmin(WorkAdmin):
    list_display = ["id", "about", "kind", "meeting_id", *WorkAdmin.list_display[2:]]
    list_filter = ["kind", *WorkAdmin.list_filter]
    search_fields = ["id", "email", "meeting_id"]
    exclude = [*WorkAdmin.exclude, "content"]
    try_again = staticmethod(invitations.retry)

    @admin.display(description=gettext_lazy("e-mail"))
    def about(self, mail: InvitationMail) -> str:
        return mail.email


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin):
    list_display = ["id", "host", "type", "domain", "country_name", "city", "started_at", "ended_at"]
    list_filter = ["started_at", "type", "is_over"]
    list_select_related = ["host"]
    search_fields = ["id", "host__email", "room__id"]
    show_full_result_count = False

"""Rooms for operators: whose they are and how large, nothing that people put into them, the names of files included."""

from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin
from rooms.models import Room


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "type", "is_private", "file_count", "file_size", "created_at"]
    list_filter = ["type", "is_private", "created_at"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__email"]
    show_full_result_count = False
    fields = ["id", "name", "owner", "type", "max_participants", "is_private", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Room]:
        return Room.objects.annotate(file_count=Count("files"), file_size=Sum("files__size", default=0))

    @admin.display(description=gettext_lazy("files"), ordering="file_count")
    def file_count(self, room: Room) -> int:
        return room.file_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=gettext_lazy("size of the files"), ordering="file_size")
    def file_size(self, room: Room) -> str:
        return filesizeformat(room.file_size)  # type: ignore[attr-defined]

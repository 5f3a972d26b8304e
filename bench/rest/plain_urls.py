"""The plain contender's one path, its view and its serializer."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from rest_framework.generics import ListAPIView
from rest_framework.serializers import CharField, IntegerField, ModelSerializer

from meetings.models import Meeting


class MeetingSerializer(ModelSerializer[Meeting]):
    hostId = CharField(source="host_id")
    roomId = CharField(source="room_id")
    participantsCount = IntegerField(source="participants_count")

    class Meta:
        model = Meeting
        fields = [
            "id",
            "title",
            "hostId",
            "roomId",
            "transcript_enabled",
            "summary_generated",
            "recording_ids",
            "created_at",
            "started_at",
            "ended_at",
            "participantsCount",
        ]


class MeetingList(ListAPIView[Any]):
    serializer_class = MeetingSerializer

    def get_queryset(self) -> QuerySet[Meeting]:
        return Meeting.objects.filter(host=self.kwargs["user_id"]).with_participants_count().order_by("-pk")


urlpatterns = [path("meetings/list/<str:user_id>", MeetingList.as_view())]

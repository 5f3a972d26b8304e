"""Paths of the rooms API."""

from django.urls import path

from rooms.api import entering, files, people, places

urlpatterns = [
    path("room/create", places.RoomCreate.as_view(), name="room-create"),
    path("room/list", places.RoomList.as_view(), name="room-list"),
    path("room/<str:room_id>", places.RoomDetail.as_view(), name="room-detail"),
    path("room/<str:room_id>/token", entering.RoomToken.as_view(), name="room-token"),
    path("room/<str:room_id>/members", people.RoomMembers.as_view(), name="room-members"),
    path("room/<str:room_id>/members/<str:user_id>", people.RoomMemberDetail.as_view(), name="room-member"),
    path("room/<str:room_id>/invites", people.RoomInvites.as_view(), name="room-invites"),
    path("room/<str:room_id>/invites/<str:invite_id>", people.RoomInviteDetail.as_view(), name="room-invite"),
    path("room/<str:room_id>/lobby", people.RoomLobby.as_view(), name="room-lobby"),
    path("room/<str:room_id>/lobby/<str:ticket_id>", people.RoomLobbyTicket.as_view(), name="room-lobby-ticket"),
    path("room/<str:room_id>/upload", files.RoomUpload.as_view(), name="room-upload"),
    path("room/<str:room_id>/files", files.RoomFiles.as_view(), name="room-files"),
    path("room/<str:room_id>/files/<str:filename>", files.RoomFileDetail.as_view(), name="room-file"),
    path("documents/<str:room_id>/<str:filename>", files.RoomDocument.as_view(), name="room-document"),
]

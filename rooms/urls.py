"""Paths of the pages of rooms."""

from django.urls import path

from rooms import posts, views

urlpatterns = [
    path("app/rooms", views.rooms, name="rooms"),
    path("app/rooms/<str:room_id>", views.room, name="room"),
    path("app/rooms/<str:room_id>/lobby", views.lobby, name="room_lobby"),
    path("app/rooms/<str:room_id>/change", posts.change, name="room_change"),
    path("app/rooms/<str:room_id>/delete", posts.delete, name="room_delete"),
    path("app/rooms/<str:room_id>/members", posts.appoint, name="room_appoint"),
    path("app/rooms/<str:room_id>/members/<str:user_id>/dismiss", posts.dismiss, name="room_dismiss"),
    path("app/rooms/<str:room_id>/invites", posts.invite, name="room_invite"),
    path("app/rooms/<str:room_id>/invites/<str:invite_id>/revoke", posts.revoke, name="room_revoke"),
    path("app/rooms/<str:room_id>/lobby/<str:ticket_id>", posts.decide, name="room_decide"),
    path("app/rooms/<str:room_id>/files", posts.upload, name="room_file_upload"),
    path("app/rooms/<str:room_id>/files/<str:file_id>/delete", posts.delete_file, name="room_file_delete"),
]

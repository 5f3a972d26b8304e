"""What the forms on the page of a room do: each asks a rule, calls one action, and shows the page again."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.files.base import File
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import limits
from accounts.clients import client_of
from accounts.decorators import posted_from
from accounts.models import User
from config.lib import staging
from config.lib.errors import DomainError
from config.lib.ids import is_id
from config.lib.staging import StagedWriter
from rooms import rules
from rooms.actions import files, invites, joining, members, places
from rooms.actions.members import Appointment
from rooms.enums import RoomRole
from rooms.exceptions import RoomFileNotFound, WrongName
from rooms.forms import DeleteForm, InviteForm, MemberForm, RoomForm, UploadForm
from rooms.links import join_url
from rooms.models import Room, RoomFile
from rooms.views import show


@posted_from("room", "room_id")
def change(request: HttpRequest, room_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    room = rules.room_of(user, room_id, among=rules.OWNER)
    form = RoomForm(request.POST, instance=room)
    if not _is_done(form, lambda: places.update(room=room, values=form.changes(), by=user)):
        return show(request, room_id, status=400, settings_form=form)
    messages.success(request, _("The room was changed."))
    return redirect("room", room_id)


@posted_from("room", "room_id")
def delete(request: HttpRequest, room_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    room = rules.room_of(user, room_id, among=rules.OWNER)
    form = DeleteForm(request.POST)

    def delete_when_named() -> None:
        if form.cleaned_data["name"] != room.name:
            raise WrongName
        places.delete(room=room, by=user)

    if not _is_done(form, delete_when_named):
        return show(request, room_id, status=400, delete_form=form)
    messages.success(request, _("The room was deleted, and everything in it."))
    return redirect("rooms")


@posted_from("room", "room_id")
def appoint(request: HttpRequest, room_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    room = rules.room_of(user, room_id, among=rules.HOSTS)
    form = MemberForm(request.POST, giver=rules.role_of(user, room) or RoomRole.VIEWER)

    def add() -> None:
        role = RoomRole(form.cleaned_data["role"])
        members.appoint(room=room, appointments=[Appointment(role, form.cleaned_data["email"])], by=user)

    if not _is_done(form, add):
        return show(request, room_id, status=400, member_form=form)
    return redirect("room", room_id)


@posted_from("room", "room_id")
def dismiss(request: HttpRequest, room_id: str, user_id: str) -> HttpResponse:
    """Dismiss a member; who leaves a room comes back to the list of rooms."""
    user = rules.check_own(request.user)
    members.remove(room=rules.room_of(user, room_id), user_id=user_id, by=user)
    return redirect("rooms") if user_id == user.pk else redirect("room", room_id)


@posted_from("room", "room_id")
def invite(request: HttpRequest, room_id: str) -> HttpResponse:
    """Make a link for guests, shown in the answer and never again."""
    user = rules.check_own(request.user)
    room = rules.room_of(user, room_id, among=rules.HOSTS)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return show(request, room_id, status=400, invite_form=form)
    role = RoomRole(form.cleaned_data["role"])
    _made, secret = invites.invite(room=room, role=role, expires_at=form.expires_at, by=user)
    return show(request, room_id, guest_link=join_url(room.pk, invite=secret))


@posted_from("room", "room_id")
def revoke(request: HttpRequest, room_id: str, invite_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    invites.revoke(room=rules.room_of(user, room_id, among=rules.HOSTS), invite_id=invite_id, by=user)
    messages.success(request, _("The link does not work any more."))
    return redirect("room", room_id)


@posted_from("room", "room_id")
def decide(request: HttpRequest, room_id: str, ticket_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    room = rules.room_of(user, room_id, among=rules.HOSTS)
    joining.decide(room=room, ticket_id=ticket_id, admit=request.POST.get("admit") == "yes", by=user)
    return redirect("room", room_id)


@posted_from("room", "room_id")
def upload(request: HttpRequest, room_id: str) -> HttpResponse:
    """Take in a small file without JavaScript; the page's script sends files of any size past Django."""
    user = rules.check_own(request.user)
    limits.check("RATE_FILES", by=user, address=client_of(request).address)
    room = rules.content_room(user, room_id)
    rules.check_upload(user, room)
    form = UploadForm(request.POST, request.FILES, most=rules.most_bytes(room))
    if not _is_done(form, lambda: _take_in(room, form.cleaned_data["file"], user)):
        return show(request, room_id, status=400, upload_form=form)
    return redirect("room", room_id)


@posted_from("room", "room_id")
def delete_file(request: HttpRequest, room_id: str, file_id: str) -> HttpResponse:
    user = rules.check_own(request.user)
    room = rules.content_room(user, room_id)
    file = RoomFile.objects.filter(room=room, pk=file_id).first() if is_id(file_id) else None
    if file is None:
        raise RoomFileNotFound
    files.delete(room=room, file=file, by=user)
    return redirect("room", room_id)


def _take_in(room: Room, sent: "File[bytes]", user: User) -> None:
    with staging.folder() as folder, StagedWriter(folder / "0", sent.name or "") as writer:
        for part in sent.chunks():
            writer.write(part)
        files.take_in(room=room, staged=writer.finish(), by=user)


def _is_done(form: forms.BaseForm, act: Callable[[], object]) -> bool:
    """Do what a form asks for; where it cannot be done, the form says why."""
    if not form.is_valid():
        return False
    try:
        act()
    except DomainError as error:
        form.add_error(None, _(error.message))
        return False
    return True

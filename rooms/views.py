"""Pages of rooms: mine, one of them, and the door to which the join link leads."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from config.lib import pagination
from config.lib.ids import is_id
from rooms import presenting, rules
from rooms.actions import files, joining, places
from rooms.actions.joining import Admission, Device, Wish
from rooms.exceptions import LobbyFull, Refused, Removed, RoomFull, RoomLocked, RoomNotFound
from rooms.forms import DeleteForm, InviteForm, MemberForm, RoomForm, UploadForm
from rooms.models import GuestInvite, Room
from rooms.secrets import digest_of

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def rooms(request: HttpRequest) -> HttpResponse:
    """List the caller's rooms, the newest first, `?before=` an id the older ones; and make one."""
    user = rules.check_own(request.user)
    form = RoomForm(request.POST or None)
    if form.is_valid():
        return redirect("room", places.create(values=form.cleaned_data, by=user).pk)
    page, older = pagination.older(Room.objects.of(user).with_role_of(user), request, size=PAGE)
    context = {"rooms": page, "older": older, "form": form}
    return render(request, "rooms/rooms.html", context, status=400 if form.errors else 200)


@require_safe
@login_required
@never_cache
def room(request: HttpRequest, room_id: str) -> HttpResponse:
    return show(request, room_id)


def show(request: HttpRequest, room_id: str, *, status: int = 200, **changed: Any) -> HttpResponse:
    """Answer the page of a room, with the forms in it that somebody has filled in."""
    user = rules.check_own(request.user)
    found = rules.content_room(user, room_id)
    rows, older = pagination.older(found.files.all(), request, size=PAGE)
    context = {**presenting.room_page(found, user, rows), "older": older}
    files.note_reading(room=found, by=user)
    forms = {
        "upload_form": UploadForm(most=context["max_bytes"]),
        "member_form": MemberForm(giver=context["role"]),
        "invite_form": InviteForm(),
        "settings_form": RoomForm(instance=found),
        "delete_form": DeleteForm(),
    }
    return render(request, "rooms/room.html", {**context, **forms, **changed}, status=status)


@require_safe
@login_required
@never_cache
def lobby(request: HttpRequest, room_id: str) -> HttpResponse:
    """Answer the part of the page that shows who waits before the door."""
    found = rules.room_of(request.user, room_id, among=rules.HOSTS)
    return render(request, "rooms/_lobby.html", {"room": found, "waiting": presenting.lobby_of(found)})


def door(request: HttpRequest, room_id: str, *, asked_to: Callable[[GuestInvite], dict[str, Any]]) -> HttpResponse:
    """Tell whoever may come in which room this is; let users in, or have them wait.

    To what guests are asked to come is for a higher app to know.
    """
    if request.user.is_authenticated:
        user = rules.check_own(request.user)
        return _enter(request, room_id, user) if request.method == "POST" else _door(request, room_id, user)
    secret = request.GET.get("invite", "")
    if not secret:
        return redirect_to_login(request.get_full_path())
    invite = GuestInvite.objects.open().select_related("room__owner").filter(secret_hash=digest_of(secret)).first()
    if invite is None or invite.room_id != room_id:
        return render(request, "rooms/guest_door.html", status=403)
    return render(request, "rooms/guest_door.html", {"room": invite.room, **asked_to(invite)})


def _door(request: HttpRequest, room_id: str, user: User, *, status: int = 200, refusal: str = "") -> HttpResponse:
    found = Room.objects.filter(pk=room_id).first() if is_id(room_id) else None
    if found is None:
        raise RoomNotFound
    is_member = rules.role_of(user, found) is not None
    named = found if rules.knows_name(user, found) else None
    ticket = None if named else found.tickets.alive().filter(user=user).first()
    # The page of whoever waits asks whether it is to load anew.
    if request.headers.get("HX-Request"):
        is_waiting = ticket is not None and ticket.is_admitted is None
        return HttpResponse(status=204) if is_waiting else HttpResponse(headers={"HX-Refresh": "true"})
    context = {"room": named, "room_id": found.pk, "is_member": is_member, "ticket": ticket, "refusal": refusal}
    return render(request, "rooms/door.html", context, status=status)


def _enter(request: HttpRequest, room_id: str, user: User) -> HttpResponse:
    try:
        outcome = joining.enter(room_id=room_id, wish=Wish(), by=user, device=Device())
    except Refused as error:
        return _door(request, room_id, user, status=error.status)
    except (LobbyFull, Removed, RoomFull, RoomLocked) as error:
        return _door(request, room_id, user, status=error.status, refusal=_(error.message))
    if isinstance(outcome, Admission):
        messages.success(request, _("You belong to this room now."))
        return redirect("room", room_id)
    return redirect("door", room_id)

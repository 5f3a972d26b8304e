"""Pages: my meetings, planning one, changing it, and who may have what is said in it."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import mail
from accounts.decorators import posted_from
from accounts.exceptions import AccountNotFound
from accounts.models import User
from accounts.rules import Person
from config.lib.ids import is_id
from meetings import access, actions, rules
from meetings.enums import Right
from meetings.exceptions import HasOwnRights, MeetingOver, MeetingRuns, RightNotHeld, RoomBusy
from meetings.forms import AccessForm, DeleteForm, FilterForm, PlanForm
from meetings.invitations import actions as invitations
from meetings.models import Meeting, MeetingQuerySet
from meetings.zones import written
from rooms import rules as rooms_rules
from rooms import views as rooms_views
from rooms.models import GuestInvite

PAGE = 50


@require_safe
@login_required
@never_cache
def meetings(request: HttpRequest) -> HttpResponse:
    """List the meetings that the caller may know of, found by words and dates, the last first."""
    form = FilterForm(request.GET)
    found = _found(request.user, form)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "query": query.urlencode(), "is_filtered": any(form.data.values())}
    return render(request, "meetings/meetings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a meeting: make it, and invite people to it."""
    user = rules.check_host(request.user)
    form = PlanForm(request.POST or None, user=user)
    if not form.is_valid():
        return render(request, "meetings/plan.html", {"form": form}, status=400 if form.is_bound else 200)
    made = actions.create(
        title=form.cleaned_data["title"],
        host=user,
        transcript_enabled=form.cleaned_data["transcript_enabled"],
        by=user,
        room=form.cleaned_data["room"],
        plan=form.plan,
        invited=form.cleaned_data["invited"],
    )
    messages.success(request, _("The meeting was made."))
    if form.cleaned_data["invited"] and (place := mail.kept_in()):
        kept = _("No mail has left, as this server has no mail server yet: the invitations are kept in its %(place)s.")
        messages.warning(request, kept % {"place": place})
    return redirect("meeting", made.pk)


def plan_of(request: HttpRequest, meeting_id: str, *, has_words: Callable[[Meeting], bool]) -> HttpResponse | None:
    """Show what is planned of a meeting to somebody who may know of it, and has nothing to read there.

    Nothing for anybody else. Whether there are words is for a higher app to know.
    """
    user = request.user
    found = Meeting.objects.known_to(user).select_related("host", "room").filter(pk=meeting_id)
    meeting = found.first() if is_id(meeting_id) else None
    if meeting is None:
        return None
    rights, is_manager = rules.rights_of(user, meeting), rules.is_manager(user, meeting)
    if Right.VIEW in rights and (meeting.started_at is not None or has_words(meeting)):
        return None
    context = {
        "meeting": meeting,
        "when": written(meeting.starts_at, meeting.time_zone),
        "join_url": invitations.link_of(meeting) if meeting.room else None,
        "is_room_named": meeting.room is not None and rooms_rules.knows_name(user, meeting.room),
        "invited": invitations.emails_of(meeting) if is_manager else [],
        "can_grant": Right.GRANT in rights,
        "is_manager": is_manager,
    }
    return render(request, "meetings/meeting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def settings(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Change a meeting, end it or delete it."""
    user = rules.check_host(request.user)
    meeting = rules.managed(user, meeting_id)
    form = PlanForm(request.POST or None, user=user, meeting=meeting)
    if form.is_valid() and _is_changed(form, meeting, user):
        messages.success(request, _("The changes were saved."))
        return redirect("meeting", meeting.pk)
    return _show_settings(request, meeting, form, DeleteForm(meeting=meeting))


@posted_from("meeting_settings", "meeting_id")
def end(request: HttpRequest, meeting_id: str) -> HttpResponse:
    user = rules.check_host(request.user)
    actions.end(meeting=rules.managed(user, meeting_id), by=user)
    messages.success(request, _("The meeting has ended."))
    return redirect("meeting", meeting_id)


@posted_from("meeting_settings", "meeting_id")
def delete(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Delete a meeting whose title was typed."""
    user = rules.check_host(request.user)
    meeting = rules.managed(user, meeting_id)
    form = DeleteForm(request.POST, meeting=meeting)
    if not form.is_valid():
        return _show_settings(request, meeting, PlanForm(user=user, meeting=meeting), form)
    actions.delete(meeting=meeting, by=user)
    messages.success(request, _("The meeting was deleted, with everything that was said in it."))
    return redirect("meetings")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def access_page(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Show who may have what is said in a meeting and why, and give rights to somebody by e-mail."""
    user = rules.check_host(request.user)
    meeting = rules.readable(user, meeting_id, Right.GRANT)
    held = rules.rights_of(user, meeting)
    form = AccessForm(request.POST or None, held=held)
    if form.is_valid() and _is_given(form, meeting, user):
        messages.success(request, _("The rights were given."))
        return redirect("meeting_access", meeting.pk)
    takeable = {"granted", "cohost"} if meeting.is_over else {"granted"}
    people = [
        {
            "access": one,
            "rights": [Right(right).label for right in one.rights],
            "can_take": one.why in takeable and held.issuperset(one.rights),
        }
        for one in access.list_access(meeting)
    ]
    context = {"meeting": meeting, "form": form, "people": people}
    return render(request, "meetings/access.html", context, status=400 if form.is_bound else 200)


@posted_from("meeting_access", "meeting_id")
def take_access(request: HttpRequest, meeting_id: str, user_id: str) -> HttpResponse:
    """Take back what somebody was given."""
    user = rules.check_host(request.user)
    meeting = rules.readable(user, meeting_id, Right.GRANT)
    try:
        access.give(meeting=meeting, gift=access.Gift(user_id), by=user)
    except (RightNotHeld, AccountNotFound) as error:
        messages.error(request, _(error.message))
    else:
        messages.success(request, _("The rights were taken back."))
    return redirect("meeting_access", meeting.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def door(request: HttpRequest, room_id: str) -> HttpResponse:
    """Show the door of a room, and to invited guests to which meeting they are asked to come."""
    return rooms_views.door(request, room_id, asked_to=_asked_to)


def _asked_to(invite: GuestInvite) -> dict[str, Any]:
    meeting = Meeting.objects.select_related("host").filter(invitations__guest_invite=invite).first()
    return {"meeting": meeting, "when": written(meeting.starts_at, meeting.time_zone)} if meeting else {}


def _found(user: Person, form: FilterForm) -> MeetingQuerySet:
    """Find by what of the form is valid; the rest is told in it."""
    form.is_valid()
    asked = form.cleaned_data
    between = {}
    if asked.get("since"):
        between["at__gte"] = datetime.combine(asked["since"], time.min, UTC)
    if asked.get("until"):
        between["at__lte"] = datetime.combine(asked["until"], time.max, UTC)
    found = Meeting.objects.known_to(user).select_related("host").by_date().filter(**between)
    return found.matching(title=asked.get("q", ""), since=None, until=None)


def _is_changed(form: PlanForm, meeting: Meeting, user: User) -> bool:
    try:
        actions.update(meeting=meeting, changes=form.changes, invited=form.wanted, by=user)
    except (MeetingOver, MeetingRuns, RoomBusy) as error:
        form.add_error(None, _(error.message))
        return False
    return True


def _is_given(form: AccessForm, meeting: Meeting, user: User) -> bool:
    try:
        gift = access.Gift(form.cleaned_data["email"], frozenset(form.cleaned_data["rights"]))
        access.give(meeting=meeting, gift=gift, by=user)
    except (AccountNotFound, HasOwnRights, RightNotHeld) as error:
        form.add_error(None, _(error.message))
        return False
    return True


def _show_settings(request: HttpRequest, meeting: Meeting, form: PlanForm, delete_form: DeleteForm) -> HttpResponse:
    context = {"meeting": meeting, "form": form, "delete_form": delete_form}
    refused = form.is_bound or delete_form.is_bound
    return render(request, "meetings/settings.html", context, status=400 if refused else 200)

"""The page where people look after their own account."""

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions, presenting, rules
from accounts.clients import client_of
from accounts.exceptions import InvalidFields, UsernameTaken
from accounts.forms import ProfileForm
from accounts.models import LoginSession, User


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show the profile, the plan, the sign-ins and what the audit log has; POST saves the profile."""
    user = rules.check_signed_in(request.user)
    form = ProfileForm(request.POST or None, user=user)
    if form.is_valid() and _is_saved(request, form, user):
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Your profile was saved."))
        return redirect("account")
    context = {
        "form": form,
        "features": presenting.features_of(user),
        "sign_ins": presenting.sign_ins_of(user),
        "events": presenting.events_of(user),
        "can_set_password": rules.can_set_password(user),
    }
    return render(request, "accounts/account.html", context)


@require_POST
@login_required
def end_sign_in(request: HttpRequest, session_id: str) -> HttpResponse:
    user = rules.check_signed_in(request.user)
    session = get_object_or_404(LoginSession, pk=session_id, user=user)
    actions.end_session(session=session, by=user, client=client_of(request))
    messages.success(request, _("That sign-in was ended."))
    return redirect("account")


@require_POST
@login_required
def end_other_sign_ins(request: HttpRequest) -> HttpResponse:
    user = rules.check_signed_in(request.user)
    actions.end_sessions(user=user, by=user, client=client_of(request))
    # This page goes on; all that began before was ended.
    user.refresh_from_db()
    auth.update_session_auth_hash(request, user)
    messages.success(request, _("You were signed out everywhere else."))
    return redirect("account")


def _is_saved(request: HttpRequest, form: ProfileForm, user: User) -> bool:
    """Save a valid form; what the action finds wrong goes into the form."""
    try:
        actions.update_profile(values=form.changes(), by=user, client=client_of(request))
    except InvalidFields as error:
        form.add_refusal(error)
    except UsernameTaken:
        form.add_error("username", _("Somebody else has this username."))
    return form.is_valid()

"""The account pages: sign in and out, register, change and reset the password."""

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import actions, rules
from accounts.clients import client_of
from accounts.decorators import limited
from accounts.demo import demo_sign_in
from accounts.enums import Language
from accounts.exceptions import BadCredentials, BadResetLink, DemoAccount, EmailTaken, InvalidFields
from accounts.forms import PasswordChangeForm, PasswordResetConfirmForm, PasswordResetForm, RegisterForm, SignInForm
from accounts.models import User


@sensitive_post_parameters()
@never_cache
@limited("RATE_LOGIN", subject="username")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    form = SignInForm(request.POST or None)
    if form.is_valid():
        name, password = form.cleaned_data["username"], form.cleaned_data["password"]
        try:
            user = actions.check_credentials(name=name, password=password, client=client_of(request))
        except BadCredentials:
            form.add_error(None, _("No account has this e-mail or username and this password."))
        else:
            return _enter(request, user)
    context = {
        "form": form,
        "demo": demo_sign_in(),
        "registration_open": rules.can_register(),
        "next": _asked_page(request),
    }
    return render(request, "accounts/sign_in.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        actions.end_page_session(by=request.user, client=client_of(request))
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@sensitive_post_parameters()
@never_cache
@limited("RATE_REGISTER")
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_next_page(request))
    if not rules.can_register():
        messages.error(request, _("Registration is closed here: ask an administrator for an account."))
        return redirect("sign_in")
    form = RegisterForm(request.POST or None)
    if form.is_valid():
        user = _registered(request, form)
        if user is not None:
            return _enter(request, user)
    context = {"form": form, "next": _asked_page(request)}
    return render(request, "accounts/register.html", context)


@sensitive_post_parameters()
@never_cache
@login_required
@limited("RATE_LOGIN")
def password_change(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(request.POST or None)
    if form.is_valid() and isinstance(request.user, User):
        try:
            user = actions.change_password(**form.cleaned_data, by=request.user, client=client_of(request))
        except InvalidFields as error:
            form.add_refusal(error)
        except DemoAccount as error:
            form.add_error(None, _(error.message))
        else:
            # This page goes on; every other session was bound to the old password.
            auth.update_session_auth_hash(request, user)
            message = _("Your password was changed, and you were signed out everywhere else.")
            return render(request, "accounts/password_done.html", {"message": message})
    return render(request, "accounts/password_change.html", {"form": form})


@limited("RATE_LOGIN", subject="email")
def password_reset(request: HttpRequest) -> HttpResponse:
    form = PasswordResetForm(request.POST or None)
    if form.is_valid():
        try:
            actions.request_password_reset(email=form.cleaned_data["email"], client=client_of(request))
        except DemoAccount as error:
            form.add_error(None, _(error.message))
        else:
            return redirect("password_reset_sent")
    return render(request, "accounts/password_reset.html", {"form": form})


def password_reset_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_reset_sent.html")


@sensitive_post_parameters()
@never_cache
@limited("RATE_LOGIN")
def password_reset_confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    form = PasswordResetConfirmForm(request.POST or None)
    is_good = actions.is_good_reset_link(uid=uid, token=token)
    if form.is_valid():
        password = form.cleaned_data["password"]
        try:
            actions.reset_password(uid=uid, token=token, password=password, client=client_of(request))
        except BadResetLink:
            is_good = False
        except InvalidFields as error:
            form.add_refusal(error)
        except DemoAccount as error:
            form.add_error(None, _(error.message))
        else:
            message = _("Your password was set. Sign in with it now.")
            return render(request, "accounts/password_done.html", {"message": message})
    context = {"form": form, "validlink": is_good}
    return render(request, "accounts/password_reset_confirm.html", context)


def _registered(request: HttpRequest, form: RegisterForm) -> User | None:
    """Register from a valid form; what the action finds wrong goes into the form."""
    language = get_language()
    try:
        return actions.register(
            **form.cleaned_data,
            language=language if language in Language.values else Language.ENGLISH,
            client=client_of(request),
        )
    except InvalidFields as error:
        form.add_refusal(error)
    except EmailTaken:
        form.add_error("email", _("There is already an account with this e-mail: sign in, or reset the password."))
    return None


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Begin the page session and go to where the visitor wanted to be."""
    auth.login(request, user)
    actions.start_page_session(by=user, client=client_of(request))
    return redirect(_next_page(request))


def _asked_page(request: HttpRequest) -> str:
    """Read `next`, if it is a page of ours: a link to our sign-in must not end on somebody else's page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_ours else ""


def _next_page(request: HttpRequest) -> str:
    return _asked_page(request) or resolve_url(settings.LOGIN_REDIRECT_URL)

"""Accounts in the operators' panel: look after users, end sign-ins, read the audit log; become nobody's reader."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from accounts import actions, audit, rules
from accounts.clients import client_of
from accounts.models import AuditEvent, LoginSession, User
from config.lib.errors import DomainError
from config.lib.streaming import stream

# Rights are roles here: an administrator is `is_staff`.
admin.site.unregister(Group)


def _sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Send whoever opens the panel to the sign-in page, where every attempt is audited."""
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("sign_in"))


def _change_password(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Send administrators to the page that changes one's own password and ends the other sign-ins."""
    return redirect("password_change")


admin.site.login = _sign_in  # type: ignore[method-assign]
admin.site.password_change = _change_password  # type: ignore[method-assign, assignment]


class ReadOnlyAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def report(
    model_admin: ModelAdmin, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], bool], what: str
) -> None:
    """Do one act to each row, and say how many were done, needed nothing, or were refused and why."""
    done = skipped = 0
    refusals = []
    for row in rows:
        try:
            if act(row):
                done += 1
            else:
                skipped += 1
        except DomainError as error:
            refusals.append(f"{row}: {_(error.message)}")
    level = messages.WARNING if refusals else messages.SUCCESS
    counts = {"what": what, "done": done, "skipped": skipped, "failed": len(refusals)}
    summary = _("%(what)s: %(done)d done, %(skipped)d skipped, %(failed)d failed.") % counts
    model_admin.message_user(request, " ".join([summary, *refusals]), level)


def operator_of(request: HttpRequest) -> User:
    """Give the administrator, whom the panel's own check has let in."""
    if not rules.is_administrator(request.user):
        raise PermissionDenied
    return request.user


class WorkAdmin(ReadOnlyAdmin):
    """Rows of work, read-only, with a retry for what is parked."""

    list_display = ["id", "about", "state", "progress", "attempts", "error_code", "error_message", "created_at"]
    list_filter = ["state", "error_code", "created_at"]
    search_fields = ["id"]
    show_full_result_count = False
    actions = ["retry"]
    exclude = ["lease"]
    try_again: Callable[..., bool]

    @admin.action(description=gettext_lazy("Try again what is parked"))
    def retry(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        by: User = operator_of(request)
        report(self, request, queryset, lambda work: type(self).try_again(work=work, by=by), _("Try again"))


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ["email", "username", "full_name", "plan", "is_active", "is_staff", "last_login", "date_joined"]
    list_filter = ["is_active", "is_staff", "plan", "language", "last_login", "date_joined"]
    search_fields = ["email", "username", "first_name", "last_name"]
    ordering = ["email"]
    actions = ["disable", "enable", "send_password_reset", "end_all_sessions"]
    show_full_result_count = False
    actions_on_bottom = False
    fieldsets = [
        (None, {"fields": ["email", "username", "first_name", "last_name", "phone_number", "country", "language"]}),
        (gettext_lazy("Rights"), {"fields": ["plan", "rates", "is_active", "is_staff", "is_superuser"]}),
        (gettext_lazy("Dates"), {"fields": ["date_joined", "last_login", "password_changed_at", "signed_out_at"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name", "phone_number", "country", "language", "plan"]}),
    ]
    # An e-mail or a password in an administrator's hand would make a reader of him.
    always_readonly = ["email", "username", "is_active", "date_joined", "last_login", "password_changed_at"]

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return user.full_name

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        if obj is None:
            return []
        rights = [] if rules.can_appoint_administrators(request.user) else ["is_staff", "is_superuser"]
        return [*self.always_readonly, "signed_out_at", *rights]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return rules.is_administrator(request.user) and (obj is None or rules.can_administer(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Meetings and the audit log speak of their people: accounts are disabled.
        return False

    def save_model(self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool) -> None:
        client, by = client_of(request), operator_of(request)
        if not change:
            actions.add_user(user=obj, by=by, client=client)
            return
        if form.changed_data:
            actions.update_user(user=obj, fields=form.changed_data, by=by, client=client)
        # No form of ours sends these.
        unheard = [name for name in ("email", "username", "password", "is_active") if name in request.POST]
        if unheard:
            actions.note_attempt(user=obj, fields=unheard, by=by, client=client)

    @admin.action(description=gettext_lazy("Disable: no sign-in, and an end to those that are open"))
    def disable(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._set_active(request, rows, active=False)

    @admin.action(description=gettext_lazy("Enable"))
    def enable(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._set_active(request, rows, active=True)

    @admin.action(description=gettext_lazy("Mail a password reset to the user's own address"))
    def send_password_reset(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        by, client = operator_of(request), client_of(request)
        report(
            self,
            request,
            rows,
            lambda user: actions.request_password_reset(email=user.email, by=by, client=client),
            _("Password reset"),
        )

    @admin.action(description=gettext_lazy("Sign out everywhere"))
    def end_all_sessions(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        by, client = operator_of(request), client_of(request)
        report(self, request, rows, lambda user: actions.end_sessions(user=user, by=by, client=client), _("Sign out"))

    def _set_active(self, request: HttpRequest, rows: QuerySet[User], *, active: bool) -> None:
        by, client = operator_of(request), client_of(request)
        report(
            self,
            request,
            rows,
            lambda user: actions.set_active(user=user, active=active, by=by, client=client),
            _("Enable") if active else _("Disable"),
        )


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "kind", "created_at", "rotated_at", "generation", "ended_at", "end_reason"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "end_reason", "kind", "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "user__email"]
    ordering = ["-created_at"]
    show_full_result_count = False
    actions = ["end"]

    @admin.action(description=gettext_lazy("End"))
    def end(self, request: HttpRequest, rows: QuerySet[LoginSession]) -> None:
        by, client = operator_of(request), client_of(request)
        report(
            self,
            request,
            rows.select_related("user"),
            lambda session: actions.end_session(session=session, by=by, client=client),
            _("End"),
        )


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "action", "outcome", "user_id", "resource", "address", "seq"]
    list_filter = ["action", "outcome", "at", ("seq", admin.EmptyFieldListFilter)]
    search_fields = ["user_id", "resource__icontains"]
    ordering = ["-at"]
    show_full_result_count = False
    actions = ["export"]

    @admin.action(description=gettext_lazy("Download as lines of JSON"))
    def export(self, request: HttpRequest, rows: QuerySet[AuditEvent]) -> HttpResponseBase:
        lines = audit.export(rows, by=operator_of(request))
        named = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
        return stream(request, lines, content_type="application/jsonl", headers=named)

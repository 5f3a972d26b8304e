"""Webhooks for operators: which ones fail and why, and the button that sends again; no secret, no address in full."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin import ReadOnlyAdmin, operator_of, report
from config.lib.work import WorkState
from integrations.webhooks import actions
from integrations.webhooks.addresses import parse
from integrations.webhooks.models import Webhook, WebhookDelivery


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ["id", "user", "host", "state", "failing_since", "last_sequence", "created_at"]
    list_filter = ["state", ("failing_since", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["user"]
    search_fields = ["id", "user__email"]
    show_full_result_count = False
    # Addresses may hold a key of the receiver's in their path.
    fields = ["id", "user", "host", "description", "events", "state", "failing_since", "last_sequence", "created_at"]

    @admin.display(description=gettext_lazy("receiver"))
    def host(self, webhook: Webhook) -> str:
        return parse(webhook.url, allow_http=True).host


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["id", "about", "state", "attempts", "response_status", "error_code", "attempted_at", "not_before"]
    list_filter = ["state", "error_code", "response_status", "created_at"]
    list_select_related = ["event__webhook"]
    search_fields = ["id", "event__webhook__id", "event__webhook__user__email"]
    show_full_result_count = False
    actions = ["replay"]
    fields = [
        *("id", "event", "state", "attempts", "attempted_at", "not_before", "response_status", "response_bytes"),
        *("duration_ms", "error_code", "error_message", "created_at", "finished_at"),
    ]

    @admin.display(description=gettext_lazy("event"))
    def about(self, delivery: WebhookDelivery) -> str:
        return f"{delivery.event} {delivery.event.type}"

    @admin.action(description=gettext_lazy("Send again what was given up"))
    def replay(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        by = operator_of(request)

        def send_again(delivery: WebhookDelivery) -> bool:
            if delivery.state != WorkState.PARKED:
                return False
            return bool(actions.replay(delivery=delivery, by=by))

        report(self, request, queryset, send_again, _("Send again"))

"""The pages of webhooks: mine, and one with its deliveries."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits, trail
from accounts.decorators import posted_from
from accounts.models import User
from config.lib.errors import DomainError
from integrations.webhooks import actions, rules
from integrations.webhooks.addresses import parse
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.exceptions import InvalidWebhook, TooManyWebhooks
from integrations.webhooks.forms import WebhookForm
from integrations.webhooks.models import Webhook, WebhookDelivery

# How many deliveries one page shows; REST gives all.
RECENT = 50

Act = Callable[[Webhook, User], object]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the caller's webhooks and add one, whose secret is shown in the answer and never again."""
    user = rules.check_have_webhooks(request.user)
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            webhook, secret = actions.subscribe(**form.cleaned_data, by=user)
        except InvalidWebhook as error:
            form.add_refusal(error)
        except TooManyWebhooks as error:
            form.add_error(None, _(error.message))
        else:
            return _show_secret(request, webhook, secret)
    mine = Webhook.objects.of(user).order_by("-pk")
    context = {"form": form, "rows": [(webhook, _host(webhook)) for webhook in mine]}
    return render(request, "integrations/webhooks.html", context)


@require_safe
@login_required
@never_cache
def webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    found = rules.own(rules.check_have_webhooks(request.user), webhook_id)
    recent = WebhookDelivery.objects.filter(event__webhook=found).select_related("event").order_by("-pk")[:RECENT]
    context = {"webhook": found, "host": _host(found), "deliveries": recent}
    return render(request, "integrations/webhook.html", context)


@posted_from("webhook", "webhook_id")
def webhook_act(request: HttpRequest, webhook_id: str, act: str) -> HttpResponse:
    """Pause, switch on, test or delete a webhook, and say that it was done or why not."""
    user = rules.check_have_webhooks(request.user)
    found = rules.own(user, webhook_id)
    if act not in ACTS:
        raise Http404
    perform, done = ACTS[act]
    _attempt(request, lambda: perform(found, user), done)
    return redirect("webhooks") if act == "delete" else redirect("webhook", found.pk)


@posted_from("webhook", "webhook_id")
def webhook_secret(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Make a new secret, shown in the answer and never again."""
    user = rules.check_have_webhooks(request.user)
    found = rules.own(user, webhook_id)
    return _show_secret(request, *actions.renew_secret(webhook=found, by=user))


@posted_from("webhook", "webhook_id")
def webhook_replay(request: HttpRequest, webhook_id: str, delivery_id: str) -> HttpResponse:
    user = rules.check_have_webhooks(request.user)
    delivery = rules.own_delivery(user, webhook_id, delivery_id)

    def replay() -> None:
        _check_sending(user)
        actions.replay(delivery=delivery, by=user)

    _attempt(request, replay, gettext_noop("The event is sent again."))
    return redirect("webhook", webhook_id)


def _attempt(request: HttpRequest, perform: Callable[[], object], done: str) -> None:
    try:
        perform()
    except DomainError as error:
        messages.error(request, _(error.message))
    else:
        messages.success(request, _(done))


def _show_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    context = {"webhook": webhook, "host": _host(webhook), "secret": secret}
    return render(request, "integrations/webhook_secret.html", context)


def _host(webhook: Webhook) -> str:
    return parse(webhook.url, allow_http=True).host


def _set_state(state: WebhookState) -> Act:
    return lambda webhook, user: actions.update(webhook=webhook, values={"state": state}, by=user)


def _ping(webhook: Webhook, user: User) -> None:
    _check_sending(user)
    actions.ping(webhook=webhook, by=user)


def _check_sending(user: User) -> None:
    limits.check("RATE_WEBHOOK_SEND", by=user, address=trail.current().address)


ACTS: Mapping[str, tuple[Act, str]] = {
    "pause": (_set_state(WebhookState.PAUSED), gettext_noop("The webhook is paused: events are kept and not sent.")),
    "resume": (_set_state(WebhookState.ACTIVE), gettext_noop("The webhook is switched on.")),
    "test": (_ping, gettext_noop("A test event is on its way.")),
    "delete": (
        lambda webhook, user: actions.delete(webhook=webhook, by=user),
        gettext_noop("The webhook was deleted."),
    ),
}

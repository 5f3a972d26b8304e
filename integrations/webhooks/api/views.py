"""REST: webhooks, their deliveries, and what a receiver missed."""

from django.conf import settings
from django.db.models import Min
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of, query_of
from accounts.api.throttling import rated
from config.lib import pagination
from config.lib.answers import success
from config.lib.fields import MAX_BIG_INTEGER
from config.lib.schema import NOTHING, answer, body, nothing, refusals
from config.lib.streaming import json_list
from integrations.webhooks import actions, rules
from integrations.webhooks.api.serializers import (
    DELIVERY_EXAMPLE,
    LOG_EXAMPLE,
    SECRET_EXAMPLE,
    WEBHOOK_EXAMPLE,
    DeliveryFields,
    LogFields,
    LogQuery,
    WebhookChangeSerializer,
    WebhookFields,
    WebhookSerializer,
    WebhookWithSecret,
    delivery_fields,
    event_fields,
    webhook_fields,
    webhook_with_secret,
)
from integrations.webhooks.exceptions import InvalidWebhook
from integrations.webhooks.models import Webhook, WebhookDelivery

_NEW = {"url": "https://example.com/hooks", "events": ["meeting.ended", "summary.ready"]}
_LIST_BEFORE = b'{"success":true,"data":['


class WebhookList(APIView):
    """`/webhooks`: the caller's."""

    @extend_schema(
        operation_id="listWebhooks",
        tags=["webhooks"],
        summary="The caller's webhooks, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[WebhookFields], [WEBHOOK_EXAMPLE]), **refusals(403)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        user = person_of(request)
        rules.check_have_webhooks(user)
        found, links = pagination.page(Webhook.objects.of(user), request, default=pagination.DEFAULT_LIMIT)
        return json_list(request, map(webhook_fields, found), before=_LIST_BEFORE, after=b"]}", headers=links)

    @extend_schema(
        operation_id="createWebhook",
        tags=["webhooks"],
        summary="Subscribe an address to events; the secret is told this once",
        request=WebhookSerializer,
        examples=[body("two events", {**_NEW, "description": "Minutes for the wiki"})],
        responses={201: answer(WebhookWithSecret, SECRET_EXAMPLE), **refusals(403, 409)},
    )
    def post(self, request: Request) -> Response:
        wanted = body_of(WebhookSerializer, request)
        with wanted.renaming(InvalidWebhook):
            webhook, secret = actions.subscribe(**wanted.validated_data, by=person_of(request))
        return success(webhook_with_secret(webhook, secret), status=201)


class WebhookDetail(APIView):
    """`/webhooks/:id`."""

    @extend_schema(
        operation_id="getWebhook",
        tags=["webhooks"],
        summary="One webhook",
        responses={200: answer(WebhookFields, WEBHOOK_EXAMPLE), **refusals(403, 404)},
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        return success(webhook_fields(rules.own(person_of(request), webhook_id)))

    @extend_schema(
        operation_id="changeWebhook",
        tags=["webhooks"],
        summary="Change, pause or switch on a webhook",
        request=WebhookChangeSerializer,
        examples=[body("pause", {"state": "paused"})],
        responses={200: answer(WebhookFields, WEBHOOK_EXAMPLE), **refusals(403, 404)},
    )
    def patch(self, request: Request, webhook_id: str) -> Response:
        user = person_of(request)
        webhook = rules.own(user, webhook_id)
        wanted = body_of(WebhookChangeSerializer, request)
        with wanted.renaming(InvalidWebhook):
            changed = actions.update(webhook=webhook, values=wanted.validated_data, by=user)
        return success(webhook_fields(changed))

    @extend_schema(
        operation_id="deleteWebhook",
        tags=["webhooks"],
        summary="Delete a webhook with its log",
        responses={204: nothing("Deleted."), **refusals(403, 404)},
    )
    def delete(self, request: Request, webhook_id: str) -> Response:
        user = person_of(request)
        actions.delete(webhook=rules.own(user, webhook_id), by=user)
        return Response(status=204)


class WebhookSecret(APIView):
    """`POST /webhooks/:id/secret`."""

    @extend_schema(
        operation_id="renewWebhookSecret",
        tags=["webhooks"],
        summary="Make a new secret; the one before signs too for 24 hours",
        request=None,
        responses={200: answer(WebhookWithSecret, SECRET_EXAMPLE), **refusals(403, 404)},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        user = person_of(request)
        webhook, secret = actions.renew_secret(webhook=rules.own(user, webhook_id), by=user)
        return success(webhook_with_secret(webhook, secret))


class WebhookTest(APIView):
    """`POST /webhooks/:id/test`."""

    throttle_classes = rated("RATE_WEBHOOK_SEND")

    @extend_schema(
        operation_id="testWebhook",
        tags=["webhooks"],
        summary="Send the event `ping`",
        request=None,
        responses={202: answer(DeliveryFields, DELIVERY_EXAMPLE), **refusals(403, 404, 409)},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        user = person_of(request)
        delivery = actions.ping(webhook=rules.own(user, webhook_id), by=user)
        return success(delivery_fields(delivery), status=202)


class WebhookLog(APIView):
    """`GET /webhooks/:id/events`."""

    @extend_schema(
        operation_id="listWebhookEvents",
        tags=["webhooks"],
        summary="What the webhook was told after a number, in order: for a receiver that sees a gap",
        description="`data` is empty where you can no longer see the meeting.",
        parameters=[
            OpenApiParameter(
                "after",
                {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_BIG_INTEGER}, NOTHING]},
                description="The last number that is known; `Link` names the next page.",
            ),
            pagination.PARAMETERS[0],
        ],
        responses={200: answer(LogFields, LOG_EXAMPLE), **refusals(403, 404)},
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        user = person_of(request)
        webhook = rules.own(user, webhook_id)
        query = query_of(LogQuery, request).validated_data
        rows = webhook.log.filter(sequence__gt=query["after"]).order_by("sequence")
        events = list(rows[: query["limit"] + 1])
        page = events[: query["limit"]]
        heard = rules.still_heard(user, page)
        oldest = webhook.log.aggregate(oldest=Min("sequence"))["oldest"]
        log: LogFields = {
            "oldestSequence": oldest,
            "lastSequence": webhook.last_sequence,
            "events": [event_fields(event, is_heard=event.pk in heard) for event in page],
        }
        answered = success(log)
        if len(events) > len(page):
            address = f"{settings.PUBLIC_URL}{request.path}"
            answered["Link"] = f'<{address}?after={page[-1].sequence}&limit={query["limit"]}>; rel="next"'
        return answered


class WebhookDeliveries(APIView):
    """`GET /webhooks/:id/deliveries`."""

    @extend_schema(
        operation_id="listWebhookDeliveries",
        tags=["webhooks"],
        summary="How deliveries went, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[DeliveryFields], [DELIVERY_EXAMPLE]), **refusals(403, 404)},
    )
    def get(self, request: Request, webhook_id: str) -> HttpResponseBase:
        webhook = rules.own(person_of(request), webhook_id)
        rows = WebhookDelivery.objects.filter(event__webhook=webhook).select_related("event")
        found, links = pagination.page(rows, request, default=pagination.DEFAULT_LIMIT)
        return json_list(request, map(delivery_fields, found), before=_LIST_BEFORE, after=b"]}", headers=links)


class WebhookReplay(APIView):
    """`POST /webhooks/:id/deliveries/:deliveryId/replay`."""

    throttle_classes = rated("RATE_WEBHOOK_SEND")

    @extend_schema(
        operation_id="replayWebhookDelivery",
        tags=["webhooks"],
        summary="Send the event of a delivery again, under its old number",
        request=None,
        responses={202: answer(DeliveryFields, DELIVERY_EXAMPLE), **refusals(403, 404, 409)},
    )
    def post(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        user = person_of(request)
        delivery = rules.own_delivery(user, webhook_id, delivery_id)
        again = actions.replay(delivery=delivery, by=user)
        return success(delivery_fields(again), status=202)

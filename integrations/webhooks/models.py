"""Webhooks: subscriptions, the numbered log of what each one hears, and the work of delivering it."""

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.lib.ids import ID_LENGTH, new_id
from config.lib.work import Work, WorkState
from integrations.webhooks.addresses import URL_LENGTH
from integrations.webhooks.enums import TRANSITIONS, WebhookState
from integrations.webhooks.protocol import Message
from meetings.models import AccessGrant, Meeting, Participant

DESCRIPTION_LENGTH = 200
# What follows the first attempt and each further one, in seconds: quick at first, a day in all.
BACKOFF_SECONDS = (5, 30, 120, 600, 1800, 3600, *[2 * 3600] * 11)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def about(self, meetings: Iterable[Meeting], event: str) -> Self:
        """Give those that want to hear of such an event, of everybody who has to do with one of the meetings, paused or
        not."""
        those = [*meetings]
        has_to_do = (
            Q(user__in={meeting.host_id for meeting in those})
            | Q(user__in=Participant.objects.filter(meeting__in=those).values("user"))
            | Q(user__in=AccessGrant.objects.filter(meeting__in=those).values("user"))
        )
        return self.filter(has_to_do, events__contains=[event])


class Webhook(models.Model):
    """A subscription: which events of the user's meetings are told to which address."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("user"))
    url = models.CharField(_("address"), max_length=URL_LENGTH)
    description = models.CharField(_("description"), max_length=DESCRIPTION_LENGTH, blank=True)
    events = ArrayField(models.CharField(max_length=40), verbose_name=_("events"))
    state = models.CharField(_("state"), max_length=8, choices=WebhookState, default=WebhookState.ACTIVE)
    # Encrypted with the webhook's data key. The one before signs too until a time, so that receivers can change over.
    secret = models.BinaryField()
    previous_secret = models.BinaryField(null=True)
    previous_secret_until = models.DateTimeField(null=True)
    # The number of the newest event in its log.
    last_sequence = models.PositiveBigIntegerField(_("events told"), default=0)
    # Since when no delivery succeeded, and when the owner was told so.
    failing_since = models.DateTimeField(_("failing since"), null=True)
    owner_told_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=Q(previous_secret=None, previous_secret_until=None)
                | Q(previous_secret__isnull=False, previous_secret_until__isnull=False),
                name="webhook_previous_secret_has_an_end",
            ),
            models.CheckConstraint(condition=Q(state__in=WebhookState.values), name="webhook_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_active(self) -> bool:
        return self.state == WebhookState.ACTIVE

    def change_state(self, state: WebhookState) -> None:
        """Move to `state`; the only place that assigns it."""
        if state not in TRANSITIONS[WebhookState(self.state)]:
            raise ValueError(f"a webhook cannot go from {self.state} to {state}")
        self.state = state


class WebhookEvent(models.Model):
    """One event in the log of one subscription; the numbers there have no gap."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="log", verbose_name=_("webhook"))
    sequence = models.PositiveBigIntegerField(_("number"))
    type = models.CharField(_("event"), max_length=40)
    payload = models.JSONField()
    created_at = models.DateTimeField(_("at"), auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [models.UniqueConstraint(fields=["webhook", "sequence"], name="webhook_event_number_once")]
        # By which a meeting that is deleted finds what was told of it.
        indexes = [models.Index(F("payload__meetingId"), name="webhook_event_meeting")]

    def __str__(self) -> str:
        return f"{self.webhook_id}: {self.sequence}"

    @property
    def meeting_id(self) -> str | None:
        """The meeting that it tells of, if any."""
        meeting_id: str | None = self.payload.get("meetingId")
        return meeting_id

    @property
    def message(self) -> Message:
        return Message(self.pk, self.type, self.created_at, self.sequence, self.webhook_id, self.payload)


class WebhookDelivery(Work):
    """The work of telling a receiver one event, and how the last attempt went."""

    task = "integrations.deliver_webhook"
    is_quick = True

    event = models.ForeignKey(
        WebhookEvent, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event")
    )
    response_status = models.PositiveSmallIntegerField(_("answer"), null=True, editable=False)
    response_bytes = models.PositiveIntegerField(_("bytes of the answer"), null=True, editable=False)
    duration_ms = models.PositiveIntegerField(_("milliseconds"), null=True, editable=False)
    attempted_at = models.DateTimeField(_("last attempt"), null=True, editable=False)

    class Meta(Work.Meta):
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["event"],
                condition=Q(state__in=["queued", "running"]),
                name="webhook_delivery_one_on_its_way",
            ),
        ]

    @property
    def next_attempt_at(self) -> datetime | None:
        return self.not_before if self.state == WorkState.QUEUED else None

    @classmethod
    def max_attempts(cls) -> int:
        return len(BACKOFF_SECONDS) + 1

    def backoff_seconds(self) -> float:
        return BACKOFF_SECONDS[self.attempts - 1] * random.uniform(0.9, 1.1)  # noqa: S311

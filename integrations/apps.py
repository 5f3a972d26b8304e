"""Wiring of the integrations app."""

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from integrations.webhooks import actions, delivery  # noqa: PLC0415 - the app registry must be whole
        from integrations.webhooks.events import EVENT_TYPES  # noqa: PLC0415 - the app registry must be whole

        for kind in EVENT_TYPES:
            facts.subscribe(kind.fact, partial(actions.hear, kind))
        facts.subscribe("meeting_deleted", actions.forget_meeting)
        facts.subscribe("work_settled", delivery.follow_delivery)

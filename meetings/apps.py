"""Wiring of the meetings app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = _("Meetings")

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from meetings import access, actions, rules  # noqa: PLC0415 - the app registry must be whole
        from rooms import presence  # noqa: PLC0415 - the app registry must be whole

        presence.ask(rules.people_in)
        facts.subscribe("members_changed", access.follow_roles)
        facts.subscribe("room_deleted", actions.follow_room)

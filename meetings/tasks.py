"""Celery entry points of the meetings app."""

from celery import shared_task

from config.lib import work
from meetings.models import InvitationMail


@shared_task(name=InvitationMail.task, time_limit=120)
def send_invitation(work_id: str) -> None:
    from meetings.invitations.actions import send  # noqa: PLC0415 - actions ring for tasks, so this import goes up

    work.run(InvitationMail, work_id, send)

"""Quick work is done beside the tasks of a worker, however busy these are."""

import pytest
from celery import current_app
from django.core import mail

from config import courier
from config.lib import work
from config.lib.work import WorkState
from meetings import actions
from meetings.models import InvitationMail
from tests.system.processes import wait_until


@pytest.fixture(autouse=True)
def _tasks():
    """Know the tasks as a worker does."""
    current_app.loader.import_default_modules()


@pytest.fixture
def invited(transactional_db, owner) -> InvitationMail:
    actions.create(title="Planning", host=owner, transcript_enabled=False, by=owner, invited=["ben@example.com"])
    return InvitationMail.objects.get()


def test_mail_is_carried_without_a_bell(invited):
    courier.carry()
    wait_until(lambda: InvitationMail.objects.get().is_settled, 20, "the mail is sent")

    assert [message.to for message in mail.outbox] == [["ben@example.com"]]
    assert (InvitationMail.objects.get().state, invited.rung_at) == (WorkState.DONE, None)


def test_mail_is_carried_once_by_two(invited):
    courier.carry()
    courier.carry()
    wait_until(lambda: InvitationMail.objects.get().is_settled, 20, "the mail is sent")

    assert len(mail.outbox) == 1


def test_sweep_rings_for_no_quick_work(invited):
    assert work.sweep() == 0


def test_what_a_thread_cannot_do_is_left_for_the_sweep(invited, monkeypatch):
    monkeypatch.setattr(InvitationMail, "task", "no.such.task")

    courier.carry()
    wait_until(lambda: not courier._at_work, 20, "the thread is free again")

    assert InvitationMail.objects.get().state == WorkState.QUEUED

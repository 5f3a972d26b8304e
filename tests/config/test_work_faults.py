"""What a unit of work does when Redis, the database or its own lease goes away."""

import logging
import threading

import pytest
from django.db import OperationalError, connection

from config.lib import work
from config.lib.work import Lease, WorkState
from tests.factories import make_meeting
from transcripts.models import NotesWriting

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(owner) -> NotesWriting:
    return NotesWriting.objects.create(meeting=make_meeting(owner))


def test_bell_that_nobody_can_hear_is_logged_and_the_unit_stays_due(unit, monkeypatch, caplog):
    def broken():
        raise ConnectionRefusedError("secret words")

    monkeypatch.setattr(work.current_app, "connection_for_write", broken)

    work.ring(unit)

    unit.refresh_from_db()
    assert unit.state == WorkState.QUEUED
    assert "nobody heard the bell" in caplog.text
    assert "secret words" not in caplog.text


def test_progress_is_written_at_most_once_a_second(unit):
    lease = work.take(NotesWriting, unit.pk)

    lease.report(10)
    lease.report(90)

    unit.refresh_from_db()
    assert (unit.progress, unit.seconds_left) == (10, 0)


def test_progress_that_is_none_gives_no_time_left(unit):
    lease = work.take(NotesWriting, unit.pk)

    lease.report(0.5)

    unit.refresh_from_db()
    assert (unit.progress, unit.seconds_left) == (0.5, None)


def test_work_whose_lease_is_lost_on_the_way_ends_quietly(unit, caplog):
    def perform(lease):
        NotesWriting.objects.filter(pk=unit.pk).update(lease="somebody else's")
        with lease.commit(done=True):
            pass

    with caplog.at_level(logging.WARNING, "tertulia.work"):
        work.run(NotesWriting, unit.pk, perform)

    unit.refresh_from_db()
    assert (unit.state, unit.lease) == (WorkState.RUNNING, "somebody else's")
    assert "went to somebody else" in caplog.text


def test_unit_that_another_sweep_took_back_first_is_left_alone(unit):
    work.take(NotesWriting, unit.pk)

    work._reclaim(unit)

    unit.refresh_from_db()
    assert unit.state == WorkState.RUNNING


@pytest.mark.django_db(transaction=True)
def test_heartbeat_outlives_a_database_that_is_away_for_a_moment(unit, settings, monkeypatch):
    settings.WORK_LEASE_SECONDS = 0.4
    real_mine, missed, beaten = Lease._mine, threading.Event(), threading.Event()

    def away_once(lease):
        if threading.current_thread().name != "heartbeat":
            return real_mine(lease)
        if not missed.is_set():
            missed.set()
            raise OperationalError("away")
        beaten.set()
        return real_mine(lease)

    monkeypatch.setattr(Lease, "_mine", away_once)

    def perform(lease):
        assert beaten.wait(30)
        with lease.commit(done=True):
            pass

    work.run(NotesWriting, unit.pk, perform)

    unit.refresh_from_db()
    assert (missed.is_set(), unit.state) == (True, WorkState.DONE)
    connection.close()

"""The life of a unit of work: taken once, renewed, given back, parked, swept."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from config.lib import work
from config.lib.errors import DomainError
from config.lib.work import Interrupted, LeaseLost, WorkState
from tests.factories import make_meeting
from transcripts.models import NotesWriting

pytestmark = pytest.mark.django_db


class Busy(DomainError):
    code = "busy"
    temporary = True


class Hopeless(DomainError):
    code = "hopeless"


@pytest.fixture
def unit(owner) -> NotesWriting:
    return NotesWriting.objects.create(meeting=make_meeting(owner))


@pytest.fixture
def heard(monkeypatch):
    """Note what is rung for, in place of a broker that nobody listens to."""
    rung = []
    monkeypatch.setattr(work, "ring", lambda unit: rung.append(unit.pk))
    return rung


def expire(unit):
    NotesWriting.objects.filter(pk=unit.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def finish(lease):
    with lease.commit(done=True):
        pass


def retitle(lease, title, then=lambda: None):
    with lease.commit(done=True) as row:
        row.meeting.title = title
        row.meeting.save()
        then()


def fail_with(error):
    def perform(lease):
        raise error

    return perform


def test_unit_is_done_when_its_effects_are_committed(unit):
    work.run(NotesWriting, unit.pk, finish)

    unit.refresh_from_db()
    assert (unit.state, unit.attempts, unit.progress, unit.lease) == (WorkState.DONE, 1, 100, "")
    assert unit.finished_at is not None


def test_unit_that_is_held_is_not_taken_again(unit):
    first = work.take(NotesWriting, unit.pk)

    assert first is not None
    assert work.take(NotesWriting, unit.pk) is None


def test_unit_that_is_done_is_not_performed_again(unit):
    performed = []

    for _ in range(2):
        work.run(NotesWriting, unit.pk, lambda lease: (performed.append(1), finish(lease)))

    assert performed == [1]


def test_unit_not_due_yet_is_not_taken(unit):
    NotesWriting.objects.filter(pk=unit.pk).update(not_before=timezone.now() + timedelta(hours=1))

    assert work.take(NotesWriting, unit.pk) is None


def test_holder_whose_lease_ran_out_writes_nothing(unit):
    first = work.take(NotesWriting, unit.pk)
    expire(unit)
    second = work.take(NotesWriting, unit.pk)

    with pytest.raises(LeaseLost):
        retitle(first, "written by the first")

    unit.refresh_from_db()
    assert (unit.meeting.title, unit.lease) == ("Planning", second.work.lease)


def test_holder_whose_lease_ran_out_learns_it_when_it_reports(unit):
    first = work.take(NotesWriting, unit.pk)
    expire(unit)
    work.take(NotesWriting, unit.pk)

    with pytest.raises(LeaseLost):
        first.report(50)


def test_effects_are_undone_with_the_commit_that_fails(unit):
    lease = work.take(NotesWriting, unit.pk)

    with pytest.raises(ZeroDivisionError):
        retitle(lease, "half", then=lambda: 1 / 0)

    unit.refresh_from_db()
    unit.meeting.refresh_from_db()
    assert (unit.state, unit.meeting.title) == (WorkState.RUNNING, "Planning")


def test_temporary_failure_goes_back_with_a_delay(unit):
    work.run(NotesWriting, unit.pk, fail_with(Busy("Not now.")))

    unit.refresh_from_db()
    assert (unit.state, unit.attempts, unit.error_code) == (WorkState.QUEUED, 1, "busy")
    assert unit.not_before > timezone.now()


def test_permanent_failure_is_parked_with_its_reason(unit):
    work.run(NotesWriting, unit.pk, fail_with(Hopeless("There is nothing to hear.")))

    unit.refresh_from_db()
    assert (unit.state, unit.error_code, unit.error_message) == (
        WorkState.PARKED,
        "hopeless",
        "There is nothing to hear.",
    )


def test_unforeseen_failure_says_no_content(unit):
    work.run(NotesWriting, unit.pk, fail_with(RuntimeError("secret words")))

    unit.refresh_from_db()
    assert (unit.state, unit.error_code, unit.error_message) == (WorkState.QUEUED, "server_error", "RuntimeError")


def test_poisoned_unit_is_parked_after_five_attempts(unit):
    for _ in range(7):
        NotesWriting.objects.filter(pk=unit.pk).update(not_before=timezone.now())
        work.run(NotesWriting, unit.pk, fail_with(Busy("Not now.")))

    unit.refresh_from_db()
    assert (unit.state, unit.attempts) == (WorkState.PARKED, 5)


def test_progress_starts_the_count_of_attempts_anew(unit):
    NotesWriting.objects.filter(pk=unit.pk).update(attempts=3)
    lease = work.take(NotesWriting, unit.pk)

    with lease.commit(progress=40):
        pass

    unit.refresh_from_db()
    assert (unit.attempts, unit.progress, unit.state) == (1, 40, WorkState.RUNNING)


def test_stopping_worker_hands_the_unit_over_untried(unit):
    work.stopping.set()
    try:
        work.run(NotesWriting, unit.pk, finish)
    finally:
        work.stopping.clear()

    unit.refresh_from_db()
    assert (unit.state, unit.attempts, unit.error_code) == (WorkState.QUEUED, 0, "")


def test_interrupted_is_raised_before_anything_is_written(unit):
    lease = work.take(NotesWriting, unit.pk)
    work.stopping.set()
    try:
        with pytest.raises(Interrupted):
            lease.report(10)
    finally:
        work.stopping.clear()


def test_sweep_rings_for_what_nobody_heard(unit, heard):
    assert work.sweep() == 1
    assert heard == [unit.pk]


def test_sweep_rings_once_for_a_unit_in_its_time(unit):
    assert work.sweep() == 1
    assert work.sweep() == 0


def test_sweep_adds_no_bell_to_a_full_queue(unit, heard):
    assert work.sweep(bells_waiting=work.RING_LIMIT) == 0
    assert heard == []


def test_sweep_requeues_what_a_dead_worker_held(unit, heard):
    work.take(NotesWriting, unit.pk)
    expire(unit)

    work.sweep()

    unit.refresh_from_db()
    assert (unit.state, unit.lease, heard) == (WorkState.QUEUED, "", [unit.pk])


def test_sweep_leaves_a_living_lease_alone(unit, heard):
    lease = work.take(NotesWriting, unit.pk)

    work.sweep()

    unit.refresh_from_db()
    assert (unit.state, unit.lease, heard) == (WorkState.RUNNING, lease.work.lease, [])


def test_sweep_parks_what_killed_its_worker_each_time(unit, heard):
    NotesWriting.objects.filter(pk=unit.pk).update(attempts=4)
    work.take(NotesWriting, unit.pk)
    expire(unit)

    work.sweep()

    unit.refresh_from_db()
    assert (unit.state, unit.error_code, heard) == (WorkState.PARKED, "worker_lost", [])


def test_requeue_gives_fresh_attempts(unit, heard):
    NotesWriting.objects.filter(pk=unit.pk).update(state=WorkState.PARKED, attempts=5, error_code="busy")

    assert work.requeue(unit) is True
    assert work.requeue(unit) is False
    unit.refresh_from_db()
    assert (unit.state, unit.attempts, unit.error_code) == (WorkState.QUEUED, 0, "")


def test_change_of_state_that_the_table_forbids_is_refused(unit):
    with pytest.raises(ValueError, match="cannot go from queued to done"):
        unit.change_state(WorkState.DONE)


@pytest.mark.django_db(transaction=True)
def test_heartbeat_renews_the_lease_while_work_runs(unit, settings):
    settings.WORK_LEASE_SECONDS = 0.4
    renewed = threading.Event()

    def perform(lease):
        first = NotesWriting.objects.get(pk=unit.pk).lease_until
        while NotesWriting.objects.get(pk=unit.pk).lease_until <= first:
            renewed.wait(0.02)
        renewed.set()
        finish(lease)

    work.run(NotesWriting, unit.pk, perform)

    assert renewed.is_set()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_perform_a_unit_once(unit):
    performed = []
    ready = threading.Barrier(4)

    def perform(lease):
        performed.append(lease.work.lease)
        finish(lease)

    def worker():
        ready.wait()
        try:
            work.run(NotesWriting, unit.pk, perform)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(performed) == 1

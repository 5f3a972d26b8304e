"""Units of work: the row is the truth, Celery is the doorbell, and a sweep finds what either lost.

A unit is a row of a model that derives from `Work`. Whoever takes it holds a lease that a heartbeat renews; a lease
that runs out is taken by somebody else, and every write of the first holder is then refused (the lease's token is
checked under a row lock). So a unit survives the kill of any process and the emptying of Redis, and takes effect once.
"""

import logging
import multiprocessing
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from config.lib import facts
from config.lib.errors import DomainError
from config.lib.ids import ID_LENGTH, new_id

log = logging.getLogger("tertulia.work")

# Set when the worker is told to stop: made before the pool forks, so that every child sees it.
stopping = multiprocessing.Event()

# How many units a sweep rings for at once; more bells than this would only queue up behind long work.
RING_LIMIT = 50
PROGRESS_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 300


class WorkState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    PARKED = "parked", _("Parked")


TRANSITIONS: dict[WorkState, frozenset[WorkState]] = {
    WorkState.QUEUED: frozenset({WorkState.RUNNING}),
    WorkState.RUNNING: frozenset({WorkState.QUEUED, WorkState.DONE, WorkState.PARKED}),
    WorkState.PARKED: frozenset({WorkState.QUEUED}),
    WorkState.DONE: frozenset(),
}


class LeaseLost(Exception):
    """Somebody else holds this unit now; whoever sees this stops and writes nothing."""


class Interrupted(Exception):
    """The worker was told to stop; the unit goes back as it is."""


# Conditions on rows of work, for `filter`.
DUE = models.Q(state=WorkState.QUEUED, not_before__lte=Now())
ABANDONED = models.Q(state=WorkState.RUNNING, lease_until__lt=Now())
UNSETTLED = models.Q(state__in=[WorkState.QUEUED, WorkState.RUNNING])


class Work(models.Model):
    """A unit of work; a subclass adds what it is about and names the Celery task that performs it."""

    task: ClassVar[str]
    # Takes seconds: done by threads of its own in each worker, where no bell has to be heard (`config/courier.py`).
    is_quick: ClassVar[bool] = False

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=WorkState.choices, default=WorkState.QUEUED, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    not_before = models.DateTimeField(_("not before"), db_default=Now(), editable=False)
    rung_at = models.DateTimeField(_("last rung for"), null=True, editable=False)
    lease = models.CharField(_("lease"), max_length=32, blank=True, default="", editable=False)
    lease_until = models.DateTimeField(_("leased until"), null=True, editable=False)
    heartbeat_at = models.DateTimeField(_("last heartbeat"), null=True, editable=False)
    progress = models.FloatField(_("progress"), default=0, editable=False)
    seconds_left = models.PositiveIntegerField(_("seconds left"), null=True, editable=False)
    error_code = models.CharField(_("error code"), max_length=64, blank=True, default="", editable=False)
    error_message = models.CharField(_("error message"), max_length=500, blank=True, default="", editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        abstract = True
        indexes = [
            models.Index(
                fields=["not_before"],
                name="%(class)s_due",
                condition=models.Q(state__in=["queued", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk} ({self.state})"

    @property
    def is_settled(self) -> bool:
        return self.state in (WorkState.DONE, WorkState.PARKED)

    @classmethod
    def max_attempts(cls) -> int:
        """Say after how many attempts without progress a unit is parked; a kind may have a number of its own."""
        return int(settings.WORK_MAX_ATTEMPTS)

    def backoff_seconds(self) -> float:
        """Say for how long to wait after the attempt that failed; a kind may have a rhythm of its own.

        The jitter keeps units that failed together from coming back together.
        """
        return float(min(2**self.attempts, MAX_BACKOFF_SECONDS)) * random.uniform(0.5, 1.5)  # noqa: S311

    def change_state(self, state: WorkState) -> None:
        """Move to `state`; the only place that assigns it. Leaving RUNNING ends the lease."""
        if state not in TRANSITIONS[WorkState(self.state)]:
            raise ValueError(f"work cannot go from {self.state} to {state}")
        self.state = state
        self.lease, self.lease_until, self.seconds_left = "", None, None
        if state in (WorkState.DONE, WorkState.PARKED):
            self.finished_at = timezone.now()


W = TypeVar("W", bound=Work)


def enqueue(work: Work) -> None:
    """Save a new unit in the caller's transaction and ring for it after the commit."""
    work.save(force_insert=True)
    # No partial: Django names the function where it fails.
    transaction.on_commit(lambda: ring(work), robust=True)


@transaction.atomic
def requeue(work: Work) -> bool:
    """Give a parked unit a fresh set of attempts; False where it was not parked any more."""
    row = type(work)._default_manager.select_for_update().get(pk=work.pk)
    if row.state != WorkState.PARKED:
        return False
    row.change_state(WorkState.QUEUED)
    row.attempts, row.error_code, row.error_message = 0, "", ""
    row.not_before, row.finished_at = timezone.now(), None
    row.save()
    transaction.on_commit(lambda: ring(row), robust=True)
    return True


def ring(work: Work) -> None:
    """Tell the workers that there is something to do; losing the call costs a sweep's time, nothing else.

    For quick kinds nobody rings: they are looked for all the time.

    A connection of its own for each call: after Redis was emptied, a kept one believes that its queue is still declared
    and every message on it is unroutable.
    """
    if work.is_quick:
        return
    type(work)._default_manager.filter(pk=work.pk).update(rung_at=Now())
    try:
        with current_app.connection_for_write() as broker:
            current_app.send_task(work.task, [work.pk], connection=broker, retry=False)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("nobody heard the bell for %s: %s", work, type(error).__name__)


class Lease(Generic[W]):
    """The right to perform one unit; `work` is the row as it was when the lease was taken."""

    def __init__(self, work: W) -> None:
        self.work = work
        self._model = type(work)
        self._since = time.monotonic()
        self._from_progress = work.progress
        self._reported = 0.0

    @contextmanager
    def commit(self, *, progress: float | None = None, done: bool = False) -> Iterator[W]:
        """Write effects in one transaction with the unit's own row, locked and checked to be still ours.

        What the block writes is kept together with the new progress, or not at all. Progress committed this way starts
        the count of attempts anew: only work that gets nowhere is poisoned. What is done keeps its count.

        Raises:
            LeaseLost: somebody else took the unit.
            Interrupted: the worker stops; raised before anything is written.
        """
        self.check_stopping()
        with transaction.atomic():
            row = self._locked()
            yield row
            row.attempts = row.attempts if done else 1
            if progress is not None:
                row.progress, row.seconds_left = progress, self._seconds_left(progress)
            if done:
                row.progress = 100
                row.change_state(WorkState.DONE)
            row.save()
            facts.state("work_settled" if done else "work_progressed", work=row)
        self.work = row

    def report(self, progress: float) -> None:
        """Show progress (0 to 100), at most once a second.

        Raises:
            LeaseLost, Interrupted.
        """
        self.check_stopping()
        if time.monotonic() - self._reported < PROGRESS_SECONDS:
            return
        self._reported = time.monotonic()
        if not self._mine().update(progress=progress, seconds_left=self._seconds_left(progress)):
            raise LeaseLost(str(self.work))
        self.work.progress = progress
        facts.state("work_progressed", work=self.work)

    def check_stopping(self) -> None:
        if stopping.is_set():
            raise Interrupted

    @transaction.atomic
    def give_back(self, error: BaseException) -> None:
        """Return the unit after `error`: to the queue with growing delay, or parked when trying again cannot help."""
        row = self._locked()
        row.error_code = error.code if isinstance(error, DomainError) else "server_error"
        row.error_message = error.message[:500] if isinstance(error, DomainError) else type(error).__name__
        permanent = isinstance(error, DomainError) and not error.temporary
        if permanent or row.attempts >= row.max_attempts():
            row.change_state(WorkState.PARKED)
        else:
            row.change_state(WorkState.QUEUED)
            row.not_before = timezone.now() + timedelta(seconds=row.backoff_seconds())
        row.save()
        if row.is_settled:
            facts.state("work_settled", work=row)

    @transaction.atomic
    def hand_over(self) -> None:
        """Return the unit untried, for whoever comes next."""
        row = self._locked()
        row.change_state(WorkState.QUEUED)
        row.attempts = max(0, row.attempts - 1)
        row.rung_at = None
        row.save()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease from a thread while the block runs."""
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(over,), name="heartbeat", daemon=True)
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _beat(self, over: threading.Event) -> None:
        try:
            while not over.wait(settings.WORK_LEASE_SECONDS / 4):
                try:
                    self._mine().update(lease_until=_lease_end(), heartbeat_at=Now())
                except DatabaseError as error:
                    # The database may be restarting; the lease outlives three missed beats.
                    log.warning("heartbeat of %s missed: %s", self.work, type(error).__name__)
                    connection.close()
        finally:
            connection.close()

    def _mine(self) -> models.QuerySet[W]:
        return self._model._default_manager.filter(pk=self.work.pk, lease=self.work.lease)

    def _locked(self) -> W:
        row = self._mine().select_for_update().first()
        if row is None:
            raise LeaseLost(str(self.work))
        return row

    def _seconds_left(self, progress: float) -> int | None:
        gained = progress - self._from_progress
        if gained < 1:
            return None
        return round((time.monotonic() - self._since) / gained * (100 - progress))


def take(model: type[W], work_id: str) -> Lease[W] | None:
    """Take the lease of a due or abandoned unit in one guarded UPDATE; None where it is not to be had."""
    token = secrets.token_hex(16)
    to_be_had = model._default_manager.filter(DUE | ABANDONED, attempts__lt=model.max_attempts())
    rows = to_be_had.filter(pk=work_id)
    taken = rows.update(
        state=WorkState.RUNNING,
        attempts=models.F("attempts") + 1,
        lease=token,
        lease_until=_lease_end(),
        heartbeat_at=Now(),
        started_at=Coalesce("started_at", Now()),
    )
    return Lease(model._default_manager.get(pk=work_id, lease=token)) if taken else None


def run(model: type[W], work_id: str, perform: Callable[[Lease[W]], None]) -> None:
    """Perform one unit if it is to be had; every end but a kill leaves the row right."""
    lease = take(model, work_id)
    if lease is None:
        return
    try:
        with lease.kept():
            _perform(lease, perform)
    except LeaseLost:
        log.warning("%s went to somebody else", lease.work)


def _perform(lease: Lease[W], perform: Callable[[Lease[W]], None]) -> None:
    try:
        perform(lease)
    except LeaseLost:
        raise
    except Interrupted:
        lease.hand_over()
    except DomainError as error:
        log.warning("%s: %s: %s", lease.work, error.code, error.message)
        lease.give_back(error)
    except Exception as error:
        # The outermost loop of a worker: whatever failed, the row must say so.
        log.error("%s failed", lease.work, exc_info=error)
        lease.give_back(error)


def kinds() -> list[type[Work]]:
    return [model for model in apps.get_models() if issubclass(model, Work)]


def sweep(*, bells_waiting: int = 0) -> int:
    """Hand out what a dead worker, a lost message or an emptied Redis left behind; returns how many bells were rung.

    Abandoned units go back to the queue, or are parked when their attempts are used up. Any number of sweeps may run at
    once. With many bells still waiting in the queue none is added.
    """
    rung = 0
    for model in kinds():
        for work in model._default_manager.filter(ABANDONED)[:RING_LIMIT]:
            _reclaim(work)
        if bells_waiting >= RING_LIMIT or model.is_quick:
            continue
        before = timezone.now() - timedelta(seconds=settings.WORK_SWEEP_SECONDS)
        unheard = models.Q(rung_at__isnull=True) | models.Q(rung_at__lt=before)
        for work in model._default_manager.filter(DUE & unheard).order_by("created_at")[:RING_LIMIT]:
            ring(work)
            rung += 1
    return rung


@transaction.atomic
def _reclaim(work: Work) -> None:
    row = type(work)._default_manager.filter(ABANDONED, pk=work.pk).select_for_update(skip_locked=True).first()
    if row is None:
        return
    if row.attempts >= row.max_attempts():
        row.error_code, row.error_message = "worker_lost", "The worker died each time it tried this."
        row.change_state(WorkState.PARKED)
    else:
        row.change_state(WorkState.QUEUED)
        row.rung_at = None
    row.save()
    if row.is_settled:
        facts.state("work_settled", work=row)


def _lease_end() -> models.expressions.Combinable:
    return Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)

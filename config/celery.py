"""Celery as the doorbell of the work rows: it carries ids, and losing every message would only cost time."""

import os
from typing import Any

from celery import Celery, signals
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUEUE = "tertulia"


def broker_url(redis_url: str) -> str:
    """Translate a redis-py address: `unix:///path?db=0` is `redis+socket:///path?virtual_host=0` to Celery."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    return redis_url


app = Celery("tertulia")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    # No limit: `serve` restarts Redis, and a worker that gave up meanwhile would have to be restarted too.
    broker_connection_max_retries=None,
    broker_transport_options={"socket_timeout": 10, "socket_connect_timeout": 2, "health_check_interval": 10},
    task_default_queue=QUEUE,
    task_ignore_result=True,
    # Late and rejected, so that a killed child's message comes back sooner than the sweep; one at a time, so that
    # no message waits behind long work in a busy child.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # KiB: a child that recognised speech holds on to its memory; it is replaced after its task.
    worker_max_memory_per_child=150_000,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    beat_schedule={"sweep": {"task": "config.sweep", "schedule": settings.WORK_SWEEP_SECONDS}},
)
app.autodiscover_tasks()


@signals.worker_ready.connect
def _start_housekeeping(**_: Any) -> None:
    from config import housekeeping  # noqa: PLC0415 - models are not loaded yet when Celery imports this module

    housekeeping.start()


@signals.worker_shutting_down.connect
def _stop_housekeeping(**_: Any) -> None:
    from config import housekeeping  # noqa: PLC0415 - see above

    housekeeping.stop()

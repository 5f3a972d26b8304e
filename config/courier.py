"""Quick work, such as mail and webhooks, in threads beside the tasks of a worker: it waits behind no hour of speech."""

import logging
from concurrent.futures import ThreadPoolExecutor

from celery import current_app
from django.db import connections

from config.lib import work

log = logging.getLogger("tertulia.courier")

# A receiver that hangs holds one of them for seconds.
THREADS = 4

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="courier")
_at_work: set[str] = set()


def carry() -> None:
    """Hand what is due to the threads that are free; who else has taken it meanwhile is settled by its lease."""
    for model in work.kinds():
        if not model.is_quick:
            continue
        due = model._default_manager.filter(work.DUE).exclude(pk__in=[*_at_work]).order_by("not_before")
        for pk in due.values_list("pk", flat=True)[: THREADS - len(_at_work)]:
            _at_work.add(pk)
            _pool.submit(_perform, model.task, pk)


def _perform(task: str, pk: str) -> None:
    try:
        current_app.tasks[task](pk)
    except Exception as error:  # noqa: BLE001 - the outermost frame of a thread: the sweep finds what it left
        log.warning("%s of %s will be tried again: %s", task, pk, type(error).__name__)
    finally:
        connections.close_all()
        _at_work.discard(pk)

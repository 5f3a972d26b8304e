"""Celery entry points that belong to no app."""

from celery import shared_task

from config.lib import work


@shared_task(name="config.sweep", time_limit=60)
def sweep() -> None:
    """Hand out the work that nobody heard the bell for."""
    from config.housekeeping import bells_waiting  # noqa: PLC0415 - it imports models, which need the loaded apps

    work.sweep(bells_waiting=bells_waiting())

"""Celery entry points of the recordings app."""

from celery import shared_task

from config.lib import work
from recordings.models import AudioMix


@shared_task(name=AudioMix.task)
def mix_audio(work_id: str) -> None:
    from recordings.actions import mix_audio as perform  # noqa: PLC0415 - actions ring for tasks, so this import goes up

    work.run(AudioMix, work_id, perform)

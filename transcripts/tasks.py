"""Celery entry points of the transcripts app."""

from celery import shared_task

from config.lib import work
from transcripts.models import NotesWriting, TrackRecognition


@shared_task(name=TrackRecognition.task)
def recognise_track(work_id: str) -> None:
    from transcripts.actions import recognise_track as perform  # noqa: PLC0415 - actions ring for tasks: this goes up

    work.run(TrackRecognition, work_id, perform)


@shared_task(name=NotesWriting.task)
def write_notes(work_id: str) -> None:
    from transcripts.actions import write_notes as perform  # noqa: PLC0415 - actions ring for tasks: this goes up

    work.run(NotesWriting, work_id, perform)

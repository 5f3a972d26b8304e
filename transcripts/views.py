"""Pages: my meetings, and one meeting with its transcript and notes."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.clients import client_of
from config.lib.ids import is_id
from meetings import actions, rules
from meetings.models import Meeting
from recordings.models import AudioMix
from transcripts import documents, presenting, reading
from transcripts.reading import Progress

PAGE = 50


@require_safe
@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show the caller's meetings, the newest first, `?before=` an id the older ones.

    The rows that are in work are asked for again by the page itself.
    """
    meetings = Meeting.objects.visible_to(request.user).prefetch_related("participants").order_by("-pk")
    before = request.GET.get("before", "")
    if is_id(before):
        meetings = meetings.filter(pk__lt=before)
    found = list(meetings[: PAGE + 1])
    page, older = found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None
    progress = reading.progress_by_meeting(page)
    rows = [_row(meeting, progress[meeting.pk]) for meeting in page]
    template = "transcripts/_meetings.html" if request.headers.get("HX-Request") else "transcripts/home.html"
    return render(request, template, {"meetings": rows, "older": older})


@require_safe
@login_required
@never_cache
def meeting(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Show one meeting: player, transcript, notes; while it is in work, how far that is."""
    found = _open(request, meeting_id, "transcript")
    lines = list(reading.lines_of(found.pk))
    people = list(found.participants.all())
    progress = reading.progress_of(found)
    written = reading.notes_of(found)
    missing = reading.missing_of(found)
    context = {
        "meeting": found,
        "state": progress.state,
        "progress": progress,
        "speakers": presenting.speakers_of(people, lines),
        "items": presenting.items_of(lines, missing, {person.pk: person for person in people}),
        "notes": presenting.notes_of(written, lines) if written else None,
        "audio_url": _audio_url(found),
        "waveform": presenting.waveform_of(found),
        "has_missing": bool(missing),
        "can_export": bool(lines),
    }
    return render(request, "transcripts/meeting.html", context)


@require_safe
@login_required
@never_cache
def meeting_progress(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Answer the part of the page that shows progress; when all is done, the page is told to load anew."""
    found = rules.readable(request.user, meeting_id)
    progress = reading.progress_of(found)
    response = render(request, "transcripts/_progress.html", {"meeting": found, "progress": progress})
    if progress.is_over:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@login_required
@never_cache
def meeting_export(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Hand out the transcript as a file: `?format=txt` or `json`."""
    form = request.GET.get("format", "txt")
    documents.check_format(form)
    found = _open(request, meeting_id, f"transcript.{form}", "EXPORT")
    body = documents.transcript(found, form)
    response = HttpResponse(body, content_type=documents.CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="transcript-{found.pk}.{form}"'
    return response


def _open(request: HttpRequest, meeting_id: str, content: str, act: str = "GET") -> Meeting:
    return actions.open_meeting(
        meeting_id=meeting_id, content=content, by=request.user, address=client_of(request).address, act=act
    )


def _audio_url(found: Meeting) -> str | None:
    mixed = AudioMix.objects.filter(recording__meeting=found).exclude(file="").exists()
    return reverse("meeting_audio", args=[found.pk]) if mixed else None


def _row(found: Meeting, progress: Progress) -> dict[str, Any]:
    return {
        "id": found.pk,
        "title": found.title,
        "created_at": found.created_at,
        "duration_ms": found.duration_ms,
        "speakers": found.participants.all(),
        "state": progress.state,
        "percent": progress.percent,
        "url": reverse("meeting", args=[found.pk]),
    }

"""Pages: my meetings, and one meeting with its transcript and notes."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import limits
from accounts.clients import client_of
from accounts.decorators import posted_from
from meetings import rules as meetings_rules
from meetings.enums import Right
from meetings.models import Meeting
from meetings.reading import open_meeting
from meetings.views import plan_of
from recordings.models import AudioMix
from recordings.rules import can_import
from transcripts import actions, documents, presenting, reading, rules

PAGE = 50


@require_safe
@login_required
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Show the last of the meetings that the caller may know of, with the progress of those that they may read.

    The rows that are in work are asked for again by the page itself.
    """
    known = Meeting.objects.known_to(request.user).select_related("host").prefetch_related("participants").by_date()
    found = list(known[: PAGE + 1])
    page = found[:PAGE]
    readable = Meeting.objects.visible_to(request.user).filter(pk__in=[meeting.pk for meeting in page])
    progress = reading.progress_by_meeting(list(readable))
    rows = [(meeting, progress.get(meeting.pk)) for meeting in page]
    template = "transcripts/_meetings.html" if request.headers.get("HX-Request") else "transcripts/home.html"
    context = {"rows": rows, "has_more": len(found) > PAGE, "can_import": can_import(request.user)}
    return render(request, template, context)


@require_safe
@login_required
@never_cache
def meeting(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Show one meeting: player, transcript, notes; while it is in work, how far that is."""
    planned = plan_of(request, meeting_id, has_words=rules.has_lines)
    if planned is not None:
        return planned
    found = _open(request, meeting_id, "transcript")
    lines = list(reading.lines_of(found.pk))
    people = list(found.participants.all())
    progress = reading.progress_of(found)
    written = reading.notes_of(found)
    missing = reading.missing_of(found)
    rights = meetings_rules.rights_of(request.user, found)
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
        "has_recording": bool(progress.tracks) or progress.audio_state != "none",
        "can_export": bool(lines) and Right.EXPORT in rights,
        "can_write_notes": bool(lines) and Right.EDIT in rights,
        "can_grant": Right.GRANT in rights,
        "is_manager": meetings_rules.is_manager(request.user, found),
        "plan_has_notes": found.host.has_feature("summaries"),
    }
    return render(request, "transcripts/meeting.html", context)


@require_safe
@login_required
@never_cache
def meeting_progress(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Answer the part of the page that shows progress; when all is done, the page is told to load anew."""
    found = meetings_rules.readable(request.user, meeting_id)
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
    documents.TRANSCRIPT.check(form)
    found = _open(request, meeting_id, f"transcript.{form}", act="EXPORT", right=Right.EXPORT)
    body = documents.transcript(found, form)
    response = HttpResponse(body, content_type=documents.CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="transcript-{found.pk}.{form}"'
    return response


@posted_from("meeting", "meeting_id")
def meeting_notes(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Have the notes written anew; the page shows how far that is."""
    limits.check("RATE_SUMMARY", by=request.user, address=client_of(request).address)
    actions.request_notes(meeting_id=meeting_id, by=request.user)
    return redirect("meeting", meeting_id)


def _open(request: HttpRequest, meeting_id: str, content: str, **asked: str) -> Meeting:
    return open_meeting(meeting_id=meeting_id, content=content, by=request.user, **asked)


def _audio_url(found: Meeting) -> str | None:
    mixed = AudioMix.objects.filter(recording__meeting=found).exclude(file="").exists()
    return reverse("meeting_audio", args=[found.pk]) if mixed else None

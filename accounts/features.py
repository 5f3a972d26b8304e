"""Which features each plan has; the plan of a room's host decides for everybody in it."""

from typing import Literal, get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.enums import Plan

Feature = Literal[
    "noise_suppression",
    "enhanced_chat",
    "captions",
    "transcripts",
    "summaries",
    "whiteboard",
    "virtual_background",
    "speaker_tagging",
    "analytics",
]

NAMES: dict[Feature, Promise] = {
    "noise_suppression": _("Noise suppression"),
    "enhanced_chat": _("Chat with files, private messages, reactions and history"),
    "captions": _("Live captions"),
    "transcripts": _("Transcripts"),
    "summaries": _("Notes and summaries"),
    "whiteboard": _("Whiteboard"),
    "virtual_background": _("Virtual backgrounds"),
    "speaker_tagging": _("Speaker tagging"),
    "analytics": _("Reports"),
}

ESSENTIAL: tuple[Feature, ...] = ()
PROFESSIONAL: tuple[Feature, ...] = get_args(Feature)

BY_PLAN: dict[str, tuple[Feature, ...]] = {Plan.ESSENTIAL: ESSENTIAL, Plan.PROFESSIONAL: PROFESSIONAL}


def features_of(plan: str) -> list[str]:
    return list(BY_PLAN[plan])

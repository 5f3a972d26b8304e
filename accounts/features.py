"""Which features each plan has; the plan of a room's host decides for everybody in it."""

from typing import Literal, get_args

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

ESSENTIAL: tuple[Feature, ...] = ()
PROFESSIONAL: tuple[Feature, ...] = get_args(Feature)

BY_PLAN: dict[str, tuple[Feature, ...]] = {Plan.ESSENTIAL: ESSENTIAL, Plan.PROFESSIONAL: PROFESSIONAL}


def features_of(plan: str) -> list[str]:
    return list(BY_PLAN[plan])

"""Which features each plan has."""

from accounts.enums import Plan

ESSENTIAL: tuple[str, ...] = ()
PROFESSIONAL: tuple[str, ...] = (
    "noise_suppression",
    "enhanced_chat",
    "captions",
    "transcripts",
    "summaries",
    "whiteboard",
    "virtual_background",
    "speaker_tagging",
    "analytics",
)

BY_PLAN: dict[str, tuple[str, ...]] = {Plan.ESSENTIAL: ESSENTIAL, Plan.PROFESSIONAL: PROFESSIONAL}


def features_of(plan: str) -> list[str]:
    return list(BY_PLAN[plan])

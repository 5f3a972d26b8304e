"""Write docs/states.md from the transition tables of the code: `python -m docs.generate`."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TypeVar

import django
from django.conf import settings
from django.db.models import TextChoices

TARGET = Path(__file__).resolve().parent / "states.md"

INTRODUCTION = """\
# States

Written by `make docs` from the tables `TRANSITIONS` in the code; a test compares. A state is changed by one function,
`change_state`, which refuses whatever is not drawn here.
"""

State = TypeVar("State", bound=TextChoices)


def write_page() -> str:
    """Return the page with one diagram for each table."""
    # Modules of models need Django to be set up, which a run of this file does first.
    from config.lib import work  # noqa: PLC0415
    from recordings import enums  # noqa: PLC0415

    return "\n".join(
        [
            INTRODUCTION,
            write_section("A unit of work", "config/lib/work.py", work.TRANSITIONS, work.WorkState.QUEUED),
            write_section("A recording", "recordings/enums.py", enums.TRANSITIONS, enums.RecordingState.PENDING),
        ]
    )


def write_section(title: str, source: str, table: Mapping[State, AbstractSet[State]], first: State) -> str:
    """Draw one table: where it begins, every change, every end, and the states that nothing leads to yet."""
    reached = {first, *table, *(state for states in table.values() for state in states)}
    lines = ["stateDiagram-v2", f"    [*] --> {first.value}"]
    for state in type(first):
        following = sorted(after.value for after in table.get(state, ()))
        lines += [f"    {state.value} --> {after}" for after in following or ["[*]"] if state in reached]
    unused = [f"`{state.value}`" for state in type(first) if state not in reached]
    text = f"## {title}\n\nFrom `{source}`.\n\n```mermaid\n" + "\n".join(lines) + "\n```\n"
    return text + (f"\nNamed already, and used by nothing yet: {', '.join(unused)}.\n" if unused else "")


if __name__ == "__main__":
    # Only the tables are read: no settings, no database.
    settings.configure()
    django.setup()
    TARGET.write_text(write_page())

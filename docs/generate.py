"""Write the pages, or parts of pages, that are made from tables of the code: `python -m docs.generate`."""

import os
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TypeVar, get_args, get_type_hints

import django
from django.db.models import TextChoices

TARGET = Path(__file__).resolve().parent / "states.md"
WEBHOOKS = Path(__file__).resolve().parent / "protocol" / "webhooks.md"

EVENTS = Path(__file__).resolve().parent / "protocol" / "events.md"
REST = Path(__file__).resolve().parent / "protocol" / "rest.md"

REST_INTRODUCTION = """\
# REST

Written by `make docs` from the OpenAPI document, which a running server has at `/api/schema`, with bodies, answers and
examples at `/api/docs`; a test compares. Each operation may also answer 400, 401 and 429, and with a body 413 and 415.
"""

COMMON = {"400", "401", "413", "415", "429"}

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
    from integrations.webhooks import enums as webhooks  # noqa: PLC0415
    from recordings import enums  # noqa: PLC0415

    return "\n".join(
        [
            INTRODUCTION,
            write_section("A unit of work", "config/lib/work.py", work.TRANSITIONS, work.WorkState.QUEUED),
            write_section("A recording", "recordings/enums.py", enums.TRANSITIONS, enums.RecordingState.PENDING),
            write_section(
                "A webhook", "integrations/webhooks/enums.py", webhooks.TRANSITIONS, webhooks.WebhookState.ACTIVE
            ),
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


def write_rest() -> str:
    """Return the page with a table of operations for each part of the API."""
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415

    document = SchemaGenerator().get_schema(request=None, public=True)
    rows: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            answers = ", ".join(status for status in operation["responses"] if status not in COMMON)
            row = f"| `{method.upper()} {path}` | {operation['summary']} | {answers} |"
            rows.setdefault(operation["tags"][0], []).append(row)
    head = ["| operation | does | answers |", "|---|---|---|"]
    parts = ["\n".join([f"## {tag.capitalize()}", "", *head, *rows[tag], ""]) for tag in sorted(rows)]
    return "\n".join([REST_INTRODUCTION, *parts])


def write_events() -> str:
    """Return the page with the events of a room, and of one person."""
    from accounts.notices import NOTICES  # noqa: PLC0415
    from config.realtime import KINDS  # noqa: PLC0415
    from docs import events  # noqa: PLC0415
    from rooms.me import ACTS  # noqa: PLC0415

    return events.write_page(KINDS.values(), ACTS, NOTICES)


def write_webhooks() -> str:
    """Return the page of webhooks with its events as the code has them."""
    from integrations.webhooks.events import EVENT_TYPES, PING  # noqa: PLC0415

    before, start, rest = WEBHOOKS.read_text().partition("<!-- events -->\n")
    _, end, after = rest.partition("<!-- /events -->")
    parts = [_write_event(kind.name, kind.description, kind.payload) for kind in (*EVENT_TYPES, PING)]
    return before + start + "\n".join(["", *parts, ""]) + end + after


def _write_event(name: str, description: str, payload: type) -> str:
    """Write one type of event: what it tells, and a table of its `data`."""
    rows = []
    for field, hint in get_type_hints(payload, include_extras=True).items():
        kind, meaning = get_args(hint)
        empty = " or null" if type(None) in get_args(kind) else ""
        rows.append(f"| `{field}` | text{empty} | {meaning} |")
    return "\n".join([f"### {name}", "", description, "", "| `data` | is | |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    # The tables of operations need the settings, whose secrets `manage.py check` makes; nothing needs the database.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    TARGET.write_text(write_page())
    WEBHOOKS.write_text(write_webhooks())
    REST.write_text(write_rest())
    EVENTS.write_text(write_events())

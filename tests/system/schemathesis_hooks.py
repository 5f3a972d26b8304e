"""Hooks of schemathesis: real ids in place of made-up ones, so that calls get behind the doors."""

import json
import os
import random
import re
from pathlib import Path
from typing import Any

import schemathesis

# By the name of a parameter or a field: ids that the caller has things under.
KNOWN: dict[str, list[str]] = json.loads(Path(os.environ["KNOWN_IDS"]).read_text())
FIELDS = {"roomId": "room_id", "meetingId": "meeting_id", "hostId": "user_id", "userId": "user_id"}
# What an id looks like: what is to be wrong stays so.
ID = re.compile(r"[0-9a-f]{24}")
# Made-up ids have to be tried too.
SHARE = 0.7


def known(name: str, seed: object) -> str | None:
    chance = random.Random(repr((name, seed)))
    return chance.choice(KNOWN[name]) if KNOWN.get(name) and chance.random() < SHARE else None


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    if not path_parameters:
        return path_parameters
    return {name: known(name, path_parameters) or value for name, value in path_parameters.items()}


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    ids = {name: kind for name, kind in FIELDS.items() if isinstance(body.get(name), str) and ID.fullmatch(body[name])}
    found = {name: known(kind, body) for name, kind in ids.items()}
    return {**body, **{name: value for name, value in found.items() if value}}

"""The documentation says what is there: settings, links, decisions, dependencies, states."""

import ast
import re
from pathlib import Path

import pytest
from msgspec import inspect

from accounts.notices import Notice
from docs import generate
from rooms.me import ACTS

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("config", "accounts", "rooms", "meetings", "recordings", "transcripts", "integrations", "reporting")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
RECORDS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))

READERS = {"env_str", "env_bool", "env_int", "env_list", "env_path", "env_rate", "env_secret"}
# Read before there are readers, because it names the file that they read.
READ_FIRST = {"CONFIG_FILE"}
EXAMPLE = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
PACKAGE = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)", re.MULTILINE)


def calls_of_readers() -> list[ast.Call]:
    files = [ROOT / "manage.py", *(file for folder in CODE for file in (ROOT / folder).rglob("*.py"))]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text()))]
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [call for call in calls if call.func.id in READERS]


def settings_read() -> set[str]:
    names = {call.args[0].value for call in calls_of_readers()}
    secrets = {f"{call.args[0].value}_FILE" for call in calls_of_readers() if call.func.id == "env_secret"}
    return names | secrets | READ_FIRST


def settings_listed() -> dict[str, str]:
    return {name: text.strip('"') for name, text in EXAMPLE.findall((ROOT / ".env.example").read_text())}


def number_of(node: ast.expr) -> object:
    """Compute a default such as `4 * 2**30`; None for what only the running program knows."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Pow):
        left, right = number_of(node.left), number_of(node.right)
        return left * right if isinstance(node.op, ast.Mult) else left**right
    return None


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_example_settings_are_those_that_are_read():
    listed = settings_listed()

    assert set(listed) == settings_read()


def test_example_settings_state_the_defaults_of_the_code():
    defaults = {
        call.args[0].value: str(number_of(call.args[1]))
        for call in calls_of_readers()
        if len(call.args) > 1 and number_of(call.args[1]) is not None
    }

    listed = {name: text for name, text in settings_listed().items() if name in defaults}

    assert listed == defaults


def test_example_settings_each_have_a_sentence():
    lines = (ROOT / ".env.example").read_text().splitlines()

    explained = [
        lines[number - 1].startswith("# ") or EXAMPLE.match(lines[number - 1])
        for number, line in enumerate(lines)
        if EXAMPLE.match(line)
    ]

    assert all(explained)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page):
    broken = []
    for target in LINK.findall(page.read_text()):
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        if target.startswith(("https://", "mailto:")):
            continue
        if not file.exists() or (anchor and anchor not in map(anchor_of, HEADING.findall(file.read_text()))):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_decision_has_its_parts(record):
    text = record.read_text()

    assert re.match(r"# \d{4}\. .+\n\nDate: \d{4}-\d\d-\d\d\n\nStatus: (accepted|superseded by .+)\n", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert text.startswith(f"# {record.stem[:4]}. ")
    # A table may grow with what it lists.
    assert 20 <= len([line for line in text.splitlines() if not line.startswith("|")]) <= 60


def test_decisions_are_numbered_and_listed():
    index = (ROOT / "docs" / "adr" / "README.md").read_text()

    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", index, re.MULTILINE)

    assert listed == [(record.read_text().splitlines()[0].removeprefix("# "), record.name) for record in RECORDS]
    assert [record.name[:4] for record in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]


def test_dependencies_are_those_of_the_decision():
    text = (ROOT / "docs" / "adr" / "0013-dependencies.md").read_text()

    explained = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)

    assert set(explained) == set(PACKAGE.findall((ROOT / "requirements.txt").read_text()))


def test_rest_is_that_of_the_document():
    assert generate.REST.read_text() == generate.write_rest()


def test_events_are_those_of_the_table():
    assert generate.EVENTS.read_text() == generate.write_events()


def test_events_of_one_person_are_all_in_the_page():
    _, _, tables = generate.EVENTS.read_text().partition("`/ws/me`\n")

    said = re.findall(r"^\| `([a-z-]+)` \|", tables, re.MULTILINE)

    assert sorted(said) == sorted(
        [*(act.name for act in ACTS), *(str(inspect.type_info(notice).tag) for notice in Notice.__subclasses__())]
    )


def test_states_are_those_of_the_code():
    written = generate.TARGET.read_text()

    assert written == generate.write_page()

"""The product in Russian: nothing is left in English, the catalogues are whole, and each reader gets their language."""

import ast
import gettext
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
import unfold
from django.conf import settings
from django.utils import translation

from meetings.models import Meeting
from tests.factories import make_line, make_meeting, make_user
from transcripts.models import NotesWriting

ROOT = Path(settings.BASE_DIR)
CATALOGUES = [ROOT / "locale" / "ru" / "LC_MESSAGES", ROOT / "locale" / "unfold" / "ru" / "LC_MESSAGES"]
SOURCES = [*settings.FIRST_PARTY_APPS, "config", "templates"]
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%%")
RUSSIAN, ENGLISH = {"Accept-Language": "ru"}, {"Accept-Language": "en"}

Entry = tuple[str, str, list[str]]


def entries_of(po: Path) -> Iterator[Entry]:
    """Yield flags, msgid and translations of each entry of a .po file, its header apart."""
    for block in re.split(r"\n{2,}", po.read_text().strip()):
        texts: dict[str, str] = {}
        flags, name = "", ""
        for line in block.splitlines():
            if line.startswith("#,"):
                flags += line
            elif match := re.match(r'(msg[a-z_]+(?:\[\d])?) (".*)', line):
                name, text = match.groups()
                texts[name] = ast.literal_eval(text)
            elif line.startswith('"'):
                texts[name] += ast.literal_eval(line)
        if texts.get("msgid"):
            yield flags, texts["msgid"], [text for name, text in texts.items() if name.startswith("msgstr")]


def extract(folder: Path) -> list[str]:
    """Run makemessages over a folder; give the msgids that it finds."""
    (folder / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale=ru", "--no-location", "--verbosity=0"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=folder, env=environment, check=True)
    return [msgid for _, msgid, _ in entries_of(folder / "locale" / "ru" / "LC_MESSAGES" / "django.po")]


@pytest.fixture(scope="session")
def _xgettext():
    if shutil.which("xgettext") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "gettext"], check=True)
    if shutil.which("xgettext") is None:
        assert "CI" not in os.environ, "install gettext: CI must not skip this"
        pytest.skip("xgettext is not installed")


@pytest.mark.parametrize("folder", CATALOGUES, ids=["product", "theme"])
def test_every_text_is_translated_with_its_placeholders(folder):
    bad = [
        msgid
        for flags, msgid, translations in entries_of(folder / "django.po")
        if "fuzzy" in flags
        or not all(translations)
        or any(sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(msgid)) for text in translations)
    ]

    assert bad == []


@pytest.mark.parametrize("folder", CATALOGUES, ids=["product", "theme"])
def test_compiled_catalogue_agrees_with_its_source(folder):
    with (folder / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    source = {msgid: translations for _, msgid, translations in entries_of(folder / "django.po")}
    counts = (1, 2, 5)  # one number for each form of a Russian plural
    assert {
        msgid: [compiled.gettext(msgid)] if len(texts) == 1 else [compiled.ngettext(msgid, "", n) for n in counts]
        for msgid, texts in source.items()
    } == {msgid: texts[: len(counts)] for msgid, texts in source.items()}
    assert {key if isinstance(key, str) else key[0] for key in compiled._catalog} - {""} == set(source)


@pytest.mark.usefixtures("_xgettext")
def test_catalogue_holds_exactly_what_the_sources_say(tmp_path):
    for name in SOURCES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    found = extract(tmp_path)

    assert sorted(found) == sorted(msgid for _, msgid, _ in entries_of(CATALOGUES[0] / "django.po"))


@pytest.mark.usefixtures("_xgettext")
def test_every_text_of_the_panels_theme_has_a_translation(tmp_path):
    package = Path(unfold.__file__).parent
    shutil.copytree(package, tmp_path / "unfold", ignore=shutil.ignore_patterns("__pycache__", "contrib", "static"))

    found = extract(tmp_path)

    with translation.override("ru"):
        # A plural has no translation as a single text.
        left = [text for text in found if translation.gettext(text) == text == translation.ngettext(text, text, 1)]
    assert left == []


def language_of(page) -> str:
    return re.search(r'<html lang="(\w+)"', page.content.decode())[1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "language"),
    [("ru-RU,ru;q=0.9,en;q=0.5", "ru"), ("en-GB,en;q=0.9,ru;q=0.5", "en"), ("fr", "en"), ("", "en")],
)
def test_visitor_gets_the_language_of_the_browser(client, asked, language):
    page = client.get("/", headers={"Accept-Language": asked})

    assert language_of(page) == language
    assert ("Войти" in page.content.decode()) == (language == "ru")


@pytest.mark.django_db
@pytest.mark.parametrize(("own", "browser"), [("ru", ENGLISH), ("en", RUSSIAN)])
def test_user_gets_their_own_language_whatever_the_browser_asks_for(client, own, browser):
    client.force_login(make_user("polyglot", language=own))

    pages = [client.get("/app/", headers=browser), client.get("/nowhere", headers={**browser, "Accept": "text/html"})]

    assert [(page.status_code, language_of(page)) for page in pages] == [(200, own), (404, own)]


@pytest.mark.django_db
def test_rest_speaks_english_to_everybody(client):
    client.force_login(make_user("polyglot", language="ru"))

    refused = client.post("/auth/login", {}, content_type="application/json", headers=RUSSIAN).json()
    weak = {"oldPassword": "correct horse battery", "newPassword": "1234"}
    changed = client.post("/auth/password/change", weak, content_type="application/json", headers=RUSSIAN).json()
    page = client.get("/app/")

    assert refused["errors"] == {name: ["This field is required."] for name in ("userName", "password")}
    assert changed["errors"]["newPassword"][-1] == "This password is entirely numeric."
    assert language_of(page) == "ru"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "date", "length"), [("ru", "5 марта 2026 г. 12:00", "2 мин"), ("en", "March 5, 2026, noon", "2 min")]
)
def test_dates_and_lengths_are_written_in_the_language(client, language, date, length):
    user = make_user("polyglot", language=language)
    meeting = make_meeting(user, minutes=2)
    started_at = datetime(2026, 3, 5, 12, tzinfo=UTC)
    Meeting.objects.filter(pk=meeting.pk).update(started_at=started_at, ended_at=started_at + timedelta(minutes=2))
    client.force_login(user)

    page = client.get("/app/").content.decode()

    assert f">{date}</time> · {length}" in page


@pytest.mark.django_db
def test_panel_speaks_russian(client):
    chief = make_user("chief", language="ru", is_staff=True, is_superuser=True)
    NotesWriting.objects.create(meeting=make_meeting(make_user("host")))
    client.force_login(chief)

    index = client.get("/admin/").content.decode()
    work = client.get("/admin/transcripts/noteswriting/").content.decode()
    form = {"action": "disable", "_selected_action": [chief.pk]}
    answer = client.post("/admin/accounts/user/", form, follow=True)

    assert "Распознавания дорожек" in index
    assert "Rooms" not in index
    assert "Сообщение об ошибке" in work
    assert "Введите запрос" in work
    assert "В очереди" in work
    assert [str(message) for message in answer.context["messages"]] == [
        "Отключить: выполнено — 0, пропущено — 0, не удалось — 1. "
        "chief@example.com: Отключить или включить собственную учётную запись нельзя."
    ]


class Words(HTMLParser):
    """Gathers what a reader sees or hears of a page."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    UNSEEN = ("script", "style", "code")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag, attrs):
        self._unseen += tag in self.UNSEEN
        self.texts += [text for name, text in attrs if text and (name in self.SPOKEN or name.startswith("data-text-"))]

    def handle_endtag(self, tag):
        self._unseen -= tag in self.UNSEEN

    def handle_data(self, data):
        if not self._unseen:
            self.texts.append(data)


def english_in(page) -> set[str]:
    words = Words()
    words.feed(page.content.decode())
    # {limit} and the like are filled in by the page's scripts.
    return set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", " ".join(words.texts)))) - {
        "Tertulia",
        "Esc",
        "TXT",
        "JSON",
        "JavaScript",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/accounts/sign-in",
        "/accounts/register",
        "/accounts/password/reset",
        "/accounts/password/reset/sent",
        "/no",
    ],
)
def test_no_english_is_left_for_a_visitor(client, path):
    page = client.get(path, headers={**RUSSIAN, "Accept": "text/html"})

    assert english_in(page) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/app/", "/app/import", "/accounts/password", "/m/{id}", "/m/" + "0" * 24])
def test_no_english_is_left_for_a_user(client, path):
    user = make_user("polyglot", language="ru")
    meeting = make_meeting(user, title="Планы", names=("Анна", "Бен"))
    make_line(meeting, 0, 1000, "Начнём")
    client.force_login(user)

    page = client.get(path.format(id=meeting.pk), headers={"Accept": "text/html"})

    assert english_in(page) - {"Polyglot", "Tester", "polyglot", "example", "com"} == set()

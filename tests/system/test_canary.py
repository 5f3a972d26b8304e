"""What is said in a meeting is known to those who were there: nobody finds it in any store, log, page or answer.

Words that nobody else uses are planted in a meeting and a room of a running system, beside the real demo. Its host sees
them, so that looking for them means something.
"""

import re
from contextlib import ExitStack

import httpx
import pytest

from tests.factories import PASSWORD
from tests.system import canaries, visits
from tests.system.people import Person, database, make_administrator, register, sign_in
from tests.system.processes import RunningSystem, run_manage, serving
from tests.system.visits import CONTENT, PATHS, Visitor

WORDS = ("zanzibar", "pomegranate", "kookaburra")
# In the meeting's title, which administrators may see: whoever looks in the right places finds it.
MARKER = "Tangerine"

PLANT = f"""
from django.db import transaction
from accounts.models import User
from config.lib import staging
from config.lib.work import enqueue
from rooms.actions import files, places
from tests.factories import make_line, make_meeting
from transcripts.models import NotesWriting
host = User.objects.get(email="host@example.com")
room = places.create(values={{"name": "{MARKER}", "is_private": True}}, by=host)
for name in ("Plan.txt", "Zanzibar pomegranate kookaburra.txt"):
    with staging.folder() as folder, staging.StagedWriter(folder / "0", name) as writer:
        writer.write(b"Nothing that anybody looks for.")
        files.take_in(room=room, staged=writer.finish(), by=host)
with transaction.atomic():
    meeting = make_meeting(host, title="{MARKER}")
    for second, text in enumerate([
        "We decided to move the office to Zanzibar in September.",
        "Who will buy the pomegranate juice for the party?",
        "Ben, please call the kookaburra farm by Tuesday and ask for the price of {{}} birds.",
    ] * 3):
        make_line(meeting, second % 2, second * 3000, text)
    enqueue(NotesWriting(meeting=meeting))
print(meeting.pk)
"""


@pytest.fixture(scope="module")
def system():
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def host(system) -> Person:
    return register(system, "host")


@pytest.fixture(scope="module")
def stranger(system) -> Person:
    return register(system, "stranger")


@pytest.fixture(scope="module")
def administrator(system) -> Person:
    return make_administrator(system)


@pytest.fixture(scope="module")
def planted(system, host) -> str:
    """A meeting with the words in its lines and in its notes."""
    done = run_manage(system.data_dir, "shell", "-v", "0", "-c", PLANT)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


@pytest.fixture(scope="module")
def recorded(host, planted) -> str:
    """The demo's first minute, gone all the way through."""
    meeting_id = host.import_demo("Recorded", seconds=50)
    host.wait_for_everything(meeting_id)
    return meeting_id


@pytest.fixture(scope="module")
def secrets(host, planted, recorded) -> list[str]:
    """Everything that nobody else may see: the words, and each longer sentence that was recognised."""
    sentences = [text for _, _, _, text in host.lines(recorded) if len(text) > 25]
    assert len(sentences) > 5
    return [*WORDS, *sentences]


@pytest.fixture(scope="module")
def sound(host, recorded) -> bytes:
    """Some bytes from the middle of what the page plays."""
    whole = host.get(f"/m/{recorded}/audio").content
    assert len(whole) > 10_000
    return whole[len(whole) // 2 :][:64]


@pytest.fixture(scope="module")
def rooms(planted, recorded, host) -> list[dict[str, str]]:
    [room] = [row["id"] for row in host.get("/room/list").json()["data"]]
    kept = {"host": host.id, "room": room, "file": f"{room}_Plan.txt"}
    return [{"meeting": meeting, **kept} for meeting in (planted, recorded)]


@pytest.fixture
def visit(system):
    """Come as somebody, or as nobody."""
    with ExitStack() as stack:

        def come(person: Person | None) -> Visitor:
            visitor = Visitor(system.base_url, person.headers if person else {})
            stack.callback(visitor.pages.close)
            return visitor.sign_in(person.email) if person else visitor

        yield come


def all_paths(system: RunningSystem, rooms: list[dict[str, str]]) -> list[str]:
    """List every path, what ends the visit last."""
    shapes = [*PATHS.values(), *visits.BESIDE.values(), *visits.MORE]
    paths = {shape.format(**room) for shape in shapes for room in rooms}
    paths |= set(visits.admin_paths(system))
    return [*sorted(paths - set(visits.LAST)), *visits.LAST]


def leaks_of(answers: list[httpx.Response], secrets: list[str], sound: bytes) -> list[tuple[str, str]]:
    """List what was in answers that should not have been."""
    found = []
    for answer in answers:
        said = answer.content + repr(answer.headers).encode()
        place = f"{answer.request.method} {answer.request.url.raw_path.decode()} {answer.status_code}"
        found += [(place, word) for word in canaries.words_in(said, secrets)]
        if sound in said or answer.headers.get("content-type", "").startswith(("audio/", "video/")):
            found.append((place, "sound"))
        if answer.status_code >= 500:
            found.append((place, "server error"))
    return found


def test_host_sees_the_words(visit, host, planted, recorded, rooms, secrets, sound):
    visitor = visit(host)
    seen = [
        host.get(f"/view-transcript/{planted}"),
        host.get(f"/meeting/{planted}/summary"),
        visitor.pages.get(f"/m/{planted}"),
        visitor.pages.get(f"/m/{planted}/export"),
        visitor.pages.get(f"/m/{planted}/export?format=json"),
        host.get("/room/{room}/files".format(**rooms[0])),
        visitor.pages.get("/app/rooms/{room}".format(**rooms[0])),
    ]

    for answer in seen:
        assert canaries.words_in(answer.content, WORDS) == list(WORDS), answer.url
    assert leaks_of([visitor.pages.get(f"/m/{recorded}/audio")], secrets, sound) != []


def test_crawl_knows_every_path():
    """A new path has to be added to the crawl, and to those that hold content where it does."""
    assert visits.named_patterns() == set(PATHS)
    assert visits.beside_names() == set(visits.BESIDE)
    assert set(CONTENT) <= set(PATHS)


@pytest.mark.parametrize("who", ["administrator", "stranger", "anybody"])
def test_others_see_no_word_anywhere(request, system, visit, rooms, secrets, sound, who):
    visitor = visit(None if who == "anybody" else request.getfixturevalue(who))

    answers = [answer for path in all_paths(system, rooms) for answer in visitor.ask(path)]

    assert len(answers) > 500
    assert leaks_of(answers, secrets, sound) == []
    if who == "administrator":
        # The panel was not closed to them: they saw what they may see.
        assert any(MARKER in answer.text for answer in answers if answer.request.url.path.startswith("/admin/"))


@pytest.mark.parametrize(
    ("who", "api", "page"),
    [
        ("administrator", (403, "content_closed_to_admins"), 403),
        ("stranger", (404, "not_found"), 404),
        ("anybody", (401, "not_authenticated"), 302),
    ],
)
def test_content_is_refused_with_its_own_code(request, system, visit, rooms, who, api, page):
    person = None if who == "anybody" else request.getfixturevalue(who)
    person = person and sign_in(system, person.email)
    visitor = visit(person)

    for name, kind in CONTENT.items():
        path = PATHS[name].format(**rooms[0])
        if kind == "api":
            answer = httpx.get(system.base_url + path, headers=person.headers if person else {})
            assert (answer.status_code, answer.json()["code"]) == api, path
        else:
            assert visitor.pages.get(path, headers={"Accept": "text/html"}).status_code == page, path


def test_no_act_of_the_panel_makes_an_administrator_a_reader(system, visit, host, planted, recorded, secrets, sound):
    admin = make_administrator(system, "second")
    visitor = visit(admin)
    before = _facts(system, host, planted)

    acts = list(visits.admin_actions(visitor, admin.email, system))
    visitor.sign_in(admin.email)
    answers = [visitor.post(path, form) for path, form in _attempts(host, admin, planted)]

    # Every list of work offers to try it again; none of it was parked.
    assert {path for path, act, _ in acts if act == "retry"} >= {"/admin/transcripts/noteswriting/"}
    assert {answer.status_code for _, _, answer in acts} == {200, 302}
    answers += [answer for _, _, answer in acts]
    assert leaks_of(answers, secrets, sound) == []
    assert _facts(system, host, planted) == before
    closed = visit(sign_in(system, admin.email)).pages.get(f"/m/{planted}")
    assert closed.status_code == 403


def _attempts(host: Person, admin: Person, meeting_id: str) -> list[tuple[str, dict]]:
    """What somebody tries who wants to read: to be the host, to be called the host, to take part, to grant a right."""
    user, meeting = f"/admin/accounts/user/{host.id}", f"/admin/meetings/meeting/{meeting_id}"
    names = {"first_name": "Host", "language": "en", "plan": "professional"}
    return [
        (f"{user}/change/", {**names, "email": admin.email, "username": "second", "password": PASSWORD}),
        (f"{user}/change/", {**names, "email": "other@example.com", "is_active": "on"}),
        (f"{user}/password/", {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}),
        (f"{user}/delete/", {"post": "yes"}),
        (f"{meeting}/change/", {"host": admin.id, "title": "Mine", "transcript_enabled": "on"}),
        (f"{meeting}/delete/", {"post": "yes"}),
        ("/admin/meetings/meeting/add/", {"host": admin.id, "title": "Mine"}),
        ("/admin/meetings/participant/add/", {"meeting": meeting_id, "user": admin.id, "name": "Me", "position": "9"}),
        ("/admin/auth/group/add/", {"name": "readers"}),
        ("/admin/transcripts/line/", {"action": "delete_selected"}),
        ("/admin/accounts/user/add/", {**names, "email": host.email}),
        ("/auth/me", {"email": host.email, "is_staff": "false"}),
    ]


def _facts(system: RunningSystem, host: Person, meeting_id: str) -> list[tuple]:
    """Whatever decides who reads the meeting."""
    with database(system.data_dir) as connection:
        account = "SELECT email, username, password, is_active, is_staff FROM accounts_user WHERE id = %s"
        meeting = "SELECT host_id, title FROM meetings_meeting WHERE id = %s"
        people = "SELECT name, user_id FROM meetings_participant WHERE meeting_id = %s ORDER BY position"
        rows = connection.execute(account, [host.id]).fetchall()
        # Administrators may end the use of an account, and begin it again.
        rows = [(*row[:3], row[4]) for row in rows]
        return [*rows, *connection.execute(meeting, [meeting_id]), *connection.execute(people, [meeting_id])]


def test_administrator_who_stops_being_one_is_a_stranger(system, visit, rooms, secrets, sound):
    admin = make_administrator(system, "third")
    visitor = visit(admin)
    path = f"/admin/accounts/user/{admin.id}/change/"
    assert visitor.pages.get(path).status_code == 200

    left = visitor.post(path, {"first_name": "Admin", "language": "en", "plan": "professional"})

    assert left.status_code == 302
    with database(system.data_dir) as connection:
        row = connection.execute("SELECT is_staff, is_superuser FROM accounts_user WHERE id = %s", [admin.id])
        assert row.fetchall() == [(False, False)]
    visitor = visit(sign_in(system, admin.email))
    answers = [answer for name in CONTENT for answer in visitor.ask(PATHS[name].format(**rooms[0]))]
    assert leaks_of(answers, secrets, sound) == []
    by_session = [one for one in answers if one.request.method == "GET" and "cookie" in one.request.headers]
    # The calls of REST are no pages, and say so to whoever asks for one.
    assert {answer.status_code for answer in by_session} == {404, 406}


def test_no_store_and_no_log_holds_a_word(system, host, planted, recorded, secrets):
    """Last, so that all that was done above has had its chance to be written down."""
    found = canaries.search(canaries.everything(system), secrets)

    assert found == []


def test_search_of_the_stores_finds_what_is_there(system, host, planted, recorded):
    """The title is no secret: it must be found wherever meetings are kept, or the search is blind."""
    places = {place for place, _ in canaries.search(canaries.dump(system), [MARKER])}
    assert places == {"dump"}

    files = [place for place, _ in canaries.search(canaries.files(system), [MARKER])]
    assert any("/pg_wal/" in place for place in files)

    logs = canaries.search(canaries.files(system), ["meeting_export", "import"])
    assert any(re.search(r"/logs/web\.log$", place) for place, _ in logs)
    assert canaries.search(canaries.processes(system), ["--without-gossip"]) != []
    assert [place for place, _ in canaries.search(canaries.redis_values(system), ["tertulia"])] != []


@pytest.mark.parametrize("content", ["say Zanzibar", "SAY ZANZIBAR", "xZanzibary"])
def test_word_is_found_in_disguise(content):
    for shift in range(3):
        wrapped = canaries.base64.b64encode(b"x" * shift + content.lower().encode() + b" and more")
        assert canaries.words_in(wrapped, ["zanzibar"]) == ["zanzibar"]
    assert canaries.words_in(content.encode(), ["zanzibar"]) == ["zanzibar"]

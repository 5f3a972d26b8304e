"""Plans: which feature is there in which plan, on each surface. What comes with a feature adds its lines here.

The plan of the host decides, for everybody and for new things only: what is there stays readable after a downgrade.
"""

from string import Template

import pytest

from accounts import tokens
from accounts.enums import Plan
from accounts.features import ESSENTIAL, NAMES, PROFESSIONAL
from accounts.models import User
from meetings.models import Meeting
from tests.asgi import call, page_session
from tests.contract.test_permissions import LINE, LINES, WAVE
from tests.contract.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)

REPORTS = (
    "total-sessions-for-user",
    "total-sessions-aggregation-for-user",
    "total-sessions-statistics-for-user",
    "total-sessions-by-location-for-user",
    "total-sessions-and-participants-count-by-location-for-user",
)
TEXT = {"files": {"file": ("more.txt", b"More minutes.")}}

REFUSED = "The plan of the host does not have this feature."

# Feature, surface, method, path, request, and the status where the plan has the feature; without it, it is refused.
NEW_THINGS = [
    ("enhanced_chat", "REST", "POST", "/room/$room/upload", TEXT, 200),
    ("enhanced_chat", "page", "POST", "/app/rooms/$room/files", TEXT, 302),
    (
        "transcripts",
        "REST",
        "POST",
        "/meetings/create",
        {"json": {"title": "Mine", "hostId": "$host", "transcriptEnabled": True}},
        201,
    ),
    ("transcripts", "REST", "POST", "/meetings/update/$meeting", {"json": {"transcriptEnabled": True}}, 204),
    ("transcripts", "REST", "POST", "/send-transcript", {"json": LINE}, 201),
    ("transcripts", "REST", "POST", "/send-transcript/batch", {"json": LINES}, 201),
    (
        "transcripts",
        "REST",
        "POST",
        "/meetings/import",
        {"data": {"title": "Mine"}, "files": {"file": ("ben.wav", WAVE)}},
        202,
    ),
    ("transcripts", "page", "GET", "/app/import", {}, 200),
    ("summaries", "REST", "POST", "/meetings/update/$meeting", {"json": {"summaryGenerated": True}}, 204),
    (
        "summaries",
        "REST",
        "POST",
        "/transcription/generate-summary/$meeting",
        {"headers": {"Prefer": "respond-async"}},
        202,
    ),
    ("summaries", "page", "POST", "/m/$meeting/notes", {}, 302),
    *(("analytics", "REST", "GET", f"/reporting/{name}", {}, 200) for name in REPORTS),
]
# What a page says instead of offering what the plan has not.
PAGES = [
    ("enhanced_chat", "/app/rooms/$room", "New files need the Professional plan of the room's owner."),
    ("transcripts", "/app/", "Recordings can be added with a plan that has transcripts."),
    ("transcripts", "/app/meetings/new", "The plan of the host has no transcripts."),
    ("summaries", "/m/$meeting", "Notes are not part of the host's plan."),
]
REASONS = [REFUSED, *(said for _, _, said in PAGES)]
# What stays, whatever the plan has become.
THINGS_THAT_ARE_THERE = [
    "/view-transcript/$meeting",
    "/meeting/$meeting/summary",
    "/m/$meeting",
    "/m/$meeting/export?format=txt",
    "/meetings/$meeting",
    "/room/$room/files",
    "/room/$room/files/$file",
    "/documents/$room/$file",
]
# These come with rooms that are live.
TO_COME = {"noise_suppression", "captions", "whiteboard", "virtual_background", "speaker_tagging"}


@pytest.fixture
def world():
    return make_world()


def set_plan(world, plan, who="host"):
    User.objects.filter(pk=world.users[who].pk).update(plan=plan)


def ask(world, surface, method, path, request, who="host"):
    user = world.users[who]
    headers = world.headers(who) if surface == "REST" else page_session(user)
    filled = {name: value if name == "files" else world.fill(value, who) for name, value in request.items()}
    filled["headers"] = {**headers, **filled.get("headers", {})}
    return call(method, Template(path).substitute(world.names), **filled)


def has(plan, feature) -> bool:
    return feature in {Plan.ESSENTIAL: ESSENTIAL, Plan.PROFESSIONAL: PROFESSIONAL}[plan]


@pytest.mark.parametrize("plan", Plan.values)
@pytest.mark.parametrize(
    ("feature", "surface", "method", "path", "request_", "status"),
    NEW_THINGS,
    ids=[f"{feature} by {surface}: {method} {path}" for feature, surface, method, path, *_ in NEW_THINGS],
)
def test_new_thing_needs_its_feature(world, plan, feature, surface, method, path, request_, status):
    # What is on already is not switched on.
    Meeting.objects.update(transcript_enabled="transcriptEnabled" not in request_.get("json", {}))
    # Asking for the notes that are there is nothing new.
    Meeting.objects.update(summary_generated=False)
    set_plan(world, plan)

    answer = ask(world, surface, method, path, request_)

    if has(plan, feature):
        assert answer.status_code == status, answer.text
    else:
        # A page with a form says it there, with the status 400.
        assert answer.status_code in ((403,) if surface == "REST" else (400, 403))
        assert any(said in answer.text for said in (REASONS if surface == "page" else [REFUSED]))


@pytest.mark.parametrize("plan", Plan.values)
@pytest.mark.parametrize(("feature", "path", "said"), PAGES)
def test_page_says_why_a_feature_is_not_there(world, plan, feature, path, said):
    set_plan(world, plan)

    answer = ask(world, "page", "GET", path, {"headers": {"Accept": "text/html"}})

    assert answer.status_code == 200
    assert (said in answer.text.replace("&#x27;", "'")) is not has(plan, feature)


@pytest.mark.parametrize("who", ["host", "participant"])
@pytest.mark.parametrize("path", THINGS_THAT_ARE_THERE)
def test_downgrade_hides_nothing(world, path, who):
    set_plan(world, Plan.ESSENTIAL)
    surface = "page" if path.startswith("/m/") else "REST"

    assert ask(world, surface, "GET", path, {}, who).status_code == 200


@pytest.mark.parametrize("plan", Plan.values)
def test_token_of_a_room_has_the_features_of_its_host(world, plan):
    others = {Plan.ESSENTIAL: Plan.PROFESSIONAL, Plan.PROFESSIONAL: Plan.ESSENTIAL}
    set_plan(world, plan)
    set_plan(world, others[Plan(plan)], "participant")

    answers = [ask(world, "REST", "POST", "/room/$room/token", {"json": {}}, who) for who in ("host", "participant")]

    expected = list(PROFESSIONAL if plan == Plan.PROFESSIONAL else ESSENTIAL)
    assert [answer.json()["data"]["features"] for answer in answers] == [expected, expected]


@pytest.mark.parametrize("plan", Plan.values)
def test_token_and_profile_of_a_user_have_the_features_of_the_plan(world, plan):
    set_plan(world, plan)
    world.users["host"].refresh_from_db()
    headers = world.headers("host")

    profile = call("GET", "/auth/me", headers=headers).json()["data"]["user"]
    claims = tokens.AccessToken.read(headers["Authorization"].removeprefix("Bearer ")).payload

    expected = list(PROFESSIONAL if plan == Plan.PROFESSIONAL else ESSENTIAL)
    assert (profile["plan"], profile["features"]) == (plan, expected)
    assert (claims["plan"], claims["features"]) == (plan, expected)


@pytest.mark.parametrize("path", ["/m/$meeting/notes", "/transcription/generate-summary/$meeting"])
def test_plan_of_the_host_decides_and_not_that_of_a_cohost(world, path):
    set_plan(world, Plan.ESSENTIAL)
    set_plan(world, Plan.PROFESSIONAL, "cohost")
    surface = "page" if path.startswith("/m/") else "REST"

    refused = ask(world, surface, "POST", path, {}, "cohost")

    assert (refused.status_code, refused.json()["code"]) == (403, "feature_not_in_plan")


def test_every_feature_has_its_lines_or_is_to_come():
    tried = {feature for feature, *_ in NEW_THINGS}

    assert tried | TO_COME == set(PROFESSIONAL) == set(NAMES)
    assert not tried & TO_COME

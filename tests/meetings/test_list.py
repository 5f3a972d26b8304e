"""`GET /meetings/list/:userId`."""

import re

import pytest

from config.lib.times import iso
from meetings.api.serializers import meeting_fields
from meetings.models import Meeting
from tests.asgi import bearer
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db


def test_host_sees_own_meetings_newest_first(api, owner, stranger):
    first, second = make_meeting(owner, title="First"), make_meeting(owner, title="Second", names=["Anna"])
    make_meeting(stranger, title="Somebody else's")
    api.force_authenticate(owner)

    answer = api.get(f"/meetings/list/{owner.pk}")

    assert answer.status_code == 200
    assert answer.json() == {
        "data": [
            {
                "_id": meeting.pk,
                "title": meeting.title,
                "hostId": owner.pk,
                "roomId": None,
                "transcriptEnabled": True,
                "summaryGenerated": False,
                "recordingIds": [],
                "createdAt": iso(meeting.created_at),
                "startedAt": iso(meeting.started_at),
                "endedAt": iso(meeting.ended_at),
                "participantsCount": count,
            }
            for meeting, count in [(second, 1), (first, 2)]
        ]
    }


def test_list_is_filtered_by_words_and_times(api, owner):
    old = make_meeting(owner, title="Old planning")
    make_meeting(owner, title="New planning")
    Meeting.objects.filter(pk=old.pk).update(created_at="2025-01-02T03:04:05Z")
    api.force_authenticate(owner)

    def titles(**query):
        return [row["title"] for row in api.get(f"/meetings/list/{owner.pk}", query).json()["data"]]

    assert titles(q="new PLAN") == ["New planning"]
    assert titles(to="2025-12-31T00:00:00.000Z") == ["Old planning"]
    assert titles(**{"from": "1767225600000"}) == ["New planning"]
    assert titles(q="", to="") == ["New planning", "Old planning"]


def test_time_that_is_none_is_refused(api, owner):
    api.force_authenticate(owner)

    answer = api.get(f"/meetings/list/{owner.pk}?from=yesterday")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"from"})


def test_list_of_another_user_is_refused(api, owner, stranger):
    api.force_authenticate(stranger)

    answer = api.get(f"/meetings/list/{owner.pk}")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_nobody_signed_in_is_refused(api, owner):
    assert api.get(f"/meetings/list/{owner.pk}").json()["code"] == "not_authenticated"


def test_pages_hold_what_the_whole_list_holds(api, owner):
    for number in range(5):
        make_meeting(owner, title=str(number), names=["Anna"] * (number > 2))
    Meeting.objects.filter(title="1").update(started_at=None, ended_at=None, recording_ids=["a", "b"])
    api.force_authenticate(owner)
    whole = api.get(f"/meetings/list/{owner.pk}").json()["data"]

    pages, path = [], f"/meetings/list/{owner.pk}?limit=2"
    while path:
        answer = api.get(path)
        pages.append(answer.json()["data"])
        path = re.sub(r"^<[^/]+//[^/]+|>; rel=\"next\"$", "", answer.get("Link", ""))

    assert pages == [whole[:2], whole[2:4], whole[4:]]
    counted = Meeting.objects.with_participants_count().order_by("-pk")
    assert whole == [meeting_fields(meeting) for meeting in counted]


def test_pages_are_filtered(api, owner):
    for title in ("Planning 1", "Review", "Planning 2", "Planning 3"):
        make_meeting(owner, title=title)
    api.force_authenticate(owner)

    answer = api.get(f"/meetings/list/{owner.pk}", {"limit": 2, "q": "planning"})

    assert [row["title"] for row in answer.json()["data"]] == ["Planning 3", "Planning 2"]
    assert f"?q=planning&limit=2&cursor={answer.json()['data'][1]['_id']}>" in answer["Link"]


@pytest.mark.parametrize("query", ["", "?limit=50", "?limit=200&q=meeting"])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_of_fifty_takes_as_many_queries_as_of_one(api, owner, count, query, django_assert_num_queries):
    Meeting.objects.bulk_create(Meeting(title=f"Meeting {number}", host=owner) for number in range(count))
    headers = bearer(owner)

    # The sign-in with its user, and the list.
    with django_assert_num_queries(2):
        answer = api.get(f"/meetings/list/{owner.pk}{query}", headers=headers)
        assert len(answer.json()["data"]) == count

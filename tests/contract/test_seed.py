"""The example requests of the Meet API, sent as its documentation has them, answer as it shows.

Ids and times that the server makes are compared by their form. Where an example leaves out what it needs, the least is
added; one has a comma too many, which no server takes.
"""

import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest

from accounts.models import User
from config.lib import keys
from meetings import actions as meetings_actions
from meetings.models import Attendance, Session
from recordings.models import Recording
from rooms.enums import RoomType
from rooms.models import Room
from tests.asgi import bearer, call
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "68de7a9d8f40ff41c940c7fb"
ID = re.compile(r"[0-9a-f]{24}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Like:
    """Equal to every text of a form."""

    def __init__(self, form: re.Pattern[str]) -> None:
        self.form = form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.form.fullmatch(other) is not None

    def __hash__(self) -> int:
        return hash(self.form)

    def __repr__(self) -> str:
        return f"<like {self.form.pattern}>"


AN_ID, A_TIME = Like(ID), Like(TIME)


def docx(size: int) -> bytes:
    """Make a document of Word as small as it gets, filled up to a size."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("_rels/.rels", "<Relationships/>")
        archive.writestr("word/document.xml", "<document/>")
    return file.getvalue() + bytes(size - len(file.getvalue()))


@pytest.fixture
def host() -> User:
    return make_user("haseeb", id=HOST, first_name="Haseeb", last_name="Asif", country="PK")


@pytest.fixture
def send(host):
    """Send a request of the host and give status and body."""
    headers = bearer(host)

    def send(method: str, path: str, body: str | None = None, **request):
        if body is not None:
            request["content"] = body
            request["headers"] = {**headers, "Content-Type": "application/json"}
        answer = call(method, path, **{"headers": headers, **request})
        return answer.status_code, (answer.json() if answer.content else None)

    return send


def make_room(host: User, room_id: str) -> Room:
    """Make a room that has the id of an example."""
    keys.create(room_id)
    return Room.objects.create(id=room_id, name="Seed", type=RoomType.CONFERENCE, owner=host)


def test_register():
    body = """{
"email": "haseeb@altegon.com",
"fName": "Haseeb",
"lName": "Asif",
"phoneNumber": "923085000453",
"country": "Pakistan",
"password": "AB1239001"
}"""

    first = call("POST", "/auth/register", content=body, headers={"Content-Type": "application/json"})
    again = call("POST", "/auth/register", content=body, headers={"Content-Type": "application/json"})
    forged = {"Content-Type": "application/json", "Authorization": "Bearer forged"}
    unknown = call("POST", "/auth/register", content=body, headers=forged)

    assert (first.status_code, first.json()) == (
        201,
        {
            "success": True,
            "message": "User created successfully",
            "data": {"user": {"fName": "Haseeb", "lName": "Asif", "email": "haseeb@altegon.com", "_id": AN_ID}},
        },
    )
    assert (again.status_code, unknown.status_code) == (409, 401)


def test_login(host):
    body = json.dumps({"userName": host.email, "password": "correct horse battery"})

    good = call("POST", "/auth/login", content=body, headers={"Content-Type": "application/json"})
    bad = call(
        "POST", "/auth/login", content=body.replace("horse", "cow"), headers={"Content-Type": "application/json"}
    )

    assert (good.status_code, bad.status_code) == (200, 401)
    assert good.json()["data"]["token"].count(".") == 2


def test_create_room(send):
    status, body = send("POST", "/room/create", '{"name": "Haseeb Asif", "type": "conference"}')

    assert (status, body["msg"]) == (201, "Room created Successfully!")
    assert body["success"] is True
    assert body["data"].items() >= {"id": AN_ID, "name": "Haseeb Asif", "type": "conference", "p2p": True}.items()


def test_create_meeting(send):
    body = f'{{"title": "dsa", "hostId": "{HOST}", "transcriptEnabled": false}}'

    status, made = send("POST", "/meetings/create", body)
    listed = send("GET", f"/meetings/list/{HOST}")

    assert (status, made["success"], made["data"]["title"]) == (201, True, "dsa")
    assert listed[0] == 200
    assert (
        listed[1]["data"][0].items()
        >= {
            "createdAt": A_TIME,
            "hostId": HOST,
            "recordingIds": [],
            "summaryGenerated": False,
            "title": "dsa",
            "transcriptEnabled": False,
            "_id": AN_ID,
        }.items()
    )


def test_update_meeting(send, host):
    make_room(host, "68aff60da51d6c83a24245a2")
    meeting = meetings_actions.create(title="dsa", host=host, transcript_enabled=True, by=host)
    body = """{
"title": "Test Meeting",
"transcriptEnabled": false,
"summaryGenerated": false,
"roomId": "68aff60da51d6c83a24245a2",
"recordingId": "1737978989992_59591"
}"""

    status, answered = send("POST", f"/meetings/update/{meeting.pk}", body)
    unknown, _ = send("POST", f"/meetings/update/{'0' * 24}", body)

    assert (status, answered, unknown) == (204, None, 404)
    meeting.refresh_from_db()
    assert (meeting.title, meeting.transcript_enabled, meeting.room_id, meeting.recording_ids) == (
        "Test Meeting",
        False,
        "68aff60da51d6c83a24245a2",
        ["1737978989992_59591"],
    )


def test_record(send, host):
    make_room(host, "68affe24fabc0702c5d30c29")
    start = """{
"roomId": "68affe24fabc0702c5d30c29",
"userName": "Haseeb Asif",
"streamId": 755961800257348400,
"recordingId": "1756364334628_738386",
"startTime": 1756364334634,
"videoType": "video",
"status": "pending"
}"""
    stop = """{
"recordingId": "1756364334628_738386",
"streamId": 755961800257348400,
"endTime": 1756364394634
}"""

    started, body = send("POST", "/recording/start", start)
    stopped, _ = send("POST", "/recording/stop", stop)
    unknown, _ = send("POST", "/recording/stop", stop.replace("738386", "1"))
    listed, recordings = send("GET", "/recordings/list")

    assert (started, stopped, unknown, listed) == (201, 204, 404, 200)
    assert body["data"]["recordingId"] == "1756364334628_738386"
    assert [track.stream_id for track in Recording.objects.get().tracks.all()] == ["755961800257348400"]
    assert [track["streamId"] for track in recordings[0]["tracks"]] == ["755961800257348400"]
    # Nothing was captured yet, so nothing is ready, which the example's recording is.
    assert (
        recordings[0].items()
        >= {
            "_id": AN_ID,
            "roomId": "68affe24fabc0702c5d30c29",
            "recordingId": "1756364334628_738386",
            "hostName": "Haseeb Asif",
            "status": False,
            "createdAt": A_TIME,
            "updatedAt": A_TIME,
        }.items()
    )


def test_room_files(send, host):
    room = make_room(host, "68b01f530d7bbb02c917906f").pk
    content = docx(27685)
    first = f"{room}_Document_72835505.docx"
    second = f"{room}_ZekliOpenAPI-for Customers - Instant.docx"

    uploaded = send("POST", f"/room/{room}/upload", files={"file": ("Document_72835505.docx", content)})
    empty = send("POST", f"/room/{room}/upload", files={})
    send("POST", f"/room/{room}/upload", files={"file": (second.partition("_")[2], content)})
    found = send("GET", f"/room/{room}/files/{second}")
    missing = send("GET", f"/room/{room}/files/{room}_nothing.docx")
    deleted = send("DELETE", f"/room/{room}/files")
    malformed = send("DELETE", "/room/68b0/files")
    elsewhere = send("DELETE", f"/room/{'0' * 24}/files")

    assert uploaded == (
        200,
        {
            "success": True,
            "data": {
                "originalName": "Document_72835505.docx",
                "filename": first,
                "size": 27685,
                "roomId": room,
                "path": f"documents/{room}/{first}",
            },
            "msg": "File uploaded successfully!",
        },
    )
    assert empty[0] == 400
    assert (found[0], found[1]["msg"]) == (200, "File retrieved successfully!")
    assert (
        found[1]["data"].items()
        >= {
            "filename": second,
            "originalName": "ZekliOpenAPI-for Customers - Instant.docx",
            "size": 27685,
            "uploadDate": A_TIME,
            "path": f"documents/{room}/{second}",
        }.items()
    )
    assert (missing[0], deleted[0], malformed[0], elsewhere[0]) == (404, 200, 400, 404)
    assert deleted[1]["data"] == {"deleted": 2}


def test_transcript_and_summary(send, host):
    meeting = meetings_actions.create(title="dsa", host=host, transcript_enabled=True, by=host)
    line = json.dumps({"meetingId": meeting.pk, "userName": "Haseeb Stats", "message": "Hello."})

    sent = send("POST", "/send-transcript", line)
    viewed = send("GET", f"/view-transcript/{meeting.pk}")
    none = send("POST", f"/transcription/generate-summary/{'0' * 24}")

    assert (sent[0], viewed[0], none[0]) == (201, 200, 404)
    assert [*viewed[1]] == ["data"]
    assert (
        viewed[1]["data"][0].items()
        >= {
            "_id": AN_ID,
            "meetingId": meeting.pk,
            "userName": "Haseeb Stats",
            "message": "Hello.",
            "createdAt": A_TIME,
        }.items()
    )


def held(host: User, type: str, city: str, region: str, day: int, people: int) -> None:
    """Have a completed session, in October 2025, with so many people in it."""
    begun = datetime(2025, 10, day, 10, tzinfo=UTC)
    session = Session.objects.create(
        host=host,
        type=type,
        domain="altegon.com",
        country_code="PK",
        country_name="Pakistan",
        region=region,
        city=city,
        started_at=begun,
        ended_at=begun.replace(hour=11),
    )
    for number in range(people):
        stay = {"joined_at": session.started_at, "left_at": session.ended_at}
        Attendance.objects.create(session=session, person=f"g_{session.pk}{number}", name="Guest", **stay)


RANGE = "startDateRange=2025-10-01T00:00:00.000Z&endDateRange=2025-10-31T23:59:59.999Z&sessionType=&userID=" + HOST
WEEK = (
    f"sessionType=&userID={HOST}&startDateRange=2025-10-12T00%3A00%3A00.000Z&endDateRange=2025-10-18T23%3A59%3A59.999Z"
)


@pytest.fixture
def sessions(host):
    for _ in range(5):
        held(host, "live", "Lahore", "Punjab", 12, 2)
    held(host, "webinar", "Karachi", "Sindh", 20, 3)


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(
    ("report", "query", "data"),
    [
        ("total-sessions-for-user", RANGE, {"totalSessions": 6}),
        (
            "total-sessions-aggregation-for-user",
            WEEK,
            [{"domainCounts": [{"domain": "altegon.com", "count": 5}], "date": "2025-10-12T00:00:00.000Z"}],
        ),
        (
            "total-sessions-statistics-for-user",
            RANGE,
            {
                "totalSessions": 6,
                "totalSessionsByType": [
                    {"sessionType": "live", "totalSessions": 5},
                    {"sessionType": "webinar", "totalSessions": 1},
                ],
            },
        ),
        (
            "total-sessions-by-location-for-user",
            RANGE,
            [
                {
                    "_id": {"city": "Lahore", "region": "Punjab", "country": "PK", "country_name": "Pakistan"},
                    "count": 5,
                },
                {
                    "_id": {"city": "Karachi", "region": "Sindh", "country": "PK", "country_name": "Pakistan"},
                    "count": 1,
                },
            ],
        ),
        (
            "total-sessions-and-participants-count-by-location-for-user",
            RANGE,
            [
                {"_id": "Lahore", "totalSessions": 5, "totalParticipants": 10},
                {"_id": "Karachi", "totalSessions": 1, "totalParticipants": 3},
            ],
        ),
    ],
)
def test_reports(send, report, query, data):
    assert send("GET", f"/reporting/{report}?{query}") == (200, {"success": True, "data": data})

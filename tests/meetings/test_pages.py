"""The pages about meetings: all of mine, planning, settings, access, and a meeting that is to come."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from accounts.enums import Plan
from meetings import actions
from meetings.invitations.actions import emails_of
from meetings.models import AccessGrant, Invitation, InvitationMail, Meeting, Participant
from rooms.models import Room
from tests.factories import make_line, make_meeting, make_user

pytestmark = pytest.mark.django_db

HTML = {"Accept": "text/html"}


@pytest.fixture
def browse(client):
    """Open a page as somebody; give its status and its words."""

    def browse(who, path, form=None):
        client.force_login(who)
        answer = client.get(path, headers=HTML) if form is None else client.post(path, form, headers=HTML)
        text = re.sub(r"<[^>]+>", " ", answer.content.decode())
        return answer.status_code, " ".join(text.split())

    return browse


def titles(client, **query):
    page = client.get("/app/meetings", query).content.decode()
    return re.findall(r'class="meeting-link"[^>]*>([^<]+)<', page)


# All meetings


def test_meetings_are_found_by_word_and_date(client, owner, stranger):
    old, new = make_meeting(owner, title="Old planning"), make_meeting(owner, title="New planning")
    Meeting.objects.filter(pk=old.pk).update(started_at="2025-03-04T23:59Z", ended_at="2025-03-05T00:30Z")
    to_come = actions.create(title="Budget", host=owner, transcript_enabled=True, by=owner)
    Meeting.objects.filter(pk=to_come.pk).update(starts_at="2030-01-01T00:00Z")
    make_meeting(stranger, title="Somebody else's planning")
    client.force_login(owner)

    assert titles(client) == ["Budget", new.title, old.title]
    assert titles(client, q="old PLAN") == ["Old planning"]
    assert titles(client, since="2025-03-04", until="2025-03-04") == ["Old planning"]
    assert titles(client, since="2025-03-05") == ["Budget", "New planning"]
    assert titles(client, until="2025-03-03") == []
    assert titles(client, since="yesterday") == ["Budget", "New planning", "Old planning"]


@pytest.mark.parametrize(
    ("who", "sees"),
    [("cohost", True), ("participant", True), ("invited", True), ("granted", True), ("roommate", True)],
)
def test_meeting_is_listed_for_whom_it_concerns(client, meeting, person, stranger, who, sees):
    client.force_login(person(who))
    mine = titles(client)
    client.force_login(stranger)

    assert (mine, titles(client)) == (["Weekly planning"], [])


def test_administrators_have_no_meetings(client, meeting, administrator):
    client.force_login(administrator)

    assert titles(client) == []
    assert client.get("/app/meetings/new", headers=HTML).status_code == 403


def test_list_has_pages(client, owner, monkeypatch):
    monkeypatch.setattr("meetings.views.PAGE", 2)
    for number in range(3):
        make_meeting(owner, title=f"Planning {number}")
    client.force_login(owner)

    first = client.get("/app/meetings", {"q": "planning"}).content.decode()

    assert titles(client, q="planning") == ["Planning 2", "Planning 1"]
    assert titles(client, q="planning", page="2") == ["Planning 0"]
    assert "?q=planning&amp;page=2" in first


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_three_takes_as_many_queries_as_of_one(client, owner, count, django_assert_num_queries):
    for number in range(count):
        make_meeting(owner, title=str(number))
    client.force_login(owner)

    # Who it is, how many there are, and which.
    with django_assert_num_queries(3):
        client.get("/app/meetings")


# Planning


FORM = {
    "title": "Weekly planning",
    "room": "",
    "day": "2026-11-12",
    "time": "16:00",
    "time_zone": "Europe/Madrid",
    "duration": "45",
    "invited": "anna@example.com, Ben@example.com\n\ncarl@example.com;",
    "transcript_enabled": "on",
}


def test_meeting_is_planned(client, owner, room):
    client.force_login(owner)

    answer = client.post("/app/meetings/new", {**FORM, "room": room.pk})

    made = Meeting.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/m/{made.pk}")
    assert (made.title, made.host, made.room, made.transcript_enabled) == ("Weekly planning", owner, room, True)
    assert (made.starts_at, made.duration_minutes) == (datetime(2026, 11, 12, 15, tzinfo=UTC), 45)
    assert [row.email for row in made.invitations.all()] == ["anna@example.com", "ben@example.com", "carl@example.com"]
    assert InvitationMail.objects.count() == 3


@pytest.mark.parametrize(
    ("host", "demo", "place"), [("", False, "outbox/"), ("", True, "logs/worker.log"), ("mail.example.com", True, None)]
)
def test_plan_says_where_mail_stays_without_a_mail_server(client, owner, settings, host, demo, place):
    settings.EMAIL_HOST, settings.DEMO = host, demo
    client.force_login(owner)

    page = client.get("/app/meetings/new").content.decode()
    told = client.post("/app/meetings/new", FORM, follow=True).context["messages"]

    assert (f"only kept in its {place}" in page) == bool(place)
    kept = "No mail has left, as this server has no mail server yet: the invitations are kept in its"
    assert [str(message) for message in told] == ["The meeting was made.", *([f"{kept} {place}."] if place else [])]


def test_next_plan_begins_in_the_zone_of_the_last(client, owner):
    client.force_login(owner)
    client.post("/app/meetings/new", FORM)

    assert '<option value="Europe/Madrid" selected>' in client.get("/app/meetings/new").content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": "  "}, "This field is required."),
        ({"title": "bell\x07"}, "The title holds a character that cannot be shown."),
        ({"time": ""}, "Give both day and time, or neither."),
        ({"day": ""}, "Give both day and time, or neither."),
        (
            {"day": "0001-01-01", "time": "00:00", "time_zone": "Asia/Tokyo"},
            "Give a day that clocks everywhere can show.",
        ),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
        ({"duration": "0"}, "greater than or equal to 1"),
        ({"invited": "anna@example.com, nobody"}, "nobody is no e-mail address."),
        ({"invited": " ".join(f"{n}@example.com" for n in range(201))}, "At most 200 people can be invited."),
        ({"room": "0" * 24}, "Select a valid choice."),
    ],
)
def test_wrong_plan_is_told_in_the_form(browse, owner, wrong, said):
    status, words = browse(owner, "/app/meetings/new", {**FORM, **wrong})

    assert (status, said in words) == (400, True)
    assert not Meeting.objects.exists()


def test_rooms_of_others_are_not_offered(browse, owner, stranger, room, person):
    Room.objects.create(name="Own room", owner=stranger)

    _, for_stranger = browse(stranger, "/app/meetings/new")
    _, for_cohost = browse(person("cohost"), "/app/meetings/new")
    status, _ = browse(person("roommate"), "/app/meetings/new", {**FORM, "room": room.pk})

    assert ("Own room" in for_stranger, "Planning" in for_stranger) == (True, False)
    assert ("Own room" in for_cohost, "Planning" in for_cohost, status) == (False, True, 400)


def test_plan_without_transcripts_says_so(browse):
    host = make_user("frugal", plan=Plan.ESSENTIAL)

    _, words = browse(host, "/app/meetings/new")
    browse(host, "/app/meetings/new", FORM)

    assert "The plan of the host has no transcripts." in words
    assert Meeting.objects.get().transcript_enabled is False


# A meeting that is to come


@pytest.fixture
def planned(meeting) -> Meeting:
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=datetime(2026, 11, 12, 15, tzinfo=UTC), time_zone="Europe/Madrid", duration_minutes=45
    )
    return meeting


@pytest.mark.parametrize(
    ("who", "is_private", "name"),
    [("roommate", True, "Planning"), ("invited", False, "Planning"), ("invited", True, "A private room")],
)
def test_room_of_a_meeting_is_named_to_whom_its_name_is_for(client, planned, room, person, who, is_private, name):
    Room.objects.update(is_private=is_private)
    client.force_login(person(who))

    page = client.get(f"/m/{planned.pk}", headers=HTML).content.decode()

    assert f'/r/{room.pk}">{name}</a>' in page


@pytest.mark.parametrize("who", ["host", "cohost", "participant", "invited", "granted", "roommate"])
def test_who_knows_of_a_meeting_sees_when_it_is(browse, planned, person, who):
    status, words = browse(person(who), f"/m/{planned.pk}")

    assert status == 200
    assert "Weekly planning" in words
    assert "Nov. 12, 2026, 4 p.m. (Europe/Madrid)" in words
    assert ("invited@example.com" in words) == (who in ("host", "cohost", "invited"))
    assert ("Settings" in words, "Access" in words) == (who in ("host", "cohost"), who == "host")


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("administrator", 403)])
def test_others_do_not(browse, planned, stranger, administrator, person, who, status):
    assert browse(person(who), f"/m/{planned.pk}")[0] == status


def test_nobody_signed_in_is_sent_to_the_sign_in(client, planned):
    paths = [f"/m/{planned.pk}", f"/m/{planned.pk}/access", f"/m/{planned.pk}/settings", "/app/meetings"]

    answers = [client.get(path, headers=HTML) for path in paths]

    assert [answer["Location"] for answer in answers] == [f"/accounts/sign-in?next={path}" for path in paths]


def test_invited_see_no_more_than_that_a_meeting_runs_or_is_over(browse, owner, planned, person):
    Participant.objects.create(meeting=planned, name="Anna", position=9)
    actions.start(meeting=planned, by=owner)
    running = browse(person("invited"), f"/m/{planned.pk}")
    actions.end(meeting=planned, by=owner)
    over = browse(person("invited"), f"/m/{planned.pk}")

    assert ("It is running now." in running[1], "It is over." in over[1]) == (True, True)
    assert "Anna" not in running[1] + over[1]


def test_readers_see_words_that_came_before_the_start(browse, planned, person):
    make_line(planned, 0, 0, "Sent by a client")

    assert "Sent by a client" in browse(person("granted"), f"/m/{planned.pk}")[1]
    assert "Sent by a client" not in browse(person("invited"), f"/m/{planned.pk}")[1]


@pytest.mark.parametrize("starts_at", [datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Lima"])
def test_times_that_no_zone_can_show_are_shown_in_utc(browse, owner, meeting, starts_at, zone):
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=starts_at, time_zone=zone)

    for path in (f"/m/{meeting.pk}", f"/m/{meeting.pk}/settings", "/app/meetings"):
        assert browse(owner, path)[0] == 200


# Settings


def test_settings_are_changed(client, owner, planned):
    client.force_login(owner)
    page = client.get(f"/m/{planned.pk}/settings").content.decode()
    form = {**FORM, "title": "Retitled", "time": "17:30", "invited": "ben@example.com", "room": planned.room_id}

    answer = client.post(f"/m/{planned.pk}/settings", form)

    assert 'value="2026-11-12"' in page
    assert 'value="16:00"' in page
    assert (answer.status_code, answer["Location"]) == (302, f"/m/{planned.pk}")
    planned.refresh_from_db()
    assert (planned.title, planned.starts_at) == ("Retitled", datetime(2026, 11, 12, 16, 30, tzinfo=UTC))
    assert set(InvitationMail.objects.filter(sequence=1).values_list("email", "kind")) == {
        ("ben@example.com", "invited"),
        ("invited@example.com", "removed"),
    }


def test_settings_that_somebody_else_changed_meanwhile_stay(client, owner, planned):
    client.force_login(owner)
    page = client.get(f"/m/{planned.pk}/settings").content.decode()
    shown = dict(re.findall(r'name="(initial-[a-z_]+)" value="([^"]*)"', page))
    invited = Invitation.objects.get(meeting=planned).email
    form = {**FORM, "title": planned.title, "room": planned.room_id, "time_zone": planned.time_zone, "invited": invited}
    form |= {"day": shown["initial-day"], "time": shown["initial-time"], "duration": "90"}
    actions.update(meeting=planned, changes={"title": "Retitled"}, invited=["ben@example.com"], by=owner)

    client.post(f"/m/{planned.pk}/settings", {**shown, "initial-invited": invited, **form})

    planned.refresh_from_db()
    assert (planned.title, planned.duration_minutes) == ("Retitled", 90)
    assert emails_of(planned) == ["ben@example.com"]


def test_cohost_of_the_meeting_leaves_it_in_a_room_that_is_not_theirs(client, planned, person, room):
    room.members.filter(user=person("cohost")).delete()
    client.force_login(person("cohost"))

    page = client.get(f"/m/{planned.pk}/settings").content.decode()
    client.post(f"/m/{planned.pk}/settings", {**FORM, "title": "Retitled", "room": room.pk})

    planned.refresh_from_db()
    assert f'<option value="{room.pk}" selected>' in page
    assert (planned.title, planned.room) == ("Retitled", room)


def test_meeting_that_is_over_has_no_plan_to_change(client, owner):
    over = make_meeting(owner)
    client.force_login(owner)

    page = client.get(f"/m/{over.pk}/settings").content.decode()
    client.post(f"/m/{over.pk}/settings", {"title": "Retitled", "room": "", "initial-transcript_enabled": "True"})

    over.refresh_from_db()
    assert ('name="day"' in page, 'name="invited"' in page) == (False, False)
    assert (over.title, over.transcript_enabled) == ("Retitled", False)


def test_running_meeting_is_offered_its_own_room_alone(browse, owner, planned, room):
    other = Room.objects.create(name="Other", owner=owner)
    actions.start(meeting=planned, by=owner)

    _, page = browse(owner, f"/m/{planned.pk}/settings")
    forms = [{**FORM, "initial-room": room.pk, "room": where} for where in (other.pk, "")]
    answers = [browse(owner, f"/m/{planned.pk}/settings", form) for form in forms]

    said = "The meeting is running: it stays in its room until it has ended."
    assert (said in page, "Other" in page) == (True, False)
    assert [(status, said in words) for status, words in answers] == [(400, True), (400, True)]
    planned.refresh_from_db()
    assert planned.room == room


def test_refusal_of_the_action_is_told_in_the_form(browse, owner, planned, room):
    busy = actions.create(title="Busy", host=owner, transcript_enabled=True, by=owner, room=room)
    Meeting.objects.filter(pk=planned.pk).update(room=None)
    for one in (busy, Meeting.objects.get(pk=planned.pk)):
        actions.start(meeting=one, by=owner)

    status, words = browse(owner, f"/m/{planned.pk}/settings", {**FORM, "room": room.pk})

    assert (status, "Another meeting is running in this room: end it first." in words) == (400, True)


def test_running_meeting_is_ended(client, owner, planned):
    actions.start(meeting=planned, by=owner)
    client.force_login(owner)
    page = client.get(f"/m/{planned.pk}/settings").content.decode()

    answer = client.post(f"/m/{planned.pk}/end")

    planned.refresh_from_db()
    assert (f'action="/m/{planned.pk}/end"' in page, answer.status_code, planned.is_over) == (True, 302, True)


def test_deletion_asks_for_the_title(browse, owner, planned):
    path = f"/m/{planned.pk}/delete"

    refused = [browse(owner, path, form) for form in ({}, {"delete-title": "Weekly"})]
    assert Meeting.objects.filter(pk=planned.pk).exists()
    done = browse(owner, path, {"delete-title": "Weekly planning"})

    assert [status for status, _ in (*refused, done)] == [400, 400, 302]
    assert "This is not the title of the meeting." in refused[1][1]
    assert not Meeting.objects.exists()


@pytest.mark.parametrize("path", ["settings", "end", "delete", "access"])
@pytest.mark.parametrize(
    ("who", "status"), [("participant", 403), ("granted", 403), ("stranger", 404), ("administrator", 403)]
)
def test_others_change_nothing(browse, planned, stranger, administrator, person, path, who, status):
    assert browse(person(who), f"/m/{planned.pk}/{path}", {"delete-title": "Weekly planning"})[0] == status

    planned.refresh_from_db()
    assert (planned.title, planned.is_over) == ("Weekly planning", False)


@pytest.mark.parametrize(
    ("act", "page"), [("delete", "settings"), ("end", "settings"), (f"access/{'0' * 24}/take", "access")]
)
def test_address_of_a_form_leads_to_the_page(client, owner, planned, act, page):
    client.force_login(owner)

    answer = client.get(f"/m/{planned.pk}/{act}", headers=HTML)

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/m/{planned.pk}/{page}")


# The door


def test_invited_guest_sees_to_what_and_when(client, owner, room):
    plan = {"starts_at": datetime(2030, 1, 2, 15, tzinfo=UTC), "time_zone": "Europe/Madrid", "duration_minutes": 45}
    actions.create(
        title="Budget", host=owner, transcript_enabled=True, by=owner, room=room, plan=plan, invited=["zoe@example.com"]
    )
    link = urlsplit(InvitationMail.objects.get().content["link"])

    text = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"{link.path}?{link.query}").content.decode()).split())

    assert "Budget When Jan. 2, 2030, 4 p.m. (Europe/Madrid)" in text
    assert "Room Planning Host Owner Tester" in text


# Access


def test_access_page_says_who_may_and_why(browse, owner, planned):
    status, words = browse(owner, f"/m/{planned.pk}/access")

    assert status == 200
    everything = "Read and listen, Download, Correct lines and write notes anew, Give rights to others"
    assert f"Owner Tester owner@example.com Host: {everything}" in words
    assert "Cohost Tester Co-host: Read and listen, Download, Correct lines" in words
    assert "Participant Tester participant@example.com Took part: Read and listen, Download" in words
    assert "Granted Tester granted@example.com Given by Owner Tester: Read and listen Take back" in words


def test_access_is_given_and_taken_back(client, owner, planned, stranger):
    client.force_login(owner)
    path = f"/m/{planned.pk}/access"

    given = client.post(path, {"email": "Stranger@example.com", "rights": ["view", "export"]})
    rights = AccessGrant.objects.get(user=stranger).rights
    taken = client.post(f"{path}/{stranger.pk}/take")

    assert [(answer.status_code, answer["Location"]) for answer in (given, taken)] == [(302, path)] * 2
    assert rights == ["view", "export"]
    assert not AccessGrant.objects.filter(user=stranger).exists()


def test_rights_of_a_cohost_are_taken_back_once_the_meeting_is_over(browse, owner, planned, person):
    path, said = f"/m/{planned.pk}/access", "Correct lines and write notes anew, Have it recognised anew Take back"
    offered = [said in browse(owner, path)[1]]
    actions.end(meeting=planned, by=owner)

    offered.append(said in browse(owner, path)[1])
    browse(owner, f"{path}/{person('cohost').pk}/take", {})

    assert offered == [False, True]
    assert not AccessGrant.objects.filter(user=person("cohost")).exists()


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"email": "nobody@example.com", "rights": ["view"]}, "There is no such account of a user."),
        ({"email": "administrator@example.com", "rights": ["view"]}, "There is no such account of a user."),
        ({"email": "owner@example.com", "rights": ["view"]}, "The host has every right already."),
        ({"email": "stranger@example.com", "rights": []}, "This field is required."),
        ({"email": "stranger@example.com", "rights": ["own"]}, "Select a valid choice."),
        ({"email": "stranger", "rights": ["view"]}, "Enter a valid email address."),
    ],
)
def test_access_that_cannot_be_given_is_told_in_the_form(browse, owner, planned, stranger, administrator, form, said):
    status, words = browse(owner, f"/m/{planned.pk}/access", form)

    assert (status, said in words) == (400, True)


def test_grantor_is_offered_what_they_hold(browse, planned, person, stranger):
    AccessGrant.objects.filter(user__username="granted").update(rights=["view", "grant"])
    AccessGrant.objects.create(meeting=planned, user=stranger, rights=["delete"])
    grantor, path = person("granted"), f"/m/{planned.pk}/access"

    given, words = browse(grantor, path, {"email": "invited@example.com", "rights": ["edit"]})
    browse(grantor, f"{path}/{stranger.pk}/take", {})
    browse(grantor, f"{path}/nobody/take", {})

    assert (given, "Select a valid choice." in words) == (400, True)
    assert AccessGrant.objects.filter(user=stranger).exists()
    said = browse(grantor, path)[1]
    assert "You can give and take only the rights that you have yourself." in said
    assert "There is no such account of a user." in said

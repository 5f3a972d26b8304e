"""The pages of rooms: what each shows to whom, and what their forms do without JavaScript."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEvent, User
from rooms.models import GuestInvite, LobbyTicket, Room, RoomFile, RoomMember
from tests.factories import make_room
from tests.rooms.conftest import text_of
from tests.rooms.uploading import TEXT, put

pytestmark = pytest.mark.django_db(transaction=True)


def forms_of(answer) -> set[str]:
    """Give what the page offers to do, below its own path."""
    return set(re.findall(r'<form[^>]* action="/app/rooms/[0-9a-f]{24}/(\w+)', answer.content.decode()))


def sent_by(answer, act: str) -> dict[str, str]:
    """Give what a browser would send of a form that nobody touched, whose boxes are not checked."""
    form = re.search(rf'<form[^>]*/{act}".*?</form>', answer.content.decode(), re.DOTALL)[0]
    chosen = re.findall(r'<select name="(\w+)".*?<option value="(\w+)" selected', form, re.DOTALL)
    return dict([*re.findall(r'<input[^>]* name="([\w-]+)" value="([^"]*)"', form), *chosen])


def ids_of(answer) -> list[str]:
    return re.findall(r' id="([^"]+)"', answer.content.decode())


class TestMyRooms:
    def test_list_shows_mine_and_leads_to_them(self, as_, room, member, stranger):
        mine, others = as_("member").get("/app/rooms"), as_("stranger").get("/app/rooms")

        assert "Planning" in text_of(mine)
        assert f'href="/app/rooms/{room.pk}"' in mine.content.decode()
        assert "No rooms yet. Make one below." in text_of(others)

    def test_older_rooms_are_on_the_next_page(self, as_, owner):
        rooms = [make_room(owner, name=f"Room {number:03}") for number in range(52)]

        first = as_("owner").get("/app/rooms")
        second = as_("owner").get(f"/app/rooms?before={rooms[2].pk}")

        assert f"/app/rooms?before={rooms[2].pk}" in first.content.decode()
        assert "Room 002" in text_of(first)
        assert "Room 001" not in text_of(first)
        assert "Room 001" in text_of(second)
        assert as_("owner").get("/app/rooms?before=nonsense").status_code == 200

    def test_room_is_made(self, as_, owner):
        answer = as_("owner").post("/app/rooms", {"name": "New", "type": "webinar", "is_private": "on"})

        room = Room.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/app/rooms/{room.pk}")
        assert (room.name, room.type, room.is_private, room.max_participants) == ("New", "webinar", True, None)

    @pytest.mark.parametrize(
        "form", [{"name": " ", "type": "meeting"}, {"name": "x", "type": "party"}, {"name": "\x1b", "type": "meeting"}]
    )
    def test_room_that_cannot_be_made_is_explained(self, as_, owner, form):
        answer = as_("owner").post("/app/rooms", form)

        assert answer.status_code == 400
        assert 'class="field-errors"' in answer.content.decode()
        assert not Room.objects.exists()

    def test_administrator_has_none(self, as_, administrator):
        assert as_("administrator").get("/app/rooms").status_code == 403

    def test_nobody_is_asked_to_sign_in(self, as_):
        assert as_(None).get("/app/rooms").headers["Location"] == "/accounts/sign-in?next=/app/rooms"


class TestRoomPage:
    @pytest.mark.parametrize(
        ("who", "offers"),
        [
            ("owner", {"files", "members", "invites", "change", "delete"}),
            ("cohost", {"files", "members", "invites"}),
            ("member", {"files", "members"}),
        ],
    )
    def test_everybody_is_offered_what_they_may_do(self, as_, page, room, owner, who, offers):
        put(room, owner, "a.txt")

        answer = as_(who).get(page)

        assert answer.status_code == 200
        assert forms_of(answer) == offers
        assert "a.txt" in text_of(answer)
        assert ("Cohost Tester" in text_of(answer)) == (who != "member")
        # The page's own head names whoever looks at it; nobody sees the mail of another.
        assert ("cohost@example.com" in text_of(answer)) == (who == "cohost")

    def test_ids_are_there_once(self, as_, page, room, owner):
        ids = ids_of(as_("owner").get(page))

        assert sorted(ids) == sorted(set(ids))

    @pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("administrator", 403), (None, 302)])
    def test_room_is_nobody_elses(self, as_, page, stranger, administrator, who, status):
        answer = as_(who).get(page)

        assert answer.status_code == status
        assert "Planning" not in text_of(answer)

    def test_older_files_are_on_the_next_page(self, as_, page, room, owner):
        files = [put(room, owner, f"file{number:03}.txt") for number in range(52)]

        first = as_("member").get(page)
        second = as_("member").get(f"{page}?before={files[2].row.pk}")

        assert f"?before={files[2].row.pk}" in first.content.decode()
        assert ("file002.txt" in text_of(first), "file001.txt" in text_of(first)) == (True, False)
        assert "file001.txt" in text_of(second)

    def test_without_the_plan_it_says_why_nothing_can_be_sent(self, as_, page, room, owner):
        put(room, owner, "a.txt")
        owner.plan = "essential"
        owner.save()

        answer = as_("member").get(page)

        assert "room-upload" not in ids_of(answer)
        assert "New files need the Professional plan" in text_of(answer)
        assert "a.txt" in text_of(answer)


class TestSettings:
    def test_owner_changes_the_room(self, as_, page, room):
        form = {"name": "Renamed", "type": "live", "max_participants": "7", "is_private": "on"}

        answer = as_("owner").post(f"{page}/change", form)

        assert answer.headers["Location"] == page
        room.refresh_from_db()
        assert (room.name, room.type, room.max_participants, room.is_private) == ("Renamed", "live", 7, True)

    def test_change_by_another_since_the_page_was_shown_stays(self, as_, page, room):
        form = sent_by(as_("owner").get(page), "change")
        Room.objects.filter(pk=room.pk).update(name="Renamed", is_private=True)

        as_("owner").post(f"{page}/change", {**form, "max_participants": "7"})

        room.refresh_from_db()
        assert (room.name, room.is_private, room.max_participants) == ("Renamed", True, 7)
        assert AuditEvent.objects.get(action="UPDATE-ROOM").resource["fields"] == ["max_participants"]

    def test_what_cannot_be_is_said_in_the_form(self, as_, page, room):
        answer = as_("owner").post(f"{page}/change", {"name": "", "type": "live", "max_participants": "0"})

        assert answer.status_code == 400
        assert answer.content.decode().count('class="field-errors"') == 2
        assert "<h1>Planning</h1>" in answer.content.decode()

    def test_room_is_deleted_by_its_name(self, as_, page, room):
        wrong = as_("owner").post(f"{page}/delete", {"name": "planning"})
        right = as_("owner").post(f"{page}/delete", {"name": "Planning"})

        assert wrong.status_code == 400
        assert "This is not the name of the room" in text_of(wrong)
        assert (right.headers["Location"], Room.objects.exists()) == ("/app/rooms", False)


class TestPeople:
    def test_member_is_appointed_and_dismissed(self, as_, page, room, stranger):
        as_("cohost").post(f"{page}/members", {"email": "stranger@example.com", "role": "presenter"})
        role = RoomMember.objects.get(user=stranger).role
        answer = as_("cohost").post(f"{page}/members/{stranger.pk}/dismiss")

        assert (role, answer.headers["Location"]) == ("presenter", page)
        assert not RoomMember.objects.filter(user=stranger).exists()

    @pytest.mark.parametrize(
        ("who", "form", "said"),
        [
            (
                "owner",
                {"email": "nobody@example.com", "role": "viewer"},
                "There is no such account of a user.",
            ),
            ("owner", {"email": "no mail", "role": "viewer"}, "Enter a valid email address."),
            ("owner", {"email": "owner@example.com", "role": "viewer"}, "roles below your own"),
            ("cohost", {"email": "member@example.com", "role": "cohost"}, "Select a valid choice."),
        ],
    )
    def test_appointment_that_cannot_be_is_said_in_the_form(self, as_, page, room, who, form, said):
        answer = as_(who).post(f"{page}/members", form)

        assert answer.status_code == 400
        assert said in text_of(answer)

    def test_member_leaves(self, as_, page, room, member):
        answer = as_("member").post(f"{page}/members/{member.pk}/dismiss")

        assert answer.headers["Location"] == "/app/rooms"
        assert as_("member").get(page).status_code == 404

    def test_link_for_guests_is_shown_once_and_revoked(self, as_, page, room):
        made = as_("owner").post(f"{page}/invites", {"role": "viewer", "days": "30"})
        again = as_("owner").get(page)
        invite = GuestInvite.objects.get()
        as_("owner").post(f"{page}/invites/{invite.pk}/revoke")

        link = re.search(r"/r/[0-9a-f]{24}\?invite=[\w-]{22}", made.content.decode())[0]
        assert as_(None).get(link).status_code == 403
        assert "invite=" not in again.content.decode()
        assert (invite.role, "works until" in text_of(again)) == ("viewer", True)
        assert "works until" not in text_of(as_("owner").get(page))

    def test_link_of_no_kind_is_refused_in_the_form(self, as_, page):
        assert as_("owner").post(f"{page}/invites", {"role": "cohost", "days": "1"}).status_code == 400
        assert not GuestInvite.objects.exists()

    @pytest.mark.parametrize("admit", ["yes", "no"])
    def test_host_decides_who_comes_in(self, as_, private_room, stranger, admit):
        door, page = f"/r/{private_room.pk}", f"/app/rooms/{private_room.pk}"
        waiting = as_("stranger").post(door, follow=True)
        ticket = LobbyTicket.objects.get()

        part = as_("owner").get(f"{page}/lobby")
        whole = as_("owner").get(page)
        as_("owner").post(f"{page}/lobby/{ticket.pk}", {"admit": admit})
        entered = as_("stranger").post(door)

        assert "The hosts see that you wait" in text_of(waiting)
        assert "Stranger Tester" in text_of(part)
        assert "Stranger Tester" in text_of(whole)
        if admit == "yes":
            assert (entered.status_code, entered.headers["Location"]) == (302, page)
            assert as_("stranger").get(page).status_code == 200
        else:
            assert entered.status_code == 403
            assert "did not let you in" in text_of(entered)

    @pytest.mark.parametrize(
        "act", ["change", "delete", "members", "invites", f"invites/{'0' * 24}/revoke", "files", f"lobby/{'0' * 24}"]
    )
    def test_address_of_a_form_leads_to_the_page(self, as_, page, act):
        opened, unasked = as_("owner").get(f"{page}/{act}"), as_(None).get(f"{page}/{act}")

        assert (opened.status_code, opened.headers["Location"]) == (302, page)
        assert unasked.headers["Location"] == f"/accounts/sign-in?next={page}/{act}"

    @pytest.mark.parametrize("who", ["member", "stranger", "administrator"])
    @pytest.mark.parametrize(
        "act",
        [
            *("change", "delete", "members", "invites", "invites/{id}/revoke", "lobby/{id}"),
            "members/{cohost}/dismiss",
        ],
    )
    def test_nobody_else_does_any_of_it(self, request, as_, page, room, cohost, who, act):
        request.getfixturevalue(who)
        before = list(RoomMember.objects.values_list("user", "role"))

        answer = as_(who).post(f"{page}/{act.format(id='0' * 24, cohost=cohost.pk)}", {"name": "Planning"})

        assert answer.status_code in (403, 404)
        assert list(RoomMember.objects.values_list("user", "role")) == before
        assert Room.objects.get().name == "Planning"


class TestFiles:
    def test_small_file_is_sent_without_javascript(self, as_, page, room, member):
        answer = as_("member").post(f"{page}/files", {"file": SimpleUploadedFile("a.txt", TEXT)})

        assert answer.headers["Location"] == page
        assert "a.txt" in text_of(as_("owner").get(page))
        assert RoomFile.objects.get().uploaded_by == member

    @pytest.mark.parametrize(
        ("file", "said"),
        [
            (SimpleUploadedFile("a.exe", b"MZ"), "Files of this kind are not taken"),
            (SimpleUploadedFile("a.txt", b""), "The file is empty"),
            ("", "This field is required."),
        ],
    )
    def test_file_that_is_not_taken_is_said_in_the_form(self, as_, page, file, said):
        answer = as_("member").post(f"{page}/files", {"file": file})

        assert answer.status_code == 400
        assert said in text_of(answer)
        assert not RoomFile.objects.exists()

    def test_file_that_is_too_large_is_said_in_the_readers_language(self, as_, page, member, settings):
        settings.ROOM_FILE_MAX_BYTES = {**settings.ROOM_FILE_MAX_BYTES, "professional": 2**10}
        User.objects.filter(pk=member.pk).update(language="ru")

        answer = as_("member").post(f"{page}/files", {"file": SimpleUploadedFile("a.txt", b"x" * (2**10 + 1))})

        assert answer.status_code == 400
        assert "Файл может занимать не больше 1,0\xa0КБ" in answer.context["upload_form"].errors["file"][0]
        assert not RoomFile.objects.exists()

    def test_viewer_is_offered_no_upload_and_has_none(self, as_, page, member):
        RoomMember.objects.filter(user=member).update(role="viewer")

        shown = as_("member").get(page)
        sent = as_("member").post(f"{page}/files", {"file": SimpleUploadedFile("a.txt", TEXT)})

        assert (shown.status_code, b"room-upload" in shown.content) == (200, False)
        assert sent.status_code == 403
        assert not RoomFile.objects.exists()

    @pytest.mark.parametrize(("who", "status"), [("member", 403), ("cohost", 302), ("stranger", 404)])
    def test_file_of_another_is_deleted_by_hosts(self, as_, page, room, owner, stranger, who, status):
        file = put(room, owner, "a.txt").row

        assert as_(who).post(f"{page}/files/{file.pk}/delete").status_code == status
        assert RoomFile.objects.exists() == (status != 302)

    @pytest.mark.parametrize("file_id", ["nothing", "0" * 24])
    def test_file_that_is_not_there(self, as_, page, file_id):
        assert as_("owner").post(f"{page}/files/{file_id}/delete").status_code == 404

    def test_uploads_by_the_page_are_limited_too(self, as_, page, settings):
        settings.RATES = {**settings.RATES, "RATE_FILES": "1/d"}
        client = as_("member")

        answers = [client.post(f"{page}/files", {"file": SimpleUploadedFile("a.txt", TEXT)}) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 429]


def test_panel_shows_rooms_and_no_names_of_files(as_, room, owner, administrator):
    put(room, owner, "Zanzibar.txt")

    listed = as_("administrator").get("/admin/rooms/room/")
    shown = as_("administrator").get(f"/admin/rooms/room/{room.pk}/change/")

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "Planning" in text_of(listed)
    assert re.search(rf"\b1\b.*{len(TEXT)} bytes", text_of(listed))
    assert "zanzibar" not in (text_of(listed) + text_of(shown)).lower()
    assert as_("administrator").post(f"/admin/rooms/room/{room.pk}/change/", {"name": "Mine"}).status_code == 403

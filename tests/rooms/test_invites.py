"""`GET` and `POST /room/:roomId/invites`, `DELETE /room/:roomId/invites/:inviteId`."""

import base64
import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from config.lib.times import iso
from rooms.models import GuestInvite
from tests.factories import make_room

pytestmark = pytest.mark.django_db


def shown(invite):
    return {
        "id": invite.pk,
        "role": invite.role,
        "createdAt": iso(invite.created_at),
        "expiresAt": iso(invite.expires_at),
        "revokedAt": iso(invite.revoked_at),
    }


@pytest.mark.parametrize("who", ["owner", "cohost"])
def test_invitation_is_shown_once_and_kept_as_its_hash(ask, room, who):
    status, answer = ask(who, "POST", f"/room/{room.pk}/invites", {"role": "viewer"})

    invite = GuestInvite.objects.get()
    secret = answer["data"]["invite"]
    link = f"http://127.0.0.1:8000/r/{room.pk}?invite={secret}"
    assert (status, answer) == (
        201,
        {"success": True, "data": {**shown(invite), "role": "viewer", "invite": secret, "joinUrl": link}},
    )
    assert len(base64.urlsafe_b64decode(secret + "==")) == 16
    assert invite.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    assert ask(who, "GET", f"/room/{room.pk}/invites") == (200, {"success": True, "data": [shown(invite)]})
    assert AuditEvent.objects.get(action="INVITE-GUESTS").resource == {"roomId": room.pk, "inviteId": invite.pk}


def test_invitation_lasts_a_week_or_as_long_as_asked(ask, room):
    until = timezone.now().replace(microsecond=0) + timedelta(days=300)

    ask("owner", "POST", f"/room/{room.pk}/invites", {})
    ask("owner", "POST", f"/room/{room.pk}/invites", {"expiresAt": iso(until)})

    week, long = GuestInvite.objects.order_by("pk")
    assert week.role == "participant"
    assert timedelta(days=6) < week.expires_at - timezone.now() < timedelta(days=8)
    assert long.expires_at == until


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "presenter"}, "role"),
        ({"role": "cohost"}, "role"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2999-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "soon"}, "expiresAt"),
    ],
)
def test_invitation_that_cannot_be_is_refused(ask, room, body, field):
    status, answer = ask("owner", "POST", f"/room/{room.pk}/invites", body)

    assert (status, answer["code"], list(answer["errors"])) == (400, "invalid", [field])
    assert not GuestInvite.objects.exists()


def test_revoked_invitation_stays_in_the_list(ask, room):
    _, made = ask("owner", "POST", f"/room/{room.pk}/invites", {})
    path = f"/room/{room.pk}/invites/{made['data']['id']}"

    first, again = ask("cohost", "DELETE", path), ask("cohost", "DELETE", path)

    assert (first, again) == ((204, None), (204, None))
    _, answer = ask("owner", "GET", f"/room/{room.pk}/invites")
    assert answer["data"][0]["revokedAt"] is not None
    assert AuditEvent.objects.filter(action="REVOKE-INVITE").count() == 1


@pytest.mark.parametrize("invite_id", ["none", "0" * 24, "%00"])
def test_invitation_that_is_not_there_is_not_found(ask, room, invite_id):
    assert ask("owner", "DELETE", f"/room/{room.pk}/invites/{invite_id}")[0] == 404


def test_invitation_of_another_room_is_not_found(ask, room, owner):
    _, made = ask("owner", "POST", f"/room/{make_room(owner).pk}/invites", {})

    status, _ = ask("owner", "DELETE", f"/room/{room.pk}/invites/{made['data']['id']}")

    assert status == 404
    assert GuestInvite.objects.get().revoked_at is None


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", ""), ("DELETE", "/" + "0" * 24)])
@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 404), ("administrator", 404), (None, 401)])
def test_invitations_are_for_hosts(ask, room, stranger, administrator, who, status, method, path):
    assert ask(who, method, f"/room/{room.pk}/invites{path}", {})[0] == status
    assert not GuestInvite.objects.exists()

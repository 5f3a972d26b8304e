"""What is done to a room while somebody deletes it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from rooms.actions import files, invites, joining, members, places
from rooms.actions.joining import Device, Wish
from rooms.enums import RoomRole
from rooms.exceptions import RoomNotFound
from tests.accounts.conftest import wait_for_waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def meanwhile(owner):
    """Do something that finds the room there, and has to wait until it is gone; what it raises is raised."""

    def meanwhile(room, act) -> None:
        def run():
            try:
                act()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                places.delete(room=room, by=owner)
                running = pool.submit(run)
                wait_for_waiting(1)
            running.result()

    return meanwhile


def test_newcomer_is_told_that_the_room_is_gone(meanwhile, room, stranger):
    with pytest.raises(RoomNotFound):
        meanwhile(room, lambda: joining.enter(room_id=room.pk, wish=Wish(), by=stranger, device=Device()))


def test_guest_is_told_that_the_room_is_gone(meanwhile, private_room, owner):
    _, secret = invites.invite(room=private_room, role=RoomRole.VIEWER, expires_at=None, by=owner)
    wish = Wish(name="Carl", invite=secret)

    with pytest.raises(RoomNotFound):
        meanwhile(
            private_room,
            lambda: joining.enter(room_id=private_room.pk, wish=wish, by=AnonymousUser(), device=Device()),
        )


def test_member_who_leaves_is_told_that_the_room_is_gone(meanwhile, room, member):
    with pytest.raises(RoomNotFound):
        meanwhile(room, lambda: members.remove(room=room, user_id=member.pk, by=member))


def test_who_deletes_its_files_is_told_that_the_room_is_gone(meanwhile, room, cohost):
    with pytest.raises(RoomNotFound):
        meanwhile(room, lambda: files.delete_all(room=room, by=cohost))

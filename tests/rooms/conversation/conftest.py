"""A room over two processes, and people who come in."""

import pytest

from tests.rooms.conversation.talking import House, talker
from tests.rooms.realtime.conftest import process, room_id  # noqa: F401 - fixtures


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def comes(process, room_id, house):  # noqa: F811 - fixtures
    """Have somebody come into the room, through one of two processes; give them."""
    hubs = [(await process()).hub, (await process()).hub]

    async def come(person: str, role: str = "participant", *, through: int = 0, seat: str = "", **known):
        one = talker(hubs[through], house, room_id, person, role, seat=seat)
        await one.join(**known)
        return one

    return come

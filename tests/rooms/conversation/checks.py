"""What must be so whenever all is quiet in the room, whatever happened before."""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from rooms.realtime import seats
from rooms.realtime.seats import Seat
from tests.rooms.conversation.devices import Device

if TYPE_CHECKING:
    from tests.rooms.conversation.world import World


async def check(world: "World") -> None:
    epoch, seq, table, state = await world.hubs[0].bus.tables(world.room_id)
    redis = world.hubs[0].bus._redis
    taken = {pid.decode(): seats.read(text) for pid, text in table.items()}
    counted = {name.decode(): int(n) for name, n in (await redis.hgetall(f"room:{world.room_id}:people")).items()}
    numbers = await redis.hgetall(f"room:{world.room_id}:meta")
    people = Counter(seat.person for seat in taken.values())
    assert world.faults == []
    assert counted == people
    for hub in world.hubs:
        room = hub._rooms.get(world.room_id)
        assert room is None or room.members
        if room is not None:
            assert (room.epoch, room.seq) == (epoch, seq)
            assert room.seats == taken
            assert room.state == {name.decode(): value.decode() for name, value in state.items()}
    seen = {name.decode().removeprefix("seen:") for name in state if name.startswith(b"seen:")}
    assert people.keys() <= seen <= world.may_have_come
    assert world.has_come <= seen or not world.is_exact
    for device in world.devices.values():
        _check_device(world, device, taken, people, seen)
        if device.link is not None:
            noted = msgspec.json.decode(state.get(b"noted", b"null"))
            assert device.noted == noted or device.person == "host", device.name
            assert (device.epoch, device.seq) == (epoch, seq), device.name
            assert device.pseq == int(numbers.get(f"p:{device.person}".encode(), 0)), device.name
    _check_texts(world)


def _check_device(world: "World", device: Device, taken: dict[str, Seat], people: Counter[str], seen: set[str]) -> None:
    seat = taken.get(device.pid)
    role = world.register.roles[device.person]
    if device.link is not None:
        member = device.link.connection._member
        assert seat is not None
        assert member is not None
        assert seat.holder == device.link.connection.id
        assert (seat.role, member.role) == (role, role)
        assert device.people.keys() == people.keys()
        # Of what they say themselves people are not told.
        for person, shown in seats.people(taken.values()).items():
            if person != device.person:
                assert device.people[person] == seats.participant(shown), device.name
        assert device.count is not None
        assert (device.count["count"], device.count["total"]) == (len(people), len(seen))
    elif seat is not None:
        is_ghost = any(ghost.device is device for ghost in world.ghosts)
        assert is_ghost or device.due > world.time, f"{device.name} sits there still"
    for what in ("mic", "hand"):
        _check_shown(world, device.pid, what, seat)
    if world.is_exact and world.is_counted:
        assert world.register.present[device.pid] == (seat is not None)


def _check_shown(world: "World", pid: str, what: str, seat: Seat | None) -> None:
    may_be = world.shown.get((pid, what), {False})
    is_on = seat is not None and getattr(seat, what)
    if seat is not None and (what == "mic" or world.is_exact):
        assert is_on in may_be or (not world.is_exact and not is_on), (what, is_on, may_be)
    world.shown[(pid, what)] = {is_on}


def _check_texts(world: "World") -> None:
    """One order for all, and nothing twice in it."""
    for device in world.devices.values():
        for place, text in device.texts.items():
            assert world.texts.setdefault(place, text) == text
        device.texts.clear()
    rooms = [(epoch, text) for (epoch, whose, _), text in world.texts.items() if whose == "seq"]
    assert len(rooms) == len({*rooms})

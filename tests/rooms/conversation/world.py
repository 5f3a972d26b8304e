"""A room as its people live through it, over two server processes whose clock the test turns."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from django.conf import settings
from redis.exceptions import RedisError

from config.lib import keys
from config.lib.ids import new_id
from rooms.conversation.connection import Connection
from rooms.conversation.kinds import KINDS
from rooms.enums import RoomRole
from rooms.exceptions import Removed, RoomLocked
from rooms.realtime import sealing, seats, tasks
from rooms.realtime.bus import PROCESSES
from rooms.realtime.events import Batch, Event, Form
from rooms.realtime.hub import Hub
from rooms.realtime.member import Member
from rooms.realtime.protocol import EVERYBODY, HOSTS, Close, Kind, Payload
from rooms.realtime.saying import Saying
from rooms.realtime.seating import DEAD_SECONDS
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival, Standing
from rooms.tokens import RoomClaims

HELD_SECONDS = 30.0
SECONDS = 10
# As many people as the room takes, but for hosts.
LIMIT = 4
# Devices, and whose they are.
DEVICES = {
    "host": "host",
    "cohost": "cohost",
    "participant": "participant",
    "second": "participant",
    "viewer": "viewer",
    "latecomer": "participant-2",
}
ROLES = {
    "host": "host",
    "cohost": "cohost",
    "participant": "participant",
    "viewer": "viewer",
    "participant-2": "viewer",
}


class Said(Payload):
    text: str


async def _say(context: Any, payload: Said) -> None:
    await context.pass_on(payload)


async def _note(context: Any, payload: Said) -> None:
    await context.pass_on(payload, writes=(context.written_state("noted", payload.text or None),))


def _kind(name: str, *, is_kept: bool = False, handler: Any = _say) -> Kind:
    return Kind(
        name=name, payload=Said, senders=EVERYBODY, to="", summary="", is_kept=is_kept, rate="signal", handler=handler
    )


class Register:
    """The house, with what its database would say."""

    def __init__(self) -> None:
        # Nobody is as quick as a test: the limits are not what it is about.
        quick = {kind.name: replace(kind, rate="signal") for kind in KINDS}
        own = (_kind("kept", is_kept=True), _kind("unkept"), _kind("noted", handler=_note))
        self.kinds = {**quick, **{kind.name: kind for kind in own}}
        self.roles = dict(ROLES)
        self.removed: set[str] = set()
        self.is_locked = False
        # Seats that were taken and not given up yet, as attendance has them.
        self.present: Counter[str] = Counter()

    async def arrive(self, claims: RoomClaims, *, is_seated: bool) -> Arrival:
        if claims.person in self.removed:
            raise Removed
        role = self.roles[claims.person]
        if self.is_locked and role not in HOSTS and not is_seated:
            raise RoomLocked
        await asyncio.sleep(0)
        limit = None if role == "host" else LIMIT
        return Arrival(
            person=claims.person, name=claims.name, role=role, features=frozenset(), limit=limit, facts={"lobby": []}
        )

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool, **about: Any) -> dict[str, Any]:
        self.present[seat.pid] += is_new
        return {}

    async def past(self, claims: RoomClaims, arrival: Arrival, *, is_back: bool) -> list[Event]:
        return []

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        self.present[seat.pid] -= 1

    async def inspect(self, room_id: str, members: list[Member]) -> dict[str, Standing]:
        await asyncio.sleep(0)
        return {member.pid: self._standing(member.person) for member in members}

    def _standing(self, person: str) -> Standing:
        if person in self.removed:
            return Standing(close=Close.REMOVED, reason="removed")
        return Standing(role=self.roles[person])


class WatchedHub(Hub):
    """Says what it heard last that marks a point in time."""

    marked = b""

    def _heard(self, room_id: str, message: bytes) -> None:
        super()._heard(room_id, message)
        if message.endswith(b'"}') and b'{"mark"' in message:
            self.marked = message[message.index(b'{"mark"') :]


class Device:
    """A client, with what it knows; all that must not be goes into `faults`."""

    def __init__(self, name: str, person: str, room_id: str, faults: list[str]) -> None:
        self.name = name
        self.person = person
        self.claims = RoomClaims(person, person, room_id, RoomRole.HOST, new_id())
        self.pid = self.claims.seat
        self.faults = faults
        self.link: Link | None = None
        # When the seat is given up at the latest; of no meaning while it is connected.
        self.due = 0.0
        self.epoch: str | None = None
        self.seq = self.pseq = 0
        self.texts: dict[tuple[str, str, int], str] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.count: dict[str, Any] | None = None
        # What the room knows since the host said so.
        self.noted: str | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        # What was said and not acknowledged.
        self.unsent: list[dict[str, Any]] = []

    def take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "room_connected":
                self._connected(event)
            case "participant-joined" | "participant-updated":
                self.people[event["participant"]["id"]] = event["participant"]
            case "participant-left":
                self.people.pop(event["participant"]["id"], None)
            case "raise-hand":
                self.people[event["id"]]["hand"] = event["on"]
            case "device-switch":
                self.people[event["id"]]["mic"] = event["on"]
            case "noted":
                self.noted = event["text"] or None
            case "view_count":
                self.count = event
            case "ack" | "error":
                self.answers[event["ref"]] = event
        if "seq" in event and event["type"] == "kept":
            self._number("seq", event)
        if "pseq" in event and event["type"] == "kept":
            self._number("pseq", event)

    def _connected(self, event: dict[str, Any]) -> None:
        if event["epoch"] != self.epoch:
            self.epoch, self.seq, self.pseq = event["epoch"], event["seq"], event["pseq"]
        self.people = {person["id"]: person for person in event["participants"]}
        self.count, self.noted = None, event.get("noted")

    def _number(self, name: str, event: dict[str, Any]) -> None:
        before = getattr(self, name)
        if event[name] != before + 1:
            self.faults.append(f"{self.name} got {name} {event[name]} after {before}: {event['text']}")
        setattr(self, name, event[name])
        self.texts[(self.epoch or "", name if name == "seq" else self.person, event[name])] = event["text"]


@dataclass
class Link:
    """A socket, as both of its ends see it."""

    device: Device
    process: int
    connection: Connection = field(init=False)
    # Nothing comes through any more, whatever the server believes.
    is_cut: bool = False
    closed: list[int] = field(default_factory=list)
    form: Form = Form.PLAIN

    def put(self, batch: Batch) -> None:
        if not self.is_cut and not self.closed:
            for text in batch.texts(Form.PLAIN):
                self.device.take(msgspec.json.decode(text))

    async def drained(self) -> None:
        await asyncio.sleep(0)

    def close(self, code: int) -> None:
        if self.closed:
            return
        self.closed.append(code)
        if self.device.link is self:
            self.device.link = None
        # As the server does, when the socket has closed.
        asyncio.get_running_loop().create_task(self.connection.leave(is_over=False))

    async def hear(self, **fields: Any) -> None:
        try:
            await self.connection.hear(fields, 100)
        except (RedisError, OSError):
            # As the consumer does with what nobody foresaw.
            self.close(1011)


class World:
    def __init__(self) -> None:
        self.time = 1_000_000.0
        self.room_id = new_id()
        keys.create(self.room_id)
        self.register = Register()
        self.faults: list[str] = []
        self.devices = {name: Device(name, person, self.room_id, self.faults) for name, person in DEVICES.items()}
        self.hubs: list[WatchedHub] = []
        # Sockets of which the server does not know yet that they are gone.
        self.ghosts: list[Link] = []
        # What microphones and hands may be by now, by seat.
        self.shown: dict[tuple[str, str], set[bool]] = {}
        # Nothing was forgotten by Redis so far, so that all must be as it was.
        self.is_exact = True
        self.is_emptied = False
        self.has_come: set[str] = set()
        self.may_have_come: set[str] = set()
        # No answer of Redis was lost, so that arrivals are counted right.
        self.is_counted = True
        self.marks = 0
        self.texts: dict[tuple[str, str, int], str] = {}

    async def begin(self) -> None:
        self.hubs = [self._hub(), self._hub()]
        await self.hubs[0].bus._redis.flushall()
        await asyncio.gather(*(hub._beat() for hub in self.hubs))

    def _hub(self) -> WatchedHub:
        hub = WatchedHub(
            settings.REDIS_URL,
            sealed=sealing.sealed,
            opened=sealing.opened,
            inspect=self.register.inspect,
            left=self.register.left,
            held_seconds=HELD_SECONDS,
            now=lambda: self.time,
        )
        # Not its jobs: the test does those.
        hub.bus.start()
        return hub

    async def end(self) -> None:
        for hub in self.hubs:
            await tasks.end(hub._tasks)
            await hub.bus.stop()

    # What people do.

    async def join(self, device: Device, process: int) -> None:
        """Connect, with what is known, and say again what was not acknowledged."""
        if device.link is not None:
            return
        link = device.link = Link(device, process)
        link.connection = Connection(
            hub=self.hubs[process], house=self.register, claims=device.claims, outlet=link, close=link.close
        )
        known = {"epoch": device.epoch, "lastSeq": device.seq, "lastPseq": device.pseq} if device.epoch else {}
        await link.hear(type="room.join", roomId=self.room_id, **known)
        self.may_have_come.add(device.person)
        if device.link is not link:
            device.due = self.time + HELD_SECONDS
        else:
            self.has_come.add(device.person)
            unsent, device.unsent = device.unsent, []
            for fields in unsent:
                await self.say(device, **fields)

    async def leave(self, device: Device) -> None:
        link, device.link = device.link, None
        if link is not None:
            device.due = self.time
            link.closed.append(1000)
            await link.connection.leave(is_over=True)

    async def cut(self, device: Device, *, is_noticed: bool) -> None:
        link, device.link = device.link, None
        if link is None:
            return
        link.is_cut = True
        device.due = self.time + HELD_SECONDS
        if is_noticed:
            await self._notice(link)
        else:
            self.ghosts.append(link)

    async def _notice(self, link: Link) -> None:
        if not link.closed:
            link.closed.append(1006)
            link.device.due = max(link.device.due, self.time + HELD_SECONDS)
            await link.connection.leave(is_over=False)

    async def say(self, device: Device, **fields: Any) -> dict[str, Any] | None:
        """Say something; give the answer, if it came."""
        ghost = next((ghost for ghost in self.ghosts if ghost.device is device and not ghost.closed), None)
        link = device.link or ghost
        fields.setdefault("ref", new_id())
        if link is not None:
            await link.hear(**fields)
        answer = device.answers.pop(fields["ref"], None)
        if fields["type"] == "kept" and answer is None:
            device.unsent.append(fields)
        return answer

    async def note(self, device: Device, text: str) -> None:
        """Have the room know something; one person does, so that it is clear what was said last."""
        if device.person == "host":
            await self.say(device, type="noted", text=text)

    async def show(self, device: Device, what: str, *, is_on: bool) -> None:
        about = {"type": "raise-hand"} if what == "hand" else {"type": "device-switch", "kind": "mic"}
        answer = await self.say(device, on=is_on, **about)
        self._note(device.pid, what, is_on, answer)

    async def mute(self, by: Device, person: str) -> None:
        answer = await self.say(by, type="mute-participant", to=person, kind="mic")
        for device in self.devices.values():
            if device.person == person:
                self._note(device.pid, "mic", False, answer)

    async def mute_all(self, by: Device) -> None:
        answer = await self.say(by, type="mute-all-participants")
        for device in self.devices.values():
            if device.person != by.person:
                self._note(device.pid, "mic", False, answer)

    def _note(self, pid: str, what: str, is_on: bool, answer: dict[str, Any] | None) -> None:
        if answer is not None and answer["type"] == "error":
            return
        may_be = self.changes.setdefault((pid, what), set())
        may_be.add(is_on)
        if answer is None:
            may_be |= self.shown.get((pid, what), {False})

    # What the house decides.

    async def decide(self, whom: str, what: str, value: Any) -> None:
        """Decide as an action does: in the database, and every process is to look."""
        match what:
            case "role":
                self.register.roles[whom] = value
            case "removed":
                (self.register.removed.add if value else self.register.removed.discard)(whom)
            case _:
                self.register.is_locked = value
        await self.hubs[0].say(self.room_id, Saying(type="", body=b"{}", orders=(("look", "", ""),)))

    # What fails.

    async def empty(self) -> None:
        self.is_exact, self.is_emptied = False, True
        await self.hubs[0].bus._redis.flushall()

    async def lose(self, process: int) -> None:
        """Break the connections of a process to Redis."""
        self.is_counted = False
        bus = self.hubs[process].bus
        if bus._listening is not None:
            await bus._listening.disconnect()
        await bus._redis.connection_pool.disconnect()

    async def kill(self, process: int) -> None:
        """As SIGKILL does: without a word; another takes its place."""
        hub = self.hubs[process]
        for device in self.devices.values():
            if device.link is not None and device.link.process == process:
                device.link.is_cut, device.link = True, None
            device.due = max(device.due, self.time + HELD_SECONDS + 2 * (DEAD_SECONDS + 1))
        self.ghosts = [ghost for ghost in self.ghosts if ghost.process != process]
        await tasks.end([*hub._tasks, *hub.bus._tasks])
        await hub.bus._redis.aclose()
        self.hubs[process] = self._hub()
        await self.hubs[process]._beat()

    async def wait(self, seconds: float, *, stalled: int | None = None) -> None:
        """Let time go by: sockets that are gone are noticed, and processes beat, but for one that stands still."""
        ghosts, self.ghosts = self.ghosts, []
        for ghost in ghosts:
            await self._notice(ghost)
        running = [hub for number, hub in enumerate(self.hubs) if number != stalled]
        # The dead are found before the rest goes by.
        soon = min(seconds, DEAD_SECONDS + 1)
        for part in (soon, seconds - soon):
            self.time += part
            beats = {hub.process: self.time for hub in running}
            await self.hubs[0].bus._redis.zadd(PROCESSES, beats, xx=True)
            if part:
                await self.run(running)
        if stalled is not None:
            await self.run(self.hubs)

    async def run(self, hubs: Iterable[WatchedHub]) -> None:
        for job in ("_beat", "_give_up_seats", "_look_at_all"):
            await asyncio.gather(*(getattr(hub, job)() for hub in hubs))

    # Quiet.

    async def during(self, *works: Awaitable[object]) -> None:
        """Let things happen at once, and wait until all is quiet."""
        self.changes: dict[tuple[str, str], set[bool]] = {}
        await asyncio.gather(*works)
        self.shown |= self.changes
        await self.settle()

    async def settle(self) -> None:
        async with asyncio.timeout(SECONDS):
            await self._quiet()
            if self.is_emptied:
                self.is_emptied = False
                await asyncio.gather(*(hub._beat() for hub in self.hubs))
                await self._quiet()

    async def _quiet(self) -> None:
        lasting = {asyncio.current_task(), *(task for hub in self.hubs for task in hub.bus._tasks)}
        while True:
            works = asyncio.all_tasks() - lasting
            if works:
                await asyncio.wait(works)
                continue
            await self._mark()
            rooms = [room for hub in self.hubs for room in hub._rooms.values()]
            if not (asyncio.all_tasks() - lasting) and all(room._held is None and not room._pending for room in rooms):
                return

    async def _mark(self) -> None:
        """Wait until whatever was said has been heard."""
        while not all(hub.bus._listening and not hub.bus._unconfirmed for hub in self.hubs):
            await asyncio.sleep(0)
        self.marks += 1
        mark = b'{"mark":"%d"}' % self.marks
        await self.hubs[0].say(self.room_id, Saying(type="", body=mark))
        deadline = asyncio.get_running_loop().time() + 0.05
        while not all(hub.marked == mark for hub in self.hubs if hub.bus._rooms):
            if asyncio.get_running_loop().time() > deadline:
                # It was said while nobody listened.
                return await self._mark()
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    # What must be so.

    async def check(self) -> None:
        epoch, seq, table, state = await self.hubs[0].bus.tables(self.room_id)
        redis = self.hubs[0].bus._redis
        taken = {pid.decode(): seats.read(text) for pid, text in table.items()}
        counted = {name.decode(): int(n) for name, n in (await redis.hgetall(f"room:{self.room_id}:people")).items()}
        numbers = await redis.hgetall(f"room:{self.room_id}:meta")
        people = Counter(seat.person for seat in taken.values())
        assert self.faults == []
        assert counted == people
        for hub in self.hubs:
            room = hub._rooms.get(self.room_id)
            assert room is None or room.members
            if room is not None:
                assert (room.epoch, room.seq) == (epoch, seq)
                assert room.seats == taken
                assert room.state == {name.decode(): value.decode() for name, value in state.items()}
        seen = {name.decode().removeprefix("seen:") for name in state if name.startswith(b"seen:")}
        assert people.keys() <= seen <= self.may_have_come
        assert self.has_come <= seen or not self.is_exact
        for device in self.devices.values():
            self._check_device(device, taken, people, seen)
            if device.link is not None:
                noted = msgspec.json.decode(state.get(b"noted", b"null"))
                assert device.noted == noted or device.person == "host", device.name
                assert (device.epoch, device.seq) == (epoch, seq), device.name
                assert device.pseq == int(numbers.get(f"p:{device.person}".encode(), 0)), device.name
        self._check_texts()

    def _check_device(self, device: Device, taken: dict[str, Seat], people: Counter[str], seen: set[str]) -> None:
        seat = taken.get(device.pid)
        role = self.register.roles[device.person]
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
            is_ghost = any(ghost.device is device for ghost in self.ghosts)
            assert is_ghost or device.due > self.time, f"{device.name} sits there still"
        for what in ("mic", "hand"):
            self._check_shown(device.pid, what, seat)
        if self.is_exact and self.is_counted:
            assert self.register.present[device.pid] == (seat is not None)

    def _check_shown(self, pid: str, what: str, seat: Seat | None) -> None:
        may_be = self.shown.get((pid, what), {False})
        is_on = seat is not None and getattr(seat, what)
        if seat is not None and (what == "mic" or self.is_exact):
            assert is_on in may_be or (not self.is_exact and not is_on), (what, is_on, may_be)
        self.shown[(pid, what)] = {is_on}

    def _check_texts(self) -> None:
        """One order for all, and nothing twice in it."""
        for device in self.devices.values():
            for place, text in device.texts.items():
                assert self.texts.setdefault(place, text) == text
            device.texts.clear()
        rooms = [(epoch, text) for (epoch, whose, _), text in self.texts.items() if whose == "seq"]
        assert len(rooms) == len({*rooms})

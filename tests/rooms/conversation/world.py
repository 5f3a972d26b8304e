"""A room as its people live through it, over two server processes whose clock the test turns."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Any

from django.conf import settings

from config.lib import keys
from config.lib.ids import new_id
from rooms.conversation.connection import Connection
from rooms.realtime import sealing, tasks
from rooms.realtime.bus import PROCESSES
from rooms.realtime.hub import Hub
from rooms.realtime.saying import Saying
from rooms.realtime.seating import DEAD_SECONDS
from tests.rooms.conversation.devices import DEVICES, Device, Link
from tests.rooms.conversation.register import Register

HELD_SECONDS = 30.0
SECONDS = 10


class WatchedHub(Hub):
    """Says what it heard last that marks a point in time."""

    marked = b""

    def _heard(self, room_id: str, message: bytes) -> None:
        super()._heard(room_id, message)
        if message.endswith(b'"}') and b'{"mark"' in message:
            self.marked = message[message.index(b'{"mark"') :]


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

"""The rooms of one process: who is connected here, and what is said to and by them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial

from django.db import DatabaseError
from redis.exceptions import RedisError

from config.lib.ids import new_id
from rooms.realtime import boards, protocol, tasks
from rooms.realtime.bus import Bus, Said, insist
from rooms.realtime.events import Event, Order, packed
from rooms.realtime.member import Member
from rooms.realtime.outlets import TooSlow
from rooms.realtime.protocol import Close
from rooms.realtime.room import LiveRoom, Opened, missed
from rooms.realtime.saying import Saying
from rooms.realtime.seating import Seating
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Standing

log = logging.getLogger("tertulia.realtime")

BEAT_SECONDS = 1.0


class Hub:
    """`sealed` and `opened` write and read what is stored of kept events; `inspect` says what members may be by now;
    `left` is called with those whose seat was given up for them."""

    def __init__(
        self,
        url: str,
        *,
        sealed: Callable[[str, Event], bytes],
        opened: Opened,
        inspect: Callable[[str, list[Member]], Awaitable[dict[str, Standing]]],
        left: Callable[[str, Seat, str], Awaitable[None]],
        held_seconds: float = 30.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.process = new_id()
        self.bus = Bus(url, self._heard, self._resumed)
        self.seating = Seating(self.bus, self.process, held_seconds=held_seconds, now=now)
        self._sealed = sealed
        self._opened = opened
        self._inspect = inspect
        self._left = left
        # By Redis, as its last answer said.
        self._is_known = False
        self._rooms: dict[str, LiveRoom] = {}
        self._loading: dict[str, asyncio.Task[LiveRoom]] = {}
        # Work that nobody waits for; kept, since a task that nobody holds may vanish.
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self.bus.start()
        self.soon(self._every(BEAT_SECONDS, self._beat))
        self.soon(self._every(BEAT_SECONDS, self._give_up_seats))
        self.soon(self._every(BEAT_SECONDS, self._look_at_all))

    async def stop(self) -> None:
        for room in self._rooms.values():
            for member in room.members.values():
                member.close(Close.GOING_DOWN)
        await tasks.end(self._tasks)
        await self.bus.stop()

    def say(self, room_id: str, saying: Saying) -> "asyncio.Future[Said]":
        """Say something in a room, wherever its members are connected."""
        route = saying.route
        is_stage = saying.change is not None and saying.change.act == "stage"
        sealed = self._sealed(room_id, Event(route, saying.body)) if saying.is_kept or is_stage else b""
        return self.bus.say(
            room_id,
            packed(route, saying.body),
            stored=sealed if saying.is_kept else b"",
            # So that what is kept is said once, even if Redis goes away before it answers.
            ref=saying.ref or (saying.id if saying.is_kept else ""),
            people=saying.to if saying.is_kept else (),
            writes=saying.writes,
            change=saying.change,
            stage=sealed if is_stage else b"",
            gathers=saying.gathers,
        )

    async def room(self, room_id: str) -> LiveRoom:
        """Give a room, listened to and loaded."""
        if room_id not in self._rooms:
            room = self._rooms[room_id] = LiveRoom(
                room_id,
                self.bus,
                opened=self._opened,
                too_slow=self._cut,
                on_look=lambda room: self.soon(self.look(room)),
                on_board=self._show_boards,
                on_forgotten=lambda room: self.soon(self._insist(room)),
            )
            # What is said while it loads waits in it.
            room.hold()
            self._loading[room_id] = asyncio.create_task(self._load(room_id))
        if room_id in self._loading:
            return await asyncio.shield(self._loading[room_id])
        return self._rooms[room_id]

    async def missed(self, room_id: str, after: int, until: int, *, person: str = "") -> list[Event]:
        """Give what was said to the room, or to one person alone: see `room.missed`."""
        return await missed(self.bus, self._opened, room_id, after, until, person=person)

    async def tell_board(self, room: LiveRoom, member: Member, *, known: str, is_asked: bool) -> frozenset[str]:
        """Tell the whiteboard to somebody who comes in: see `boards.tell`."""
        return await boards.tell(self.bus, self._opened, room.id, member, known=known, is_asked=is_asked)

    async def show_board(self, room: LiveRoom, member: Member) -> None:
        """Show the whiteboard to somebody who is here."""
        try:
            await boards.show(self.bus, self._opened, room.id, member)
        except TooSlow:
            self._cut(member)
        except (RedisError, OSError) as error:
            log.warning("a whiteboard cannot be shown: %s", type(error).__name__)
            member.close(Close.GOING_DOWN)

    async def enter(self, member: Member) -> LiveRoom:
        """Have a member hear what is said in its room from now on."""
        room = await self.room(member.claims.room_id)
        # Whoever was the last one here may have left while it loaded.
        while self._rooms.get(room.id) is not room:
            room = await self.room(room.id)
        room.add(member)
        return room

    async def remove(self, room: LiveRoom, member: Member) -> None:
        """Take a member out."""
        room.members.pop(member.id, None)
        await self.forget(room)

    async def forget(self, room: LiveRoom) -> None:
        """Let a room go that has no members here: it costs nothing."""
        if not room.members and self._rooms.get(room.id) is room:
            del self._rooms[room.id]
            await self.bus.ignore(room.id)

    def soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def look(self, room: LiveRoom) -> None:
        """Ask again who may be in a room, and as what; what is refused ends, what has changed is told."""
        members = [*room.members.values()]
        for pid, standing in (await self._inspect(room.id, members)).items():
            seat = room.seats.get(pid)
            if standing.close:
                room.close(pid, standing.close)
                if seat is not None and await self.seating.rise(room.id, seat, reason=standing.reason):
                    await self._left(room.id, seat, standing.reason)
            elif seat is not None and (seat.role, seat.consent) != (standing.role, standing.consent):
                await self.change(room.id, [seat], role=standing.role, consent=standing.consent)
        await self._close_unseated(room, members)

    async def _close_unseated(self, room: LiveRoom, members: list[Member]) -> None:
        """Hang up on those whose seat was given up, or taken by another, while this process heard nothing."""
        for member in members:
            seat = room.seats.get(member.pid)
            if member.is_told and (seat is None or seat.holder != member.id):
                # What is known here may be behind.
                seat = await self.bus.seat(room.id, member.pid)
                if seat is None:
                    member.close(Close.GOING_DOWN)
                elif seat.holder != member.id:
                    member.close(Close.RESUMED_ELSEWHERE)

    async def change(self, room_id: str, taken: Collection[Seat], **changes: object) -> None:
        """Change fields of seats; the whole room is told of those that become others by it."""
        text = protocol.encode(changes).decode()
        writes = tuple(("seats", seat.pid, text) for seat in taken)
        people = dict.fromkeys(seat.person for seat in taken)
        orders: tuple[tuple[Order, str, str], ...] = tuple(("tell", person, "") for person in people)
        if writes:
            await self.say(room_id, Saying(type="", body=b"{}", writes=writes, orders=orders))

    async def _load(self, room_id: str) -> LiveRoom:
        try:
            room = self._rooms[room_id]
            await self.bus.listen(room_id)
            await room.load()
            return room
        except (RedisError, OSError):
            del self._rooms[room_id]
            await self.bus.ignore(room_id)
            raise
        finally:
            del self._loading[room_id]

    def _heard(self, room_id: str, message: bytes) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.hear(message)

    def _resumed(self, room_id: str) -> None:
        room = self._rooms.get(room_id)
        if room is not None:
            room.hold()
            self.soon(self._insist(room))

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (RedisError, DatabaseError, OSError) as error:
                log.warning("%s has to wait: %s", work.__name__, type(error).__name__)
            await asyncio.sleep(seconds)

    async def _beat(self) -> None:
        # An answer that was lost may have been that Redis knows nothing.
        is_known, self._is_known = self._is_known, False
        if not (await self.seating.beat() and is_known):
            for room in [*self._rooms.values()]:
                await self._insist(room)
        self._is_known = True
        await self.seating.drop_dead()
        members = (member for room in self._rooms.values() for member in room.members.values())
        await self.seating.drop_unconnected({(member.claims.room_id, member.pid) for member in members})

    async def _give_up_seats(self) -> None:
        async for room_id, seat in self.seating.give_up_lost():
            await self._left(room_id, seat, "lost")

    async def _look_at_all(self) -> None:
        await asyncio.gather(*(self.look(room) for room in self._rooms.values()))

    async def _insist(self, room: LiveRoom) -> None:
        """Restore a room that waits for it."""
        await insist(partial(self.seating.restore, room), "a room has to be read later")

    def _show_boards(self, room: LiveRoom) -> None:
        for member in [*room.members.values()]:
            self.soon(self.show_board(room, member))

    def _cut(self, member: Member) -> None:
        log.info("a member was too slow and is cut off")
        member.close(Close.TOO_SLOW)

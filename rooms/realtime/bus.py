"""What carries events between processes: one Redis connection that hears, and one that says."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from config.lib.ids import new_id
from rooms.realtime import drawing, scripts, seats, tasks
from rooms.realtime.drawing import Change
from rooms.realtime.events import Route, packed, packed_together
from rooms.realtime.seats import Seat

log = logging.getLogger("tertulia.realtime")

# While Redis is away, it is tried again after so many seconds.
RETRY_SECONDS = 0.2
# So many events leave in one round trip at most.
BATCH = 200
# Drawing and captions that are not final wait so long for others: a little less than the 10 ms that they may.
GATHER_SECONDS = 0.008

# Seats whose link broke, by the moment at which they are given up; processes, by when they were heard last.
DROPS = "rooms:drops"
PROCESSES = "rooms:processes"

# What is kept of a whiteboard: see `drawing.DRAW`.
BOARD = ("board", "stage", "strokes", "order", "open")

# Has every process read the tables of a room again.
RELOAD = Route("", orders=(("reload", "", ""),))

# In place of a field that is written: the whole table is emptied.
EVERYTHING = "*"

Heard = Callable[[str, bytes], None]
Write = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Said:
    epoch: str
    seq: int
    # False where the same `ref` had said it before.
    is_new: bool = True
    # Of a whiteboard: see `drawing.STROKES` and `drawing.DRAW`.
    outcome: str = ""


@dataclass(slots=True)
class _Saying:
    room_id: str
    message: bytes
    stored: bytes
    ref: str
    people: tuple[str, ...]
    writes: tuple[Write, ...]
    change: Change | None
    stage: bytes
    done: "asyncio.Future[Said]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def is_stroke(self) -> bool:
        return self.change is not None and self.change.act == "draw"

    @property
    def is_plain(self) -> bool:
        """Say that it is merely told."""
        return self.change is None and not (self.stored or self.ref or self.writes)


def channel(room_id: str) -> str:
    return f"room:{room_id}"


def _name(room_id: str, pid: str) -> str:
    """Name a seat among those of all rooms."""
    return f"{room_id}|{pid}"


def _parts(name: bytes) -> tuple[str, str]:
    room_id, _, pid = name.decode().partition("|")
    return room_id, pid


def _held_by(process: str) -> str:
    return f"rooms:held:{process}"


def key(room_id: str, table: str) -> str:
    return f"room:{room_id}:{table}"


async def insist(work: Callable[[], Awaitable[None]], what: str) -> None:
    """Do something that needs Redis, however long that takes; `what` is logged while it does not work."""
    while True:
        try:
            return await work()
        except (RedisError, OSError) as error:
            log.warning("%s: %s", what, type(error).__name__)
        await asyncio.sleep(RETRY_SECONDS)


class Bus:
    """`heard` gets what is said in a room that is listened to; `resumed` the rooms that are listened to again after the
    connection was lost: something may have been missed there."""

    def __init__(self, url: str, heard: Heard, resumed: Callable[[str], None]) -> None:
        # Its types answer for all protocols and encodings at once.
        self._redis: Any = Redis.from_url(url, protocol=2)
        self._say = self._redis.register_script(scripts.SAY)
        self._draw = self._redis.register_script(drawing.DRAW)
        self._draw_strokes = self._redis.register_script(drawing.STROKES)
        self._sit = self._redis.register_script(scripts.SIT)
        self._rise = self._redis.register_script(scripts.RISE)
        self._restore = self._redis.register_script(scripts.RESTORE)
        self._drop = self._redis.register_script(scripts.DROP)
        self._heard = heard
        self._resumed = resumed
        self._rooms: dict[str, asyncio.Future[None]] = {}
        # What is to be said, each time what leaves as one.
        self._sayings: asyncio.Queue[list[_Saying]] = asyncio.Queue()
        # What waits for others, by room.
        self._gathered: dict[str, list[_Saying]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._listening: Any = None
        # Rooms whose subscription Redis has still to confirm after a loss.
        self._unconfirmed: set[str] = set()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._tell())]

    async def stop(self) -> None:
        await tasks.end(self._tasks)
        await self._redis.aclose()

    def say(
        self,
        room_id: str,
        message: bytes,
        *,
        stored: bytes = b"",
        ref: str = "",
        people: Iterable[str] = (),
        writes: Iterable[Write] = (),
        change: Change | None = None,
        stage: bytes = b"",
        gathers: bool = False,
    ) -> "asyncio.Future[Said]":
        """Tell everybody who listens to the room, in the order of calls.

        With what is `stored` it gets a number, the room's, or each of the `people`'s own; a `ref` has it said once; a
        `change` is made to the whiteboard with it, whose sealed `stage` it may be; what `gathers` waits a moment for
        others. The future is done when Redis has it. While Redis is away it waits, and is said when it is back.
        """
        saying = _Saying(room_id, message, stored, ref, tuple(people), tuple(writes), change, stage)
        if gathers:
            self._gather(saying)
        else:
            self._let_go(room_id)
            self._sayings.put_nowait([saying])
        return saying.done

    def _gather(self, saying: _Saying) -> None:
        room_id = saying.room_id
        if room_id not in self._gathered:
            self._gathered[room_id] = []
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self._let_go, room_id)
        self._gathered[room_id].append(saying)

    def _let_go(self, room_id: str) -> None:
        """Say what was gathered, all strokes as one, and all else."""
        gathered = self._gathered.pop(room_id, None)
        if gathered is None:
            return
        strokes = [saying for saying in gathered if saying.is_stroke]
        others = [saying for saying in gathered if not saying.is_stroke]
        for part in (strokes, others):
            for first in range(0, len(part), BATCH):
                self._sayings.put_nowait(part[first : first + BATCH])

    async def listen(self, room_id: str) -> None:
        """Hear a room from now on; done when Redis says so."""
        if room_id not in self._rooms:
            self._rooms[room_id] = asyncio.get_running_loop().create_future()
            await self._subscribe("SUBSCRIBE", room_id)
        await asyncio.shield(self._rooms[room_id])

    async def ignore(self, room_id: str) -> None:
        self._rooms.pop(room_id, None)
        await self._subscribe("UNSUBSCRIBE", room_id)

    async def sit(
        self, room_id: str, seat: Seat, message: bytes, *, limit: int | None
    ) -> tuple[str, int, Literal["full", "new", "again"]]:
        """Take a seat, or take it again; give the epoch, the number of the person's private events, and what has become
        of it."""
        epoch, pseq, outcome = await self._sit(
            keys=self._seat_keys(room_id, seat.process),
            args=[
                *(new_id(), channel(room_id), message, seat.pid, seat.person),
                *(seats.written(seat), limit or "", _name(room_id, seat.pid)),
            ],
        )
        return epoch.decode(), pseq, outcome.decode()

    async def rise(self, room_id: str, seat: Seat, message: bytes, *, dropped_before: float | None = None) -> bool:
        """Give up a seat, or only one that dropped before a moment (epoch seconds); say whether it was to be had."""
        answer: int = await self._rise(
            keys=self._seat_keys(room_id, seat.process),
            args=[
                *(new_id(), channel(room_id), message, seat.pid, seat.person, _name(room_id, seat.pid)),
                "" if dropped_before is None else dropped_before,
            ],
        )
        return bool(answer)

    async def drop(self, room_id: str, pid: str, *, holder: str, process: str, due: float) -> None:
        """Note that a seat of a process lost its connection, or that, and when it is to be given up (epoch seconds);
        nothing is noted where another one holds it by now."""
        keys = [key(room_id, "seats"), DROPS, _held_by(process)]
        await self._drop(keys=keys, args=[pid, holder, _name(room_id, pid), due, process])

    async def due(self, now: float) -> list[tuple[str, Seat]]:
        """Give the rooms and seats of what dropped and did not come back."""
        names = [
            _parts(name)
            for name in await self._redis.zrange(DROPS, "-inf", str(now), byscore=True, offset=0, num=BATCH)
        ]
        found = [(room_id, pid, await self._redis.hget(key(room_id, "seats"), pid)) for room_id, pid in names]
        gone = [_name(room_id, pid) for room_id, pid, text in found if text is None]
        if gone:
            await self._redis.zrem(DROPS, *gone)
        return [(room_id, seats.read(text)) for room_id, _, text in found if text is not None]

    async def beat(self, process: str, now: float) -> bool:
        """Say that a process lives; False where Redis had not known it, at its start or after it was emptied."""
        return not await self._redis.zadd(PROCESSES, {process: now})

    async def dead(self, before: float) -> list[str]:
        """Give the processes that were last heard before a moment."""
        return [name.decode() for name in await self._redis.zrange(PROCESSES, "-inf", str(before), byscore=True)]

    async def held_by(self, process: str) -> list[tuple[str, str]]:
        """Give room and seat of all that a process held, or had held."""
        return [_parts(name) for name in await self._redis.smembers(_held_by(process))]

    async def forget(self, process: str) -> None:
        """Forget a process whose seats were dropped."""
        await self._redis.zrem(PROCESSES, process)
        await self._redis.delete(_held_by(process))

    async def restore(self, room_id: str, epoch: str, state: Mapping[str, str], taken: Sequence[Seat]) -> None:
        """Say which seats are held, and write, where the epoch is another by now, what Redis does not know of the room
        any more, and have every process read it again."""
        for seat in taken:
            await self._restore(
                keys=self._seat_keys(room_id, seat.process),
                args=[
                    # When all is written.
                    *(new_id(), channel(room_id), packed(RELOAD, b"{}") if seat is taken[-1] else b""),
                    *(seat.pid, seat.person),
                    *(seats.written(seat), _name(room_id, seat.pid), epoch),
                    *(part for pair in state.items() for part in pair),
                ],
            )

    async def seat(self, room_id: str, pid: str) -> Seat | None:
        text = await self._redis.hget(key(room_id, "seats"), pid)
        return None if text is None else seats.read(text)

    async def own_numbers(self, room_id: str, people: Sequence[str]) -> dict[str, int]:
        """Give how many private events people were told."""
        if not people:
            return {}
        numbers = await self._redis.hmget(key(room_id, "meta"), [f"p:{person}" for person in people])
        return {person: int(number or 0) for person, number in zip(people, numbers, strict=True)}

    async def tables(self, room_id: str) -> tuple[str, int, dict[bytes, bytes], dict[bytes, bytes]]:
        """Read all of a room: its epoch (new, if it had none), its number, its seats, its state."""
        async with self._redis.pipeline(transaction=True) as ask:
            ask.hsetnx(key(room_id, "meta"), "epoch", new_id())
            ask.hmget(key(room_id, "meta"), "epoch", "seq")
            ask.hgetall(key(room_id, "seats"))
            ask.hgetall(key(room_id, "state"))
            _, (epoch, seq), seats, state = await ask.execute()
        return epoch.decode(), int(seq or 0), seats, state

    async def missed(self, room_id: str, after: int, until: int, *, person: str = "") -> list[tuple[int, bytes]]:
        """Read what was stored for the room, or for one person, under the numbers after one, up to another; what is too
        old is not there any more."""
        if after >= until:
            return []
        log_key = key(room_id, f"log:{person}" if person else "log")
        found = await self._redis.xrange(log_key, min=f"{after + 1}-0", max=f"{until}-0")
        return [(int(number.partition(b"-")[0]), fields[b"e"]) for number, fields in found]

    async def board(self, room_id: str) -> tuple[bool, bytes | None, list[bytes]]:
        """Read a whiteboard: whether there ever was anything on it, its newest stage, sealed, and the messages of
        what was drawn after it."""
        async with self._redis.pipeline(transaction=True) as ask:
            ask.hexists(key(room_id, "meta"), "board")
            ask.get(key(room_id, "stage"))
            ask.lrange(key(room_id, "board"), 0, -1)
            is_used, stage, entries = await ask.execute()
        return is_used, stage, [entry.partition(drawing.MARK.encode())[2] for entry in entries]

    def _seat_keys(self, room_id: str, process: str) -> list[str]:
        return [*(key(room_id, name) for name in ("meta", "seats", "state", "people")), DROPS, _held_by(process)]

    async def _hear(self) -> None:
        while True:
            connection = self._redis.connection_pool.make_connection()
            try:
                await connection.connect()
                self._listening = connection
                self._unconfirmed = {room_id for room_id, waiting in self._rooms.items() if waiting.done()}
                if self._rooms:
                    await connection.send_command("SUBSCRIBE", *map(channel, self._rooms))
                while True:
                    # Without end: a quiet house is none that is away.
                    self._take(await connection.read_response(timeout=math.inf, push_request=True))
            except (RedisError, OSError) as error:
                log.warning("Redis is away: %s", type(error).__name__)
            finally:
                self._listening = None
                with contextlib.suppress(RedisError, OSError):
                    await connection.disconnect()
            await asyncio.sleep(RETRY_SECONDS)

    def _take(self, response: Any) -> None:
        kind, name, content = response
        room_id = name.decode().removeprefix("room:")
        if kind == b"message":
            self._heard(room_id, content)
        elif kind == b"subscribe":
            self._confirm(room_id)

    def _confirm(self, room_id: str) -> None:
        waiting = self._rooms.get(room_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        if room_id in self._unconfirmed:
            self._unconfirmed.discard(room_id)
            self._resumed(room_id)

    async def _subscribe(self, command: str, room_id: str) -> None:
        """Begin or cease to hear a room; where the connection is lost, that comes with the next one."""
        # One that is not connected would connect itself, past whoever reads from it.
        if self._listening is not None and self._listening.is_connected:
            with contextlib.suppress(RedisError, OSError):
                await self._listening.send_command(command, channel(room_id))

    async def _tell(self) -> None:
        while True:
            batch = [await self._sayings.get()]
            while len(batch) < BATCH and not self._sayings.empty():
                batch.append(self._sayings.get_nowait())
            await self._tell_all(batch)

    async def _tell_all(self, batch: list[list[_Saying]]) -> None:
        while True:
            try:
                answers = await self._send(batch)
            except (RedisError, OSError) as error:
                log.warning("Redis is away, %d events wait: %s", sum(map(len, batch)), type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for together, answer in zip(batch, answers, strict=True):
                for saying, said in zip(together, _said(together, answer), strict=True):
                    if not saying.done.done():
                        saying.done.set_result(said)
            return

    async def _send(self, batch: list[list[_Saying]]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for together in batch:
                saying = together[0]
                if saying.is_stroke:
                    await self._draw_strokes(keys=_stroke_keys(together), args=_stroke_args(together), client=pipe)
                elif saying.change is not None:
                    await self._draw(keys=_board_keys(saying), args=_drawn_args(saying, saying.change), client=pipe)
                elif saying.is_plain:
                    pipe.publish(channel(saying.room_id), _plain(together))
                else:
                    await self._say(keys=_said_keys(saying), args=[*_said_args(saying), *_written(saying)], client=pipe)
            return cast(list[Any], await pipe.execute())


def _said(together: list[_Saying], answer: Any) -> list[Said]:
    if not isinstance(answer, list):
        return [Said("", 0)] * len(together)
    epoch = answer[0].decode()
    if together[0].is_stroke:
        outcomes = [outcome.decode() for outcome in answer[1:]]
        return [Said(epoch, 0, is_new=outcome in ("", "full"), outcome=outcome) for outcome in outcomes]
    return [Said(epoch, answer[1], bool(answer[2]), answer[3].decode())]


def _plain(together: list[_Saying]) -> bytes:
    messages = [saying.message for saying in together]
    return b"::" + messages[0] if len(messages) == 1 else b":+:" + packed_together(messages)


def _said_keys(saying: _Saying) -> list[str]:
    names = ("meta", "seats", "state", "log", f"ref:{saying.ref}")
    return [key(saying.room_id, name) for name in names]


def _said_args(saying: _Saying) -> list[str | bytes]:
    people = ",".join(saying.people)
    return [new_id(), channel(saying.room_id), saying.message, saying.stored, saying.ref, people]


def _board_keys(saying: _Saying) -> list[str]:
    return _said_keys(saying) + [key(saying.room_id, name) for name in BOARD]


def _drawn_args(saying: _Saying, change: Change) -> list[str | bytes]:
    return [*_said_args(saying), change.act, change.person, change.stroke, saying.stage, *_written(saying)]


def _stroke_keys(together: list[_Saying]) -> list[str]:
    return _board_keys(together[0]) + [key(saying.room_id, f"ref:{saying.ref}") for saying in together]


def _stroke_args(together: list[_Saying]) -> list[str | bytes]:
    pieces = [(saying, saying.change) for saying in together if saying.change is not None]
    return [
        *(new_id(), channel(together[0].room_id)),
        *(
            part
            for saying, change in pieces
            for part in (
                *(saying.message, "1" if saying.ref else "", change.person, change.stroke),
                "1" if change.is_last else "",
            )
        ),
    ]


def _written(saying: _Saying) -> list[str]:
    return [part for write in saying.writes for part in write]

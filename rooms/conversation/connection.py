"""One client's conversation with a room, whichever wire it speaks."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile
from typing import Any, Protocol

import msgspec
from django.db import DatabaseError
from redis.exceptions import RedisError

from config.lib.errors import DomainError
from config.lib.ids import new_id
from rooms.conversation.buckets import Buckets
from rooms.conversation.context import Context
from rooms.conversation.kinds import whiteboard
from rooms.conversation.kinds.entering import Joining
from rooms.conversation.snapshot import snapshot
from rooms.exceptions import BadRoomToken, Removed, RoomLocked, RoomNotFound
from rooms.realtime import protocol
from rooms.realtime.boards import STAGE
from rooms.realtime.events import Batch, Event, Order, Route
from rooms.realtime.hub import Hub
from rooms.realtime.member import Member
from rooms.realtime.outlets import Outlet, TooSlow
from rooms.realtime.protocol import Close, Kind, Refusal
from rooms.realtime.room import LiveRoom
from rooms.realtime.saying import Saying
from rooms.realtime.seating import Full
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival, Visit
from rooms.tokens import RoomClaims

log = logging.getLogger("tertulia.realtime")

# So long a connection waits at most until what Redis told all processes of its seat is heard here too.
SEATED_SECONDS = 2.0


class House(Protocol):
    """What is behind the sockets: see `config.realtime`."""

    @property
    def kinds(self) -> Mapping[str, Kind]:
        """All types of events, by name."""

    async def arrive(self, claims: RoomClaims, *, is_seated: bool) -> Arrival:
        """Let somebody in; `is_seated` says that they come back to a seat.

        Raises:
            RoomNotFound, BadRoomToken, Removed, RoomLocked.
        """

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool, visit: Visit) -> Mapping[str, Any]:
        """Note that somebody sits, and, if so, that they had not sat there before; give what they are told of the room
        since.

        Raises:
            RoomNotFound.
        """

    async def past(self, claims: RoomClaims, arrival: Arrival, *, is_back: bool) -> Sequence[Event]:
        """Give what was said before, as it is told to who comes without a number of it; `is_back` says that they were
        here in an epoch that has passed."""

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        """Note that a seat was given up."""


# What passes by itself: who is asked to come again keeps the seat, and says again what was not acknowledged.
OUTAGES = (RedisError, DatabaseError, OSError)
# How a socket ends where the database does not let its holder in.
CLOSES: dict[type[DomainError], int] = {
    RoomNotFound: Close.NO_SUCH_ROOM,
    BadRoomToken: Close.BAD_TOKEN,
    Removed: Close.REMOVED,
    RoomLocked: Close.REMOVED,
}


class Connection:
    """`close` hangs up with a code, after what was said before is on its way."""

    def __init__(
        self,
        *,
        hub: Hub,
        house: House,
        claims: RoomClaims,
        outlet: Outlet,
        close: Callable[[int], None],
        visit: Visit = Visit(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self.id = new_id()
        self.hub = hub
        self.house = house
        self.claims = claims
        self.outlet = outlet
        self.close = close
        self.visit = visit
        # Which stroke is being drawn on the whiteboard.
        self.stroke = ""
        self._arrival: Arrival | None = None
        # Of the room, when it was told last.
        self._epoch = ""
        self._buckets = Buckets(time.monotonic)
        self._member: Member | None = None
        self._room: LiveRoom | None = None
        self._is_gone = False

    @property
    def features(self) -> frozenset[str]:
        return self._arrival.features if self._arrival else frozenset()

    @property
    def joined_room(self) -> LiveRoom:
        """Raises: Refusal."""
        if self._room is None:
            raise Refusal("not_in_room", "Join the room first.")
        return self._room

    @property
    def joined_seat(self) -> Seat:
        """Give the seat as all processes know it by now.

        Raises:
            Refusal: it was given up.
        """
        seat = self.joined_room.seats.get(self.claims.seat)
        if seat is None:
            raise Refusal("not_in_room", "Join the room first.")
        return seat

    async def hear(self, fields: Mapping[str, Any], size: int, answer: Callable[[bytes], None] | None = None) -> None:
        """Take what the client said; refusals are told, and the connection stays.

        Where the client waits for an answer in a way of its wire, `answer` gets it: the acknowledgement, or the error.
        """
        head = protocol.Head()
        try:
            head = protocol.head_of(fields)
            seq = await self._hear(head, fields, size)
        except Refusal as refusal:
            (answer or partial(self.tell, "error"))(protocol.error(head.ref, refusal))
            return
        except OUTAGES as error:
            self._come_again(error)
            return
        if answer is not None:
            answer(protocol.ack(head.ref, seq))
        elif head.ref is not None and head.type != "room.join":
            self.tell("ack", protocol.ack(head.ref, seq))

    async def _hear(self, head: protocol.Head, fields: Mapping[str, Any], size: int) -> int | None:
        """Give the number of the event that came of it, if it has one.

        Raises:
            Refusal.
        """
        if head.type == "room.join":
            await self._join(head, fields)
            return None
        kind = self.house.kinds.get(head.type)
        if kind is None:
            raise Refusal("unknown_type", f"There is no event of the type {head.type[:64]!r}.")
        if size > kind.max_bytes:
            raise Refusal("too_large", f"At most {kind.max_bytes} bytes.")
        self._buckets.take(kind.rate)
        if self.joined_seat.role not in kind.senders or kind.handler is None:
            raise Refusal("not_allowed", "That is not yours to say here.")
        if kind.feature and kind.feature not in self.features:
            raise Refusal("not_allowed", f"The plan of the room's host does not have this: {kind.feature}.")
        context = Context(self, kind, fields, head)
        await kind.handler(context, protocol.payload_of(kind, fields))
        return context.said.seq if context.said else None

    def tell(self, name: str, body: bytes) -> None:
        """Tell this client alone."""
        try:
            self.outlet.put(Batch([Event(Route(name), body)]))
        except TooSlow:
            self.close(Close.TOO_SLOW)

    async def show_board(self) -> None:
        """Show this client the whiteboard, unless it is gone."""
        if self._member is not None:
            await self.hub.show_board(self.joined_room, self._member)

    async def leave(self, *, is_over: bool) -> None:
        """The link is gone; where the client did not say that it is over, its seat is kept for a while."""
        self._is_gone = True
        member, room = self._member, self._room
        if member is None or room is None:
            return
        self._member = None
        try:
            await self._give_up(room, is_over=is_over)
        except OUTAGES as error:
            # The hub finds the seat as one that nobody holds, a sweep the stay.
            log.warning("a seat has to wait: %s", type(error).__name__)
        finally:
            await self.hub.remove(room, member)

    async def _give_up(self, room: LiveRoom, *, is_over: bool) -> None:
        seat = room.seats.get(self.claims.seat)
        if seat is not None and seat.holder == self.id and is_over:
            if await self.hub.seating.rise(room.id, seat, reason="left"):
                await self.house.left(room.id, seat, "left")
        else:
            await self.hub.seating.drop(room.id, self.claims.seat, holder=self.id)

    async def _join(self, head: protocol.Head, fields: Mapping[str, Any]) -> None:
        try:
            joining = msgspec.convert(fields, Joining)
        except msgspec.ValidationError as error:
            raise Refusal("bad_payload", str(error)) from error
        if joining.roomId != self.claims.room_id:
            raise Refusal("not_allowed", "The token is for another room.")
        if self._member is not None:
            raise Refusal("bad_payload", "This connection is in the room already.")
        try:
            await self._enter(joining)
        except (*CLOSES,) as error:
            self.close(CLOSES[type(error)])
        except Full:
            self.close(Close.FULL)
        except TooSlow:
            self.close(Close.TOO_SLOW)
        finally:
            if self._room is not None:
                await self.hub.forget(self._room)
            if self._is_gone:
                # The link broke meanwhile.
                await self.leave(is_over=False)

    async def _enter(self, joining: Joining) -> None:
        room = self._room = await self.hub.room(self.claims.room_id)
        is_seated = self.claims.seat in room.seats
        arrival = self._arrival = await self.house.arrive(self.claims, is_seated=is_seated)
        member = Member(
            self.id,
            claims=self.claims,
            role=arrival.role,
            outlet=self.outlet,
            renew=self._renew,
            close=self.close,
        )
        # From here on nothing passes it by: what is said waits until it was told what came before.
        room = self._room = await self.hub.enter(member)
        self._member = member
        async with member.telling:
            await self._tell_before(room, member, arrival, joining)

    async def _tell_before(self, room: LiveRoom, member: Member, arrival: Arrival, joining: Joining) -> None:
        """Sit down, and tell the client of the room and of what it missed."""
        seat = self._seat(arrival)
        seated = room.roster.expect(self.id)
        try:
            epoch, pseq, is_new = await self.hub.seating.sit(room.id, seat, limit=arrival.limit)
            arrival = await self._arrived(room, seat, arrival, is_new=is_new)
            # What it says next is answered by what is known here of its seat.
            await asyncio.wait((seated,), timeout=SEATED_SECONDS)
        finally:
            seated.cancel()
        # Whoever held the seat until now, here or elsewhere, is told so.
        elsewhere: tuple[tuple[Order, str, str], ...] = (("close", seat.pid, f"{Close.RESUMED_ELSEWHERE} {self.id}"),)
        self.hub.say(room.id, Saying(type="", body=b"{}", orders=elsewhere))
        # What this process does not know of yet it hears from now on.
        pseq = pseq if epoch == room.epoch else 0
        room.flush()
        member.tell(seq=room.seq, pseq=pseq)
        self._tell_room(room, arrival, room.seq, pseq)
        stage = ""
        past: Sequence[Event] = ()
        if joining.epoch == room.epoch:
            stage = await self._replay(room, joining.lastSeq, room.seq, joining.lastPseq, pseq)
        else:
            past = await self._past(member, arrival, is_back=joining.epoch is not None)
            await self._tell_all(past)
        drawn = await self.hub.tell_board(room, member, known=stage, is_asked=False)
        await self.outlet.drained()
        member.go_live(drawn=drawn, past={event.route.id for event in past})

    def _seat(self, arrival: Arrival) -> Seat:
        """Make a seat in which nothing is open; where it is taken again, all else stays as it was."""
        return Seat(
            pid=self.claims.seat,
            person=arrival.person,
            name=arrival.name,
            role=arrival.role,
            holder=self.id,
            process=self.hub.process,
            since=int(time.time() * 1000),
            consent=arrival.consent,
        )

    async def _arrived(self, room: LiveRoom, seat: Seat, arrival: Arrival, *, is_new: bool) -> Arrival:
        facts = await self.house.arrived(room.id, seat, is_new=is_new, visit=self.visit)
        self._arrival = replace(arrival, facts={**arrival.facts, **facts})
        return self._arrival

    def _tell_room(self, room: LiveRoom, arrival: Arrival, seq: int, pseq: int) -> None:
        self._epoch = room.epoch
        seat = room.seats.get(self.claims.seat) or self._seat(arrival)
        self.tell("room_connected", protocol.encode(snapshot(room, arrival, seat, seq=seq, pseq=pseq)))
        if room.roster.counted:
            self.tell("view_count", room.roster.counted)

    async def _replay(self, room: LiveRoom, seq: int, until: int, pseq: int, own_until: int) -> str:
        """Tell again what was missed; give the id of the stage of the whiteboard among it."""
        missed = await self.hub.missed(room.id, seq, until)
        missed += await self.hub.missed(room.id, pseq, own_until, person=self.claims.person)
        epoch = room.epoch
        await self._tell_all(takewhile(lambda _: room.epoch == epoch, missed))
        return next((event.route.id for event in missed if event.route.type == STAGE), "")

    async def _past(self, member: Member, arrival: Arrival, *, is_back: bool) -> list[Event]:
        """Read what was said before, but for what waits: that comes in its turn, with its number."""
        said = await self.house.past(self.claims, arrival, is_back=is_back)
        return [event for event in said if not member.waits_for(event.route.id)]

    async def _tell_all(self, events: Iterable[Event]) -> None:
        """Tell events as fast as the client reads them, each in a frame of its own.

        Raises:
            TooSlow.
        """
        for event in events:
            self.outlet.put(Batch([event]))
            await self.outlet.drained()

    def _renew(self) -> None:
        if self._member is not None:
            self.hub.soon(self._tell_anew(self._member, self.joined_room))

    async def _tell_anew(self, member: Member, room: LiveRoom) -> None:
        """Tell of the room as it is, which is not as was heard: something was missed, or Redis was emptied."""
        async with member.telling:
            member.hold()
            try:
                await self._tell_after(member, room)
            except (*CLOSES,) as error:
                self.close(CLOSES[type(error)])
            except TooSlow:
                self.close(Close.TOO_SLOW)
            except OUTAGES as error:
                self._come_again(error)

    async def _tell_after(self, member: Member, room: LiveRoom) -> None:
        arrival = await self.house.arrive(self.claims, is_seated=True)
        if self._member is not member:
            return
        seat = room.seats.get(self.claims.seat) or self._seat(arrival)
        arrival = await self._arrived(room, seat, arrival, is_new=False)
        is_emptied, member.is_behind = self._epoch != room.epoch, False
        self._tell_room(room, arrival, member.seq, member.pseq)
        past: Sequence[Event] = ()
        if is_emptied:
            past = await self._past(member, arrival, is_back=True)
            await self._tell_all(past)
            self._ask_for_stage(room)
        member.go_live(past={event.route.id for event in past})

    def _ask_for_stage(self, room: LiveRoom) -> None:
        """Ask the owner of a whiteboard that Redis has forgotten for what is on it."""
        asked = whiteboard.asked_of(room, self.claims)
        if asked:
            self.tell(whiteboard.REQUEST, asked)

    def _come_again(self, error: Exception) -> None:
        log.warning("a client has to come again: %s", type(error).__name__)
        self.close(Close.GOING_DOWN)

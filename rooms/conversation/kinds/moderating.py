"""Who may come, who may stay, and as what."""

from typing import Literal

from rooms.actions import moderating as actions
from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Reason
from rooms.enums import RoomRole
from rooms.realtime.protocol import HOSTS, Kind, Payload


class RoomLock(Payload):
    on: bool = True


class RoleChange(Payload):
    role: Literal["cohost", "presenter", "participant", "viewer"]


class Remove(Payload):
    reason: Reason = ""


class LobbyDecision(Payload):
    """`ticket` is that of one who waits, or `all`."""

    ticket: str
    admit: bool = True


async def lock(context: Context, payload: RoomLock) -> None:
    await context.act(actions.lock, is_locked=payload.on)
    await context.pass_on(payload, writes=(context.written_state("locked", payload.on or None),))


async def change_role(context: Context, payload: RoleChange) -> None:
    await context.appoint(context.addressee, RoomRole(payload.role))
    await context.pass_on(payload)


async def remove(context: Context, payload: Remove) -> None:
    whom = context.addressee.person
    await context.pass_on(payload)
    await context.act(actions.remove, whom=whom)


async def decide(context: Context, payload: LobbyDecision) -> None:
    await context.act(actions.decide, ticket=payload.ticket, admit=payload.admit)


KINDS = (
    Kind(
        name="room-lock",
        payload=RoomLock,
        senders=HOSTS,
        to="room",
        summary="Nobody new comes in, hosts excepted, until the lock is taken off.",
        handler=lock,
    ),
    Kind(
        name="role-change",
        payload=RoleChange,
        senders=HOSTS,
        to="that one",
        summary="Somebody is something else from now on, while the meeting runs.",
        handler=change_role,
    ),
    Kind(
        name="remove-participant",
        payload=Remove,
        senders=HOSTS,
        to="that one",
        summary="Somebody has to leave, and stays out while the meeting runs.",
        handler=remove,
    ),
    Kind(
        name="lobby-decision",
        payload=LobbyDecision,
        senders=HOSTS,
        to="server",
        summary="Lets in, or refuses, who waits before a private room: one of them, or all.",
        handler=decide,
    ),
)

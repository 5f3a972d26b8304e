"""Live selling: what is on offer, and what somebody picks."""

from typing import Any

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Label
from rooms.realtime.protocol import EVERYBODY, HOSTS, Kind, Payload


class ProductSelected(Payload):
    productId: str | int
    title: Label = ""
    price: Any = None
    url: str = ""


class SellLive(Payload):
    on: bool
    products: list[Any] = []


async def pass_on(context: Context, payload: Payload) -> None:
    await context.pass_on(payload)


KINDS = (
    Kind(
        name="product-selected",
        payload=ProductSelected,
        senders=EVERYBODY,
        to="room",
        is_open=True,
        summary="Somebody picked a product.",
        handler=pass_on,
    ),
    Kind(
        name="sell-live",
        payload=SellLive,
        senders=HOSTS,
        to="room",
        is_open=True,
        summary="Selling begins, with what is on offer, or ends.",
        handler=pass_on,
    ),
)

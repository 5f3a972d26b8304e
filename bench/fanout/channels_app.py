"""The contender on Channels: a room as its tutorial makes one, with `group_send`; REDIS_URL chooses the layer."""

import os
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

REDIS_URL = os.environ.get("REDIS_URL", "")
IN_MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
IN_REDIS = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}

settings.configure(CHANNEL_LAYERS={"default": IN_REDIS if REDIS_URL else IN_MEMORY}, SECRET_KEY="-", USE_TZ=True)  # noqa: S106 - nothing is signed
django.setup()


class Room(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.room = self.scope["path"].rpartition("/")[2]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        await self.send("joined")

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send(self.room, {"type": "room.event", "text": text_data})

    async def room_event(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])


application = ProtocolTypeRouter({"websocket": Room.as_asgi()})

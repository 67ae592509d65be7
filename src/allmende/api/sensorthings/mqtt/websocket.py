"""MQTT over WebSocket at `/mqtt`, on the server's own port: how maps in a browser subscribe (MQTT 3.1.1 § 6, 5 § 6)."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from allmende.api.sensorthings.mqtt import serving
from allmende.api.sensorthings.mqtt.client import Client

PATH = "/mqtt"
_SUBPROTOCOLS = ("mqtt", "mqttv3.1")  # the second is what older clients of 3.1.1 say
_WRONG_DATA, _GOING_AWAY, _TRY_LATER = 1003, 1001, 1013
_LARGEST_FRAME = 65_536  # many small packets go together

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def websocket(scope: Message, receive: Receive, send: Send) -> None:
    """Serves one connection as the MQTT port would. Refuses other subprotocols, and all where MQTT is switched off."""
    await receive()  # websocket.connect
    chosen = next((name for name in _SUBPROTOCOLS if name in scope.get("subprotocols", ())), None)
    client = serving.newcomer() if chosen else None
    if client is None:
        return await send({"type": "websocket.close", "code": _TRY_LATER if chosen else _WRONG_DATA})
    await send({"type": "websocket.accept", "subprotocol": chosen})
    wire = _Wire()
    client.connection_made(wire)
    writing = asyncio.ensure_future(_write(wire, send))
    reading = asyncio.ensure_future(_read(wire, client, receive))
    try:
        await asyncio.wait([writing, reading], return_when=asyncio.FIRST_COMPLETED)
    finally:
        wire.close()
        reading.cancel()
        await asyncio.gather(writing, reading, return_exceptions=True)
        client.connection_lost(None)
    return None


class _Wire(asyncio.Transport):
    """What a Client takes for its transport."""

    def __init__(self) -> None:
        super().__init__()
        self.packets: deque[bytes] = deque()
        self.waiting = asyncio.Event()
        self.readable = asyncio.Event()
        self.readable.set()
        self._closing = False
        self._size = 0

    def write(self, data: Any) -> None:
        """As of asyncio."""
        if not self._closing:
            self.packets.append(bytes(data))
            self._size += len(data)
            self.waiting.set()

    def taken(self) -> bytes:
        """What is to be sent next."""
        frame = bytearray()
        while self.packets and len(frame) < _LARGEST_FRAME:
            frame += self.packets.popleft()
        self._size -= len(frame)
        return bytes(frame)

    def close(self) -> None:
        """As of asyncio: what was written before is still sent."""
        self._closing = True
        self.waiting.set()
        self.readable.set()

    def is_closing(self) -> bool:
        """As of asyncio."""
        return self._closing

    def get_write_buffer_size(self) -> int:
        """As of asyncio."""
        return self._size

    def pause_reading(self) -> None:
        """As of asyncio."""
        self.readable.clear()

    def resume_reading(self) -> None:
        """As of asyncio."""
        self.readable.set()


async def _write(wire: _Wire, send: Send) -> None:
    """Ends when everything is sent after the client was closed, or when nobody takes it any more."""
    while wire.packets or not wire.is_closing():
        if not wire.packets:
            wire.waiting.clear()
            await wire.waiting.wait()
            continue
        await send({"type": "websocket.send", "bytes": wire.taken()})
    await send({"type": "websocket.close", "code": _GOING_AWAY})


async def _read(wire: _Wire, client: Client, receive: Receive) -> None:
    """Ends when the other side has gone or talks text."""
    while not wire.is_closing():
        await wire.readable.wait()
        message = await receive()
        if message["type"] != "websocket.receive" or message.get("bytes") is None:
            return
        client.data_received(message["bytes"])

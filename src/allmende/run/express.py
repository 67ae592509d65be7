"""The express lane: one small, whole, ordinary POST of an observation, natively or by SensorThings, answered without
the ASGI machinery.

Sensors send thousands of these a second, and nine tenths of the work was carrying them from parser to task to endpoint
and back (some 205 µs of CPU a request against 90 to 130). The lane takes only what it can answer with 201;
whatever is unusual in any way goes the ordinary road, which alone knows how to refuse.
"""

import asyncio
from functools import partial
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import Denied
from allmende.api.identity import remembered
from allmende.api.problems import Problem
from allmende.api.sensorthings import express as sensorthings
from allmende.api.v1.incoming import from_json
from allmende.observations import services
from allmende.observations.rows import BatchRefused, Receipt
from allmende.observations.stores import StoreError

_LINE = b"POST /api/v1/observations HTTP/1.1"
_LARGEST = 16_384
_PLAIN = frozenset({b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"traceparent"})
_WANTED = frozenset({b"authorization", b"content-type", b"content-length", b"host", b"prefer"})
_JSON = [(b"content-type", b"application/json")]
_encode = msgspec.json.Encoder().encode
Headers = dict[bytes, bytes]


class ExpressProtocol(HttpToolsProtocol):
    """uvicorn's protocol with the lane in front. One request of a connection is under way at a time, as before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_message = False
        self._under_way = False
        self._closing_soon = False
        self._ahead = b""

    def data_received(self, data: bytes) -> None:
        """Takes the lane where it can; never while another request of this connection is being read or answered."""
        if self._under_way:
            self._ahead += data  # sent ahead of the answer; waits its turn
            if len(self._ahead) > _LARGEST:
                self.transport.pause_reading()
            return
        free = not self._in_message and (self.cycle is None or self.cycle.response_complete)
        if not (free and data.startswith((_LINE, sensorthings.LINE)) and self._express(data)):
            super().data_received(data)

    def on_message_begin(self) -> None:
        """The parser has begun a request; what follows belongs to it."""
        self._in_message = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser has the whole request."""
        self._in_message = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """What is under way is answered before the connection closes."""
        if self._under_way:
            self._closing_soon = True
        else:
            super().shutdown()

    def _express(self, data: bytes) -> bool:
        """Whether the request was taken."""
        head, mark, body = data.partition(b"\r\n\r\n")
        headers = _ordinary(head, len(body)) if mark and len(body) <= _LARGEST else None
        actor = remembered(headers) if headers else None
        if actor is None or headers is None:
            return False
        line = head.partition(b"\r\n")[0]
        if line == _LINE:
            kept = None if b"prefer" in headers else _keep(actor, body)
        else:
            kept = sensorthings.begin(actor, line, headers, self.scheme or "http", body)
        if kept is None:
            return False
        answer, done = kept
        self._unset_keepalive_if_required()
        self._under_way = True
        done.add_done_callback(partial(self._answer, data, answer))
        return True

    def _answer(self, data: bytes, answer: sensorthings.Answered, done: "asyncio.Future[None]") -> None:
        self._under_way = False
        if self.transport.is_closing():
            done.exception()  # seen; there is nobody to tell
            return
        if done.exception() is not None:
            # Sending again changes nothing, so the ordinary road tries once more and finds the words for the refusal.
            super().data_received(data)
        else:
            headers, content = answer()
            lines = [b"HTTP/1.1 201 Created\r\n"]
            lines += [name + b": " + value + b"\r\n" for name, value in (*self.server_state.default_headers, *headers)]
            lines.append(b"content-length: %d\r\n\r\n" % len(content))
            self.transport.write(b"".join([*lines, content]))
            self.server_state.total_requests += 1
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        if self._closing_soon:
            super().shutdown()
        elif self._ahead:
            ahead, self._ahead = self._ahead, b""
            self.transport.resume_reading()
            self.data_received(ahead)


def _ordinary(head: bytes, length: int) -> Headers | None:
    """The headers that matter of a request that is ordinary in every way, else None: exactly one length, which is that
    of the body; JSON; a bearer token; no header that this lane has not heard of."""
    found: Headers = {}
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        name, value = name.lower(), value.strip()
        if name in _PLAIN:
            continue
        if not colon or name in found:
            return None
        if name not in _WANTED:
            if name != b"connection" or value.lower() != b"keep-alive":
                return None
            continue
        found[name] = value
    fits = found.get(b"content-length") == b"%d" % length and found.get(b"content-type") == b"application/json"
    return found if fits else None


def _keep(actor: Actor, body: bytes) -> "tuple[sensorthings.Answered, asyncio.Future[None]] | None":
    """What makes the answer, and the future of the commit; None for anything that is not simply good."""
    try:
        batch = from_json(body)
        kept = None if batch.refused_total else services.append_known(actor, batch)
    except (Problem, Denied, BatchRefused, StoreError):
        return None
    return (partial(_receipt, kept[0]), kept[1]) if kept else None


def _receipt(receipt: Receipt) -> tuple[list[tuple[bytes, bytes]], bytes]:
    return _JSON, _encode(receipt)

"""SensorThings over HTTP: the ASGI side. Everything below `/api/sta/v1.1` comes in here, before any router."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from allmende.api.addresses import server_of
from allmende.api.bodies import ClientGone, Headers, Receive, headers_of, read, text
from allmende.api.identity import actor_of, remembered
from allmende.api.sensorthings.faults import fault
from allmende.api.sensorthings.reading.answers import RawValue
from allmende.api.sensorthings.service import Answer, Ask, handle
from allmende.api.threads import in_thread

PREFIX = "/api/sta/v1.1"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_encode = msgspec.json.Encoder().encode
_LARGE = 500  # members of a page from which on it is encoded off the event loop
# Tokens do not travel by themselves as cookies do, so pages elsewhere may use them; see also run.asgi.
ANYWHERE = (b"access-control-allow-origin", b"*")
_PREFLIGHT = [
    ANYWHERE,
    (b"access-control-allow-methods", ", ".join(METHODS).encode()),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Prefer"),
    (b"access-control-expose-headers", b"Location"),
    (b"access-control-max-age", b"86400"),
]


class SensorThings:
    """The ASGI application."""

    def __init__(self, action: str) -> None:
        self.allmende_action = action

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answers one request."""
        method: str = scope["method"]
        if method == "OPTIONS":
            return await _send(send, 204, _PREFLIGHT, b"")
        try:
            answer = await handle(await _asked(scope, receive))
            body = await _encoded(answer)
        except ClientGone:
            return None
        except Exception as error:
            problem = fault(error)
            kind = ("Content-Type", "application/problem+json")
            answer, body = Answer(problem.status, headers=dict([kind, *problem.headers.items()])), problem.encoded()
        headers = [(name.lower().encode(), value.encode("utf-8")) for name, value in answer.headers.items()]
        if body and "Content-Type" not in answer.headers:
            headers.append((b"content-type", b"application/json"))
        await _send(send, answer.status, [ANYWHERE, *headers], b"" if method == "HEAD" else body, len(body))
        return None


async def _asked(scope: MutableMapping[str, Any], receive: Receive) -> Ask:
    headers = headers_of(scope)
    method: str = scope["method"]
    actor = remembered(headers) or await actor_of(method, headers)
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return Ask(
        actor=actor,
        method=method,
        path=raw.decode("utf-8", "surrogateescape").partition(PREFIX)[2],
        query=scope["query_string"].decode("utf-8", "surrogateescape"),
        body=b"" if method in ("GET", "HEAD") else await read(headers, receive),
        content_type=text(headers, b"content-type").partition(";")[0].strip().lower(),
        root=root_of(scope, headers),
        language="en" if text(headers, b"accept-language").lower().startswith("en") else "de",
        prefer=text(headers, b"prefer").lower(),
    )


def root_of(scope: MutableMapping[str, Any], headers: Headers) -> str:
    """The address of the service."""
    return server_of(scope, headers) + PREFIX


async def _encoded(answer: Answer) -> bytes:
    body = answer.body
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, RawValue):
        return body.encode()
    value = body.get("value") if isinstance(body, dict) else None
    if isinstance(value, list) and len(value) > _LARGE:
        return await in_thread(_encode, body)
    return _encode(body)


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes, length: int | None = None
) -> None:
    if status != 204:
        headers = [*headers, (b"content-length", str(len(body) if length is None else length).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


reading = SensorThings("observations:read")
writing = SensorThings("observations:write")

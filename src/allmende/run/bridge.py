"""Carries the people plane (WSGI) on the ASGI server: body spooled, answer buffered, one thread hop a request.

Django's own ASGI handler cost ten to sixteen times the CPU a request (measured), so it is not used. Streaming belongs
to the data plane. The queue is bounded: beyond it people get 503 at once rather than an answer after minutes.
"""

import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote_to_bytes

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
TOO_LARGE = b"The request is too large."
_IN_MEMORY = 1_000_000


class WsgiBridge:
    """An ASGI application around a WSGI one. threads: how many pages at once; waiting: how many more may queue."""

    def __init__(self, app: Any, threads: int = 2, waiting: int = 100, largest_body: int = 256 * 1024 * 1024) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="people-plane")
        self._places = threads + waiting
        self._busy = 0
        self._largest_body = largest_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._busy >= self._places:
            await plain(send, 503, b"The server is busy. Please try again in a moment.", retry=True)
            return
        self._busy += 1
        try:
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
                size = await self._spool(scope, receive, send, body)
                if size is None:
                    return
                environ = _environ(scope, body, size)
                loop = asyncio.get_running_loop()
                status, headers, content = await loop.run_in_executor(self._pool, self._run, environ)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})
        finally:
            self._busy -= 1

    async def _spool(self, scope: Scope, receive: Receive, send: Send, body: Any) -> int | None:
        """Takes the request body and returns its size; None when the client has gone or was refused."""
        size = 0
        too_large = announced(scope) > self._largest_body
        while not too_large:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            piece = message.get("body", b"")
            size += len(piece)
            too_large = size > self._largest_body
            body.write(piece)
            if not message.get("more_body") and not too_large:
                body.seek(0)
                return size
        await plain(send, 413, TOO_LARGE)
        return None

    def _run(self, environ: dict[str, Any]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        started: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            started[:] = [int(status.split(" ", 1)[0]), headers]
            return lambda piece: None

        answer: Iterable[bytes] = self._app(environ, start_response)
        try:
            content = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close:
                close()
        status, headers = started
        encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if not any(name == b"content-length" for name, _ in encoded) and status not in (204, 304):
            encoded.append((b"content-length", str(len(content)).encode()))
        return status, encoded, content

    def close(self) -> None:
        """Waits for pages under way."""
        self._pool.shutdown()


async def plain(send: Send, status: int, text: bytes, *, retry: bool = False) -> None:
    """An answer of one line, for faults outside of any page."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(text)).encode())]
    if retry:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})


def announced(scope: Scope) -> int:
    """The body's length as the client says it; 0 where it says none."""
    return next((int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), 0)


def _environ(scope: Scope, body: io.IOBase, size: int) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a request. size: of the body; a body in chunks has no other length."""
    server = scope.get("server") or ("localhost", None)
    client = scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "CONTENT_LENGTH": str(size),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length" and "_" not in name:  # a name with an underscore could pose as another header
            key = "HTTP_" + name.upper().replace("-", "_")
            joined = "; " if name == "cookie" else ","
            environ[key] = f"{environ[key]}{joined}{value}" if key in environ else value
    return environ

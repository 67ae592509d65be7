"""Split mode: the people plane as a process of its own on a Unix socket, and the forwarder that hands requests to it.

Pages are heavy on the interpreter; beside them the data plane lost nine tenths of its rate in one process (measured).
"""

import asyncio
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from allmende.run.bridge import TOO_LARGE, Receive, Scope, Send, announced, plain

_LONGEST_SOCKET_PATH = 100
_START_SECONDS = 20.0
# What ends at each hop (RFC 9110, section 7.6.1), what our own server has answered already, and what only we may say.
_HOP = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade expect"
    b" forwarded x-forwarded-for x-forwarded-proto".split()
)


def socket_path(folder: Path) -> str:
    """Where the page process listens; a short name elsewhere when the folder's own path is too long."""
    path = str(folder / "pages.sock")
    if len(path.encode()) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(path.encode()).hexdigest()[:16]
    return str(Path(tempfile.gettempdir()) / f"allmende-pages-{os.getuid()}-{digest}.sock")


class _BrokenOff(Exception):
    """The body ended too early, or grew beyond what a page takes."""


class Forwarder:
    """An ASGI application that passes requests on over the Unix socket and streams the answer back."""

    def __init__(self, path: str, start: Callable[[], "subprocess.Popen[bytes]"], largest_body: int) -> None:
        self._path, self._start, self._largest_body = path, start, largest_body
        self.process = start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if announced(scope) > self._largest_body:
            await plain(send, 413, TOO_LARGE)
            return
        # A question may be asked twice: where the page process died under it, the next one answers.
        tries = 2 if scope["method"] in ("GET", "HEAD") and not _has_body(scope) else 1
        for _ in range(tries):
            if await self._try(scope, receive, send):
                return
        await plain(send, 503, b"The pages are starting. Please try again in a moment.", retry=True)

    async def _try(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """False where the page process gave no answer."""
        try:
            reader, writer = await self._connect()
        except OSError:
            return False
        # Beside the answer, which may come before the body's end.
        sending = asyncio.create_task(_pass_on(scope, receive, writer, self._largest_body))
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            if not (sending.done() and isinstance(sending.exception(), _BrokenOff)):
                return False
            await plain(send, 413, TOO_LARGE)
            return True
        else:
            await _pass_back(head, reader, send)
            return True
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Waits for a page process that is starting; starts one anew where it has died."""
        deadline = asyncio.get_running_loop().time() + _START_SECONDS
        while True:
            try:
                return await asyncio.open_unix_connection(self._path)
            except OSError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                if self.process.poll() is not None:
                    self.process = self._start()
                await asyncio.sleep(0.1)

    def close(self) -> None:
        """Lets pages under way finish, then ends the process."""
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()


async def _pass_on(scope: Scope, receive: Receive, writer: asyncio.StreamWriter, largest_body: int) -> None:
    """Sends the request; a body without a length goes in chunks. Half a body is broken off: it must not look whole."""
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    client = (scope.get("client") or ("", 0))[0]
    head = [f"{scope['method']} ".encode() + target + b" HTTP/1.1", b"connection: close"]
    head += [name + b": " + value for name, value in scope["headers"] if name not in _HOP]
    head += [b"x-forwarded-for: " + client.encode(), b"x-forwarded-proto: " + scope.get("scheme", "http").encode()]
    chunked = _has_body(scope) and all(name != b"content-length" for name, _ in scope["headers"])
    if chunked:
        head.append(b"transfer-encoding: chunked")
    writer.write(b"\r\n".join(head) + b"\r\n\r\n")
    size = 0
    while _has_body(scope):
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if message["type"] == "http.disconnect" or size > largest_body:
            writer.transport.abort()
            raise _BrokenOff
        if piece:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        if not message.get("more_body"):
            break
    if chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def _has_body(scope: Scope) -> bool:
    """A request has a body where it says how that is framed (RFC 9112, section 6)."""
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])


async def _pass_back(head: bytes, reader: asyncio.StreamReader, send: Send) -> None:
    """Streams the answer; the page process closes the connection at its end, and never answers in chunks."""
    first, *lines = head.split(b"\r\n")
    status = int(first.split(b" ")[1])
    headers = []
    for line in lines:
        name, _, value = line.partition(b":")
        if name and name.lower() not in _HOP:
            headers.append((name.lower(), value.strip()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    try:
        while piece := await reader.read(65_536):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except OSError:
        return  # half an answer: our server closes the connection, so that the client sees that it is none
    await send({"type": "http.response.body", "body": b""})

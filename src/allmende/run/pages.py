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

from allmende.run.bridge import Receive, Scope, Send

_LONGEST_SOCKET_PATH = 100
_START_SECONDS = 20.0
_HOP = frozenset(
    {b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"x-forwarded-for", b"x-forwarded-proto"}
)


def socket_path(folder: Path) -> str:
    """Where the page process listens; a short name elsewhere when the folder's own path is too long."""
    path = str(folder / "pages.sock")
    if len(path.encode()) <= _LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(path.encode()).hexdigest()[:16]
    return str(Path(tempfile.gettempdir()) / f"allmende-pages-{os.getuid()}-{digest}.sock")


class Forwarder:
    """An ASGI application that passes requests on over the Unix socket and streams the answer back."""

    def __init__(self, path: str, start: Callable[[], "subprocess.Popen[bytes]"]) -> None:
        self._path, self._start = path, start
        self.process = start()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reader, writer = await self._connect()
        except OSError:
            await _unavailable(send)
            return
        try:
            await _pass_on(scope, receive, writer)
            await _pass_back(reader, send)
        except (OSError, asyncio.IncompleteReadError):
            await _unavailable(send)
        finally:
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


async def _pass_on(scope: Scope, receive: Receive, writer: asyncio.StreamWriter) -> None:
    """Sends the request; a body without a length goes in chunks."""
    target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
    client = (scope.get("client") or ("", 0))[0]
    head = [f"{scope['method']} ".encode() + target + b" HTTP/1.1", b"connection: close"]
    head += [name + b": " + value for name, value in scope["headers"] if name not in _HOP]
    head += [b"x-forwarded-for: " + client.encode(), b"x-forwarded-proto: " + scope.get("scheme", "http").encode()]
    names = {name for name, _ in scope["headers"]}
    chunked = b"transfer-encoding" in names and b"content-length" not in names
    if chunked:
        head.append(b"transfer-encoding: chunked")
    writer.write(b"\r\n".join(head) + b"\r\n\r\n")
    while True:
        message = await receive()
        piece = message.get("body", b"")
        if piece:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
        if not message.get("more_body"):
            break
    if chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()


async def _pass_back(reader: asyncio.StreamReader, send: Send) -> None:
    """Streams the answer; the page process closes the connection at its end, and never answers in chunks."""
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    status = int(head[0].split(b" ")[1])
    headers = []
    for line in head[1:]:
        name, _, value = line.partition(b":")
        if name and name.lower() not in _HOP:
            headers.append((name.lower(), value.strip()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    while piece := await reader.read(65_536):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _unavailable(send: Send) -> None:
    text = b"The pages are starting. Please try again in a moment."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"2")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": text})

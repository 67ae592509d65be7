"""The page process of split mode: `python -m allmende.run.page_server`; started and watched by `run.serve`."""

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import uvicorn
from django.conf import settings

from allmende.run.bridge import Receive, Scope, Send, WsgiBridge
from allmende.run.pages import socket_path
from allmende.run.wsgi import application as django_wsgi


def main() -> None:
    """Serves pages on the Unix socket of the data folder; observations are asked of the owner's process."""
    from allmende.observations.store import runtime  # noqa: PLC0415 - after Django is set up

    runtime.attach(settings.DATA_DIR / "observations")
    bridge = WsgiBridge(django_wsgi, threads=settings.PAGE_THREADS, largest_body=settings.MAX_UPLOAD)
    serve(bridge, socket_path(settings.DATA_DIR))


def serve(bridge: WsgiBridge, path: str) -> None:
    """Serves a bridge on a Unix socket until told to stop, or until the process that started this one has gone."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await bridge(scope, receive, send)

    # Only our own user reaches the socket, and that is our front process: it is believed about client and scheme.
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=True,
        forwarded_allow_ips="*",
    )
    uvicorn.Server(config).run(sockets=[_listening(path)])


def _listening(path: str) -> socket.socket:
    """A socket at the path that nobody but this user can open; uvicorn itself would let everybody on the machine in."""
    Path(path).unlink(missing_ok=True)  # left over by a page process that was killed
    found = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        found.bind(path)
    finally:
        os.umask(before)
    return found


def _end_with_parent() -> None:
    """The front process holds the other end of our standard input: its end is the end of that process."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()

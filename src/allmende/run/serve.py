"""`allmende serve`: prepares the data folder, opens the store, serves both planes, stops without losing anything."""

import argparse
import asyncio
import gc
import ipaddress
import logging
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn
from django.conf import settings

from allmende.observations.store import runtime
from allmende.run.asgi import Plane, application
from allmende.run.bridge import WsgiBridge
from allmende.run.express import ExpressProtocol
from allmende.run.lifespan import Lifespan, Work
from allmende.run.outbox import deliver

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `allmende serve`."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--split", action="store_true", help="pages in a process of their own, for a busy town")


def run(options: argparse.Namespace) -> int:
    """Serves until it is told to stop."""
    refuse_open_writes(options.host)
    return serve(options.host, options.port, split=options.split)


def refuse_open_writes(host: str) -> None:
    """ALLMENDE_OPEN_WRITES lets strangers write, so it is refused unless only this machine can reach the server."""
    if settings.OPEN_WRITES and not is_loopback(host):
        raise SystemExit(f"ALLMENDE_OPEN_WRITES is refused on {host}: it is for tests on a loopback address only.")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(host: str, port: int, *, split: bool = False, works: list[Work] | None = None) -> int:
    """Serves both planes. works: background work on the event loop, such as the demo's live values."""
    runtime.own(settings.DATA_DIR / "observations", settings.STORE_MEMORY, settings.DRAIN_SECONDS)
    people, end_people = _split_people() if split else _joined_people()
    background = [*(works or []), deliver, *_care(), *_connectors(), *_mqtt(host)]
    lifespan = Lifespan(background, [end_people, runtime.release])
    config = uvicorn.Config(
        application(people, lifespan),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=20,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=",".join(settings.TRUSTED_PROXIES) or None,
        lifespan="on",
        http=ExpressProtocol,
        ws="websockets-sansio",
        ws_max_size=2_000_000,  # bytes; a packet has at most half of it
        ws_per_message_deflate=False,
    )
    server = _Announced(config)
    server.run()
    return 0 if server.started else 1


class _Announced(uvicorn.Server):
    """Says where it serves once the port is bound, and not before."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's; nothing is said when the port is taken."""
        await super().startup(sockets)
        if self.started:
            # What was loaded until now stays; the collector need not look through it at every large answer.
            gc.collect()
            gc.freeze()
            host = "127.0.0.1" if self.config.host == "0.0.0.0" else self.config.host  # noqa: S104
            print(f"Allmende serves at http://{host}:{self.config.port}", flush=True)


def _care() -> list[Work]:
    from allmende.run.caring import care  # noqa: PLC0415 - tables exist only after django.setup()
    from allmende.run.harvesting import watch  # noqa: PLC0415 - tables exist only after django.setup()
    from allmende.run.retaining import keep_to_retention  # noqa: PLC0415 - tables exist only after django.setup()

    return [care, watch, keep_to_retention]


def _mqtt(host: str) -> list[Work]:
    if not settings.MQTT_PORT:
        return []
    from allmende.api.sensorthings.mqtt import serving  # noqa: PLC0415 - tables exist only after django.setup()

    async def mqtt(stop: asyncio.Event) -> None:
        await serving.serve(host, settings.MQTT_PORT, stop)

    serving.listen()
    return [mqtt]


def _connectors() -> list[Work]:
    from allmende.connectors.runner import works  # noqa: PLC0415 - tables exist only after django.setup()

    return works()


def _joined_people() -> tuple[Plane, Callable[[], None]]:
    from allmende.run.wsgi import application as django_wsgi  # noqa: PLC0415 - loads every page's code

    bridge = WsgiBridge(django_wsgi, threads=settings.PAGE_THREADS, largest_body=settings.MAX_UPLOAD)
    return bridge, bridge.close


def _split_people() -> tuple[Plane, Callable[[], None]]:
    """Starts the page process on a Unix socket of the data folder and forwards to it."""
    from allmende.run.pages import Forwarder, socket_path  # noqa: PLC0415 - only in split

    path = socket_path(settings.DATA_DIR)
    Path(path).unlink(missing_ok=True)  # left over by a process that was killed
    command = [sys.executable, "-m", "allmende.run.page_server"]

    def start() -> subprocess.Popen[bytes]:
        # The pipe is how the page process learns that this one has gone, however it went.
        return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own

    forwarder = Forwarder(path, start, settings.MAX_UPLOAD)

    def close() -> None:
        forwarder.close()
        Path(path).unlink(missing_ok=True)

    return forwarder, close

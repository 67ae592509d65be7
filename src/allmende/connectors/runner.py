"""Runs the connectors that are switched on, as background work on the server's event loop.

The table is looked at every few seconds: what is switched on, changed or removed there takes effect without a restart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from allmende.connectors import services
from allmende.connectors.health import Health
from allmende.connectors.keeping import Keeper
from allmende.connectors.mqtt.client import MqttListener
from allmende.connectors.mqtt.config import read_config
from allmende.core.connections import cleanly

logger = logging.getLogger(__name__)
Work = Callable[[asyncio.Event], Awaitable[None]]
_LOOK_SECONDS = 3.0


class _Running(NamedTuple):
    setup: services.Setup
    health: Health
    stop: asyncio.Event
    task: "asyncio.Task[None]"


def works() -> list[Work]:
    """The one piece of work that looks after all connectors."""
    return [supervise]


async def supervise(stop: asyncio.Event) -> None:
    """Starts, restarts and stops connectors as the table says, until the server stops."""
    running: dict[str, _Running] = {}
    while not stop.is_set():
        wanted = {setup.code: setup for setup in await asyncio.to_thread(cleanly, services.enabled)}
        for code, run in list(running.items()):
            if wanted.get(code) != run.setup or run.task.done():
                await _end(running.pop(code))
        for code, setup in wanted.items():
            if code not in running:
                running[code] = _begin(setup)
        facts = {code: run.health.facts() for code, run in running.items()}
        await asyncio.to_thread(cleanly, services.note, facts)
        try:
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
        except TimeoutError:
            continue
    for run in running.values():
        await _end(run)


def _begin(setup: services.Setup) -> _Running:
    health, stop = Health(), asyncio.Event()
    listener = MqttListener(setup.code, read_config(setup.config), Keeper(setup.code, setup.dataset), health)
    return _Running(setup, health, stop, asyncio.create_task(listener.run(stop)))


async def _end(run: _Running) -> None:
    run.stop.set()
    try:
        await asyncio.wait_for(run.task, 10)
    except Exception:
        logger.exception("Connector %s did not end well.", run.setup.code)

"""Runs the connectors that are switched on, as background work on the server's event loop.

The table is looked at every few seconds: what is switched on, changed or removed there takes effect without a restart.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from django.utils.translation import gettext_noop as _

from allmende.connectors import hooks, noting
from allmende.connectors.faulty import FaultBook
from allmende.connectors.flood import Flood
from allmende.connectors.health import Health
from allmende.connectors.intake import Intake
from allmende.connectors.keeping import Keeper
from allmende.connectors.kind import Way
from allmende.connectors.readings import Decoded, Decoder, Message
from allmende.connectors.rehearsing import Rehearsals
from allmende.connectors.table import KINDS
from allmende.core.connections import cleanly
from allmende.core.said import Said, said_of

logger = logging.getLogger(__name__)
Work = Callable[[asyncio.Event], Awaitable[None]]
_LOOK_SECONDS = 3.0
_ROBUST_SECONDS = 60.0
_LONGEST_PAUSE = 300.0


@dataclass(slots=True)
class _Running:
    setup: noting.Setup
    health: Health
    stop: asyncio.Event
    task: "asyncio.Task[None]"
    begun: float = field(default_factory=monotonic)


def works() -> list[Work]:
    """The one piece of work that looks after all connectors."""
    return [Supervisor().run]


class Supervisor:
    """Starts, restarts and stops connectors as the table says, until the server stops."""

    def __init__(self) -> None:
        self._running: dict[str, _Running] = {}
        self._pauses: dict[str, tuple[float, float]] = {}  # code → (not before, how long it was)
        self._rehearsals = Rehearsals()

    async def run(self, stop: asyncio.Event) -> None:
        """The whole work."""
        while not stop.is_set():
            await self._look()
            states = {code: (run.health.facts(), run.health.sample_facts()) for code, run in self._running.items()}
            await asyncio.to_thread(cleanly, noting.note, states)
            try:
                await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
            except TimeoutError:
                continue
        await self._rehearsals.end()
        await asyncio.gather(*(_end(run) for run in self._running.values()))
        for code in self._running:
            hooks.close_door(code)

    async def _look(self) -> None:
        """Makes what runs be what the table says."""
        wanted = {setup.code: setup for setup in await asyncio.to_thread(cleanly, noting.enabled)}
        ended = [run for code, run in self._running.items() if wanted.get(code) != run.setup or run.task.done()]
        gone = [run.setup.code for run in ended if run.setup.code not in wanted]
        removed = await asyncio.to_thread(cleanly, noting.removed, gone)
        for run in ended:
            run.health.removed = run.setup.code in removed
            hooks.close_door(run.setup.code)
            if run.task.done() and not run.stop.is_set():
                self._rest(run)
            await _end(run)
            del self._running[run.setup.code]
            if run.setup.code not in wanted:
                self._pauses.pop(run.setup.code, None)
        for code, setup in wanted.items():
            if code not in self._running and monotonic() >= self._pauses.get(code, (0.0, 0.0))[0]:
                before = next((run.health for run in ended if run.setup.code == code), None)
                self._running[code] = self._begin(setup, before)
        await self._rehearsals.look()

    def _rest(self, run: _Running) -> None:
        """One that ended by itself is begun again, ever more slowly."""
        code = run.setup.code
        before = 0.0 if monotonic() - run.begun > _ROBUST_SECONDS else self._pauses.get(code, (0.0, 0.0))[1]
        pause = min(max(before * 2, _LOOK_SECONDS), _LONGEST_PAUSE)
        self._pauses[code] = (monotonic() + pause, pause)

    def _begin(self, setup: noting.Setup, before: Health | None) -> _Running:
        stop = asyncio.Event()
        flood = Flood(float(setup.config.get("per_second", 10.0)), int(setup.config.get("burst", 36_000)))
        health = before or Health()
        health.watch(flood)
        task = asyncio.create_task(self._work(setup, health, flood, stop), name=f"connector-{setup.code}")
        return _Running(setup, health, stop, task)

    async def _work(self, setup: noting.Setup, health: Health, flood: Flood, stop: asyncio.Event) -> None:
        try:
            kind = KINDS[setup.kind]
            config = kind.read(setup.config)
            decoder: Decoder = kind.decoder(config) if kind.decoder else _Nothing()
        except (KeyError, ValueError) as error:  # set up by another version of this program
            text = _("The configuration cannot be used: %(problem)s")
            health.connection(False, Said(text, {"problem": said_of(error)}))
            await stop.wait()
            return
        intake = Intake(decoder, Keeper(setup.code, setup.dataset), health, flood, FaultBook(setup.code))
        if kind.hook and setup.secret_hash:
            hooks.open_door(setup.code, hooks.Hook(setup.secret_hash, intake.take))
        if kind.run is None:
            health.connection(True)
            await stop.wait()
            return
        try:
            await kind.run(Way(setup.code, setup.dataset, config, health, intake), stop)
        except Exception as error:
            logger.exception("Connector %s failed.", setup.code)
            text = _("It failed and is begun again: %(problem)s")
            health.connection(False, Said(text, {"problem": said_of(error)}))
            raise


class _Nothing:
    """The decoder of kinds that read no messages."""

    def read(self, message: Message) -> Decoded:
        return Decoded([])


async def _end(run: _Running) -> None:
    run.stop.set()
    try:
        await asyncio.wait_for(run.task, 10)
    except Exception as error:
        logger.warning("Connector %s did not end well: %s", run.setup.code, error)

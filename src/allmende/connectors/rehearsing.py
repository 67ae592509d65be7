"""Set-ups that are not finished wait for a first message: at the door for webhooks, or with their transport.

The transport is the real one; only what it brings goes nowhere but into the draft, as the sample to set up by.
"""

import asyncio
import logging
from typing import Any

from allmende.connectors import hooks, noting
from allmende.connectors.health import Health
from allmende.connectors.intake import Outcome
from allmende.connectors.kind import Way
from allmende.connectors.readings import Message, Reading
from allmende.connectors.table import KINDS
from allmende.core.connections import cleanly
from allmende.core.said import Said, said_of

logger = logging.getLogger(__name__)

_ANY_VALUE = {"values": [{"key": "any"}]}


class Rehearsals:
    """All set-ups that wait now."""

    def __init__(self) -> None:
        self._doors: set[str] = set()
        self._trials: dict[str, tuple[dict[str, Any], asyncio.Event, asyncio.Task[None]]] = {}

    async def look(self) -> None:
        """Makes what waits be what the table says."""
        wanted = {each.code: each for each in await asyncio.to_thread(cleanly, noting.waiting)}
        for code in self._doors - {code for code, each in wanted.items() if each.secret_hash}:
            self._doors.discard(code)
            hooks.close_draft_door(code)
        for code, (config, stop, task) in list(self._trials.items()):
            each = wanted.get(code)
            if each is None or not each.listens or each.config != config or task.done():
                stop.set()
                del self._trials[code]
        for code, each in wanted.items():
            if each.secret_hash and KINDS[each.kind].hook:
                hooks.open_draft_door(code, hooks.Hook(each.secret_hash, noting.first_message(code)))
                self._doors.add(code)
            if each.listens and code not in self._trials:
                stop = asyncio.Event()
                task = asyncio.create_task(_try(each, stop), name=f"draft-{code}")
                self._trials[code] = (each.config, stop, task)

    async def end(self) -> None:
        """Ends all of it."""
        for code in self._doors:
            hooks.close_draft_door(code)
        for _, stop, task in self._trials.values():
            stop.set()
            task.cancel()


async def _try(waiting: noting.Waiting, stop: asyncio.Event) -> None:
    """Runs the transport until it brings a message, fails, or the time is over."""
    kind, health = KINDS[waiting.kind], _Listening(waiting.code, stop)
    try:
        if kind.run is None:
            return
        config = kind.read(_probing(waiting.config))
        way = Way(f"{waiting.code}-try", "", config, health, _First(waiting.code, health), trial=True)  # type: ignore[arg-type]
        await kind.run(way, stop)
    except Exception as error:
        await asyncio.to_thread(cleanly, noting.no_message, waiting.code, said_of(error))
    finally:
        await health.told()


def _probing(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration so far, with any rule where none is there yet: it is not read by them anyway."""
    formats = {name: rules for name, rules in config.items() if isinstance(rules, dict) and name != "headers"}
    mapping = {**_ANY_VALUE, "topic": next((each["topic"] for each in formats.values() if each.get("topic")), "")}
    return {**{name: value for name, value in config.items() if name not in formats}, "mapping": mapping}


class _Listening(Health):
    """Health that tells the draft at once why no message can be had."""

    def __init__(self, draft: str, stop: asyncio.Event) -> None:
        super().__init__()
        self._draft, self._stop, self._telling = draft, stop, set[asyncio.Task[None]]()

    def connection(self, up: bool, why: Said | None = None) -> None:
        super().connection(up, why)
        if why:
            self._stop.set()
            task = asyncio.create_task(asyncio.to_thread(cleanly, noting.no_message, self._draft, why))
            self._telling.add(task)

    async def told(self) -> None:
        """Waits until it is written down."""
        await asyncio.gather(*self._telling, return_exceptions=True)


class _First:
    """In the place of an intake: the first message is the sample, and enough."""

    def __init__(self, draft: str, health: _Listening) -> None:
        self.health = health
        self._take, self._stop = noting.first_message(draft), health._stop

    async def take_with_others(self, message: Message) -> None:
        await self.take_own(message)

    async def take_own(self, message: Message) -> Outcome:
        if not self._stop.is_set():
            self._stop.set()
            await self._take(message)
        return Outcome()

    async def keep_own(self, readings: list[Reading]) -> None:
        return

    async def know(self, readings: list[Reading]) -> None:
        return

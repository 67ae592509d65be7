"""What every way in hands its messages to: limits floods, decodes, keeps, and notes what could not be used."""

import asyncio
import logging
from typing import NamedTuple

from django.db import DatabaseError
from django.utils.translation import gettext_noop as _

from allmende.connectors.faulty import Fault, FaultBook
from allmende.connectors.flood import Flood, Flooding
from allmende.connectors.health import Health
from allmende.connectors.keeping import Keeper, Kept
from allmende.connectors.readings import Decoded, Decoder, Message, Reading, Unmapped
from allmende.core.said import Said
from allmende.observations.stores import StoreClosed, StoreError

logger = logging.getLogger(__name__)

_LARGE = 262_144  # decoding more than this at once would keep the event loop from answering others
_MOST_IN_GROUP = 500
_PAUSE, _LONGEST_PAUSE = 1.0, 60.0


class Outcome(NamedTuple):
    """accepted: observations that are on disk now; problems: why others are not (they are noted)."""

    accepted: int = 0
    problems: tuple[Said, ...] = ()


class _Group:
    """Messages that came at the same moment. done: the places of those that have to be taken one by one."""

    __slots__ = ("done", "messages")

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.done: asyncio.Future[set[int]] = asyncio.get_running_loop().create_future()


class Intake:
    """One connector's. Whoever has its outcome may acknowledge the message: all of it is on disk, as observations or as
    a message that could not be used."""

    def __init__(self, decoder: Decoder, keeper: Keeper, health: Health, flood: Flood, faults: FaultBook) -> None:
        self.health = health
        self._decoder, self._keeper, self._flood, self._faults = decoder, keeper, flood, faults
        self._group: _Group | None = None
        self._working: set[asyncio.Task[None]] = set()

    async def take(self, message: Message) -> Outcome:
        """One message. Raises Flooding; StoreError or DatabaseError where nothing can be written now."""
        self.health.came(message)
        if message.topic:
            self._flood.let(message.topic)
        return await self._take(message, patiently=False)

    async def take_own(self, message: Message) -> Outcome:
        """One that the connector fetched itself: without a limit, and trying again for as long as nothing can be
        written."""
        self.health.came(message)
        return await self._take(message, patiently=True, limited=False)

    async def know(self, readings: list[Reading]) -> None:
        """Makes the datastreams of readings where there are none yet, without keeping anything."""
        await self._keeper.know(readings)

    async def keep_own(self, readings: list[Reading]) -> None:
        """Keeps what the connector read itself, trying again for as long as nothing can be written."""
        self.health.page()
        if readings:
            kept = await self._patiently(None, readings)
            self.health.took(kept.accepted)
            if kept.problems:
                self.health.fault(kept.problems)

    async def take_with_others(self, message: Message) -> None:
        """The hot way: messages that come at the same moment share decoding, checking and the way to the disk.

        Returns when the message may be acknowledged; tries again for as long as nothing can be written.
        """
        group = self._group
        if group is None:
            group = self._group = _Group()
            task = asyncio.create_task(self._work(group))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
        place = len(group.messages)
        group.messages.append(message)
        if place + 1 >= _MOST_IN_GROUP:
            self._group = None
        if place in await group.done:
            await self._take(message, patiently=True)

    async def _work(self, group: _Group) -> None:
        """Takes a group: all that is simply good at once; the rest is left to be taken one by one."""
        if self._group is group:
            self._group = None
        readings: list[Reading] = []
        good: list[int] = []
        singly: set[int] = set()
        self.health.came(group.messages[-1], len(group.messages))
        for place, message in enumerate(group.messages):
            try:
                self._flood.let(message.topic)
                decoded = self._decoder.read(message) if len(message.payload) < _LARGE else None
            except Flooding:
                continue  # counted; acknowledged, because to leave it would hold up the other devices
            except Exception:
                decoded = None
            if decoded is None or decoded.problems:
                singly.add(place)
            else:
                readings += decoded.readings
                good.append(place)
        try:
            if readings:
                kept = await self._keeper.keep(readings)
                self.health.took(kept.accepted)
                if kept.problems:
                    singly.update(good)
        except Exception:  # whatever it is, it is met again, and dealt with, one by one
            singly.update(good)
        if not group.done.done():  # the connection went meanwhile, and nobody waits any more
            group.done.set_result(singly)

    async def _take(self, message: Message, *, patiently: bool, limited: bool = True) -> Outcome:
        try:
            decoded = await self._decoded(message)
        except Unmapped as error:
            return await self._fault(message, [error.said])
        except Exception as error:  # a fault of ours must neither lose the message nor hold up the others
            logger.exception("A message of %s could not be read.", message.topic or "a connector")
            text = _("It could not be read (%(problem)s).")
            return await self._fault(message, [Said(text, {"problem": f"{type(error).__name__}: {error}"})])
        readings = decoded.readings
        if limited and not message.topic and readings:
            self._flood.let(" ".join(readings[0].names.values()))
        if not readings and not decoded.problems:
            return Outcome()  # none of ours, such as a device's farewell
        try:
            kept = await (self._patiently(message, readings) if patiently else self._keeper.keep(readings))
        except (StoreError, DatabaseError):
            raise
        except Exception as error:  # such as a dataset that is gone
            logger.exception("A message of %s could not be kept.", message.topic or "a connector")
            text = _("It could not be kept (%(problem)s).")
            return await self._fault(message, [Said(text, {"problem": str(error)})])
        self.health.took(kept.accepted)
        problems = [*decoded.problems, *kept.problems]
        return await self._fault(message, problems, kept.accepted) if problems else Outcome(kept.accepted)

    async def _patiently(self, message: Message | None, readings: list[Reading]) -> Kept:
        pause = _PAUSE
        while True:
            try:
                return await self._keeper.keep(readings)
            except StoreClosed:
                await asyncio.Event().wait()  # the server stops; what is not acknowledged comes again
            except (StoreError, DatabaseError) as error:
                text = _("Not written yet, trying again: %(problem)s")
                self.health.fault([Said(text, {"problem": str(error)})], message)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _decoded(self, message: Message) -> Decoded:
        if len(message.payload) < _LARGE:
            return self._decoder.read(message)
        return await asyncio.to_thread(self._decoder.read, message)

    async def _fault(self, message: Message, problems: list[Said], accepted: int = 0) -> Outcome:
        self.health.fault(problems, message)
        await self._faults.note(Fault(message, tuple(problems)))
        return Outcome(accepted, tuple(problems))

"""First observations, many at a time: what Datastreams' observations are about is made in one transaction for all that
wait for it, as the log is written in groups. For the event loop."""

import asyncio
import logging

from allmende.core.connections import cleanly
from allmende.observations.services.features import settle
from allmende.observations.streams import StreamInfo, book

logger = logging.getLogger(__name__)


class _Round:
    """due: the Datastreams that go into one transaction; codes: those to be looked up, these among them; done: when
    that is through, however it went."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.due: list[StreamInfo] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class _Here:
    next: _Round | None = None  # takes more; begins when the one before is done
    running: asyncio.Task[None] | None = None


async def settled(code: str, due: StreamInfo | None = None) -> None:
    """Returns when this Datastream is in memory, if there is one, and what its observations are about was made, where
    that is `due` (`features.settle`). Where that failed it still is: the ordinary way then says why."""
    loop = asyncio.get_running_loop()
    if _Here.next is None or _Here.next.done.get_loop() is not loop:
        _Here.next = _Round()
    mine = _Here.next
    mine.codes.add(code)
    mine.due += [due] if due else []
    if _Here.running is None or _Here.running.done() or _Here.running.get_loop() is not loop:
        _Here.running = loop.create_task(_run())
    await asyncio.shield(mine.done)


async def _run() -> None:
    while _Here.next is not None:
        now, _Here.next = _Here.next, None
        try:
            await asyncio.to_thread(cleanly, _make, now)
        except Exception:
            logger.exception("What observations are about could not be made for %s Datastreams.", len(now.due))
        finally:
            now.done.set_result(None)


def _make(now: _Round) -> None:
    settle({info.code: info for info in now.due}.values())
    book.load(now.codes)

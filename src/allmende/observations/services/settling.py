"""First observations, many at a time: what Datastreams' observations are about is made in one transaction for all that
wait for it, as the log is written in groups. For the event loop."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable

from allmende.core.connections import cleanly
from allmende.observations.services.features import settle
from allmende.observations.streams import StreamInfo, book

logger = logging.getLogger(__name__)


Fits = Callable[[StreamInfo], bool]


class _Round:
    """What goes into one transaction: Datastreams (by code), and for each the questions whether it is to be made ready.
    done: when that is through, however it went."""

    def __init__(self) -> None:
        self.wanted: defaultdict[str, list[Fits]] = defaultdict(list)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class _Here:
    next: _Round | None = None  # takes more; begins when the one before is done
    running: asyncio.Task[None] | None = None


async def settled(code: str, fits: Fits) -> None:
    """Returns when this Datastream is in memory, if there is one, and what its observations are about was made, where
    that is due (`features.settle`) and `fits` says so. Where that failed it still is due: the ordinary way says why.

    fits: called in a thread, within no transaction.
    """
    loop = asyncio.get_running_loop()
    if _Here.next is None or _Here.next.done.get_loop() is not loop:
        _Here.next = _Round()
    mine = _Here.next
    mine.wanted[code].append(fits)
    if _Here.running is None or _Here.running.done() or _Here.running.get_loop() is not loop:
        _Here.running = loop.create_task(_run())
    await asyncio.shield(mine.done)


async def _run() -> None:
    while _Here.next is not None:
        now, _Here.next = _Here.next, None
        try:
            await asyncio.to_thread(cleanly, _make, now)
        except Exception:
            logger.exception("What observations are about could not be made for %s Datastreams.", len(now.wanted))
        finally:
            now.done.set_result(None)


def _make(now: _Round) -> None:
    streams = book.load(now.wanted)
    infos = [(streams[code], several) for code, several in now.wanted.items() if code in streams]
    settle([info for info, several in infos if info.due and any(fits(info) for fits in several)])
    book.load(now.wanted)

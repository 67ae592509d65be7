"""What begins and ends with the server: background work on its loop, and a stop that loses nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from allmende.run.bridge import Receive, Scope, Send

logger = logging.getLogger(__name__)
Work = Callable[[asyncio.Event], Awaitable[None]]


class Lifespan:
    """ASGI lifespan. works run until the event they get is set; closing runs after them, in order."""

    def __init__(self, works: list[Work], closing: list[Callable[[], None]]) -> None:
        self._works, self._closing = works, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stop = asyncio.Event()
        await receive()
        tasks = [asyncio.create_task(_guarded(work, stop)) for work in self._works]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        stop.set()
        await asyncio.gather(*tasks)
        for close in self._closing:
            await asyncio.to_thread(close)
        await send({"type": "lifespan.shutdown.complete"})


async def _guarded(work: Work, stop: asyncio.Event) -> None:
    """Background work must not take the server down; it is begun again, ever more slowly."""
    pause = 1.0
    while not stop.is_set():
        try:
            await work(stop)
            return
        except Exception:
            logger.exception("Background work %s failed; next try in %s s.", getattr(work, "__name__", work), pause)
        try:
            await asyncio.wait_for(stop.wait(), pause)
        except TimeoutError:
            pause = min(pause * 2, 60.0)

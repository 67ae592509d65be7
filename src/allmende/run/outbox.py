"""Delivers events of the outbox while the server runs; every event reaches its listeners at least once."""

import asyncio
from time import monotonic

from allmende.core import outbox
from allmende.core.connections import cleanly

_PAUSE_SECONDS = 1.0
_TIDY_SECONDS = 86_400.0


async def deliver(stop: asyncio.Event) -> None:
    """Looks every second; once a day forgets what was delivered long ago."""
    tidied = 0.0
    while not stop.is_set():
        await asyncio.to_thread(cleanly, outbox.deliver_pending)
        if monotonic() - tidied > _TIDY_SECONDS:
            await asyncio.to_thread(cleanly, outbox.forget_delivered)
            tidied = monotonic()
        try:
            await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
        except TimeoutError:
            continue

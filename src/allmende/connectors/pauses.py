"""Waiting between attempts: ever longer after failures, with chance in it so that many do not come back at once."""

import asyncio
import random


def pause_after(failures: int, first: float, longest: float) -> float:
    """Seconds to wait after so many failures in a row: doubled each time, between half and the whole of it."""
    full = min(first * 2.0 ** min(max(failures - 1, 0), 30), longest)
    return full * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def about(seconds: float) -> float:
    """The regular pause, give or take a twentieth."""
    return seconds * random.uniform(0.95, 1.05)  # noqa: S311 - not a secret


async def sleep(stop: asyncio.Event, seconds: float) -> None:
    """Waits so long, or until the event is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

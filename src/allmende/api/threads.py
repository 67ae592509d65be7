"""Blocking work (database, DuckDB, large decoding) off the event loop, in a few threads with their own connections."""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from allmende.core.connections import cleanly

P = ParamSpec("P")
T = TypeVar("T")

_pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="data-plane")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a blocking call in the pool and waits for it without blocking the loop."""
    bound = functools.partial(cleanly, call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_pool, bound)

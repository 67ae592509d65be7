"""Starts the connectors that are switched on, each as background work on the server's event loop."""

from collections.abc import Awaitable, Callable
from typing import Any

Work = Callable[[Any], Awaitable[None]]


def works() -> list[Work]:
    """One piece of work per connector that is switched on."""
    return []

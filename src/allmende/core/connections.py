"""Database connections of threads that Django does not look after: background work and the data plane's pool."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")


def cleanly(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs the call as Django runs a request: a connection that has gone stale (the database was restarted, or it is
    older than CONN_MAX_AGE) is dropped before and after, instead of failing every later call of this thread."""
    close_old_connections()
    try:
        return call(*args, **kwargs)
    finally:
        close_old_connections()

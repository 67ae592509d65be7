"""Searches over the observations of many Datastreams: the door to `store.searching` for the faces.

Callers name the Datastreams that the actor may see; a search over None sees everything.
"""

import pyarrow as pa

from allmende.observations.store.searching import Search, position
from allmende.observations.store.terms import Among, Call, Column, Inside, PerStream, Term, Value, every
from allmende.observations.stores import here

__all__ = [
    "Among",
    "Call",
    "Column",
    "Inside",
    "PerStream",
    "Search",
    "Term",
    "Value",
    "count",
    "every",
    "matching_features",
    "matching_streams",
    "position",
    "search",
]


def search(asked: Search) -> pa.Table:
    """One page of rows: ds, t, v, q, x, k and the order's values o0, o1, …. Raises TooCostly."""
    return here().search(asked)


def count(asked: Search) -> int:
    """How many rows match. Raises TooCostly."""
    return here().count(asked)


def matching_streams(asked: Search) -> list[int]:
    """Which Datastreams (internal numbers) have a row that matches. Raises TooCostly."""
    return here().matching_streams(asked)


def matching_features(asked: Search) -> list[tuple[int, int | None]]:
    """(Datastream, feature of interest or None for the Datastream's own) of the rows that match. Raises TooCostly."""
    return here().matching_features(asked)

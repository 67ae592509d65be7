"""Single observations by the key that their id is made of, wherever they lie by now."""

from collections.abc import Iterable

from allmende.observations.extras import ORIGIN, unpack
from allmende.observations.store.rows import StoredRow
from allmende.observations.store.searching import Search
from allmende.observations.store.terms import Call, Column, Value
from allmende.observations.stores import here, own

_ALL = 1_000_000


def rows_at(keys: Iterable[tuple[int, int]]) -> list[StoredRow]:
    """What stands at these (Datastream, time)."""
    wanted: dict[int, set[int]] = {}
    for ds, time in keys:
        wanted.setdefault(ds, set()).add(time)
    return own().at(wanted)


def found_at(ds: int, time: int, rank: int, ids_upto: int | None) -> StoredRow | None:
    """The observation whose id is made of this key, None where there is none. ids_upto: of the Datastream."""
    for row in rows_at([(ds, time)]):
        if row[5] == rank and unpack(row[4]).origin is None:
            return row
    if ids_upto is None or time > ids_upto:
        return None
    moved = _rows(Search(streams=[ds], where=_contains(f'"{ORIGIN}":[{time},{rank}]'), limit=_ALL))
    return next((row for row in moved if unpack(row[4]).origin == (time, rank)), None)


def moved_keys(streams: Iterable[int]) -> list[tuple[int, int, int]]:
    """(Datastream, time, rank) that ids are made of whose observations lie elsewhere."""
    wanted = sorted(streams)
    if not wanted:
        return []
    rows = _rows(Search(streams=wanted, where=_contains(f'"{ORIGIN}":['), limit=_ALL))
    return [(row[0], *origin) for row in rows if (origin := unpack(row[4]).origin)]


def _contains(text: str) -> Call:
    return Call("coalesce", (Call("contains", (Column("extra"), Value(text))), Value(False)))


def _rows(search: Search) -> list[StoredRow]:
    table = here().search(search)
    return list(zip(*(table.column(name).to_pylist() for name in ("ds", "t", "v", "q", "x", "k")), strict=True))

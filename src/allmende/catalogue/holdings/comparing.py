"""Tells two versions of a table apart, row by row: what was added, removed and changed, and in which columns.

Rows are matched by their key. Where a table has none, whole rows are compared as a multiset, so that a changed row
counts as one removed and one added.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from allmende.catalogue.holdings.columns import GEOMETRY, ColumnFacts
from allmende.catalogue.holdings.engine import cursor, quoted, text
from allmende.catalogue.holdings.files import path_of


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts of rows. keyed: whether rows were matched by a key; columns: how many rows changed in each column that
    both versions have; new_columns, gone_columns: names."""

    added: int
    removed: int
    changed: int
    keyed: bool
    columns: dict[str, int] = field(default_factory=dict)
    new_columns: tuple[str, ...] = ()
    gone_columns: tuple[str, ...] = ()

    def nothing(self) -> bool:
        """Whether both versions say the same."""
        return not (self.added or self.removed or self.changed or self.new_columns or self.gone_columns)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. digest: of its file; key: the columns that tell its rows apart; placed: whether it has
    geometries."""

    digest: str
    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...]
    placed: bool

    def path(self) -> Path:
        """Where the file lies."""
        return path_of(self.digest)

    def source(self) -> str:
        """The file in a statement."""
        return f"read_parquet({text(self.path())})"


def compare(before: Side, after: Side) -> Changes:
    """What changed from one version to the next."""
    names = {each.name: each.type for each in before.columns}
    shared = [each.name for each in after.columns if names.get(each.name) == each.type]
    new = tuple(each.name for each in after.columns if each.name not in shared)
    gone = tuple(name for name in names if name not in shared)
    if before.placed and after.placed:
        shared.append(GEOMETRY)
    elif before.placed != after.placed:
        (new, gone) = ((*new, GEOMETRY), gone) if after.placed else (new, (*gone, GEOMETRY))
    if before.key and before.key == after.key:
        return _by_key(before, after, shared, new, gone)
    return _by_row(before, after, shared, new, gone)


def _by_key(before: Side, after: Side, shared: Sequence[str], new: tuple[str, ...], gone: tuple[str, ...]) -> Changes:
    differing = [f"count(*) FILTER ({_pair(name)})" for name in shared]
    any_ = " OR ".join(_pair(name) for name in shared) or "false"
    with cursor() as connection:
        alone = connection.execute(
            f"SELECT (SELECT count(*) FROM {after.source()} n ANTI JOIN {before.source()} o USING (_id)), "
            f"(SELECT count(*) FROM {before.source()} o ANTI JOIN {after.source()} n USING (_id))"
        ).fetchone()
        both = connection.execute(
            f"SELECT {', '.join(['count(*) FILTER (' + any_ + ')', *differing])} "
            f"FROM {before.source()} o JOIN {after.source()} n USING (_id)"
        ).fetchone()
    assert alone and both
    columns = {name: count for name, count in zip(shared, both[1:], strict=True) if count}
    return Changes(alone[0], alone[1], both[0], True, columns, new, gone)


def _pair(name: str) -> str:
    return f"o.{quoted(name)} IS DISTINCT FROM n.{quoted(name)}"


def _by_row(before: Side, after: Side, shared: Sequence[str], new: tuple[str, ...], gone: tuple[str, ...]) -> Changes:
    cells = ", ".join(quoted(name) for name in shared) or "1"
    with cursor() as connection:
        row = connection.execute(
            f"WITH o AS (SELECT hash({cells}) AS h, count(*) AS c FROM {before.source()} GROUP BY 1), "
            f"n AS (SELECT hash({cells}) AS h, count(*) AS c FROM {after.source()} GROUP BY 1) "
            "SELECT coalesce(sum(greatest(coalesce(n.c, 0) - coalesce(o.c, 0), 0)), 0), "
            "coalesce(sum(greatest(coalesce(o.c, 0) - coalesce(n.c, 0), 0)), 0) FROM o FULL JOIN n USING (h)"
        ).fetchone()
    assert row
    return Changes(int(row[0]), int(row[1]), 0, False, {}, new, gone)


def differing_rows(before: Side, after: Side, kind: str, limit: int, skip: int = 0) -> list[dict[str, Any]]:
    """Rows of one kind (added, removed, changed) by key, some at a time: {"id", "before": {…}, "after": {…}}; of a
    changed row only the cells that differ. Empty where rows cannot be matched."""
    if not (before.key and before.key == after.key):
        return []
    names = {each.name: each.type for each in before.columns}
    shared = [each.name for each in after.columns if names.get(each.name) == each.type]
    one, other = (after, before) if kind == "added" else (before, after)
    with cursor() as connection:
        if kind in ("added", "removed"):
            cells = ", ".join(quoted(each.name) for each in one.columns)
            found = connection.execute(
                f"SELECT _id, {cells} FROM {one.source()} a ANTI JOIN {other.source()} b USING (_id) "
                f"ORDER BY _row LIMIT {limit:d} OFFSET {skip:d}"
            ).fetchall()
            side = "after" if kind == "added" else "before"
            return [
                {"id": row[0], side: dict(zip((each.name for each in one.columns), row[1:], strict=True))}
                for row in found
            ]
        placed = [GEOMETRY] if before.placed and after.placed else []
        any_ = " OR ".join(_pair(name) for name in [*shared, *placed]) or "false"
        cells = ", ".join(f"o.{quoted(name)}, n.{quoted(name)}" for name in shared)
        moved = _pair(GEOMETRY) if placed else "false"
        found = connection.execute(
            f"SELECT _id, {moved}{', ' + cells if cells else ''} FROM {before.source()} o "
            f"JOIN {after.source()} n USING (_id) WHERE {any_} ORDER BY n._row LIMIT {limit:d} OFFSET {skip:d}"
        ).fetchall()
    return [_changed(row, shared) for row in found]


def _changed(row: Sequence[Any], shared: Sequence[str]) -> dict[str, Any]:
    pairs = zip(shared, row[2::2], row[3::2], strict=True)
    differing = [(name, old, new) for name, old, new in pairs if old != new]
    return {
        "id": row[0],
        "moved": bool(row[1]),
        "before": {name: old for name, old, _ in differing},
        "after": {name: new for name, _, new in differing},
    }

"""Tables of counts with totals: finds how they are built, and which of their cells have to be empty.

Two ways of building are known. Side by side: a row for each place or group, a column for each kind, perhaps one that
adds them up. Below each other: two columns name row and kind, a third one counts. Rows of totals are known by their
words and by their sums; other columns of few values, such as a year, part the rows into tables of their own.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from allmende.catalogue.gate.cells import Cell, Grid, determined, suppressed
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.engine import cursor, quoted

TOTALS = frozenset(
    {"gesamt", "insgesamt", "insg", "gesamtergebnis", "gesamtstadt", "summe", "total", "alle", "all", "zusammen"}
)
MOST_CELLS = 4_000  # of one table; the search takes seconds from there on
_MOST_ROWS = 50_000
_NO_COUNT = re.compile(r"(^|_)(jahr|year|monat|nr|nummer|id|plz|schluessel|code|key|lfd)(_|$)")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Build:
    """How a table of counts is built. counts: its numbers; total: the column that adds them up, or empty; labels: the
    column whose cells name rows; across: the one that names kinds where they stand below each other, or empty; apart:
    columns that part the rows into tables."""

    counts: tuple[str, ...]
    total: str
    labels: str
    across: str = ""
    apart: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a remedy holds it."""
        return {
            "counts": list(self.counts),
            "total": self.total,
            "labels": self.labels,
            "across": self.across,
            "apart": list(self.apart),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Build":
        return cls(
            tuple(plain.get("counts", ())),
            str(plain.get("total", "")),
            str(plain.get("labels", "")),
            str(plain.get("across", "")),
            tuple(plain.get("apart", ())),
        )

    def columns(self) -> tuple[str, ...]:
        """All that it speaks of."""
        return tuple(name for name in (*self.counts, self.total, self.labels, self.across, *self.apart) if name)


@dataclass(slots=True)
class Placed:
    """A grid, and where its cells stand: number of the row (`_row`) and column."""

    grid: Grid
    where: dict[Cell, tuple[int, str]]


def build_of(source: str, columns: Sequence[ColumnFacts], counts: Sequence[str]) -> Build | None:
    """How the table is built; None where it has no totals, or is none of these. counts: columns that count people or
    cases."""
    if not counts:
        return None
    whole = [each.name for each in columns if each.type == "integer" and not _NO_COUNT.search(each.name)]
    rows = _rows(source, [each.name for each in columns])
    if rows is None:
        return None
    total = _total(rows, whole)
    counting = whole if total in counts else counts  # a total tells what it adds up, whatever that is called
    total = total if total in counts else _total(rows, counts)
    kinds = tuple(name for name in counting if name != total)
    names = [each.name for each in columns if each.type in ("text", "integer", "date") and each.name not in counting]
    if not names:
        return None
    texts = [each.name for each in columns if each.type == "text" and each.name in names]
    for labels in texts or names[:1]:
        across = "" if len(kinds) > 1 or total else next((name for name in texts if name != labels), "")
        apart = tuple(name for name in names if name not in (labels, across) and 1 < len(_values(rows, name)) <= 60)
        build = Build(kinds, total, labels, across, apart)
        if _once(rows, build) and (total or _has_totals(rows, build)):
            return build
    return None


def hidden_cells(source: str, build: Build, k: int) -> dict[str, list[int]]:
    """The rows (`_row`) to be emptied, by column. Raises ValueError where the table is too large or not built so."""
    found: dict[str, list[int]] = defaultdict(list)
    for placed in _tables(source, build):
        for cell in suppressed(placed.grid, k):
            row, column = placed.where[cell]
            found[column].append(row)
    return {column: sorted(rows) for column, rows in found.items()}


def reckonable(source: str, build: Build) -> int:
    """How many empty cells of a table can be reckoned from its totals. Raises ValueError as `hidden_cells`."""
    count = 0
    for placed in _tables(source, build):
        empty = [cell for cell in placed.where if cell not in placed.grid.values]
        count += len(determined(placed.grid, empty))
    return count


def _tables(source: str, build: Build) -> Iterable[Placed]:
    rows = _rows(source, build.columns())
    if rows is None or not _once(rows, build):
        raise ValueError("This table is not built as it was when the remedy was chosen.")
    parts: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        parts[tuple(row[name] for name in build.apart)].append(row)
    for part in parts.values():
        yield _placed(part, build)


def _placed(rows: list[Row], build: Build) -> Placed:
    """The rows as a grid; totals come last, and are in nobody's hands where there are none."""
    labels = list(dict.fromkeys(row[build.labels] for row in rows if not _is_total(row[build.labels])))
    if build.across:
        kinds: list[Any] = list(dict.fromkeys(row[build.across] for row in rows if not _is_total(row[build.across])))
    else:
        kinds = list(build.counts)
    if (len(labels) + 1) * (len(kinds) + 1) > MOST_CELLS:
        raise ValueError("This table is too large for secondary suppression.")
    down = {label: place for place, label in enumerate(labels)}
    right = {kind: place for place, kind in enumerate(kinds)}
    placed = Placed(Grid(len(labels) + 1, len(kinds) + 1), {})
    for row in rows:
        line = len(labels) if _is_total(row[build.labels]) else down[row[build.labels]]
        if build.across:
            pairs = [(right.get(row[build.across], len(kinds)), build.counts[0])]
        else:
            pairs = [(right[name], name) for name in build.counts]
            pairs += [(len(kinds), build.total)] if build.total else []
        for place, column in pairs:
            placed.where[line, place] = (row["_row"], column)
            if row[column] is not None:
                placed.grid.values[line, place] = int(row[column])
    _fill(placed, build, rows)
    return placed


def _fill(placed: Placed, build: Build, rows: list[Row]) -> None:
    """Below each other, a pair that has no row counts nothing: everybody knows that it is zero."""
    if not build.across:
        return
    with_totals = any(_is_total(row[build.labels]) for row in rows), any(_is_total(row[build.across]) for row in rows)
    height = placed.grid.rows - (not with_totals[0])
    width = placed.grid.columns - (not with_totals[1])
    for line in range(height):
        for place in range(width):
            if (line, place) not in placed.where and line < placed.grid.rows - 1 and place < placed.grid.columns - 1:
                placed.grid.values[line, place] = 0


def _rows(source: str, names: Iterable[str]) -> list[Row] | None:
    """The rows with these columns, or None where there are too many of them."""
    wanted = list(dict.fromkeys(("_row", *names)))
    with cursor() as connection:
        found = connection.execute(
            f"SELECT {', '.join(quoted(name) for name in wanted)} FROM {source} LIMIT {_MOST_ROWS + 1:d}"
        ).fetchall()
    return [dict(zip(wanted, row, strict=True)) for row in found] if len(found) <= _MOST_ROWS else None


def _total(rows: list[Row], counts: Sequence[str]) -> str:
    """The column of counts that is the sum of the others in every row that has them all; empty for none."""
    if len(counts) < 3:
        return ""
    for name in counts:
        others = [each for each in counts if each != name]
        whole = [row for row in rows if all(row[each] is not None for each in counts)]
        if whole and all(row[name] == sum(row[each] for each in others) for row in whole):
            return name
    return ""


def _has_totals(rows: list[Row], build: Build) -> bool:
    named = [build.labels, *([build.across] if build.across else [])]
    return any(_is_total(row[name]) for row in rows for name in named)


def _once(rows: list[Row], build: Build) -> bool:
    """Whether each pair of names comes once in each table."""
    named = [*build.apart, build.labels, *([build.across] if build.across else [])]
    keys = [tuple(row[name] for name in named) for row in rows]
    return len(set(keys)) == len(keys)


def _values(rows: list[Row], name: str) -> set[Any]:
    return {row[name] for row in rows}


def _is_total(label: Any) -> bool:
    return isinstance(label, str) and label.strip().casefold().replace(" ", "_") in TOTALS


__all__ = ["Build", "build_of", "hidden_cells", "reckonable"]

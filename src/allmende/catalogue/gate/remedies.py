"""What can be done about a finding: expressions and conditions by which the readers' file is made from the office's.

A remedy is plain data: {"kind": …, "column": …, …}; kept with the table, applied with every version from then on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import cos, radians
from typing import Any

from allmende.catalogue.gate.contingency import Build, hidden_cells
from allmende.catalogue.gate.disclosure import K
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.engine import quoted

KINDS = ("withhold", "year", "bin", "digits", "grid", "suppress", "hide_small", "cells")
_BINS = (5, 10, 20, 50, 100)
_METRES = (100, 250, 500, 1000, 5000)
_DEGREE = 111_320.0  # metres of a degree of latitude


@dataclass(slots=True)
class Applied:
    """withheld: columns that are left out; cells: expressions in their place; where: a condition, empty for none; grid:
    metres of the cells that places are moved to the middle of, 0 for none; types: of columns that become others;
    builds: of tables of counts whose small cells are hidden together with others."""

    withheld: set[str] = field(default_factory=set)
    cells: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    suppressed: tuple[str, ...] = ()
    least: int = K
    grid: int = 0
    builds: tuple[Build, ...] = ()

    def emptied(self, source: str) -> dict[str, list[int]]:
        """The rows (`_row`) of the office's file in which a cell is emptied for secondary suppression, by column.

        Raises ValueError where the table is not built as it was."""
        found: dict[str, set[int]] = {}
        for build in self.builds:
            for column, rows in hidden_cells(source, build, self.least).items():
                found.setdefault(column, set()).update(rows)
        return {column: sorted(rows) for column, rows in found.items()}


def check(remedy: Mapping[str, Any], columns: Iterable[ColumnFacts]) -> None:
    """Raises ValueError for what is no remedy, or none for these columns."""
    known = {each.name: each for each in columns}
    kind = remedy.get("kind")
    if kind not in KINDS:
        raise ValueError(f"There is no remedy “{kind}”.")
    named = _named(remedy)
    if kind == "suppress" and not named:
        raise ValueError("Name the columns that together could tell somebody.")
    if kind == "cells" and not (remedy.get("counts") and remedy.get("labels")):
        raise ValueError("Name the columns that count, and the one that names rows.")
    for name in named:
        if name not in known:
            raise ValueError(f"There is no column “{name}”.")
    if kind == "bin" and remedy.get("width") not in _BINS:
        raise ValueError(f"Choose a width of {', '.join(map(str, _BINS))}.")
    if kind == "grid" and remedy.get("metres") not in _METRES:
        raise ValueError(f"Choose a grid of {', '.join(map(str, _METRES))} metres.")
    if kind == "digits" and remedy.get("keep") not in range(1, 10):
        raise ValueError("Say how many letters are kept, 1 to 9.")


def _named(remedy: Mapping[str, Any]) -> tuple[Any, ...]:
    """The columns that a remedy speaks of."""
    match remedy.get("kind"):
        case "suppress":
            return tuple(remedy.get("columns", ()))
        case "cells":
            return Build.from_json(remedy).columns()
        case "grid":
            return ()
    return (remedy.get("column"),)


def applied(remedies: Iterable[Mapping[str, Any]], columns: Iterable[ColumnFacts]) -> Applied:
    """All of these together. Those whose column is gone from the table have nothing to do."""
    known = {each.name: each for each in columns}
    made = Applied()
    for remedy in remedies:
        name = str(remedy.get("column", ""))
        match remedy["kind"]:
            case "withhold":
                made.withheld.add(name)
            case "grid":
                made.grid = max(made.grid, int(remedy["metres"]))
            case "suppress":
                made.suppressed = tuple(each for each in remedy["columns"] if each in known)
            case "cells":
                build = Build.from_json(remedy)
                if set(build.columns()) <= known.keys():
                    made.builds += (build,)
            case kind if name in known:
                made.cells[name], made.types[name] = _cell(kind, remedy, known[name])
    return made


def _cell(kind: str, remedy: Mapping[str, Any], column: ColumnFacts) -> tuple[str, str]:
    """(the expression, its type)."""
    name = quoted(column.name)
    if kind == "year":
        return f"year(TRY_CAST({name} AS DATE))", "integer"
    if kind == "bin":
        width = int(remedy["width"])
        return f"CAST(floor({name} / {width:d}) * {width:d} AS BIGINT)", "integer"
    if kind == "digits":
        return f"substr(CAST({name} AS VARCHAR), 1, {int(remedy['keep']):d})", "text"
    return f"CASE WHEN {name} > 0 AND {name} < {K:d} THEN NULL ELSE {name} END", column.type


def grid_degrees(metres: int, latitude: float) -> tuple[float, float]:
    """(width, height) in degrees of cells of so many metres at this latitude."""
    return metres / (_DEGREE * cos(radians(latitude))), metres / _DEGREE

"""Where the table begins in rows of cells, and what its columns are called: there may be lines of text above it, a
heading over several rows, units below it, or no heading at all."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allmende.catalogue.loaders.formats.rowwise import text_of
from allmende.catalogue.loaders.headline import unique_names
from allmende.catalogue.loaders.numbers import MISSING
from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.series import moments

LOOKED_AT = 300  # rows from the top of a sheet
_TYPED = re.compile(r"\s*([+-]?(\d{1,3}(\.\d{3})+|\d+)([.,]\d+)?|\d{4}-\d\d-\d\d.*|\d{1,2}\.\d{1,2}\.\d{2,4}.*)\s*")
_MOSTLY = 0.8  # so many of the filled cells of a column make its type
_BELOW = 2  # rows below the heading that may belong to it, such as units
_NOTHING = frozenset(MISSING)

Row = Sequence[Any]
Range = tuple[tuple[int, int], tuple[int, int]]  # first and last cell of a merged area, as (row, column)


@dataclass(frozen=True, slots=True)
class Title:
    """columns: names; first: place of the first row of the table; above: lines of text over it; why: evidence for the
    heading, or for there being none."""

    columns: tuple[str, ...]
    first: int
    header: bool
    above: tuple[str, ...]
    why: Said


def title_of(rows: Sequence[Row], width: int, told: bool | None = None, merged: Sequence[Range] = ()) -> Title:
    """Of the first rows of a sheet, of which at least one is filled. told: whether it has a heading, where known."""
    filled = np.array([sum(there(cell) for cell in row) for row in rows])
    usual = float(np.median(filled[filled >= min(2, filled.max())]))
    start = _start(rows, filled, usual, merged)
    above = tuple(_line(row) for row in rows[:start] if any(map(there, row)))
    body = [row for row, count in zip(rows[start + 1 :], filled[start + 1 :], strict=True) if count >= usual / 2]
    header, why = (told, Said.of("told")) if told is not None else _has_header(rows[start], body)
    if not header:
        return Title(unique_names([""] * width), start, False, above, why)
    typed = _typed_columns(body[_BELOW:] or body, width)
    parts = [[_plain(cell) for cell in rows[start]]]
    group = _group(rows, start, width, merged)
    if group:
        parts.insert(0, group)
        above = above[:-1]
    first = start + 1
    while first < len(rows) - 1 and first <= start + _BELOW and _belongs(rows[first], typed):
        parts.append([_plain(cell) for cell in rows[first]])
        first += 1
    if first < len(rows) - 1 and _counts_columns(rows[first]):
        first += 1
    names = unique_names(" ".join(dict.fromkeys(part for part in column if part)) for column in _columns(parts, width))
    return Title(names, first, True, above, why)


def _start(rows: Sequence[Row], filled: npt.NDArray[np.int64], usual: float, merged: Sequence[Range]) -> int:
    """The first row that is about as full as the others, and says no «Stand: …»."""
    enough = max(min(2, usual), 0.6 * usual)
    full = [place for place in np.flatnonzero(filled >= enough).tolist() if not _remark(rows[place])]
    start = full[0] if full else int(np.flatnonzero(filled)[0])
    over = any(a[0] == start and a[1] != b[1] for a, b in merged)
    if over and start + 2 < len(rows) and filled[start + 1] >= enough and not any(map(_typed, rows[start])):
        return start + _has_header(rows[start + 1], rows[start + 2 :])[0]
    return start


def _remark(row: Row) -> bool:
    return next((_plain(cell) for cell in row if there(cell)), "").endswith(":")


def _columns(parts: list[list[str]], width: int) -> Iterable[list[str]]:
    return ([part[place] if place < len(part) else "" for part in parts] for place in range(width))


def there(cell: Any) -> bool:
    """Whether a cell says anything."""
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())


def _plain(cell: Any) -> str:
    return " ".join((text_of(cell) or "").split())


def _line(row: Row) -> str:
    return " ".join(_plain(cell) for cell in row if there(cell))


def _typed(cell: Any) -> bool:
    return there(cell) and (not isinstance(cell, str) or _TYPED.fullmatch(cell) is not None)


def _has_header(first: Row, body: Sequence[Row]) -> tuple[bool, Said]:
    typed = [cell for cell in first if _typed(cell)]
    if not body:
        return not typed, Said.of("header_alone")
    if not typed:
        return True, Said.of("header_words")
    words = any(isinstance(cell, str) and not _typed(cell) for cell in first if there(cell))
    if words and moments([_plain(cell) for cell in typed])[0]:
        return True, Said.of("header_series", first=_plain(typed[0]), last=_plain(typed[-1]))
    return False, Said.of("header_none", cell=_plain(typed[0])[:60])


def _typed_columns(body: Sequence[Row], width: int) -> list[int]:
    """Places of the columns that hold numbers or dates."""
    places = []
    for place in range(width):
        cells = [row[place] for row in body if place < len(row) and there(row[place]) and row[place] not in _NOTHING]
        if cells and sum(map(_typed, cells)) >= _MOSTLY * len(cells):
            places.append(place)
    return places


def _belongs(row: Row, typed: list[int]) -> bool:
    """Whether a row below the heading names units or the like: words where all others have numbers."""
    words = [row[place] for place in typed if place < len(row) and there(row[place])]
    if any(_typed(cell) for cell in row) or len(words) < max(1, len(typed) / 2):
        return False
    return all(str(cell).strip() not in _NOTHING for cell in words)


def _counts_columns(row: Row) -> bool:
    """Whether it numbers the columns, 1 to n, as tables of statistics do."""
    cells = [_plain(cell) for cell in row if there(cell)]
    return len(cells) >= 3 and cells == [str(number) for number in range(1, len(cells) + 1)]


def _group(rows: Sequence[Row], start: int, width: int, merged: Sequence[Range]) -> list[str]:
    """The cells of the row above the heading that stand over several columns of it each; none: that row is no part."""
    if not start:
        return []
    over = list(rows[start - 1])[:width]
    if not any(map(there, over)) or any(map(_typed, over)):
        return []
    areas = [(a[1], b[1]) for a, b in merged if a[0] <= start - 1 <= b[0] and a[1] != b[1]]
    if any(last - first + 1 >= max(3, 0.8 * width) for first, last in areas):
        return []  # a title over the whole table
    below = [_plain(cell) for cell in rows[start]]
    named = [cell for cell in below if cell]
    if not areas and (len(set(named)) == len(named) and len(named) >= width):
        return []  # every column has a name of its own
    spread = [_plain(cell) for cell in over] + [""] * (width - len(over))
    if areas:
        for first, last in areas:
            for place in range(first, min(last + 1, width)):
                spread[place] = spread[first]
        return spread
    return [_left(spread, place) if place < len(below) and below[place] else cell for place, cell in enumerate(spread)]


def _left(cells: list[str], place: int) -> str:
    return next((cells[n] for n in range(place, -1, -1) if cells[n]), "")

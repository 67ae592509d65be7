"""The numbers of a chart as a table, newest first, each column with its unit in the head."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from django.utils.translation import gettext as _

from allmende.web import formats
from allmende.web.charts.picture import Picture, when
from allmende.web.charts.spec import value_title
from allmende.web.figures import Point


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line: the time and the cells to its right; note: why there is no value, or what is doubtful about it."""

    time: str
    cells: tuple[str, ...]
    note: str = ""


class Rows(Sequence[TableRow]):
    """The lines, written out only for the part that a page shows: a year has hundreds and a page some."""

    def __init__(self, picture: Picture, points: Sequence[Point]) -> None:
        self._picture, self._points = picture, points

    def __len__(self) -> int:
        return len(self._points)

    @overload
    def __getitem__(self, place: int) -> TableRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[TableRow]: ...
    def __getitem__(self, place: int | slice) -> TableRow | list[TableRow]:
        if isinstance(place, slice):
            return [self._row(point) for point in self._points[place]]
        return self._row(self._points[place])

    def _row(self, point: Point) -> TableRow:
        numbers, edges = self._picture.numbers, self._picture.edge_decimals
        cells = [formats.number(point.value, self._picture.decimals)]
        if numbers.step is not None:
            if numbers.kind != "sum":
                cells += [formats.number(point.low, edges), formats.number(point.high, edges)]
            cells.append(formats.whole(point.count))
        note = point.note or (_("no value") if point.value is None else "")
        return TableRow(when(point, numbers.step), tuple(cells), note)


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and lines."""

    heads: tuple[str, ...]
    rows: Rows


def table(picture: Picture, unit: str) -> Table:
    """The table of a picture. Gaps within raw values are left out (nothing was measured); empty buckets are shown."""
    numbers = picture.numbers
    heads = [value_title(numbers, unit)]
    if numbers.step is not None:
        if numbers.kind != "sum":
            heads += [_("Lowest"), _("Highest")]
        heads.append(_("Number of values"))
    points = [point for point in reversed(numbers.points) if numbers.step is not None or point.count]
    return Table(tuple(heads), Rows(picture, points))

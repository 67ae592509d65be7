"""Secondary suppression in a table of counts: which cells have to be empty, so that no small one can be reckoned back.

A table with its totals is a network: rows and columns are nodes, cells are edges, and each row and column adds up to
zero when totals count as negative. Who sees some cells empty can think of another table wherever a closed way leads
through empty cells: one more here, one less there. So a small cell is safe once it lies on such a way along which
nothing falls below one (zeros are never emptied, and readers may know that). See Castro, Recent advances in
optimization techniques for statistical tabular data protection (2012); here the way with the least numbers on it is
taken, greedily.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

Cell = tuple[int, int]  # row, column; the last of each are the totals


@dataclass(slots=True)
class Grid:
    """Numbers by row and column. rows, columns: how many there are, with the totals, which come last. values: what is
    known of cells; a cell that is not in it is in nobody's hands (unknown, or a total that the table does not have):
    it gives way in both directions, and nothing can be reckoned by it."""

    rows: int
    columns: int
    values: dict[Cell, int] = field(default_factory=dict)

    def margin(self, cell: Cell) -> bool:
        """Whether it is a total of a row or of a column, which counts as negative; that of all counts as positive."""
        return (cell[0] == self.rows - 1) != (cell[1] == self.columns - 1)

    def small(self, k: int) -> set[Cell]:
        """Cells, totals among them, that are neither zero nor at least k."""
        return {cell for cell, value in self.values.items() if 0 < value < k}


def suppressed(grid: Grid, k: int) -> set[Cell]:
    """The cells to be emptied: the small ones, and as many others as it takes. Raises ValueError where nothing helps,
    which cannot be as long as each row and column has its total among the cells."""
    hidden = grid.small(k)
    for cell in sorted(hidden, key=lambda each: (grid.values[each], each)):
        ways = [way for up in (True, False) if (way := _way(grid, hidden, cell, up)) is not None]
        if not ways:
            raise ValueError(f"Nothing can hide the cell {cell}.")
        hidden |= set(min(ways)[1])
    return hidden


def determined(grid: Grid, hidden: Iterable[Cell]) -> set[Cell]:
    """The empty cells that follow from the others by adding and taking away: those on no closed way at all. What hidden
    cells hold is not looked at."""
    known = set(grid.values) - set(hidden)
    return {cell for cell in hidden if cell not in known and not _round(grid, known, cell)}


def _way(grid: Grid, hidden: set[Cell], cell: Cell, up: bool) -> tuple[int, list[Cell]] | None:
    """The cheapest way from the cell's column back to its row: (what is newly emptied, in numbers; the cells on it).

    up: whether the cell itself grows on it."""
    if not _may(grid, cell, up):
        return None
    row, column = cell
    begin, end = (("c", column), ("r", row)) if up else (("r", row), ("c", column))
    queue: list[tuple[int, tuple[str, int]]] = [(0, begin)]
    costs, came = {begin: 0}, {begin: (begin, cell)}
    while queue:
        cost, node = heapq.heappop(queue)
        if node == end:
            return cost, _back(came, begin, end, grid)
        if cost > costs[node]:
            continue
        for over, following in _neighbours(grid, node):
            # From a row to a column a cell grows, from a column to a row it shrinks.
            if over == cell or not _may(grid, over, node[0] == "r"):
                continue
            more = cost + (0 if over in hidden or over not in grid.values else 1 + grid.values[over])
            if more < costs.get(following, 1 << 60):
                costs[following], came[following] = more, (node, over)
                heapq.heappush(queue, (more, following))
    return None


def _may(grid: Grid, cell: Cell, grows: bool) -> bool:
    """Whether a cell can be another by one in the network; a total that grows there is a number that falls."""
    value = grid.values.get(cell)
    if value is None:
        return True
    if value == 0:
        return False
    falls = grows == grid.margin(cell)
    return value >= 2 or not falls


def _neighbours(grid: Grid, node: tuple[str, int]) -> Iterable[tuple[Cell, tuple[str, int]]]:
    kind, place = node
    if kind == "r":
        return (((place, column), ("c", column)) for column in range(grid.columns))
    return (((row, place), ("r", row)) for row in range(grid.rows))


def _back(
    came: dict[tuple[str, int], tuple[tuple[str, int], Cell]], begin: tuple[str, int], end: tuple[str, int], grid: Grid
) -> list[Cell]:
    cells, node = [], end
    while node != begin:
        node, cell = came[node]
        if cell in grid.values:
            cells.append(cell)
    return cells


def _round(grid: Grid, known: set[Cell], cell: Cell) -> bool:
    """Whether a way through cells that are not known leads back to this one."""
    begin, end = ("c", cell[1]), ("r", cell[0])
    seen, waiting = {begin}, [begin]
    while waiting:
        node = waiting.pop()
        if node == end:
            return True
        for over, following in _neighbours(grid, node):
            if over != cell and over not in known and following not in seen:
                seen.add(following)
                waiting.append(following)
    return False

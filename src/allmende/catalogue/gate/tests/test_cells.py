"""Attackers who know the totals, that numbers are whole, and that zeros are never emptied, learn no emptied cell."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from allmende.catalogue.gate.cells import Cell, Grid, determined, suppressed

K = 5


def grid_of(numbers: list[list[int]], right: bool = True, below: bool = True) -> Grid:
    """These numbers with their totals, or without those of rows (right) or of columns (below)."""
    height, width = len(numbers), len(numbers[0])
    values = {(row, column): numbers[row][column] for row, column in product(range(height), range(width))}
    if right:
        values |= {(row, width): sum(numbers[row]) for row in range(height)}
    if below:
        values |= {(height, column): sum(line[column] for line in numbers) for column in range(width)}
    if right and below:
        values[height, width] = sum(map(sum, numbers))
    return Grid(height + 1, width + 1, values)


def equations(grid: Grid) -> list[dict[Cell, int]]:
    """Every sum that the table shows, as coefficients that add up to zero."""
    last_row, last_column = grid.rows - 1, grid.columns - 1
    found = []
    for row in range(grid.rows):
        if (row, last_column) in grid.values:
            found.append({(row, column): 1 for column in range(last_column)} | {(row, last_column): -1})
    for column in range(grid.columns):
        if (last_row, column) in grid.values:
            found.append({(row, column): 1 for row in range(last_row)} | {(last_row, column): -1})
    return found


def reduced(grid: Grid, hidden: set[Cell]) -> tuple[list[Cell], list[list[Fraction]]]:
    """What the sums say of the empty cells, by elimination; the last number of each line is what it comes to."""
    cells = sorted(hidden)
    lines = []
    for equation in equations(grid):
        known = -sum(sign * grid.values[cell] for cell, sign in equation.items() if cell not in hidden)
        lines.append([Fraction(equation.get(cell, 0)) for cell in cells] + [Fraction(known)])
    done = 0
    for column in range(len(cells)):
        pivot = next((n for n in range(done, len(lines)) if lines[n][column]), None)
        if pivot is None:
            continue
        lines[done], lines[pivot] = lines[pivot], lines[done]
        lines[done] = [each / lines[done][column] for each in lines[done]]
        for n, line in enumerate(lines):
            if n != done and line[column]:
                lines[n] = [a - line[column] * b for a, b in zip(line, lines[done], strict=True)]
        done += 1
    return cells, lines[:done]


def reckoned(grid: Grid, hidden: set[Cell]) -> set[Cell]:
    """The attacker who only adds and takes away."""
    cells, lines = reduced(grid, hidden)
    single = [[n for n, factor in enumerate(line[:-1]) if factor] for line in lines]
    return {cells[places[0]] for places in single if len(places) == 1}


def guessed(grid: Grid, hidden: set[Cell]) -> set[Cell]:
    """The attacker who tries all tables of whole numbers of at least one: the cells that are the same in all of them.

    Free cells run from 1 to a little more than what they are; to find two tables that is enough, to prove that there is
    only one it is not, so this attacker is at least as strong as a real one.
    """
    cells, lines = reduced(grid, hidden)
    bound = [next(n for n, factor in enumerate(line[:-1]) if factor) for line in lines]
    free = [n for n in range(len(cells)) if n not in bound]
    around = [range(max(1, grid.values[cells[n]] - 2), grid.values[cells[n]] + 3) for n in free]
    seen: list[set[Fraction]] = [set() for _ in cells]
    for chosen in product(*around):
        table = dict(zip(free, map(Fraction, chosen), strict=True))
        for place, line in zip(bound, lines, strict=True):
            table[place] = line[-1] - sum(line[n] * table[n] for n in free)
        if all(value >= 1 and value.denominator == 1 for value in table.values()):
            for n, value in table.items():
                seen[n].add(value)
    return {cell for cell, values in zip(cells, seen, strict=True) if len(values) < 2}


SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4))
NUMBERS = SIZES.flatmap(
    lambda size: st.lists(
        st.lists(st.one_of(st.integers(0, 6), st.integers(0, 40)), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


@settings(max_examples=300, deadline=None)
@given(NUMBERS, st.booleans(), st.booleans())
@example([[1, 1], [1, 1]], True, True)
@example([[3]], True, True)
@example([[0, 3], [0, 0]], True, True)
@example([[1, 20, 30], [40, 50, 60]], True, False)
def test_nobody_can_reckon_a_small_cell(numbers: list[list[int]], right: bool, below: bool):
    grid = grid_of(numbers, right, below)
    hidden = suppressed(grid, K)
    assert grid.small(K) <= hidden
    assert all(grid.values[cell] > 0 for cell in hidden)
    assert reckoned(grid, hidden) == set() and determined(grid, hidden) == set()
    cells, lines = reduced(grid, hidden)
    if len(cells) - len(lines) <= 6:  # else there are too many tables to try
        assert guessed(grid, hidden) == set()


def test_the_attackers_do_succeed_against_small_cells_alone():
    grid = grid_of([[3, 20, 30], [25, 40, 50]])
    assert reckoned(grid, grid.small(K)) == determined(grid, grid.small(K)) == {(0, 0)}
    ones = grid_of([[1, 1], [1, 1]])
    hidden = {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert reckoned(ones, hidden) == set() and guessed(ones, hidden) == hidden


@settings(max_examples=150, deadline=None)
@given(NUMBERS, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
def test_what_follows_is_found_as_by_elimination(numbers: list[list[int]], right: bool, below: bool, random):
    grid = grid_of(numbers, right, below)
    hidden = set(random.sample(sorted(grid.values), random.randint(0, len(grid.values))))
    assert determined(grid, hidden) == reckoned(grid, hidden)


def test_as_little_as_needed_is_emptied():
    assert suppressed(grid_of([[50, 60], [70, 80]]), K) == set()
    hidden = suppressed(grid_of([[3, 20, 30], [25, 40, 50], [90, 80, 70]]), K)
    assert hidden == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_without_totals_only_the_small_ones_are_emptied():
    assert suppressed(grid_of([[3, 20], [25, 40]], right=False, below=False), K) == {(0, 0)}


@pytest.mark.parametrize("size", [40])
def test_larger_tables_take_little_time(size: int):
    numbers = [[(7 * row + 13 * column) % 23 for column in range(size)] for row in range(size)]
    grid = grid_of(numbers)
    assert determined(grid, suppressed(grid, K)) == set()

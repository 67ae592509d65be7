"""Headings that go on in steps: dates, months or years side by side, as tables of statistics have them."""

import re
from collections.abc import Sequence
from itertools import pairwise

from allmende.catalogue.loaders.times import FORMATS

FEWEST = 3
_DATES = tuple(re.compile(FORMATS[name].pattern) for name in ("iso", "dmy", "ymd", "dmy/"))
_MONTHS = (re.compile(r"\s*(?P<y>\d{4})[-/.](?P<m>\d{1,2})\s*"), re.compile(r"\s*(?P<m>\d{1,2})[-/.](?P<y>\d{4})\s*"))
_YEAR = re.compile(r"\s*(?P<y>\d{4})(\.0)?\s*")
_NUMBER = re.compile(r"\s*-?\d{1,9}(\.0)?\s*")
_YEARS = (1800, 2200)
_LONGEST_STEP = 10  # years


def moments(cells: Sequence[str]) -> tuple[str, list[int]]:
    """(kind of series: date, month, year; a number for each cell that sorts it) where all cells are of one kind and
    go on in one direction; else ("", [])."""
    for kind, patterns in (("date", _DATES), ("month", _MONTHS), ("year", (_YEAR,))):
        for pattern in patterns:
            found = [pattern.fullmatch(cell) for cell in cells]
            if all(found):
                numbers = [_number(each.groupdict()) for each in found if each]
                if _goes_on(numbers, kind):
                    return kind, numbers
    return "", []


def _number(parts: dict[str, str | None]) -> int:
    clock = int(parts.get("H") or 0) * 60 + int(parts.get("M") or 0)
    return ((int(parts["y"] or 0) * 13 + int(parts.get("m") or 0)) * 32 + int(parts.get("d") or 0)) * 1440 + clock


def _goes_on(numbers: Sequence[int], kind: str) -> bool:
    """Whether they rise or fall; years in steps of their own, and perhaps again below other words."""
    if kind == "year":
        years = [number // (13 * 32 * 1440) for number in dict.fromkeys(numbers)]
        steps = {b - a for a, b in pairwise(years)}
        near = all(_YEARS[0] <= year <= _YEARS[1] for year in years)
        return near and len(steps) == 1 and 0 < abs(next(iter(steps))) <= _LONGEST_STEP
    once = sorted(set(numbers))
    return len(numbers) > 1 and list(numbers) in (once, once[::-1])


def counts(cells: Sequence[str]) -> bool:
    """Whether they are whole numbers one after another, such as hours or ages: 0, 1, 2, …"""
    if len(cells) < FEWEST or not all(_NUMBER.fullmatch(cell) for cell in cells):
        return False
    numbers = [int(float(cell)) for cell in cells]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)


def series_in(headings: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """(kind, headings) of the series among the headings of a table; ("", ()): there is none."""
    for patterns in (_DATES, _MONTHS, (_YEAR,)):
        for pattern in patterns:
            some = [each for each in headings if pattern.fullmatch(each)]
            if len(some) >= FEWEST and (kind := moments(some)[0]):
                return kind, tuple(some)
    return "", ()

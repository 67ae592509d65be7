"""Rows that do not fit, with their number in the file as a spreadsheet shows it (the header is row 1)."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

_MANY = 500  # rows per frame
_HOPELESS = 10_000  # from so many ragged rows on, it matters whether they are most of the rows


class Misfits:
    """Collects them until they are taken. first: the row number before the first row of the table."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.count = self.ragged_rows = 0
        self.hopeless = False  # most rows are ragged: the recipe is for another file
        self._ragged: list[int] = []  # numbers of rows that pyarrow left out, which shift the others
        self._waiting: list[dict[str, Any]] = []
        self._unnumbered: list[dict[str, Any]] = []

    def ragged(self, row: Any) -> str:
        """Told by pyarrow of a row with too few or too many cells."""
        self.ragged_rows += 1
        number = int(row.number)  # counts skipped rows too
        self._ragged.append(number)
        if self.ragged_rows > _HOPELESS and self.ragged_rows > number // 2:
            self.hopeless = True
            return "error"
        if row.text.strip():
            self.count += 1
            problem = {"wanted": row.expected_columns, "found": row.actual_columns}
            self._waiting.append({"row": number, "field": "", "code": "ragged", "params": problem, "line": row.text})
        return "skip"

    def leave_out(self, number: int, code: str, cells: list[str]) -> None:
        """A row, by its number in the file, that the format does not hand on; tell them in the order of the file."""
        self.ragged_rows += 1
        self._ragged.append(number)
        self.count += 1
        self._waiting.append({"row": number, "field": "", "code": code, "params": {}, "cells": cells})

    def add(self, index: int, field: str, code: str, cells: list[str]) -> None:
        """A row of the table, by its place among those that pyarrow did not leave out."""
        self.count += 1
        self._unnumbered.append({"row": index, "field": field, "code": code, "params": {}, "cells": cells})

    def many(self) -> bool:
        """Whether it is time to take them."""
        return len(self._waiting) + len(self._unnumbered) >= _MANY

    def numbers(self, start: int, count: int) -> npt.NDArray[np.int64]:
        """(count,) numbers in the file of the rows of the table from `start` on."""
        return self._numbered(np.arange(start, start + count, dtype=np.int64))

    def _numbered(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places among the rows that pyarrow did not leave out, as numbers in the file."""
        left_out = np.array(self._ragged, dtype=np.int64) - self.first - 1
        before = left_out - np.arange(len(left_out))  # rows of the table that come before each of them
        return rows + np.searchsorted(before, rows, side="right") + self.first + 1

    def taken(self) -> Iterator[list[dict[str, Any]]]:
        """Those that were collected, in the order of the file, in portions."""
        rows_of_table = np.array([each["row"] for each in self._unnumbered], dtype=np.int64)
        for each, number in zip(self._unnumbered, self._numbered(rows_of_table).tolist(), strict=True):
            each["row"] = number
        rows = sorted(self._waiting + self._unnumbered, key=lambda each: each["row"])
        self._waiting, self._unnumbered = [], []
        for start in range(0, len(rows), _MANY):
            yield rows[start : start + _MANY]

"""The rows that did not fit, as a CSV that can be mended and sent again.

It has the columns of the file, then three of ours that say which row it was, which field, and why; loaders leave ours
out. Cells are written as they came: this is for the sender only, and a cell that was altered could not be sent again.
"""

import csv
import io
from pathlib import Path
from typing import Any, TextIO

from allmende.catalogue.loaders.columns import OURS
from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.words import words

_OURS = [OURS + name for name in ("row", "field", "problem")]


class SetAside:
    """Writes the file at the first row, never an empty one. path: where; count: rows so far; first: what the first
    row's problem was."""

    def __init__(self, path: Path) -> None:
        self.path, self.count, self.first = path, 0, ""
        self._columns: list[str] = []
        self._kept: list[int] = []
        self._delimiter = ","
        self._file: TextIO | None = None

    def begin(self, columns: list[str], delimiter: str) -> None:
        """The table that rows will come from."""
        self._columns = [name for name in columns if not name.startswith(OURS)]
        self._kept = [place for place, name in enumerate(columns) if not name.startswith(OURS)]
        self._delimiter = delimiter

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Rows as `misfits` hands them out."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, delimiter=self._delimiter)
            self._writer.writerow(self._columns + _OURS)
        for row in rows:
            cells = row["cells"] if "cells" in row else self._cells(row["line"])
            problem = words(Said(row["code"], row["params"]))
            self.first = self.first or f"{row['row']}, {row['field'] or '–'}: {problem}."
            self._writer.writerow([*self._fitted(cells), row["row"], row["field"], problem])
        self.count += len(rows)

    def close(self, *, keep: bool = True) -> None:
        """Finishes the file; keep=False removes it, where nothing of the file was kept."""
        if self._file is not None:
            self._file.close()
            if not keep:
                self.path.unlink(missing_ok=True)

    def _cells(self, line: str) -> list[str]:
        return next(csv.reader(io.StringIO(line), delimiter=self._delimiter), [])

    def _fitted(self, cells: list[str]) -> list[str]:
        """As many cells as the header has: a short row is filled up, what is too much stays joined in the last."""
        width = max(self._kept, default=-1) + 1
        if len(cells) > width:
            cells = [*cells[: width - 1], self._delimiter.join(cells[width - 1 :])]
        return [cells[place] if place < len(cells) else "" for place in self._kept]

"""A table with dates or years side by side as headings, turned into one with a row for each of them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.catalogue.loaders.formats import Raw
from allmende.catalogue.loaders.headline import unique_names
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.series import series_in

_CELLS = 2**18  # of a batch


class Long:
    """Rows of a wide table, one per heading of its series; see formats.Raw. A table that is long already, as rows that
    were set aside are, is handed on as it is. Raises Unreadable where no headings are a series."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self.delimiter, self.encoding = raw.delimiter, raw.encoding
        kind, self._heads = series_in(raw.columns)
        self._others = tuple(name for name in raw.columns if name not in self._heads)
        self.is_long = (
            not self._heads and {"value"} < set(raw.columns) and not {"date", "month", "year"}.isdisjoint(raw.columns)
        )
        if not self._heads and not self.is_long:
            raise Unreadable("no_series")
        self.columns = raw.columns if self.is_long else unique_names([*self._others, kind, "value"])
        if not self.is_long:
            raw.misfits = _Folded(raw.misfits.first, len(self._heads))
        self.misfits = raw.misfits

    @property
    def consumed(self) -> int:
        return self._raw.consumed

    @property
    def when(self) -> str:
        """The name of the column with what the headings said."""
        return self.columns[-2]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows."""
        for batch in self._raw.batches():
            yield from self._turned(batch)

    def sample(self) -> pa.Table:
        """Rows from the beginning."""
        wide = self._raw.sample()
        if self.is_long or not wide.num_rows:
            return wide
        return pa.Table.from_batches([each for batch in wide.to_batches() for each in self._turned(batch)])

    def wide(self) -> pa.Table:
        """The sample as it stands in the file, without the series."""
        return self._raw.sample().select(list(self._others))

    def _turned(self, batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        step = len(batch) if self.is_long else max(_CELLS // (len(self._heads) * len(self.columns)), 1)
        for start in range(0, len(batch), max(step, 1)):
            piece = batch.slice(start, step)
            yield piece if self.is_long else self._longer(piece)

    def _longer(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows, heads = batch.num_rows, len(self._heads)
        row = pa.array(np.repeat(np.arange(rows), heads))
        columns = [batch[name].take(row) for name in self._others]
        columns.append(pa.array(list(self._heads) * rows, pa.string()))
        cells = pa.concat_arrays([batch[name] for name in self._heads])
        columns.append(cells.take(pa.array(np.arange(rows * heads).reshape(heads, rows).T.ravel())))
        return pa.record_batch(columns, names=list(self.columns))


class _Folded(Misfits):
    """Misfits of a table of which several rows stand in one row of the file. Rows that fit are numbered on and on, so
    that each has a number of its own; those that do not have that of the file."""

    def __init__(self, first: int, fold: int) -> None:
        super().__init__(first)
        self._fold = fold

    def numbers(self, start: int, count: int) -> npt.NDArray[np.int64]:
        return np.arange(start, start + count, dtype=np.int64) + self.first + 1

    def _numbered(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return super()._numbered(rows // self._fold)

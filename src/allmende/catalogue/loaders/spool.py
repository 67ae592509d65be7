"""Keeps the observations of one file, on disk once they are many, until it is known that the file is whole."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.catalogue.loaders.parse import OBSERVATIONS

_IN_MEMORY = 64 * 2**20


class Spool:
    """Arrow batches of OBSERVATIONS on their way. counts: (number of series,) rows of each; rows: all of them."""

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - closed by close()
        self._file.write(OBSERVATIONS.serialize().to_pybytes())
        self.counts: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self.rows = 0

    def add(self, message: bytes | memoryview, series: int) -> None:
        """Takes a batch in, as the child sent it. series: how many there are so far. Raises ValueError for a batch
        that is none, so that nothing the child sends is believed unseen."""
        batch = pa.ipc.read_record_batch(pa.py_buffer(message), OBSERVATIONS)
        batch.validate(full=True)
        numbers = batch["series"].to_numpy()
        if any(column.null_count for column in batch.columns) or (
            len(numbers) and not 0 <= numbers.min() <= numbers.max() < series
        ):
            raise ValueError("The batch names series that were not told.")
        found = np.bincount(numbers, minlength=series)
        found[: len(self.counts)] += self.counts
        self.counts = found
        self.rows += batch.num_rows
        self._file.write(message)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches, in the order of the file."""
        self._file.seek(0)
        yield from pa.ipc.open_stream(pa.PythonFile(self._file, "r"))
        self._file.seek(0, 2)

    def close(self) -> None:
        """Lets go of everything."""
        self._file.close()

"""Keeps the rows of one table on disk until it is known that the file is whole. A column that turns out wider begins a
new stretch; what came before is cast when it is read again."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyarrow as pa

from allmende.catalogue.loaders.tabular.recipe import TableRecipe
from allmende.catalogue.loaders.tabular.rows import schema_of

_IN_MEMORY = 32 * 2**20


class TableSpool:
    """Arrow batches on their way. rows: all of them; schema: of the newest stretch, which all fit."""

    def __init__(self, folder: Path, recipe: TableRecipe) -> None:
        self._folder = folder
        self._stretches: list[IO[bytes]] = []
        self.rows = 0
        self.begin(recipe)

    def begin(self, recipe: TableRecipe) -> None:
        """From here on the rows have the types of this recipe."""
        self.schema = schema_of(recipe.used(), recipe.where is not None)
        stretch = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=str(self._folder))  # noqa: SIM115 - closed by close()
        stretch.write(self.schema.serialize().to_pybytes())
        self._stretches.append(stretch)

    def add(self, message: bytes | memoryview) -> None:
        """Takes a batch in, as the child sent it. Raises ValueError for one that is none: nothing the child sends is
        believed unseen."""
        batch = pa.ipc.read_record_batch(pa.py_buffer(message), self.schema)
        batch.validate(full=True)
        self.rows += batch.num_rows
        self._stretches[-1].write(message)

    def reader(self) -> pa.RecordBatchReader:
        """All rows in the order of the file, with the newest types."""
        return pa.RecordBatchReader.from_batches(self.schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        for stretch in self._stretches:
            stretch.seek(0)
            for batch in pa.ipc.open_stream(pa.PythonFile(stretch, "r")):
                yield batch if batch.schema == self.schema else batch.cast(self.schema)
            stretch.seek(0, 2)

    def close(self) -> None:
        """Lets go of everything."""
        for stretch in self._stretches:
            stretch.close()

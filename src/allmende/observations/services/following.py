"""Hearing of observations as they are kept, in the process that owns the store."""

from collections.abc import Callable, Iterable

import pyarrow as pa

from allmende.observations.store.rows import StoredRow
from allmende.observations.stores import own

MOST_OF_A_TABLE = 10_000  # rows of one large batch that followers hear of; who loads history wants no messages of it


def follow(hear: Callable[[Iterable[StoredRow]], None], wanted: Callable[[], set[int] | None]) -> Callable[[], None]:
    """Calls hear(rows) after each commit, in the thread that writes: it must return at once and never raise.

    wanted: of which Datastreams (internal numbers; None for all) large batches are looked through. Returns what ends
    it. Raises StoreClosed in a process that does not own the store.
    """

    def hear_table(rows: pa.Table) -> None:
        streams = wanted()
        if streams is not None:
            rows = rows.filter(pa.compute.is_in(rows.column("ds"), pa.array(sorted(streams), pa.int32())))
        part = rows.slice(max(rows.num_rows - MOST_OF_A_TABLE, 0))
        hear(zip(*(column.to_pylist() for column in part.columns), strict=True))

    return own().follow(hear, hear_table)

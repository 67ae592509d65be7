"""What the store promises, in this process (`owner.Store`) or behind its socket (`remote.RemoteStore`)."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa

from allmende.observations.store.rows import Extent, Sample, StoredRow, Written
from allmende.observations.store.searching import Search


class StorePort(Protocol):
    """All times µs UTC; `end` is exclusive; None leaves a side open. Errors are those of `errors`."""

    def append(self, rows: list[StoredRow]) -> None:
        """Keeps rows durably; returns when they are on disk."""

    def append_table(self, rows: pa.Table, *, standing: bool = False) -> Written:
        """Keeps a large batch durably, straight into the columnar store; standing: only of values that still stand."""

    def latest(self, ids: list[int]) -> dict[int, Sample]:
        """The newest Sample per Datastream."""

    def extents(self, ids: list[int]) -> dict[int, Extent]:
        """Count, first and last per Datastream."""

    def series(
        self, ds: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
    ) -> pa.Table:
        """Observations of one Datastream in order of time, schema SERIES."""

    def series_batches(
        self, ds: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """The same, in batches."""

    def buckets(self, ds: int, begin: int, end: int, edges: list[int] | tuple[int, int]) -> pa.Table:
        """Aggregates per bucket."""

    def search(self, search: Search) -> pa.Table:
        """One page of rows over many Datastreams, with conditions and an order."""

    def count(self, search: Search) -> int:
        """How many rows match."""

    def matching_streams(self, search: Search) -> list[int]:
        """Which Datastreams have a row that matches."""

    def matching_features(self, search: Search) -> list[tuple[int, int | None]]:
        """Which features of interest the matching rows name, by Datastream."""

    def erase(self, ds: int, begin: int | None = None, end: int | None = None) -> int:
        """Deletes physically; returns how many rows."""

    def erase_spans(self, spans: Sequence[tuple[int, int | None, int | None]]) -> int:
        """Deletes (Datastream, begin, end) physically, all at once; returns how many rows."""

    def drain(self) -> int:
        """Moves acknowledged rows into the columnar store now."""

    def rebuild(self) -> None:
        """Sorts the columnar file anew."""

    def status(self) -> dict[str, Any]:
        """Facts for the administrator."""

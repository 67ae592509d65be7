"""The store as seen from another process: every call goes over the owner's socket."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Client, Connection
from typing import Any

import pyarrow as pa

from allmende.observations.store import wire
from allmende.observations.store.errors import StoreClosed
from allmende.observations.store.rows import SERIES, Extent, Sample, StoredRow, Written
from allmende.observations.store.searching import Search


class RemoteStore:
    """Implements StorePort. Thread-safe: each thread keeps a connection, streams use one of their own."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._local = threading.local()
        self.status()  # fails at once where nobody answers

    def _connect(self) -> Connection[Any, Any]:
        try:
            return Client(self._address, family="AF_UNIX")
        except OSError as error:
            raise StoreClosed("The observation store does not answer; is the server running?") from error

    @contextmanager
    def _connection(self) -> Iterator[Connection[Any, Any]]:
        connection = getattr(self._local, "connection", None) or self._connect()
        self._local.connection = None  # a call that breaks half-way must not leave its rest for the next one
        try:
            yield connection
        except (EOFError, OSError) as error:
            connection.close()
            raise StoreClosed("The observation store went away during the call; please try again.") from error
        self._local.connection = connection

    def _ask(self, method: str, *args: Any, table: pa.Table | None = None, **options: Any) -> Any:
        """Sends a call and returns its value or table. An owner's error leaves the connection in order."""
        error: Exception | None = None
        value: Any = None
        with self._connection() as connection:
            wire.send(connection, wire.Call(method, list(args), options, table is not None))
            if table is not None:
                wire.send_table(connection, table)
            try:
                reply = wire.receive_reply(connection)
                value = wire.receive_table(connection) if reply.kind == "table" else reply.value
            except wire.errors.StoreError as failed:
                error = failed
        if error:
            raise error
        return value

    def append(self, rows: list[StoredRow]) -> None:
        self._ask("append", rows)

    def append_table(self, rows: pa.Table, *, standing: bool = False) -> Written:
        return Written(*self._ask("append_table", table=rows, standing=standing))

    def latest(self, ids: list[int]) -> dict[int, Sample]:
        return {ds: Sample(*sample) for ds, sample in self._ask("latest", ids).items()}

    def extents(self, ids: list[int]) -> dict[int, Extent]:
        return {ds: Extent(*extent) for ds, extent in self._ask("extents", ids).items()}

    def series(
        self, ds: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
    ) -> pa.Table:
        answer: pa.Table = self._ask("series", ds, begin, end, limit=limit, descending=descending)
        return answer

    def series_batches(
        self, ds: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
    ) -> Iterator[pa.RecordBatch]:
        with self._connect() as connection:
            options = {"limit": limit, "descending": descending}
            wire.send(connection, wire.Call("series_batches", [ds, begin, end], options))
            wire.receive_reply(connection)
            while (table := wire.receive_table(connection)) is not None:
                yield from table.cast(SERIES).to_batches()

    def buckets(self, ds: int, begin: int, end: int, edges: list[int] | tuple[int, int]) -> pa.Table:
        shape: list[Any] = ["step", *edges] if isinstance(edges, tuple) else edges
        answer: pa.Table = self._ask("buckets", ds, begin, end, shape)
        return answer

    def search(self, search: Search) -> pa.Table:
        answer: pa.Table = self._ask("search", search)
        return answer

    def count(self, search: Search) -> int:
        return int(self._ask("count", search))

    def matching_streams(self, search: Search) -> list[int]:
        return list(self._ask("matching_streams", search))

    def matching_features(self, search: Search) -> list[tuple[int, int | None]]:
        return [(ds, feature) for ds, feature in self._ask("matching_features", search)]

    def erase(self, ds: int, begin: int | None = None, end: int | None = None) -> int:
        return int(self._ask("erase", ds, begin, end))

    def erase_spans(self, spans: Sequence[tuple[int, int | None, int | None]]) -> int:
        return int(self._ask("erase_spans", list(spans)))

    def drain(self) -> int:
        return int(self._ask("drain"))

    def rebuild(self) -> None:
        self._ask("rebuild")

    def status(self) -> dict[str, Any]:
        answer: dict[str, Any] = self._ask("status")
        return answer

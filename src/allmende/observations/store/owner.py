"""The owner of the store: opens the files, replays the log, drains it, answers reads. One per data folder."""

import fcntl
import logging
import os
import threading
from asyncio import Future
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from allmende.observations.store.columnar import Columnar
from allmende.observations.store.errors import StoreBusy, StoreClosed, StoreOwned, WritesRefused
from allmende.observations.store.log import HotLog
from allmende.observations.store.reading import Reading
from allmende.observations.store.rows import Extent, Sample, StoredRow, Written, table_of
from allmende.observations.store.searching import Search, Searching
from allmende.observations.store.tail import Tail
from allmende.observations.store.writer import GroupCommit

logger = logging.getLogger(__name__)

DRAIN_ROWS = 50_000
DRAIN_SECONDS = 20.0
MAX_TAIL_ROWS = 1_000_000
MAX_WAITING_TABLES = 4
_HALF_ERASED = (
    "{gone} rows are deleted and nobody reads them any more, but somebody is downloading, so the file could not be "
    "written anew. Please erase once more in a minute: only then are they physically gone."
)
_REFUSED = "The store could not be written ({error}); nothing of this batch was kept."


class Store:
    """Writes are durable when they return; reads see every durable write. Thread-safe."""

    def __init__(self, folder: Path, *, memory_limit: str = "1GB", drain_seconds: float = DRAIN_SECONDS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock_file = _take_ownership(folder)
        self._columnar = Columnar(folder / "store.duckdb", memory_limit)
        self._log = HotLog(folder / "log.sqlite3")
        self._tail = Tail()
        self._replay()
        self._followers: tuple[Any, ...] = ()
        self._reading = Reading(self._columnar, self._tail)
        self._searching = Searching(self._columnar, self._tail)
        self._drain_seconds = drain_seconds
        self._wake_drain = threading.Event()
        self._closing = False
        self._tables = threading.BoundedSemaphore(MAX_WAITING_TABLES)
        self.drain_failure = ""
        self._writer = GroupCommit(self._log, self._committed)
        self._drainer = threading.Thread(target=self._drain_loop, name="observation-drain", daemon=True)
        self._drainer.start()

    def _replay(self) -> None:
        """Brings what was acknowledged but not drained before the last stop back into the tail."""
        mark = self._columnar.drained()
        self._log.forget(mark)  # a crash between drain and deletion left them; they are in the columnar store
        for seq, rows in self._log.groups(mark):
            self._tail.add(seq, rows)

    def follow(self, rows: Callable[[list[StoredRow]], None], table: Callable[[pa.Table], None]) -> Callable[[], None]:
        """Calls rows(…) after each commit of the log and table(…) after each large batch; returns what ends it.

        Called in the thread that wrote; what it raises is logged and changes nothing.
        """
        follower = (rows, table)
        self._followers = (*self._followers, follower)

        def end() -> None:
            self._followers = tuple(other for other in self._followers if other is not follower)

        return end

    def _tell(self, kept: Any, place: int) -> None:
        for follower in self._followers:
            try:
                follower[place](kept)
            except Exception:
                logger.exception("A follower of the store failed; what was written is kept.")

    def _committed(self, seq: int, rows: list[StoredRow]) -> None:
        waiting = self._tail.add(seq, rows)
        if self._followers:
            self._tell(rows, 0)
        if waiting >= DRAIN_ROWS:
            self._wake_drain.set()

    # Writing

    def append(self, rows: list[StoredRow]) -> None:
        """Keeps the rows durably through the hot log; returns when they are on disk. Blocks."""
        self._check_room()
        self._writer.submit(rows)

    def append_async(self, rows: list[StoredRow]) -> "Future[None]":
        """The same on the event loop."""
        self._check_room()
        return self._writer.submit_async(rows)

    def append_table(self, rows: pa.Table, *, standing: bool = False) -> Written:
        """Keeps a large batch (schema ROWS) durably, straight into the columnar store. Blocks.

        standing: only flags change; rows whose value was corrected or deleted since they were read are left out.
        """
        if self._closing:
            raise StoreClosed("The store is shutting down; nothing of this batch was kept. Please send it again.")
        if not self._tables.acquire(blocking=False):
            raise StoreBusy("Several large batches are being written; nothing of this one was kept.", retry_after=5)
        try:
            with self._columnar.write_lock:
                self._drain_locked()  # older rows of the same keys must not overtake this batch later
                if standing:
                    rows = self._columnar.standing(rows)  # what comes into the log meanwhile is laid over it later
                written = self._columnar_write(rows)
        finally:
            self._tables.release()
        if self._followers:
            self._tell(rows, 1)
        return written

    def _columnar_write(self, rows: pa.Table, upto: int | None = None) -> Written:
        try:
            return self._columnar.write(rows, upto=upto)
        except duckdb.FatalException as error:
            # After some failed writes DuckDB refuses everything until the file is opened anew; nothing is lost by it.
            self._columnar.reopen()
            raise WritesRefused(_REFUSED.format(error=error)) from error
        except duckdb.OperationalError as error:  # a commit or a file that could not be written, memory at its limit
            raise WritesRefused(_REFUSED.format(error=error)) from error

    def _check_room(self) -> None:
        if self._tail.size() > MAX_TAIL_ROWS:
            raise StoreBusy("The store cannot keep up with draining its log; nothing of this batch was kept.", 5)

    # Reading

    def latest(self, ids: list[int]) -> dict[int, Sample]:
        """See Reading.latest."""
        return self._reading.latest(ids)

    def at(self, wanted: dict[int, set[int]]) -> list[StoredRow]:
        """See Reading.at."""
        return self._reading.at(wanted)

    def bounds(self, ids: list[int]) -> dict[int, int]:
        """See Reading.bounds; for the event loop."""
        return self._reading.bounds(ids)

    def extents(self, ids: list[int]) -> dict[int, Extent]:
        """See Reading.extents."""
        return self._reading.extents(ids)

    def series(self, ds: int, begin: int | None, end: int | None, **options: Any) -> pa.Table:
        """See Reading.series."""
        return self._reading.series(ds, begin, end, **options)

    def series_batches(self, ds: int, begin: int | None, end: int | None, **options: Any) -> Iterator[pa.RecordBatch]:
        """See Reading.series_batches."""
        return self._reading.series_batches(ds, begin, end, **options)

    def buckets(self, ds: int, begin: int, end: int, edges: list[int] | tuple[int, int]) -> pa.Table:
        """See Reading.buckets."""
        return self._reading.buckets(ds, begin, end, edges)

    def search(self, search: Search) -> pa.Table:
        """See Searching.rows."""
        return self._searching.rows(search)

    def count(self, search: Search) -> int:
        """See Searching.count; what is asked of whole Datastreams is kept and not counted."""
        if search == Search(streams=search.streams, limit=search.limit, skip=search.skip):
            ids = self._columnar.extents.keys() | self._tail.streams() if search.streams is None else search.streams
            return sum(extent.count for extent in self._reading.extents(list(ids)).values())
        return self._searching.count(search)

    def matching_streams(self, search: Search) -> list[int]:
        """See Searching.streams."""
        return self._searching.streams(search)

    def matching_features(self, search: Search) -> list[tuple[int, int | None]]:
        """See Searching.features."""
        return self._searching.features(search)

    # Keeping house

    def status(self) -> dict[str, Any]:
        """What an administrator wants to know: rows waiting to be drained, refusals, size on disk."""
        files = [path for path in self.folder.iterdir() if path.is_file()]
        return {
            "tail_rows": self._tail.size(),
            "writes_refused": self._writer.refusal,
            "drain_failure": self.drain_failure,
            "bytes": sum(path.stat().st_size for path in files),
            "observations": sum(extent.count for extent in list(self._columnar.extents.values())),
        }

    def drain(self) -> int:
        """Moves all acknowledged rows into the columnar store now; returns how many rows it moved."""
        with self._columnar.write_lock:
            return self._drain_locked()

    def _drain_locked(self) -> int:
        frozen = self._tail.freeze()
        if frozen is None:
            return 0
        upto, rows = frozen
        self._columnar_write(table_of(rows), upto)
        self._tail.drained()
        self._log.forget(upto)
        return len(rows)

    def _drain_loop(self) -> None:
        while not self._closing:
            self._wake_drain.wait(self._drain_seconds)
            self._wake_drain.clear()
            if self._closing:
                return
            try:
                self.drain()
                self.drain_failure = ""
            except Exception as error:  # the rows stay in the log and in the tail; the next round tries again
                self.drain_failure = str(error)
                logger.exception("Draining the observation log failed; acknowledged rows are kept in the log.")
                self._wake_drain.wait(5)

    def erase(self, ds: int, begin: int | None = None, end: int | None = None) -> int:
        """Deletes observations of one Datastream with begin <= time < end physically; returns how many there were."""
        return self.erase_spans([(ds, begin, end)])

    def erase_spans(self, spans: Sequence[tuple[int, int | None, int | None]]) -> int:
        """The same for many (Datastream, begin, end) at the price of one: the file is written anew once.

        Raises StoreBusy when a long download keeps the file from being written anew: nobody reads the rows then, but
        they are physically gone only after a second call. Done: neither the columnar file nor the log nor their
        journals hold the rows any more. Reads wait for seconds.
        """
        with self._columnar.write_lock:
            while self._drain_locked():
                pass
            gone = sum(self._columnar.erase(ds, begin, end) for ds, begin, end in spans)
            try:
                self._columnar.rebuild()
            except TimeoutError as error:
                raise StoreBusy(_HALF_ERASED.format(gone=gone), retry_after=60) from error
            self._log.truncate_journal()
        return gone

    def rebuild(self) -> None:
        """Sorts the columnar file anew; queries over time are then as fast as after a bulk load."""
        with self._columnar.write_lock:
            self._drain_locked()
            self._columnar.rebuild()

    def close(self) -> None:
        """Writes and drains what waits, then releases the files."""
        self._writer.close()
        self._closing = True
        self._wake_drain.set()
        self._drainer.join()
        try:
            self.drain()
        except Exception:  # what is in the log is safe there; the next start replays it
            logger.exception("The last drain failed; the rows stay in the log.")
        self._log.close()
        self._columnar.close()
        os.close(self._lock_file)


def _take_ownership(folder: Path) -> int:
    """Locks the folder for this process. Raises StoreOwned when another process holds it."""
    handle = os.open(folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StoreOwned(f"Another process owns the observation store in {folder}.") from error
    return handle

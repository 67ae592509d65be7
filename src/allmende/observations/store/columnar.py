"""The columnar store: one DuckDB file, sorted by (ds, t, k), without keys and without indexes.

A primary key would cost nine times the speed and seven times the size (measured), and open upstream faults sit where
indexes are in DuckDB's write-ahead log; so uniqueness of (ds, t, k) is kept by the way rows are written here.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from allmende.observations.store.batch import apart, sorted_distinct, summary
from allmende.observations.store.merging import merge, one, recount, take_out, with_result_times
from allmende.observations.store.rows import ROWS, Extent, Sample, Written

logger = logging.getLogger(__name__)

CLOSE_SECONDS, REBUILD_SECONDS = 10.0, 60.0

# A progress bar would draw into the server's output. Fetching the other columns of a short page only after it was
# sorted takes four times as long here, where windows of time are narrow already (7.3 ms against 1.6 ms a row).
_QUIET = "SET enable_progress_bar = false; SET late_materialization_max_rows = 0"
_ROW = "ds INTEGER NOT NULL, t BIGINT NOT NULL, v DOUBLE, q INTEGER NOT NULL, x VARCHAR, k USMALLINT NOT NULL"
_EXTENT_ROW = (
    "ds INTEGER NOT NULL, n BIGINT NOT NULL, first BIGINT NOT NULL, last BIGINT NOT NULL, rf BIGINT, rl BIGINT"
)
SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS obs({_ROW})",
    f"CREATE TABLE IF NOT EXISTS extent({_EXTENT_ROW})",
    f"CREATE TABLE IF NOT EXISTS latest({_ROW})",
    "CREATE TABLE IF NOT EXISTS mark(drained BIGINT NOT NULL)",
)
_FIRST_MARK = "INSERT INTO mark SELECT 0 WHERE NOT EXISTS (FROM mark)"

_TOUCHED = "SELECT {table}.* FROM {table} SEMI JOIN summary USING (ds)"
_STANDING = """
SELECT b.ds, b.t, b.v, b.q, b.x, b.k FROM batch b JOIN obs o ON o.ds = b.ds AND o.t = b.t AND o.k = b.k
WHERE o.t BETWEEN $lo AND $hi AND o.v IS NOT DISTINCT FROM b.v AND o.x IS NOT DISTINCT FROM b.x
"""
_OF = "SELECT * FROM {} WHERE ds = ?"


class Columnar:
    """The only holder of the DuckDB file. Writes are serialised by the caller's thread lock; reads run beside them."""

    def __init__(self, path: Path, memory_limit: str = "1GB", threads: int = 2) -> None:
        self.path = path
        self._settings: dict[str, Any] = {"memory_limit": memory_limit, "threads": threads}
        self.write_lock = threading.Lock()
        self._gate = _Gate()
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._open()

    def _open(self) -> None:
        self._database = duckdb.connect(str(self.path), config=dict(self._settings))
        self._database.execute(_QUIET)
        existing = self._database.execute("SELECT count(*) FROM duckdb_tables()").fetchone()
        if existing != (len(SCHEMA),):
            for statement in SCHEMA:
                self._database.execute(statement)
            self._database.execute(_FIRST_MARK)
            self._database.execute(
                "CHECKPOINT"
            )  # DDL that exists only in the write-ahead log has been a source of faults upstream
        rows = self._database.execute("SELECT ds, n, first, last, rf, rl FROM extent").fetchall()
        self.extents = {row[0]: Extent(*row[1:]) for row in rows}
        rows = self._database.execute("SELECT ds, t, v, q, x, k FROM latest").fetchall()
        self.latest = {row[0]: Sample(*row[1:]) for row in rows}

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that nobody else uses meanwhile; the file is not exchanged underneath while it is held."""
        with self._gate.shared():
            # list.pop and append are atomic. Connections are kept and not dropped with their thread: one that was
            # dropped after writing left a transaction behind, and checkpoints failed from then on (DuckDB 1.5.5).
            connection = self._borrow()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    def _borrow(self) -> duckdb.DuckDBPyConnection:
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._database.cursor()
            connection.execute(_QUIET)
            return connection

    def drained(self) -> int:
        """The watermark: the last log sequence number that is in the columnar store."""
        with self.reading() as connection:
            row = connection.execute("SELECT drained FROM mark").fetchone()
        assert row is not None
        return int(row[0])

    def write(self, rows: pa.Table, *, upto: int | None = None) -> Written:
        """Takes rows (schema ROWS, in order of arrival) in one transaction; upto moves the watermark with them.

        The last write of a key wins, within the batch and against what is stored. Hold `write_lock`.
        """
        if not rows.num_rows:
            return Written(0, 0, 0)
        batch, gone = apart(sorted_distinct(rows))
        per_stream = summary(batch)
        with self.reading() as connection:
            connection.register("batch", batch)
            connection.register("summary", with_result_times(connection, batch, per_stream))
            try:
                connection.execute("BEGIN")
                touched = take_out(connection, gone)
                written = merge(connection, batch, per_stream, all_after=self._all_after(per_stream))
                for ds in touched:
                    recount(connection, ds)
                if upto is not None:
                    connection.execute("UPDATE mark SET drained = $upto", {"upto": upto})
                extents = connection.execute(_TOUCHED.format(table="extent")).fetchall()
                latest = connection.execute(_TOUCHED.format(table="latest")).fetchall()
                extents += [row for ds in touched for row in connection.execute(_OF.format("extent"), [ds]).fetchall()]
                latest += [row for ds in touched for row in connection.execute(_OF.format("latest"), [ds]).fetchall()]
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            finally:
                for name in ("known", "fresh"):
                    connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
                for name in ("batch", "summary"):
                    connection.unregister(name)
        self._forget(touched)
        self._remember(extents, latest)
        return written

    def standing(self, rows: pa.Table) -> pa.Table:
        """Those of the rows whose key is stored with the same value and extra. Hold `write_lock`."""
        if not rows.num_rows:
            return rows
        times = pc.min_max(rows.column("t")).as_py()
        with self.reading() as connection:
            connection.register("batch", rows)
            try:
                return (
                    connection.execute(_STANDING, {"lo": times["min"], "hi": times["max"]}).to_arrow_table().cast(ROWS)
                )
            finally:
                connection.unregister("batch")

    def _all_after(self, per_stream: pa.Table) -> bool:
        """Whether every row of the batch is newer than all that is stored of its Datastream: then nothing can clash."""
        ids, firsts = per_stream.column("ds").to_pylist(), per_stream.column("first").to_pylist()
        known = self.extents
        return all(ds not in known or first > known[ds].last for ds, first in zip(ids, firsts, strict=True))

    def _forget(self, touched: Iterable[int]) -> None:
        for ds in touched:
            self.extents.pop(ds, None)
            self.latest.pop(ds, None)

    def _remember(self, extents: list[tuple[int, ...]], latest: list[tuple[Any, ...]]) -> None:
        self.extents |= {row[0]: Extent(*row[1:]) for row in extents}
        self.latest |= {row[0]: Sample(*row[1:]) for row in latest}

    def erase(self, ds: int, begin: int | None, end: int | None) -> int:
        """Deletes rows of one Datastream with begin <= t < end; returns how many. Hold `write_lock`; see `rebuild`."""
        span = {"ds": ds, "begin": begin, "end": end}
        where = "ds = $ds AND ($begin IS NULL OR t >= $begin) AND ($end IS NULL OR t < $end)"
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                gone = one(connection, f"SELECT count(*) FROM obs WHERE {where}", span)[0]
                connection.execute(f"DELETE FROM obs WHERE {where}", span)
                recount(connection, ds)
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise
            self._forget([ds])
            self._remember(
                connection.execute(_OF.format("extent"), [ds]).fetchall(),
                connection.execute(_OF.format("latest"), [ds]).fetchall(),
            )
        return int(gone)

    def rebuild(self) -> None:
        """Writes the file anew, sorted, and puts it in the old one's place: erased rows are then physically gone.

        Reads wait meanwhile. Raises TimeoutError when a download keeps it from beginning. Hold `write_lock`.
        Deleting and a checkpoint alone leave the old pages in the file.
        """
        fresh = self.path.with_suffix(".rebuild")
        for leftover in (fresh, fresh.with_name(fresh.name + ".wal")):
            leftover.unlink(missing_ok=True)
        with self._gate.exclusive(REBUILD_SECONDS):
            self._database.execute(f"ATTACH '{_quoted(fresh)}' AS fresh")
            for statement in SCHEMA:
                self._database.execute(statement.replace("EXISTS ", "EXISTS fresh."))
            self._database.execute("INSERT INTO fresh.obs SELECT * FROM obs ORDER BY ds, t, k")
            for table in ("extent", "latest", "mark"):
                self._database.execute(f"INSERT INTO fresh.{table} SELECT * FROM {table}")
            self._database.execute("CHECKPOINT fresh")
            self._database.execute("DETACH fresh")
            self._close()
            fresh.replace(self.path)
            self._open()

    def checkpoint(self) -> None:
        """Moves DuckDB's write-ahead log into the file."""
        with self.reading() as connection:
            connection.execute("CHECKPOINT")

    def _close(self) -> None:
        while self._idle:
            self._idle.pop().close()
        self._database.close()

    def reopen(self) -> None:
        """Closes and opens the file, as a restart would."""
        with self._gate.exclusive(REBUILD_SECONDS):
            self._close()
            self._open()

    def close(self) -> None:
        """Checkpoints and closes the file. A download that will not end is not waited for: nothing is lost by that."""
        try:
            with self._gate.exclusive(CLOSE_SECONDS):
                self._database.execute("CHECKPOINT")
                self._close()
        except (duckdb.Error, TimeoutError):  # the write-ahead log holds everything; the next start reads it
            logger.exception("The columnar store was left without a last checkpoint; nothing is lost.")


class _Gate:
    """Many readers or one exclusive visitor; the visitor enters when nobody is inside."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._condition:
            self._condition.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @contextmanager
    def exclusive(self, patience: float) -> Iterator[None]:
        """Enters at a moment when nobody reads, and keeps readers out while inside. Raises TimeoutError when there is
        no such moment for `patience` seconds, as during a long download; readers do not wait for that."""
        with self._condition:
            if not self._condition.wait_for(lambda: not self._closed and self._inside == 0, patience):
                raise TimeoutError("Somebody has been reading all the time.")
            self._closed = True
        try:
            yield
        finally:
            with self._condition:
                self._closed = False
                self._condition.notify_all()


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:  # the transaction ended with the error that brought us here
        return


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")

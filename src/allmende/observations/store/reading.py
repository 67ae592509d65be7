"""The named queries over (columnar + tail). Written by hand for DuckDB; user text never becomes SQL here.

A read sees every acknowledged write: rows still in the tail are laid over the columnar rows, the tail winning.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from allmende.observations.store.columnar import Columnar
from allmende.observations.store.rows import GONE, SERIES, Extent, Sample, StoredRow, table_of
from allmende.observations.store.tail import Tail
from allmende.observations.store.terms import COLUMNS, RESULT_TIME

decode = msgspec.json.Decoder(dict[str, Any]).decode
_RESULT = COLUMNS["result_time"]

# Bounds are written into the statement as whole numbers: with bound parameters DuckDB skips fewer row groups (3.2 ms
# against 1.9 ms for a day out of 50 M rows).
_COLUMNAR = "(SELECT ds, t, v, q, x, k FROM obs WHERE ds = {ds:d} AND t >= {begin:d} AND t < {end:d})"
_MERGED = f"""(
  SELECT * FROM {_COLUMNAR} c ANTI JOIN tail ON tail.t = c.t AND tail.k = c.k
  UNION ALL SELECT ds, t, v, q, x, k FROM tail WHERE t >= {{begin:d}} AND t < {{end:d}} AND q <> {GONE}
)"""
_AT = "SELECT ds, t, v, q, x, k FROM obs WHERE ds = {ds:d} AND t BETWEEN {low:d} AND {high:d}"
_FEW_ROWS = 2_000  # fetching so many costs less than a list of times in the statement
_SERIES = "SELECT t, v, q, x, k FROM {source} ORDER BY t {direction}, k {direction} LIMIT {limit}"
# Flags 1 (out of range) and 2 (sentinel) keep a value out of every aggregate; `flagged` says how many there were.
_BUCKETS = """
WITH edge AS (SELECT unnest($edges::BIGINT[]) AS start)
SELECT e.start, count(s.v) FILTER (ok) AS count, avg(s.v) FILTER (ok) AS mean, min(s.v) FILTER (ok) AS minimum,
       max(s.v) FILTER (ok) AS maximum, sum(s.v) FILTER (ok) AS sum, count(*) FILTER (NOT ok) AS flagged
FROM (SELECT t, v, (q & 3) = 0 AS ok FROM {source}) s ASOF JOIN edge e ON s.t >= e.start
GROUP BY e.start ORDER BY e.start
"""
_STEPPED = """
SELECT s.t - ((s.t - $phase) % $step) AS start, count(s.v) FILTER (ok) AS count, avg(s.v) FILTER (ok) AS mean,
       min(s.v) FILTER (ok) AS minimum, max(s.v) FILTER (ok) AS maximum, sum(s.v) FILTER (ok) AS sum,
       count(*) FILTER (NOT ok) AS flagged
FROM (SELECT t, v, (q & 3) = 0 AS ok FROM {source}) s GROUP BY 1 ORDER BY 1
"""
# One statement, so one snapshot: what a drain commits meanwhile is either in both numbers or in neither.
_TOGETHER = """
SELECT n, first, last, rf, rl, (SELECT count(*) FROM obs SEMI JOIN tail USING (ds, t, k)) FROM extent WHERE ds = $ds
"""
MIN_TIME, MAX_TIME = -(2**62), 2**62


class Reading:
    """Reads for the owner of the store; see `port.StorePort` for what each promises."""

    def __init__(self, columnar: Columnar, tail: Tail) -> None:
        self._columnar = columnar
        self._tail = tail

    def latest(self, ids: list[int]) -> dict[int, Sample]:
        """The newest Sample per Datastream; Datastreams without any are absent. Never scans history."""
        lossy = self._tail.lossy()
        if lossy:
            return self._latest_of([ds for ds in ids if ds not in lossy]) | self._searched(lossy.intersection(ids))
        return self._latest_of(ids)

    def at(self, wanted: dict[int, set[int]]) -> list[StoredRow]:
        """What stands at exactly these times, by Datastream. Asks the columnar store only where it can hold some: a
        single key costs half a millisecond there, and nothing where all of the Datastream is newer or older."""
        found: dict[tuple[int, int, int], StoredRow] = {}
        # Before the columnar read: what drains meanwhile is then seen there.
        late = [row for ds, times in wanted.items() for row in self._tail.at(ds, times)]
        asked = {ds: self._stored_times(ds, times) for ds, times in wanted.items()}
        asked = {ds: times for ds, times in asked.items() if times}
        if asked:
            with self._columnar.reading() as connection:
                for ds, times in asked.items():
                    rows = self._stored(connection, ds, times)
                    found |= {(row[0], row[1], row[5]): row for row in rows if row[1] in times}
        found |= {(row[0], row[1], row[5]): row for row in late}
        return [row for row in found.values() if row[3] != GONE]

    def _stored(self, connection: duckdb.DuckDBPyConnection, ds: int, times: set[int]) -> list[StoredRow]:
        """Rows at these times; perhaps others between the first and the last, where taking all is less work."""
        extent, low, high = self._columnar.extents[ds], min(times), max(times)
        between = _AT.format(ds=ds, low=low, high=high)
        most = _FEW_ROWS + 4 * len(times)
        if len(times) > 1 and extent.count * (high - low + 1) // (extent.last - extent.first + 1) <= most:
            rows = connection.execute(f"{between} LIMIT {most + 1:d}").fetchall()
            if len(rows) <= most:  # else they lie closer here than elsewhere
                return rows
        return connection.execute(f"{between} AND t IN ({', '.join(f'{time:d}' for time in times)})").fetchall()

    def _stored_times(self, ds: int, times: set[int]) -> set[int]:
        """Those that lie between the first and the last that is stored."""
        extent = self._columnar.extents.get(ds)
        return {time for time in times if extent.first <= time <= extent.last} if extent else set()

    def bounds(self, ids: list[int]) -> dict[int, int]:
        """Times after which there is no row of these Datastreams; memory only, so deleted rows may still count."""
        found = self._tail.upto(ids)  # before the columnar ones: what drains meanwhile is then seen there
        stored = self._columnar.latest
        for ds in ids:
            sample = stored.get(ds)
            if sample is not None and sample.time > found.get(ds, MIN_TIME):
                found[ds] = sample.time
        return found

    def _searched(self, ids: Iterable[int]) -> dict[int, Sample]:
        """The newest rows found by looking: what is kept may have been deleted."""
        found: dict[int, Sample] = {}
        for ds in ids:
            for time, *rest in _tuples(self.series(ds, None, None, limit=1, descending=True)):
                found[ds] = Sample(time, *rest)
        return found

    def _latest_of(self, ids: list[int]) -> dict[int, Sample]:
        stored = self._columnar.latest
        found = self._tail.latest(ids)
        for ds in ids:
            sample = stored.get(ds)
            if sample and (ds not in found or (sample.time, sample.rank) > (found[ds].time, found[ds].rank)):
                found[ds] = sample
        return found

    def extents(self, ids: list[int]) -> dict[int, Extent]:
        """How much there is of each Datastream; kept, not counted."""
        found: dict[int, Extent] = {}
        lossy, in_tail, kept = self._tail.lossy(), self._tail.streams(), self._columnar.extents
        for ds in ids:
            if ds not in in_tail:
                if ds in kept:
                    found[ds] = kept[ds]
                continue
            if ds in lossy:
                found |= self._counted(ds)
                continue
            rows = self._tail.rows_of(ds)
            stored = self._columnar.extents.get(ds)
            if stored is None and not rows:
                continue
            if not rows:
                assert stored is not None
                found[ds] = stored
                continue
            results = _result_times(rows)
            if stored is None:
                found[ds] = Extent(len(rows), rows[0][1], rows[-1][1], *results)
                continue
            known = 0
            if rows[0][1] <= stored.last:
                stored, known = self._together(ds, rows)
            first, last = min(stored.first, rows[0][1]), max(stored.last, rows[-1][1])
            results = _outer(stored.result_first, results[0], min), _outer(stored.result_last, results[1], max)
            found[ds] = Extent(stored.count + len(rows) - known, first, last, *results)
        return found

    def _counted(self, ds: int) -> dict[int, Extent]:
        """The extent of one Datastream found by counting, where rows were deleted a moment ago."""
        rows = self._tail.rows_of(ds)
        what = f"count(*), min(t), max(t), min({_RESULT}), max({_RESULT})"
        sql = f"SELECT {what} FROM {_source(ds, None, None, merged=bool(rows))} o"
        with self._columnar.reading() as connection, shown_tail(connection, rows):
            row = connection.execute(sql).fetchone()
        return {ds: Extent(*row)} if row and row[0] else {}

    def _together(self, ds: int, rows: list[StoredRow]) -> tuple[Extent, int]:
        """(what the columnar store has of a Datastream, how many of these rows are among it)."""
        with self._columnar.reading() as connection, shown_tail(connection, rows):
            row = connection.execute(_TOGETHER, {"ds": ds}).fetchone()
        return (Extent(*row[:5]), row[5]) if row else (Extent(0, rows[0][1], rows[-1][1]), 0)

    def series(
        self, ds: int, begin: int | None, end: int | None, *, limit: int | None = None, descending: bool = False
    ) -> pa.Table:
        """Observations of one Datastream with begin <= time < end (µs UTC), schema SERIES, in order of time."""
        batches = self.series_batches(ds, begin, end, limit=limit, descending=descending)
        return pa.Table.from_batches(batches, schema=SERIES)

    def series_batches(
        self,
        ds: int,
        begin: int | None,
        end: int | None,
        *,
        limit: int | None = None,
        descending: bool = False,
        size: int = 65_536,
    ) -> Iterator[pa.RecordBatch]:
        """The same in batches of at most `size` rows, so that a download of any length needs little memory."""
        rows = self._tail.rows_of(ds, begin, end)  # before the columnar read: what drains meanwhile is then seen there
        sql = _SERIES.format(
            source=_source(ds, begin, end, merged=bool(rows)),
            direction="DESC" if descending else "ASC",
            limit=int(limit) if limit is not None else "ALL",
        )
        with self._columnar.reading() as connection, shown_tail(connection, rows):
            for batch in connection.execute(sql).to_arrow_reader(size):
                yield _as_series(batch)

    def buckets(self, ds: int, begin: int, end: int, edges: list[int] | tuple[int, int]) -> pa.Table:
        """Count, mean, minimum, maximum, sum and flagged per bucket.

        edges: rising starts of the buckets (µs UTC), or (phase, step) for buckets of equal length.
        """
        rows = self._tail.rows_of(ds, begin, end)
        source = _source(ds, begin, end, merged=bool(rows))
        values: dict[str, object] = {}
        if isinstance(edges, tuple):
            sql, values["phase"], values["step"] = _STEPPED.format(source=source), edges[0], edges[1]
        else:
            sql, values["edges"] = _BUCKETS.format(source=source), edges
        with self._columnar.reading() as connection, shown_tail(connection, rows):
            return connection.execute(sql, values).to_arrow_table()


class shown_tail:  # noqa: N801 - a context manager that reads as a word
    """Shows tail rows to a connection under the name `tail` while the block runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rows: list[StoredRow]) -> None:
        self._connection, self._rows = connection, rows

    def __enter__(self) -> None:
        if self._rows:
            self._connection.register("tail", table_of(self._rows))

    def __exit__(self, *error: object) -> None:
        if self._rows:
            self._connection.unregister("tail")


def _source(ds: int, begin: int | None, end: int | None, *, merged: bool) -> str:
    """The rows of one Datastream with begin <= t < end. Raises ValueError for anything but whole numbers."""
    span = {"ds": ds, "begin": MIN_TIME if begin is None else begin, "end": MAX_TIME if end is None else end}
    return (_MERGED if merged else _COLUMNAR).format(**span)


def _as_series(batch: pa.RecordBatch) -> pa.RecordBatch:
    time = batch.column(0).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    columns = [time, batch.column(1), batch.column(2), batch.column(3), batch.column(4).cast(pa.int32())]
    return pa.RecordBatch.from_arrays(columns, schema=SERIES)


def _result_times(rows: list[StoredRow]) -> tuple[int | None, int | None]:
    """(first, last) of the result times among these rows."""
    times = [decode(row[4]).get(RESULT_TIME) for row in rows if row[4] and RESULT_TIME in row[4]]
    known = [time for time in times if isinstance(time, int)]
    return min(known, default=None), max(known, default=None)


def _outer(a: int | None, b: int | None, pick: Callable[[int, int], int]) -> int | None:
    return b if a is None else a if b is None else pick(a, b)


def _tuples(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    times = table.column("time").cast(pa.int64()).to_pylist()
    return zip(times, *(column.to_pylist() for column in table.columns[1:]), strict=True)

"""How a sorted batch comes into the columnar store: what is new, what changed, what was deleted. Inside a transaction.

The connection knows the batch under the name `batch` and its summary per Datastream under the name `summary`.
"""

from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa

from allmende.observations.store.rows import Written
from allmende.observations.store.terms import RESULT_TIME

_SPAN = "o.t BETWEEN $lo AND $hi AND o.ds BETWEEN $ds_lo AND $ds_hi"
_KNOWN = f"""
CREATE TEMP TABLE known AS
SELECT b.*, (o.v IS DISTINCT FROM b.v OR o.q <> b.q OR o.x IS DISTINCT FROM b.x) AS differs
FROM batch b JOIN obs o ON o.ds = b.ds AND o.t = b.t AND o.k = b.k WHERE {_SPAN}
"""
_UPDATE = f"""
UPDATE obs AS o SET v = n.v, q = n.q, x = n.x FROM known n
WHERE n.differs AND o.ds = n.ds AND o.t = n.t AND o.k = n.k AND {_SPAN}
"""
_FRESH = "SELECT b.* FROM batch b ANTI JOIN known n ON n.ds = b.ds AND n.t = b.t AND n.k = b.k ORDER BY ds, t, k"
_EXTENT = """
MERGE INTO extent e USING (SELECT ds, n, first, last, rf, rl FROM summary) f ON e.ds = f.ds
WHEN MATCHED THEN UPDATE SET n = e.n + f.n, first = least(e.first, f.first), last = greatest(e.last, f.last),
  rf = least(e.rf, f.rf), rl = greatest(e.rl, f.rl)
WHEN NOT MATCHED THEN INSERT VALUES (f.ds, f.n, f.first, f.last, f.rf, f.rl)
"""
_LATEST = """
MERGE INTO latest l USING (SELECT ds, last AS t, v, q, x, k FROM summary) b ON l.ds = b.ds
WHEN MATCHED AND (b.t > l.t OR b.t = l.t AND b.k >= l.k) THEN UPDATE SET t = b.t, v = b.v, q = b.q, x = b.x, k = b.k
WHEN NOT MATCHED THEN INSERT VALUES (b.ds, b.t, b.v, b.q, b.x, b.k)
"""
_COUNTED = """
(SELECT s.ds, coalesce(c.n, 0) AS n, s.first, s.last, s.rf, s.rl
 FROM summary s LEFT JOIN (SELECT ds, count(*) AS n FROM fresh GROUP BY ds) c USING (ds))
"""
_RESULT_TIME = f"CAST(x ->> '$.\"{RESULT_TIME}\"' AS BIGINT)"
_RESULT_TIMES = f"""
SELECT s.*, r.rf, r.rl FROM plain s LEFT JOIN (
  SELECT ds, min(r) AS rf, max(r) AS rl FROM (SELECT ds, {_RESULT_TIME} AS r FROM batch WHERE x IS NOT NULL) GROUP BY ds
) r USING (ds) ORDER BY s.ds
"""
_GONE = """
DELETE FROM obs o USING gone g
WHERE o.ds = g.ds AND o.t = g.t AND o.k = g.k AND o.t BETWEEN $lo AND $hi AND o.ds BETWEEN $ds_lo AND $ds_hi
"""


def merge(connection: duckdb.DuckDBPyConnection, batch: pa.Table, per_stream: pa.Table, *, all_after: bool) -> Written:
    """Lays the batch over what is stored. all_after: nothing in it can be there yet, as all of it is newer."""
    if not batch.num_rows:
        return Written(0, 0, 0)
    if all_after:
        connection.execute("INSERT INTO obs SELECT ds, t, v, q, x, k FROM batch")
        connection.execute(_EXTENT)
        connection.execute(_LATEST)
        return Written(batch.num_rows, 0, 0)
    span = {"ds_lo": _border(per_stream, "ds", min), "ds_hi": _border(per_stream, "ds", max)}
    span |= {"lo": _border(per_stream, "first", min), "hi": _border(per_stream, "last", max)}
    connection.execute(_KNOWN, span)
    known, changed = one(connection, "SELECT count(*), count(*) FILTER (differs) FROM known")
    if changed:
        connection.execute(_UPDATE, span)
    if known < batch.num_rows or changed:
        connection.execute(f"CREATE TEMP TABLE fresh AS {_FRESH}")
        connection.execute("INSERT INTO obs SELECT ds, t, v, q, x, k FROM fresh")
        connection.execute(_EXTENT.replace("(SELECT ds, n, first, last, rf, rl FROM summary)", _COUNTED))
    connection.execute(_LATEST)
    return Written(batch.num_rows - known, changed, known - changed)


def with_result_times(connection: duckdb.DuckDBPyConnection, batch: pa.Table, per_stream: pa.Table) -> pa.Table:
    """The summary with the first and last result time of each Datastream (rf, rl); null where none is given."""
    if batch.column("x").null_count == batch.num_rows:
        nothing = pa.nulls(per_stream.num_rows, pa.int64())
        return per_stream.append_column("rf", nothing).append_column("rl", nothing)
    connection.register("plain", per_stream)
    try:
        return connection.execute(_RESULT_TIMES).to_arrow_table()
    finally:
        connection.unregister("plain")


def take_out(connection: duckdb.DuckDBPyConnection, gone: pa.Table) -> list[int]:
    """Deletes the rows of these keys; returns the Datastreams that lost some, whose counts have to be made anew."""
    if not gone.num_rows:
        return []
    ids = sorted(set(gone.column("ds").to_pylist()))
    connection.register("gone", gone)
    try:
        span = {"ds_lo": ids[0], "ds_hi": ids[-1], "lo": _border(gone, "t", min), "hi": _border(gone, "t", max)}
        connection.execute(_GONE, span)
    finally:
        connection.unregister("gone")
    return ids


def recount(connection: duckdb.DuckDBPyConnection, ds: int) -> None:
    """Makes the kept count, extent and latest row of a Datastream anew from its rows."""
    only = {"ds": ds}
    connection.execute("DELETE FROM extent WHERE ds = $ds", only)
    connection.execute("DELETE FROM latest WHERE ds = $ds", only)
    count = f"count(*), min(t), max(t), min({_RESULT_TIME}), max({_RESULT_TIME})"
    connection.execute(f"INSERT INTO extent SELECT ds, {count} FROM obs WHERE ds = $ds GROUP BY ds", only)
    newest = "SELECT ds, t, v, q, x, k FROM obs WHERE ds = $ds ORDER BY t DESC, k DESC LIMIT 1"
    connection.execute(f"INSERT INTO latest {newest}", only)


def one(connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object] | None = None) -> tuple[int, ...]:
    """The only row of an answer."""
    row = connection.execute(sql, values).fetchone() if values else connection.execute(sql).fetchone()
    assert row is not None
    return row


def _border(table: pa.Table, column: str, pick: Callable[[list[int]], int]) -> int:
    return pick(table.column(column).to_pylist())

"""Taking observations away: nobody reads them from then on. Their pages stay in the file until it is written anew;
whoever needs them physically gone uses `erasing`, which does that at once and makes readers wait."""

import pyarrow as pa
from msgspec import structs

from allmende.observations.store.rows import GONE, ROWS
from allmende.observations.store.searching import Search
from allmende.observations.stores import here

_CHUNK = 200_000
_TABLE_ROWS = 5_000  # from here on the columnar store takes the deletion without the log, as in appending
_SECONDS = 120.0


def remove_matching(search: Search) -> dict[int, int]:
    """Removes what the search matches, however much that is; returns how many observations of which Datastream.

    Blocks. Raises TooCostly, StoreError; what was removed until then stays removed.
    """
    removed: dict[int, int] = {}
    asked = structs.replace(search, limit=_CHUNK, skip=0, after=None, order=(), seconds=_SECONDS)
    while True:
        found = here().search(asked)
        if not found.num_rows:
            return removed
        rows = _gone(found)
        if rows.num_rows < _TABLE_ROWS:
            here().append(list(zip(*(column.to_pylist() for column in rows.columns), strict=True)))
        else:
            here().append_table(rows)
        for each in found.column("ds").value_counts().to_pylist():
            removed[each["values"]] = removed.get(each["values"], 0) + each["counts"]


def _gone(found: pa.Table) -> pa.Table:
    """The same keys, as deletions."""
    count = found.num_rows
    columns = {
        "ds": found.column("ds"),
        "t": found.column("t"),
        "v": pa.nulls(count, pa.float64()),
        "q": pa.array([GONE] * count, pa.int32()),
        "x": pa.nulls(count, pa.string()),
        "k": found.column("k"),
    }
    return pa.table(columns).cast(ROWS)

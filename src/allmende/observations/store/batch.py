"""Getting a batch ready for the columnar store: sorted by (ds, t, k), each key once, with a summary per Datastream.

Done in Arrow and NumPy before the database sees it: sorting there once is faster than asking the database to find
repeats and to sort as well (measured: 0.50 s against 0.75 s to write a million rows).
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.observations.store.rows import GONE

Ints = npt.NDArray[np.int64]


def _ints(rows: pa.Table, name: str) -> Ints:
    return rows.column(name).to_numpy().astype(np.int64, copy=False)


def sorted_distinct(rows: pa.Table) -> pa.Table:
    """The batch (schema ROWS, in order of arrival) sorted by its key; where a key repeats, the row that came last."""
    if rows.num_rows < 2:
        return rows
    ds, t, k = _ints(rows, "ds"), _ints(rows, "t"), _ints(rows, "k")
    if _rising(ds, t):
        return rows
    order = np.lexsort((k, t, ds)) if k.any() else _order(ds, t)
    ds, t, k = ds[order], t[order], k[order]
    last = np.empty(len(order), dtype=bool)
    last[-1] = True
    np.logical_or(ds[1:] != ds[:-1], t[1:] != t[:-1], out=last[:-1])
    np.logical_or(last[:-1], k[1:] != k[:-1], out=last[:-1])
    return rows.take(pa.array(order if last.all() else order[last]))


def apart(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """(rows to keep, rows that say only that their key was deleted)."""
    quality = _ints(rows, "q")
    if not (quality < 0).any():
        return rows, rows.slice(0, 0)
    gone = pa.array(quality == GONE)
    return rows.filter(pc.invert(gone)), rows.filter(gone)


def _rising(ds: Ints, t: Ints) -> bool:
    """Whether the times rise strictly: then there is nothing to sort and nothing repeats."""
    return bool(np.all((ds[1:] > ds[:-1]) | ((ds[1:] == ds[:-1]) & (t[1:] > t[:-1]))))


def _order(ds: Ints, t: Ints) -> Ints:
    """A stable order by (ds, t). Both are packed into one number where that fits: one sort instead of two."""
    width = int(t.max()) - int(t.min()) + 1
    if (int(ds.max()) - int(ds.min()) + 1) * width < 2**62:
        key = (ds - ds.min()) * width + (t - t.min())
        return pc.array_sort_indices(pa.array(key)).to_numpy().astype(np.int64)
    return np.lexsort((t, ds))


def summary(rows: pa.Table) -> pa.Table:
    """Per Datastream of a sorted batch: ds, n, first, last and the newest row's v, q, x, k."""
    ds, t = _ints(rows, "ds"), _ints(rows, "t")
    starts = np.flatnonzero(np.concatenate(([True] if len(ds) else [], ds[1:] != ds[:-1])))
    ends = np.concatenate((starts[1:], [len(ds)] if len(ds) else [])).astype(np.int64) - 1
    newest = rows.take(pa.array(ends))
    return pa.table(
        {
            "ds": newest.column("ds"),
            "n": pa.array(ends - starts + 1),
            "first": pa.array(t[starts]),
            "last": pa.array(t[ends]),
            "v": newest.column("v"),
            "q": newest.column("q"),
            "x": newest.column("x"),
            "k": newest.column("k"),
        }
    )

"""The ways of vehicles in GTFS: points with a number each, put together as lines."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from allmende.catalogue.loaders.formats import GEOMETRY, Raw
from allmende.catalogue.loaders.formats.typed import sliced
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.numbers import read_numbers
from allmende.catalogue.loaders.said import Unreadable

_PLACE = ("shape_pt_lon", "shape_pt_lat", "shape_pt_sequence")
_SCATTERED = 5_000_000  # points that are held at once where those of a line do not stand together
_SOME = 100_000  # points of the beginning


class Lines:
    """One row per line; see formats.Raw. Raises Unreadable."""

    delimiter: str = ","
    columns: tuple[str, ...] = (GEOMETRY, "shape_id", "points")

    def __init__(self, points: Raw) -> None:
        if missing := {"shape_id", *_PLACE} - set(points.columns):
            raise Unreadable("header_differs", missing=", ".join(sorted(missing)), found=", ".join(points.columns))
        self._points, self.encoding = points, points.encoding
        self.misfits = Misfits(0)
        self._read = 0

    @property
    def consumed(self) -> int:
        return self._points.consumed

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All lines; a point that does not fit is set aside."""
        together = self._together()
        self._read, held = 0, np.empty((0, 4))
        names: dict[str, int] = {}
        for batch in self._points.batches():
            held = np.concatenate([held, self._numbers(batch, names)])
            if together and len(held):
                whole = held[:, 0] != held[-1, 0]
                yield from _lines(held[whole], names)
                held = held[~whole]
            elif len(held) > _SCATTERED:
                raise Unreadable("too_large", limit=_SCATTERED * held.itemsize * 4)
        yield from _lines(held, names)

    def sample(self) -> pa.Table:
        """Lines from the beginning."""
        names: dict[str, int] = {}
        points = self._numbers(self._points.sample().slice(0, _SOME).combine_chunks().to_batches()[0], names)
        self.misfits = Misfits(0)
        some = list(_lines(points, names))
        if not some:
            raise Unreadable("no_rows")
        return pa.Table.from_batches(some).combine_chunks()

    def _together(self) -> bool:
        """Whether the points of each line follow one another, so that a line is whole when another begins."""
        seen: set[str] = set()
        last = None
        for batch in self._points.batches():
            runs = pc.run_end_encode(batch["shape_id"]).values.to_pylist()
            for name in runs[1:] if runs and runs[0] == last else runs:
                if name in seen:
                    return False
                seen.add(name)
            last = runs[-1] if runs else last
        return True

    def _numbers(self, batch: pa.RecordBatch, names: dict[str, int]) -> np.ndarray:
        """(n, 4) line, number within it, longitude, latitude of the points that fit."""
        columns = [read_numbers(pc.utf8_trim_whitespace(batch[name])) for name in _PLACE]
        good = ~np.any([each.bad | each.missing for each in columns], axis=0)
        lon, lat, order = (each.values for each in columns)
        with np.errstate(invalid="ignore"):
            good &= (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        ids = batch["shape_id"].to_pylist()
        for place in np.flatnonzero(~good).tolist():
            cells = ["", ids[place], ", ".join(str(batch[name][place]) for name in _PLACE)]
            self.misfits.leave_out(self._read + place + 2, "place_unknown", cells)
        self._read += batch.num_rows
        line = np.array([names.setdefault(each, len(names)) for each in ids], dtype=np.float64)
        return np.column_stack([line, order, lon, lat])[good]


def _lines(points: np.ndarray, names: dict[str, int]) -> Iterator[pa.RecordBatch]:
    """points: as Lines._numbers gives them; names: of lines, in the order of their numbers."""
    if not len(points):
        return
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    starts = np.flatnonzero(np.diff(points[:, 0], prepend=-1.0))
    counts = np.diff(starts, append=len(points))
    of_line = np.repeat(np.arange(len(starts)), counts)
    long = np.repeat(counts > 1, counts)
    made = np.empty(len(starts), dtype=object)
    made[counts == 1] = shapely.points(points[~long, 2:])
    if long.any():
        shapely.linestrings(points[long, 2:], indices=of_line[long], out=made)
    known = list(names)
    ids = [known[int(number)] for number in points[starts, 0]]
    columns = [pa.array(shapely.to_wkb(made), pa.binary()), pa.array(ids, pa.string()), pa.array(counts, pa.int64())]
    yield from sliced(pa.record_batch(columns, names=list(Lines.columns)))

"""Reads a whole file by its recipe, block by block, and hands out Arrow batches, new places and rows that do not fit.

Frames: `J` and a JSON object, or `A`, three counts and an Arrow batch of OBSERVATIONS. Series are numbered
place × value column; the parent knows them by the places it was told. Runs in the sandbox.
"""

import json
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.catalogue.loaders.dialect import Dialect, dialect_of, encoding_of
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.numbers import Numbers, read_numbers
from allmende.catalogue.loaders.places import Places
from allmende.catalogue.loaders.recipe import Recipe
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.sentinels import Range
from allmende.catalogue.loaders.sniff import beginning, decoded
from allmende.catalogue.loaders.source import Caps, Unpacked, Utf8
from allmende.catalogue.loaders.table import open_table
from allmende.catalogue.loaders.timecolumn import time_text
from allmende.catalogue.loaders.times import FINE, REASONS, TimeReader, Times

OBSERVATIONS = pa.schema([("series", pa.int32()), ("time", pa.int64()), ("value", pa.float64())])
COUNTS = struct.Struct("<QQ")  # bytes of the file read so far, rows read so far
_HEAD = 2**18


def parse(
    source: BinaryIO,
    recipe: dict[str, Any],
    earliest: int,
    latest: int,
    encoding: str = "",
    partial: bool = False,
) -> Iterator[bytes]:
    """Frames, the last of them {"done": …} or {"unreadable": …}. earliest, latest: times that can be, in µs UTC;
    encoding: instead of what the file shows; partial: keep what comes before a break in a packed file."""
    try:
        plan = Recipe.from_json(recipe)
        yield from _Reading(source, plan, TimeReader(plan.time_format, plan.zone, earliest, latest), encoding, partial)
    except Unreadable as problem:
        yield _json(unreadable=problem.said.to_json())


class _Reading:
    """One file on its way through. Iterating gives the frames."""

    def __init__(self, source: BinaryIO, recipe: Recipe, times: TimeReader, encoding: str, partial: bool) -> None:
        caps = Caps()
        head, _, whole = beginning(source, caps, _HEAD)
        self.encoding = encoding or recipe.encoding or encoding_of(head)[0]
        text = decoded(head, self.encoding, whole)
        text = text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
        self.dialect = _fitting(dialect_of(text, recipe.delimiter, recipe.header), recipe)
        self.recipe, self.times = recipe, times
        self.unpacked = Unpacked(source, caps)
        self.stream = Utf8(self.unpacked, self.encoding, caps, partial=partial)
        self.misfits = Misfits(self.dialect.skip + self.dialect.header)
        self.places = Places(recipe)
        self.ranges = [Range() for _ in recipe.values]
        self.rows = self.blank = self.no_value = 0
        self.twice = TwiceShown()

    def __iter__(self) -> Iterator[bytes]:
        yield _json(columns=list(self.dialect.columns), delimiter=self.dialect.delimiter, encoding=self.encoding)
        try:
            stream = pa.PythonFile(self.stream, "r")
            for batch in open_table(stream, self.dialect, self.dialect.columns, self.misfits.ragged):
                yield from self._batch(batch)
        except pa.ArrowInvalid as problem:
            raise self._reason(str(problem)) from None
        yield from self._aside()
        yield _json(
            done={
                "rows": self.rows + self.misfits.ragged_rows,
                "aside": self.misfits.count,
                "blank": self.blank,
                "no_value": self.no_value,
                "twice": self.twice.count,
                "unpacked": self.unpacked.unpacked,
                "broken": self.stream.broken and self.stream.broken.to_json(),
                "sentinels": [each.sentinels() for each in self.ranges],
            }
        )

    def _reason(self, problem: str) -> Unreadable:
        if self.misfits.hopeless:
            rows = self.rows + self.misfits.ragged_rows
            return Unreadable("most_misfit", aside=self.misfits.count, rows=rows, first="–")
        if "UTF8" in problem or "UTF-8" in problem:
            return Unreadable("wrong_encoding", encoding=self.encoding)
        if "straddling" in problem:
            return Unreadable("quotation_mark", row=self.rows + self.misfits.first)
        return Unreadable("csv", problem=problem.split("\n")[0], row=self.rows + self.misfits.first)

    def _batch(self, batch: pa.RecordBatch) -> Iterator[bytes]:
        times = self.times.read(time_text(batch, self.recipe.time))
        place, fresh = self.places.read(batch)
        numbers = [read_numbers(batch[each.column], self.recipe.decimal) for each in self.recipe.values]
        good = (times.reason == FINE) & (place >= 0)
        for column in numbers:
            good &= ~column.bad
        if not good.all():
            self._set_aside(batch, times, place, numbers, ~good)
        utc = self.twice.resolved(times, place) if times.twice.any() else times.utc
        if fresh:
            yield _json(places=fresh)
        self.rows += batch.num_rows
        yield self._observations(place, utc, numbers, good)
        if self.misfits.many():
            yield from self._aside()

    def _observations(
        self,
        place: npt.NDArray[np.int32],
        utc: npt.NDArray[np.int64],
        numbers: list[Numbers],
        good: npt.NDArray[np.bool_],
    ) -> bytes:
        width = len(numbers)
        parts = []
        for number, column in enumerate(numbers):
            kept = good & ~column.missing
            values = column.values[kept]
            self.ranges[number].see(values)
            self.no_value += int(np.count_nonzero(good)) - len(values)
            parts.append((place[kept] * np.int32(width) + np.int32(number), utc[kept], values))
        columns = parts[0] if width == 1 else tuple(np.concatenate(each) for each in zip(*parts, strict=True))
        batch = pa.record_batch([pa.array(each) for each in columns], schema=OBSERVATIONS)
        return b"A" + COUNTS.pack(self.unpacked.consumed, self.rows) + batch.serialize().to_pybytes()

    def _set_aside(
        self,
        batch: pa.RecordBatch,
        times: Times,
        place: npt.NDArray[np.int32],
        numbers: list[Numbers],
        bad: npt.NDArray[np.bool_],
    ) -> None:
        """Notes every row that does not fit, with the first field that is wrong; blank rows are only counted."""
        where = np.flatnonzero(bad)
        cells = batch.take(pa.array(where)).to_pylist()
        for index, row in zip(where.tolist(), cells, strict=True):
            if not any(cell.strip() for cell in row.values()):
                self.blank += 1
                continue
            if times.reason[index] != FINE:
                field, code = " + ".join(self.recipe.time), REASONS[int(times.reason[index])]
            elif place[index] < 0:
                field, code = " + ".join(self.recipe.keys()), "place_empty"
            else:
                wrong = next(n for n, column in enumerate(numbers) if column.bad[index])
                field, code = self.recipe.values[wrong].column, "number_unknown"
            self.misfits.add(self.rows + index, field, code, list(row.values()))

    def _aside(self) -> Iterator[bytes]:
        for some in self.misfits.taken():
            yield _json(aside=some)


class TwiceShown:
    """Tells the two passes of the hour that the clock shows twice, by the order of the rows of each series."""

    def __init__(self) -> None:
        self.count = 0
        self._last: dict[int, tuple[int, bool]] = {}  # series → (last clock reading in such an hour, second pass?)

    def resolved(self, times: Times, place: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """The times in UTC: where the clock went back within the hour, what follows is the second pass."""
        utc = times.utc.copy()
        for index in np.flatnonzero(times.twice & (times.reason == FINE)).tolist():
            self.count += 1
            reading, series = int(times.local[index]), int(place[index])
            last, second = self._last.get(series, (reading - 1, False))
            if abs(reading - last) > 7_200_000_000:
                second = False  # the hour of another autumn
            elif reading <= last:
                second = True
            self._last[series] = (reading, second)
            if second:
                utc[index] += times.later[index]
        return utc


def _fitting(dialect: Dialect, recipe: Recipe) -> Dialect:
    """The dialect of this file, if it has what the recipe needs. Raises Unreadable."""
    if not recipe.header:
        if len(dialect.columns) != len(recipe.columns):
            raise Unreadable("width_differs", wanted=len(recipe.columns), found=len(dialect.columns))
        return dialect
    if missing := [name for name in recipe.used() if name not in dialect.columns]:
        raise Unreadable("header_differs", missing=", ".join(missing), found=", ".join(dialect.columns))
    return dialect


def _json(**said: Any) -> bytes:
    return b"J" + json.dumps(said).encode()

"""Reads a table whole by its recipe and hands out typed Arrow batches, and the rows that do not fit. In the sandbox.

Frames: `J` and a JSON object, or `A`, two counts (bytes of the file, rows) and an Arrow batch. The parent knows the
columns of a batch from the recipe and from what it was told of columns that turned out wider.
"""

import json
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.columns import OURS
from allmende.catalogue.loaders.formats import Raw
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.tabular import kinds
from allmende.catalogue.loaders.tabular.convert import ARROW, Converted, Years, convert
from allmende.catalogue.loaders.tabular.recipe import Field, TableRecipe
from allmende.catalogue.loaders.tabular.shapes import BOX, Shapes, shapes

COUNTS = struct.Struct("<QQ")
Mask = npt.NDArray[np.bool_]


def schema_of(fields: tuple[Field, ...], placed: bool) -> pa.Schema:
    """The columns of the batches: the row's number in the file, the fields, and where the row is."""
    columns = [("_line", pa.int64()), *((each.name, ARROW[each.type]) for each in fields)]
    if placed:
        columns += [("geometry", pa.binary()), *((name, pa.float64()) for name in BOX)]
    return pa.schema(columns)


def rows(
    source: BinaryIO, recipe: dict[str, Any], earliest: int, latest: int, partial: bool = False
) -> Iterator[bytes]:
    """Frames, the last of them {"done": …} or {"unreadable": …}."""
    try:
        plan = TableRecipe.from_json(recipe)
        raw = kinds.opened(source, plan.format, {**plan.options, "partial": partial})
        yield from Reading(raw, plan, Years(earliest, latest))
    except Unreadable as problem:
        yield _json(unreadable=problem.said.to_json())
    except ValueError as problem:
        yield _json(unreadable={"code": "recipe", "params": {"problem": str(problem)}})


class Reading:
    """One table on its way through. Iterating gives the frames."""

    def __init__(self, raw: Raw, recipe: TableRecipe, years: Years) -> None:
        self.raw, self.recipe, self.years = raw, recipe, years
        self.fields = list(recipe.used())
        self._fit()
        self.rows = self.blank = self.kept = self.invalid = self.unplaced = 0
        self.nothing: Counter[str] = Counter()
        self.kinds: set[str] = set()

    def _fit(self) -> None:
        """Whether this file has what the recipe needs; more is let be, and told. Raises Unreadable."""
        wanted = [*(each.source for each in self.fields), *(self.recipe.where.columns if self.recipe.where else ())]
        if missing := [name for name in wanted if name not in self.raw.columns]:
            raise Unreadable("header_differs", missing=", ".join(missing), found=", ".join(self.raw.columns))
        known = {each.source for each in self.recipe.fields} | set(wanted)
        self.more = [name for name in self.raw.columns if name not in known and not name.startswith(OURS)]

    def __iter__(self) -> Iterator[bytes]:
        yield _json(
            columns=list(self.raw.columns), delimiter=self.raw.delimiter, encoding=self.raw.encoding, more=self.more
        )
        for batch in self.raw.batches():
            yield from self.of(batch)
        yield from self._aside()
        broken = getattr(self.raw, "broken", None)
        yield _json(
            done={
                "rows": self.rows + self.raw.misfits.ragged_rows,
                "kept": self.kept,
                "aside": self.raw.misfits.count,
                "blank": self.blank,
                "nothing": dict(self.nothing),
                "invalid": self.invalid,
                "unplaced": self.unplaced,
                "kinds": sorted(self.kinds),
                "broken": broken and broken.to_json(),
                "late": dict(getattr(self.raw, "late", {})),
            }
        )

    def of(self, batch: pa.RecordBatch) -> Iterator[bytes]:
        """The frames of one batch."""
        lines = self.raw.misfits.numbers(self.rows, batch.num_rows)
        blank = _blank(batch)
        bad = np.zeros(batch.num_rows, dtype=np.bool_)
        columns, problems = [], []
        for place, field in enumerate(self.fields):
            column = batch[field.source]
            converted = convert(column, field, self.years)
            if converted.wider:
                yield _json(wider={field.name: converted.wider})
                field = self.fields[place] = replace(field, type=converted.wider)
                converted = convert(column, field, self.years)
            self._count_nothing(column, field)
            columns.append(converted.values)
            problems.append(converted)
            bad |= converted.bad
        placed = shapes(batch, self.recipe.where) if self.recipe.where else None
        if placed:
            bad |= placed.bad
        bad &= ~blank
        if bad.any():
            self._set_aside(batch, bad, problems, placed)
        self.blank += int(blank.sum())
        good = ~(bad | blank)
        self.rows += batch.num_rows
        yield self._frame(lines, columns, placed, good)
        if self.raw.misfits.many():
            yield from self._aside()

    def _frame(self, lines: npt.NDArray[np.int64], columns: list[pa.Array], placed: Shapes | None, good: Mask) -> bytes:
        arrays = [pa.array(lines), *columns]
        if placed:
            arrays += [placed.wkb, *(pa.array(placed.box[:, n], from_pandas=True) for n in range(4))]
            self.kinds |= placed.types
            self.invalid += placed.invalid
        made = pa.record_batch(arrays, schema=schema_of(tuple(self.fields), placed is not None))
        if not good.all():
            made = made.filter(pa.array(good))
        if placed:
            self.unplaced += made["geometry"].null_count
        self.kept += made.num_rows
        return b"A" + COUNTS.pack(self.raw.consumed, self.rows) + made.serialize().to_pybytes()

    def _count_nothing(self, column: pa.Array, field: Field) -> None:
        if field.nothing and pa.types.is_string(column.type):
            found = pc.sum(pc.is_in(pc.utf8_trim_whitespace(column), pa.array(field.nothing))).as_py()
            if found:
                self.nothing[field.name] += found

    def _set_aside(self, batch: pa.RecordBatch, bad: Mask, problems: list[Converted], placed: Shapes | None) -> None:
        """Notes every row that does not fit, with the first field that is wrong."""
        where = np.flatnonzero(bad)
        cells = batch.take(pa.array(where)).to_pylist()
        for index, row in zip(where.tolist(), cells, strict=True):
            field, code = self._problem(index, problems, placed)
            texts = ["" if cell is None or isinstance(cell, bytes) else str(cell) for cell in row.values()]
            self.raw.misfits.add(self.rows + index, field, code, texts)

    def _problem(self, index: int, problems: list[Converted], placed: Shapes | None) -> tuple[str, str]:
        for field, converted in zip(self.fields, problems, strict=True):
            if converted.bad[index]:
                return field.source, converted.why if isinstance(converted.why, str) else converted.why[index]
        assert placed is not None and self.recipe.where is not None
        return " + ".join(self.recipe.where.columns), str(placed.why[index])

    def _aside(self) -> Iterator[bytes]:
        for some in self.raw.misfits.taken():
            yield _json(aside=some)


def _blank(batch: pa.RecordBatch) -> Mask:
    """Rows without anything in them."""
    blank = np.ones(batch.num_rows, dtype=np.bool_)
    for column in batch.columns:
        empty = pc.is_null(column)
        if pa.types.is_string(column.type):
            empty = pc.or_(empty, pc.equal(pc.utf8_trim_whitespace(pc.fill_null(column, "")), ""))
        blank &= empty.to_numpy(zero_copy_only=False)
        if not blank.any():
            break
    return blank


def _json(**said: Any) -> bytes:
    return b"J" + json.dumps(said).encode()

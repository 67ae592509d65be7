"""Holdings of made-up places, built as a loader's rows are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely

from allmende.catalogue.holdings.building import Plan, build
from allmende.catalogue.holdings.columns import BOX, ColumnFacts
from allmende.catalogue.holdings.reading import Holding

Build = Callable[..., Holding]


def placed(shapes: Sequence[Any], **columns: Sequence[Any]) -> Holding:
    """A holding of these geometries (None: no place) with these columns; types are guessed from the values."""
    found = np.array(shapes, dtype=object)
    arrays = {"_line": pa.array(range(1, len(found) + 1), pa.int64())}
    arrays |= {name: pa.array(values) for name, values in columns.items()}
    arrays["geometry"] = pa.array(list(shapely.to_wkb(found)), pa.binary())
    bounds = shapely.bounds(found)
    for side, name in enumerate(BOX):
        arrays[name] = pa.array(bounds[:, side], from_pandas=True)
    kinds = {"string": "text", "int64": "integer", "double": "number", "bool": "boolean", "date32[day]": "date"}
    facts = tuple(
        ColumnFacts(name, name, kinds.get(str(arrays[name].type), "datetime"), "")  # as the loader says
        for name in columns
    )
    table = pa.table(arrays)
    built = build(table.to_reader(max_chunksize=10_000), Plan(facts, (), True))
    return Holding(built.digest, built.columns, True, built.rows, (), built.bbox)


def grid(n: int, **columns: Sequence[Any]) -> Holding:
    """n × n points a thousandth of a degree apart from 11.5, 50.9 on, with their `number`."""
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    shapes = shapely.points(11.5 + x.ravel() / 1000, 50.9 + y.ravel() / 1000)
    return placed(shapes, number=list(range(n * n)), **columns)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return tmp_path

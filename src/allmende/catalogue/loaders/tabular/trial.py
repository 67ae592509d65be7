"""What the first rows of a table would become by a recipe: for a preview, before anything is loaded. In the sandbox."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import shapely

from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.tabular import kinds
from allmende.catalogue.loaders.tabular.convert import Years
from allmende.catalogue.loaders.tabular.recipe import TableRecipe
from allmende.catalogue.loaders.tabular.rows import COUNTS, Reading, schema_of

_LONGEST = 120  # characters of a cell


def trial(source: BinaryIO, recipe: dict[str, Any], earliest: int, latest: int, limit: int = 200) -> Iterator[bytes]:
    """One frame of JSON: {"rows": [cells as text], "places": [[lon, lat] or null], "aside": […], "tried"} or
    {"unreadable"}."""
    try:
        plan = TableRecipe.from_json(recipe)
        raw = kinds.opened(source, plan.format, plan.options)
        reading = Reading(raw, plan, Years(earliest, latest))
        batch = next(iter(raw.batches()), None)
        frames = list(reading.of(batch.slice(0, limit))) if batch is not None else []
        answer = _answer(frames, plan, reading)
    except Unreadable as problem:
        answer = {"unreadable": problem.said.to_json()}
    except ValueError as problem:
        answer = {"unreadable": {"code": "recipe", "params": {"problem": str(problem)}}}
    yield json.dumps(answer).encode()


def _answer(frames: list[bytes], plan: TableRecipe, reading: Reading) -> dict[str, Any]:
    schema = schema_of(tuple(reading.fields), plan.where is not None)
    rows: list[dict[str, Any]] = []
    for frame in frames:
        if frame[:1] == b"A":
            batch = pa.ipc.read_record_batch(pa.py_buffer(frame[1 + COUNTS.size :]), schema)
            rows += batch.to_pylist()
    names = [each.name for each in reading.fields]
    aside = [row for some in reading.raw.misfits.taken() for row in some]
    return {
        "rows": [{name: _text(row[name]) for name in names} for row in rows[:20]],
        "places": [_place(row.get("geometry")) for row in rows] if plan.where else [],
        "aside": [{**each, "cells": []} for each in aside[:20]],
        "tried": reading.rows,
        "types": {each.name: each.type for each in reading.fields},
    }


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    text = str(cell)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _place(wkb: bytes | None) -> list[float] | None:
    if wkb is None:
        return None
    point = shapely.point_on_surface(shapely.from_wkb(wkb))
    return None if point.is_empty else [round(point.x, 6), round(point.y, 6)]

"""Rows of the relational database as light tuples with only the columns that answers need.

Whole model instances cost five times as much (9 ms against 1.7 ms for 65 Datastreams): JSON is decoded here by msgspec.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from typing import Any, cast

import msgspec
from django.db.models import ExpressionWrapper, F, QuerySet, TextField

_decode = msgspec.json.Decoder().decode
_BOX = ("west", "south", "east", "north")
_STREAM = ("observation_type", "multi", "thing_id", "sensor_id", "observed_property_id", *_BOX)

# Per entity: columns as they are, columns of JSON.
_COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Thing": ((), ("name", "description", "properties")),
    "Location": (("encoding_type",), ("name", "description", "feature", "properties")),
    "HistoricalLocation": (("time", "thing_id"), ()),
    "Datastream": (_STREAM, ("name", "description", "unit_of_measurement", "properties")),
    "MultiDatastream": (_STREAM, ("name", "description", "unit_of_measurement", "properties")),
    "Sensor": (("name", "description", "encoding_type"), ("metadata", "properties")),
    "ObservedProperty": (("definition",), ("name", "description", "properties")),
    "FeatureOfInterest": (("name", "description", "encoding_type"), ("feature", "properties")),
}
_SHAPES: dict[str, Callable[[Iterable[Any]], Any]] = {
    name: cast(Any, namedtuple(name, ("pk", "code", *plain, *json)))._make for name, (plain, json) in _COLUMNS.items()
}


def fetch(entity: str, rows: QuerySet[Any], start: int = 0, end: int | None = None) -> list[Any]:
    """The rows from start to end, in the queryset's order."""
    plain, json = _COLUMNS[entity]
    texts = {f"text_of_{name}": ExpressionWrapper(F(name), TextField()) for name in json}
    found = rows.annotate(**texts).values_list("pk", "code", *plain, *texts)[start:end]
    shape, width = _SHAPES[entity], 2 + len(plain)
    return [shape((*row[:width], *(None if text is None else _decode(text) for text in row[width:]))) for row in found]

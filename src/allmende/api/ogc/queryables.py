"""Which properties features have, and which of them may be asked and sorted by (part 3, § 6.2)."""

from typing import Any

from starlette.responses import Response

from allmende.api.endpoints import Call
from allmende.api.ogc import pages
from allmende.api.ogc.asking import SCHEMA, collection_path, itself, language, link, root, wants_html
from allmende.api.ogc.collections import OneQuery
from allmende.api.ogc.layers import Layer, layer
from allmende.api.ogc.moments import moment_column
from allmende.api.threads import in_thread
from allmende.core.texts import pick

_TYPES: dict[str, dict[str, str]] = {
    "text": {"type": "string"},
    "json": {"type": "string", "contentMediaType": "application/json"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}
_SHAPES = {
    "Point": "point",
    "MultiPoint": "multipoint",
    "LineString": "linestring",
    "MultiLineString": "multilinestring",
    "Polygon": "polygon",
    "MultiPolygon": "multipolygon",
}


async def list_queryables(call: Call, query: OneQuery) -> Response:
    """Properties that filters may name, as JSON Schema."""
    return await in_thread(_schema, call, query, "queryables")


async def list_sortables(call: Call, query: OneQuery) -> Response:
    """Properties that `sortby` may name, as JSON Schema."""
    return await in_thread(_schema, call, query, "sortables")


async def show_schema(call: Call, query: OneQuery) -> Response:
    """What a feature of the collection is made of, as JSON Schema."""
    return await in_thread(_schema, call, query, "schema")


def _schema(call: Call, query: OneQuery, what: str) -> Response:
    found = layer(call.actor, call.path("id"), query.version, whole=True)
    html, spoken = wants_html(call, query.f), language(call)
    path = f"{collection_path(found.id)}/{what}"
    properties = {each.name: property_of(found, each.name, spoken) for each in found.holding.columns}
    moment = moment_column(found.holding)
    if moment:
        properties[moment.name]["x-ogc-role"] = "primary-instant"
    if what != "sortables":
        properties["geometry"] = {"x-ogc-role": "primary-geometry", "format": _format(found)}
    if what == "schema":
        properties = {"_id": {"type": "string", "x-ogc-role": "id"}} | properties
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": root(call) + path,
        "type": "object",
        "title": found.title(spoken),
        "properties": properties,
        "additionalProperties": False,
    }
    if html:
        links = [*itself(call, path, html=True, media=SCHEMA), link(root(call) + collection_path(found.id), "up")]
        return pages.schema_page(found.title(spoken), what, properties, links, spoken)
    return pages.answer(schema, SCHEMA)


def property_of(found: Layer, name: str, spoken: str) -> dict[str, Any]:
    """A property as JSON Schema."""
    column = next(each for each in found.holding.columns if each.name == name)
    said = found.found.dictionary.get(name)
    made: dict[str, Any] = {"title": pick(said.title, spoken) if said else column.source or name}
    if said and pick(said.description, spoken):
        made["description"] = pick(said.description, spoken)
    made |= _TYPES[column.type]
    unit = (said.unit if said else "") or column.unit
    return made | ({"x-ogc-unit": unit} if unit else {})


def _format(found: Layer) -> str:
    kinds = set(found.found.part.geometry.get("types", ()))
    return "geometry-" + (_SHAPES.get(kinds.pop(), "any") if len(kinds) == 1 else "any")

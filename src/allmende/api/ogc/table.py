"""All operations below /api/ogc, and their description."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from allmende.api.endpoints import Call, Operation, json
from allmende.api.ogc import collections, items, landing, queryables
from allmende.api.ogc.asking import GEOJSON, HTML, JSON, MVT, OPENAPI, SCHEMA
from allmende.api.ogc.collections import FormQuery, OneQuery
from allmende.api.ogc.description import description
from allmende.api.ogc.tiles import serving as tiles
from allmende.api.ogc.tiles.grid import NAME

_READ = "catalogue:read"
_document: dict[str, Any] = {}


async def show_description(call: Call, query: FormQuery) -> Response:
    """OpenAPI 3.0 of these operations."""
    if not _document:
        _document.update(description(OPERATIONS))
    answer = json(_document)
    answer.headers["Content-Type"] = OPENAPI
    return answer


def _get(path: str, handler: Callable[..., Awaitable[Any]], query: type, summary: str, *media: str) -> Operation:
    answers: dict[str, Any] = dict.fromkeys(media, dict[str, Any]) | {HTML: None}
    return Operation("GET", path, _READ, summary, handler, query, answers)


_ONE = "/collections/{id}"
_TILES = f"{_ONE}/tiles/{NAME}"
OPERATIONS = (
    _get("/", landing.show_landing, FormQuery, "Landing page", JSON),
    _get("/conformance", landing.show_conformance, FormQuery, "Requirements classes that hold", JSON),
    Operation("GET", "/api", _READ, "This description", show_description, FormQuery, {OPENAPI: dict[str, Any]}),
    _get("/collections", collections.list_collections, FormQuery, "Layers", JSON),
    _get(_ONE, collections.show_collection, OneQuery, "One layer", JSON),
    _get(_ONE + "/queryables", queryables.list_queryables, OneQuery, "Properties for filters", SCHEMA),
    _get(_ONE + "/sortables", queryables.list_sortables, OneQuery, "Properties for sorting", SCHEMA),
    _get(_ONE + "/schema", queryables.show_schema, OneQuery, "What features are made of", SCHEMA),
    _get(_ONE + "/items", items.list_features, items.ItemsQuery, "Features", GEOJSON),
    _get(_ONE + "/items/{feature:path}", items.show_feature, items.ItemQuery, "One feature", GEOJSON),
    _get(_ONE + "/tiles", tiles.list_tilesets, OneQuery, "Tilesets", JSON),
    _get(_TILES, tiles.show_tileset, tiles.TilesetQuery, "The tileset", JSON, tiles.TILEJSON),
    Operation("GET", _TILES + "/{z}/{y}/{x}", _READ, "One vector tile", tiles.show_tile, tiles.TileQuery, {MVT: None}),
)
BARE = _get("", landing.show_landing, FormQuery, "Landing page, for clients that leave the slash out", JSON)

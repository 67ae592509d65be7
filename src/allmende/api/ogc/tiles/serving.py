"""Answers about tiles: which there are, how they are addressed, and each of them."""

from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response

from allmende.api.endpoints import Call
from allmende.api.ogc import pages
from allmende.api.ogc.asking import JSON, LAST, MVT, Link, collection_path, itself, language, link, root, wants_html
from allmende.api.ogc.collections import OneQuery
from allmende.api.ogc.crs import CRS84
from allmende.api.ogc.layers import Layer, layer
from allmende.api.ogc.queryables import property_of
from allmende.api.ogc.tiles import grid
from allmende.api.ogc.tiles.content import tile_of
from allmende.api.ogc.tiles.grid import Tile
from allmende.api.problems import not_found
from allmende.api.threads import in_thread
from allmende.catalogue.licences import licence_name
from allmende.catalogue.queries import AccessClass
from allmende.core.texts import pick

TILEJSON = "application/vnd.mapbox.tilejson+json"
_DEEPEST_USEFUL = 16  # beyond it clients enlarge tiles of this level
_CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
_TYPES = {"integer": "Number", "number": "Number", "boolean": "Boolean"}


class TilesetQuery(Struct, forbid_unknown_fields=True):
    """How to answer, and about which version."""

    f: Annotated[str, Meta(description="json, tilejson or html; else what Accept asks for")] = ""
    version: Annotated[Annotated[int, Meta(ge=1, le=LAST)] | None, Meta(description="Version; the newest one")] = None


class TileQuery(Struct, forbid_unknown_fields=True):
    """Of which version."""

    f: Annotated[str, Meta(pattern="^(mvt|)$", description="mvt")] = ""
    version: Annotated[Annotated[int, Meta(ge=1, le=LAST)] | None, Meta(description="Version; the newest one")] = None


async def list_tilesets(call: Call, query: OneQuery) -> Response:
    """The tilesets of a collection: there is one, WebMercatorQuad."""
    return await in_thread(_list, call, query)


async def show_tileset(call: Call, query: TilesetQuery) -> Response:
    """How its tiles are addressed and what they hold; as TileJSON 3.0 with `f=tilejson`."""
    return await in_thread(_one, call, query)


async def show_tile(call: Call, query: TileQuery) -> Response:
    """One tile, as Mapbox Vector Tile; 204 where nothing lies in it. Where a version is named it never changes."""
    return await in_thread(_tile, call, query)


def _list(call: Call, query: OneQuery) -> Response:
    html, spoken = wants_html(call, query.f), language(call)
    found = layer(call.actor, call.path("id"), query.version, whole=True)
    path = f"{collection_path(found.id)}/tiles"
    links = itself(call, path, html=html)
    if html:
        links.append(link(f"{root(call)}{path}/{grid.NAME}", "item", JSON))
        return pages.tiles_page(found.title(spoken), links, spoken)
    short = {name: value for name, value in _described(call, found, spoken).items() if name not in ("layers",)}
    return pages.answer({"links": links, "tilesets": [short]})


def _one(call: Call, query: TilesetQuery) -> Response:
    spoken = language(call)
    tilejson = query.f == "tilejson" or (not query.f and "tilejson" in call.request.headers.get("accept", ""))
    html = not tilejson and wants_html(call, query.f)
    found = layer(call.actor, call.path("id"), query.version, whole=True)
    if tilejson:
        return pages.answer(_tilejson(call, found, spoken), TILEJSON)
    document = _described(call, found, spoken)
    if html:
        return pages.tiles_page(found.title(spoken), document["links"], spoken)
    return pages.answer(document)


def _described(call: Call, found: Layer, spoken: str) -> dict[str, Any]:
    """The metadata of the tileset (OGC 20-057 § 10)."""
    here = f"{root(call)}{collection_path(found.id)}/tiles/{grid.NAME}"
    template = {**link(_template(here, found, "{tileMatrix}/{tileRow}/{tileCol}"), "item", MVT), "templated": True}
    links: list[Link] = [
        link(here, "self", JSON),
        link(here, "alternate", TILEJSON, f="tilejson"),
        template,
        link(grid.URI, "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON),
        link(root(call) + collection_path(found.id), "http://www.opengis.net/def/rel/ogc/1.0/geodata", JSON),
    ]
    document: dict[str, Any] = {
        "title": found.title(spoken),
        "dataType": "vector",
        "crs": _CRS,
        "tileMatrixSetURI": grid.URI,
        "links": links,
        "layers": [{"id": found.found.name, "dataType": "vector", "propertiesSchema": _schema(found, spoken)}],
    }
    if found.holding.bbox:
        west, south, east, north = found.holding.bbox
        document["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri}
        document["tileMatrixSetLimits"] = grid.limits(found.holding.bbox)
    return document


def _schema(found: Layer, spoken: str) -> dict[str, Any]:
    return {"type": "object", "properties": {each: property_of(found, each, spoken) for each in found.holding.names}}


def _template(here: str, found: Layer, places: str) -> str:
    """With the version, so that what is fetched can be kept for ever."""
    return f"{here}/{places}?version={found.number}"


def _tilejson(call: Call, found: Layer, spoken: str) -> dict[str, Any]:
    here = f"{root(call)}{collection_path(found.id)}/tiles/{grid.NAME}"
    dataset = found.dataset
    fields = {each.name: _TYPES.get(each.type, "String") for each in found.holding.columns}
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": found.title(spoken),
        "description": pick(dataset.description, spoken),
        "attribution": dataset.attribution or (licence_name(dataset.licence) if dataset.licence else ""),
        "version": f"{found.number}.0.0",
        "scheme": "xyz",
        "tiles": [_template(here, found, "{z}/{y}/{x}")],
        "minzoom": 0,
        "maxzoom": _DEEPEST_USEFUL,
        "vector_layers": [{"id": found.found.name, "fields": {"_id": "String", **fields}}],
    }
    if dataset.simulated:
        document["simulated"] = True
    if found.holding.bbox:
        west, south, east, north = found.holding.bbox
        document["bounds"] = list(found.holding.bbox)
        document["center"] = [(west + east) / 2, (south + north) / 2, 12]
    return document


def _tile(call: Call, query: TileQuery) -> Response:
    tile = _asked(call)
    found = layer(call.actor, call.path("id"), query.version)
    tag = f'"{found.holding.digest[:20]}-{tile.z}-{tile.x}-{tile.y}"'
    headers = {"ETag": tag, "Cache-Control": _keeping(found), "Vary": "Authorization, Cookie"}
    if tag in call.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = tile_of(found, tile)
    if not body:
        return Response(status_code=204, headers=headers)
    return Response(body, 200, headers, MVT)


def _asked(call: Call) -> Tile:
    parts = [call.path(name) for name in ("z", "x", "y")]
    if all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        tile = Tile(*map(int, parts))
        if tile.exists:
            return tile
    raise not_found(
        f"{grid.NAME} has no tile {'/'.join(parts)} (zoom level, column, row); levels go to {grid.DEEPEST}."
    )


def _keeping(found: Layer) -> str:
    """How long caches may keep it: for ever where the version is named, else with a question each time."""
    whose = "public" if found.dataset.access_class == AccessClass.OPEN else "private"
    return f"{whose}, max-age=31536000, immutable" if found.pinned else f"{whose}, no-cache"

"""The list of collections and what is said of each (part 1, § 7.13 and 7.14; part 2, § 6.2)."""

import math
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response

from allmende.api.endpoints import Call
from allmende.api.ogc import pages
from allmende.api.ogc.asking import (
    GEOJSON,
    HTML,
    JSON,
    LAST,
    SCHEMA,
    Link,
    collection_path,
    itself,
    language,
    link,
    root,
    server,
    wants_html,
)
from allmende.api.ogc.crs import CRS84, URIS
from allmende.api.ogc.layers import Layer, layer, layers
from allmende.api.ogc.moments import moment_column
from allmende.api.threads import in_thread
from allmende.catalogue.licences import licence_name
from allmende.core.texts import pick

Form = Annotated[str, Meta(description="json or html; else what Accept asks for")]
Number = Annotated[Annotated[int, Meta(ge=1, le=LAST)] | None, Meta(description="Version; the newest published one")]


class FormQuery(Struct, forbid_unknown_fields=True):
    """How to answer."""

    f: Form = ""


class OneQuery(Struct, forbid_unknown_fields=True):
    """How to answer, and about which version."""

    f: Form = ""
    version: Number = None


async def list_collections(call: Call, query: FormQuery) -> Response:
    """Layers of features that the reader may see."""
    return await in_thread(_list, call, query)


async def show_collection(call: Call, query: OneQuery) -> Response:
    """One layer: its extent, coordinate reference systems and links."""
    return await in_thread(_one, call, query)


def _list(call: Call, query: FormQuery) -> Response:
    html, spoken = wants_html(call, query.f), language(call)
    links = itself(call, "/collections", html=html)
    found = [described(call, each, spoken, short=True) for each in layers(call.actor)]
    if html:
        return pages.collections_page(found, [*links, link(root(call) + "/", "up", f="html")], spoken)
    return pages.answer({"links": links, "crs": URIS, "collections": found})


def _one(call: Call, query: OneQuery) -> Response:
    html, spoken = wants_html(call, query.f), language(call)
    found = layer(call.actor, call.path("id"), query.version, whole=True)
    document = described(call, found, spoken)
    document["links"] = [*itself(call, collection_path(found.id), html=html), *document["links"]]
    return pages.collection_page(document, spoken) if html else pages.answer(document)


def described(call: Call, found: Layer, spoken: str, *, short: bool = False) -> dict[str, Any]:
    """The description of a collection. short: as in the list."""
    dataset = found.dataset
    document: dict[str, Any] = {
        "id": found.id,
        "title": found.title(spoken),
        "description": pick(dataset.description, spoken),
        "attribution": dataset.attribution,
        "keywords": dataset.keywords,
        "extent": _extent(found),
        "itemType": "feature",
        "crs": ["#/crs"] if short else URIS,
        "storageCrs": CRS84.uri,
        "version": found.number,
        "updated": found.found.version.published,
        "simulated": dataset.simulated,
        "links": _links(call, found, spoken, short=short),
    }
    return {name: value for name, value in document.items() if value not in ("", [], None)}


def _extent(found: Layer) -> dict[str, Any]:
    extent: dict[str, Any] = {}
    if found.holding.bbox:
        extent["spatial"] = {"bbox": [_rounded(found.holding.bbox)], "crs": CRS84.uri}
    moment = moment_column(found.holding)
    if moment and moment.least:
        ends = [_instant(each, moment.type) for each in (moment.least, moment.most)]
        trs = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
        extent["temporal"] = {"interval": [ends], "trs": trs}
    return extent


def _rounded(box: tuple[float, float, float, float]) -> list[float]:
    """Outwards, to as many decimals as coordinates are answered with; a thousandth of a step is no difference."""
    step, same = 10**CRS84.decimals, 1e-3
    low = [math.floor(side * step + same) / step for side in box[:2]]
    return low + [math.ceil(side * step - same) / step for side in box[2:]]


def _instant(text: str | None, kind: str) -> str | None:
    """As DuckDB writes it to RFC 3339 in UTC; days become their first instant, because the standard has no days."""
    if text is None:
        return None
    if kind == "date":
        return f"{text}T00:00:00Z"
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _links(call: Call, found: Layer, spoken: str, *, short: bool) -> list[Link]:
    here, dataset = root(call) + collection_path(found.id), found.dataset
    pinned: dict[str, Any] = {"version": found.number} if found.pinned else {}
    links = [link(here + "/items", "items", GEOJSON, **pinned, f="json")]
    if short:
        return [link(here, "self", JSON, **pinned), *links]
    about = f"{server(call)}/{spoken}/datasets/{dataset.slug}/"
    rel = "http://www.opengis.net/def/rel/ogc/1.0/"
    links += [
        link(here + "/items", "items", HTML, **pinned, f="html"),
        link(here + "/queryables", rel + "queryables", SCHEMA, **pinned),
        link(here + "/sortables", rel + "sortables", SCHEMA, **pinned),
        link(here + "/schema", rel + "schema", SCHEMA, **pinned),
        link(here + "/tiles", rel + "tilesets-vector", JSON, **pinned),
        link(about, "describedby", HTML),
        link(root(call) + "/collections", "up", JSON),
    ]
    if dataset.licence:
        links.append(link(dataset.licence, "license", HTML, licence_name(dataset.licence)))
    return links

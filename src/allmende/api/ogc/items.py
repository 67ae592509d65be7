"""Features of a collection, in pages and one by one (part 1, § 7.15 and 7.16; part 2, § 6.3; part 3, § 8)."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

import pyarrow as pa
from msgspec import Meta, Struct
from starlette.responses import Response

from allmende.api.endpoints import Call
from allmende.api.ogc import pages
from allmende.api.ogc.asking import (
    GEOJSON,
    HTML,
    JSON,
    LAST,
    Link,
    collection_path,
    itself,
    language,
    link,
    root,
    wants_html,
)
from allmende.api.ogc.crs import Crs
from allmende.api.ogc.features import features
from allmende.api.ogc.layers import Layer, layer
from allmende.api.ogc.questions import ItemsQuery, columns_of, crs_parameter, question_of
from allmende.api.problems import not_found
from allmende.api.threads import in_thread
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.uses.counting import UseKind, count
from allmende.core.clock import now

_FEW = 400  # rows that are fetched to spare a count


class ItemQuery(Struct, forbid_unknown_fields=True):
    """Parameters of one feature."""

    f: Annotated[str, Meta(description="json or html; else what Accept asks for")] = ""
    crs: Annotated[str, Meta(description="URI of the coordinate reference system of the answer")] = ""
    properties: Annotated[str, Meta(description="Only these properties, separated by commas")] = ""
    version: Annotated[
        Annotated[int, Meta(ge=1, le=LAST)] | None, Meta(description="Version; the newest published one")
    ] = None


async def list_features(call: Call, query: ItemsQuery) -> Response:
    """Features that fit all parameters. A parameter that is called like a property asks for its value: `art=Linde`."""
    return await in_thread(_page, call, query)


async def show_feature(call: Call, query: ItemQuery) -> Response:
    """One feature, by its id."""
    return await in_thread(_one, call, query)


def _page(call: Call, query: ItemsQuery) -> Response:
    html, spoken = wants_html(call, query.f), language(call)
    found = layer(call.actor, call.path("id"), query.version)
    count(found.dataset.pk, UseKind.PROGRAM, call.request.headers.get("user-agent", ""))
    crs = crs_parameter("crs", query.crs)
    question = question_of(found, query, call.request.query_params)
    table, matched = _rows(found, question)
    more, page = table.num_rows > query.page_size, table.slice(0, query.page_size)
    links = _links(call, found, html=html)
    if more:
        links.append(_next(call, found, query, page, html=html))
    document: dict[str, Any] = {"type": "FeatureCollection", "links": links, "timeStamp": now()}
    document["numberMatched"] = matched
    document["numberReturned"] = page.num_rows
    if found.dataset.simulated:
        document["simulated"] = True
    names = question.columns or ()
    document["features"] = _features(page, names, found, crs)
    if html:
        return pages.items_page(found.title(spoken), document, names, spoken)
    return pages.answer(document, GEOJSON, {"Content-Crs": f"<{crs.uri}>"})


def _rows(found: Layer, question: Question) -> tuple[pa.Table, int]:
    """The rows of the page and one more, and how many match in all. Where a condition may leave few rows, more of them
    are fetched, because that is quicker than to count them in a second statement."""
    limit = question.limit or 0
    if question.where is None or question.beyond is not None or question.skip or limit > _FEW:
        return reading.rows(found.holding, question), reading.count(found.holding, question.where)
    table = reading.rows(found.holding, replace(question, limit=_FEW))
    if table.num_rows < _FEW:
        return table, table.num_rows
    return table, reading.count(found.holding, question.where)


def _features(table: Any, names: tuple[str, ...], found: Layer, crs: Crs) -> list[dict[str, Any]]:
    json = frozenset(each.name for each in found.holding.columns if each.type == "json")
    return features(table, names, json, crs)


def _links(call: Call, found: Layer, *, html: bool) -> list[Link]:
    path = collection_path(found.id)
    links = [*itself(call, path + "/items", html=html, media=GEOJSON), link(root(call) + path, "collection", JSON)]
    if found.dataset.licence:
        links.append(link(found.dataset.licence, "license", HTML))
    return links


def _next(call: Call, found: Layer, query: ItemsQuery, page: Any, *, html: bool) -> Link:
    """The following page, of the same version, so that a new one in between leaves nothing out."""
    given = {name: value for name, value in call.request.query_params.items() if name not in ("f", "after", "offset")}
    given["version"] = str(found.number)
    if query.sortby:
        given["offset"] = str(query.offset + query.page_size)
    else:
        given["after"] = str(page["_row"][-1].as_py())
    form, media = ("html", HTML) if html else ("json", GEOJSON)
    return link(root(call) + collection_path(found.id) + "/items", "next", media, "", **given, f=form)


def _one(call: Call, query: ItemQuery) -> Response:
    html, spoken = wants_html(call, query.f), language(call)
    found = layer(call.actor, call.path("id"), query.version)
    crs = crs_parameter("crs", query.crs)
    names = columns_of(found, query.properties)
    table = reading.row(found.holding, call.path("feature"), names)
    if not table.num_rows:
        raise not_found(f"There is no feature '{call.path('feature')}' in '{found.id}', version {found.number}.")
    feature = _features(table, names, found, crs)[0]
    path = f"{collection_path(found.id)}/items/{quote(str(feature['id']), safe='')}"
    feature["links"] = [
        *itself(call, path, html=html, media=GEOJSON),
        link(root(call) + collection_path(found.id), "collection", JSON),
    ]
    if found.dataset.simulated:
        feature["simulated"] = True
    if html:
        return pages.item_page(found.title(spoken), feature, spoken)
    return pages.answer(feature, GEOJSON, {"Content-Crs": f"<{crs.uri}>"})

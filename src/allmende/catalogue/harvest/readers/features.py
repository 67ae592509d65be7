"""OGC API Features: the list of collections, and their items page by page."""

import json
from typing import Any

from allmende.catalogue.harvest.readers.plain import address, day, local, text
from allmende.catalogue.licences import licence

PAGE = 1_000


def first(url: str) -> str:
    """The address of the collections."""
    return f"{url.split('/collections')[0].split('?')[0].rstrip('/')}/collections?f=json"


def read(document: bytes, url: str) -> dict[str, Any]:
    """The collections that hold features."""
    said = json.loads(document)
    root = url.partition("/collections")[0]
    found = [
        _collection(each, root)
        for each in said["collections"]
        if each.get("itemType", "feature") in ("feature", "Feature")
    ]
    return {"found": found, "next": _link(said.get("links") or (), "next")}


def _collection(said: dict[str, Any], root: str) -> dict[str, Any]:
    extent = said.get("extent") or {}
    begin, end = ((extent.get("temporal") or {}).get("interval") or [[None, None]])[0]
    links = said.get("links") or ()
    given = [address(_link(links, "license")), address(said.get("license"))]
    known = next((found for each in given if each and (found := licence(each))), None)
    here = f"{root}/collections/{said['id']}"
    items = address(_link(links, "items", "geo+json")) or f"{here}/items"
    joint = "&" if "?" in items else "?"
    limit = "" if "limit=" in items else f"{joint}limit={PAGE}"
    return {
        "remote": here,
        "title": local(said.get("title") or said["id"], 300),
        "description": local(said.get("description")),
        "keywords": [text(each, 60) for each in said.get("keywords") or ()],
        "licence": known.uri if known else next((each for each in given if each), ""),
        "attribution": text(said.get("attribution"), 300),
        "begins": day(begin),
        "ends": day(end),
        "page": here,
        "files": [{"url": items + limit, "kind": "features", "name": text(said["id"], 80)}],
    }


def read_items(document: bytes, url: str) -> dict[str, Any]:
    """A page of features: {"features": […], "next"}."""
    said = json.loads(document)
    if said.get("type") != "FeatureCollection":
        raise ValueError("this is no collection of features")
    return {"features": said["features"], "next": address(_link(said.get("links") or (), "next"))}


def _link(links: Any, relation: str, media: str = "") -> str:
    for each in links:
        if each.get("rel") == relation and media in str(each.get("type", "")):
            return str(each.get("href", ""))
    return ""

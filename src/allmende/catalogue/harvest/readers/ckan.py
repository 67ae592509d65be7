"""CKAN's action API: answers of `package_search`."""

import json
from typing import Any

from allmende.catalogue.harvest.readers.plain import address, day, kind_of, local, text
from allmende.catalogue.licences import licence

PAGE = 100


def first(url: str) -> str:
    """The address of the first page. The order is that of age, so that what is added meanwhile moves nothing."""
    return f"{root(url)}/api/3/action/package_search?rows={PAGE}&start=0&sort=metadata_created+asc%2C+id+asc"


def root(url: str) -> str:
    """The portal's address, from what somebody copied out of the browser."""
    return url.split("/api/")[0].split("/dataset")[0].rstrip("/")


def read(document: bytes, url: str) -> dict[str, Any]:
    """A page of results. `next` counts on from the `start` of the address."""
    said = json.loads(document)
    if not said.get("success"):
        raise ValueError(text(said.get("error", "the portal says no"), 200))
    result = said["result"]
    start = int(url.partition("&start=")[2].partition("&")[0] or 0)
    got = len(result["results"])
    more = got > 0 and start + got < int(result["count"])
    following = url.replace(f"&start={start}", f"&start={start + got}") if more else ""
    return {"found": [_package(each, root(url)) for each in result["results"]], "next": following}


def _package(said: dict[str, Any], portal: str) -> dict[str, Any]:
    extras = {str(each.get("key")): each.get("value") for each in said.get("extras") or ()}
    organisation = (said.get("organization") or {}).get("title")
    return {
        "remote": str(said["id"]),
        "title": local(said.get("title") or said.get("name"), 300),
        "description": local(said.get("notes")),
        "keywords": [text(each.get("display_name") or each.get("name"), 60) for each in said.get("tags") or ()],
        "themes": _themes(said, extras),
        "licence": _licence(said),
        "attribution": text(organisation, 300),
        "contact_name": text(said.get("maintainer") or said.get("author"), 200),
        "contact_email": text(said.get("maintainer_email") or said.get("author_email"), 200),
        "begins": day(extras.get("temporal_start")),
        "ends": day(extras.get("temporal_end")),
        "frequency": str(extras.get("frequency") or "").rpartition("/")[2],
        "place_uri": address(extras.get("political_geocoding_uri") or extras.get("spatial_uri")),
        "page": f"{portal}/dataset/{said.get('name') or said['id']}",
        "files": [file for each in said.get("resources") or () if (file := _file(each))],
    }


def _themes(said: dict[str, Any], extras: dict[str, Any]) -> list[str]:
    """GovData's groups are the European themes in lower case; others say them in an extra."""
    groups = [str(each.get("name", "")).upper() for each in said.get("groups") or ()]
    given = str(extras.get("theme") or "")
    named = [each.rpartition("/")[2].strip('"] ') for each in given.split(",") if "data-theme/" in each]
    return [*groups, *named]


def _licence(said: dict[str, Any]) -> str:
    for given in (said.get("license_url"), f"http://dcat-ap.de/def/licenses/{said.get('license_id') or ''}"):
        if known := licence(str(given or "")):
            return known.uri
    return address(said.get("license_url"))


def _file(said: dict[str, Any]) -> dict[str, str] | None:
    url = address(said.get("download_url") or said.get("url"))
    kind = kind_of(said.get("format"), said.get("mimetype"), url.partition("?")[0].rpartition("/")[2])
    return {"url": url, "kind": kind, "name": text(said.get("name"), 120)} if url and kind else None

"""SensorThings: a service as one dataset, whose table tells of its datastreams. Their values come by a connector."""

import json
from typing import Any
from urllib.parse import urlsplit

from allmende.catalogue.harvest.readers.plain import address, local, text

_EXPAND = "Thing($expand=Locations),ObservedProperty,Sensor"


def first(url: str) -> str:
    """The service's own document."""
    return f"{url.rstrip('/')}"


def read(document: bytes, url: str) -> dict[str, Any]:
    """The service as one dataset."""
    said = json.loads(document)
    sets = {str(each.get("name")): address(each.get("url")) for each in said["value"]}
    if "Datastreams" not in sets:
        raise ValueError("this service has no datastreams")
    here = url.rstrip("/")
    host = urlsplit(url).hostname or url
    # Services behind a proxy often name an inner address for themselves; the one that was asked is the one that works.
    streams = f"{here}/Datastreams?$top=200&$orderby=id&$expand={_EXPAND}"
    about = {
        "remote": here,
        "title": local(f"SensorThings: {host}", 300),
        "description": local(f"Messreihen des Dienstes {here}"),
        "keywords": ["SensorThings"],
        "page": here,
        "files": [{"url": streams, "kind": "datastreams", "name": "datastreams"}],
    }
    return {"found": [about], "next": ""}


def read_datastreams(document: bytes, url: str) -> dict[str, Any]:
    """A page of datastreams as features: {"features": […], "next"}."""
    said = json.loads(document)
    here = url.partition("/Datastreams")[0]
    following = str(said.get("@iot.nextLink") or "")
    if following and "/Datastreams" in following:
        following = here + "/Datastreams" + following.partition("/Datastreams")[2]
    return {"features": [_feature(each) for each in said["value"]], "next": address(following)}


def _feature(said: dict[str, Any]) -> dict[str, Any]:
    thing = said.get("Thing") or {}
    places = [each.get("location") for each in thing.get("Locations") or () if isinstance(each.get("location"), dict)]
    place = places[0] if places else None
    if place and place.get("type") == "Feature":
        place = place.get("geometry")
    unit = said.get("unitOfMeasurement") or {}
    return {
        "type": "Feature",
        "geometry": place,
        "properties": {
            "datastream": str(said.get("@iot.id", "")),
            "name": text(said.get("name"), 300),
            "thing": text(thing.get("name"), 300),
            "observed_property": text((said.get("ObservedProperty") or {}).get("name"), 300),
            "sensor": text((said.get("Sensor") or {}).get("name"), 300),
            "unit": text(unit.get("symbol") or unit.get("name"), 60),
            "description": text(said.get("description"), 1_000),
            "phenomenon_time": text(said.get("phenomenonTime"), 100),
        },
    }

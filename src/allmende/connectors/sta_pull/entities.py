"""The other server's datastreams and observations in the terms of the house."""

from math import isfinite
from typing import Any, NamedTuple
from urllib.parse import quote

from allmende.connectors.readings import Wanted
from allmende.connectors.sta_pull.remote import RemoteSta
from allmende.core.clock import from_us, parse_instant
from allmende.core.geometry import representative_point
from allmende.core.texts import same
from allmende.core.units import UnknownUnit, unit

_NUMBERS = ("Measurement", "CountObservation", "TruthObservation", "OM_Observation")


class Stream(NamedTuple):
    """A Datastream of the other server. key: ours; observations: where its observations are."""

    key: str
    observations: str
    wanted: Wanted


class Seen(NamedTuple):
    """An observation. at: where it stands in the order of phenomenon times; time: what is kept, of an interval its end
    (µs UTC); value: None where the result is no number."""

    at: int
    time: int
    value: float | None


def stream_of(remote: RemoteSta, entity: dict[str, Any], *, interval: bool = False) -> Stream | None:
    """None for a datastream whose results are no numbers, or that has no thing. interval: its times are intervals."""
    kind = str(entity.get("observationType") or "OM_Observation")
    thing = entity.get("Thing")
    if not any(each in kind for each in _NUMBERS) or not isinstance(thing, dict):
        return None
    link = self_link(remote, "Datastreams", entity)
    observed = entity.get("ObservedProperty")
    observed = observed if isinstance(observed, dict) else {}
    name = str(entity.get("name") or observed.get("name") or entity.get("@iot.id"))[:200]
    code, said = _unit(entity.get("unitOfMeasurement"))
    wanted = Wanted(
        thing_key=self_link(remote, "Things", thing),
        thing_name=str(thing.get("name") or thing.get("@iot.id"))[:200],
        name=same(name),
        definition=str(observed.get("definition") or "")[:300] or f"{link}/ObservedProperty"[:300],
        property_name=same(str(observed.get("name") or name)[:200]),
        unit=code,
        holding="interval" if interval else "instant",
        point=_point(thing.get("Locations")),
        thing_properties=_plain(thing.get("properties")),
        properties={**_plain(entity.get("properties")), **said, "source": link},
    )
    return Stream(link, _observations(remote, entity, link), wanted)


def self_link(remote: RemoteSta, entity_set: str, entity: dict[str, Any]) -> str:
    """The address of an entity at the other server, by which it is known here."""
    given = entity.get("@iot.selfLink")
    if isinstance(given, str) and given:
        return remote.here(given)
    own = entity.get("@iot.id")
    text = str(own) if isinstance(own, int) else quote("'" + str(own).replace("'", "''") + "'", safe="'")
    return f"{remote.root}/{entity_set}({text})"


def _observations(remote: RemoteSta, entity: dict[str, Any], link: str) -> str:
    given = entity.get("Observations@iot.navigationLink")
    return remote.here(given) if isinstance(given, str) and given else f"{link}/Observations"


def _unit(given: Any) -> tuple[str, dict[str, Any]]:
    """(UCUM code, what to keep of a unit that is not known)."""
    said = given if isinstance(given, dict) else {}
    texts = [str(said.get(name) or "") for name in ("definition", "symbol", "name")]
    for text in (texts[1], texts[0].rpartition("#")[2], texts[0].rpartition(":")[2], texts[2]):
        try:
            if text.strip():
                return unit(text).code, {}
        except UnknownUnit:
            continue
    known = {name: value for name, value in said.items() if value and isinstance(value, str)}
    return "", {"unit": known} if known else {}


def _point(locations: Any) -> tuple[float, float] | None:
    """The representative point of the first location in GeoJSON."""
    for place in locations if isinstance(locations, list) else []:
        feature = place.get("location") if isinstance(place, dict) else None
        geometry = feature.get("geometry", feature) if isinstance(feature, dict) else None
        try:
            return representative_point(geometry) if geometry else None
        except (ValueError, TypeError, KeyError):
            continue
    return None


def _plain(properties: Any) -> dict[str, Any]:
    """Properties that are plain values; what is nested belongs to the other server's own affairs."""
    given = properties if isinstance(properties, dict) else {}
    kept = {str(name)[:100]: value for name, value in given.items() if isinstance(value, str | int | float | bool)}
    return {name: value[:500] if isinstance(value, str) else value for name, value in list(kept.items())[:50]}


def seen_of(entity: dict[str, Any]) -> Seen | None:
    """An observation; None for one without a time that can be."""
    text = str(entity.get("phenomenonTime") or entity.get("resultTime") or "")
    begin, _, end = text.partition("/")
    try:
        at = parse_instant(begin)
        time = parse_instant(end) if end else at
    except ValueError:
        return None
    return Seen(at, time, _value(entity.get("result")))


def is_interval(entity: dict[str, Any]) -> bool:
    """Whether the phenomenon time is an interval."""
    return "/" in str(entity.get("phenomenonTime") or "")


def _value(result: Any) -> float | None:
    if not isinstance(result, bool | int | float | str):
        return None
    try:
        value = float(result)
    except (ValueError, OverflowError):
        return None
    return value if isfinite(value) else None


def literal(time: int) -> str:
    """An instant as $filter wants it."""
    return from_us(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

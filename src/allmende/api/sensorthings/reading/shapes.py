"""Entities as JSON objects (18-088 § 8.2, § 9.1): control information, properties, links to what belongs to them."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from msgspec import UNSET

from allmende.api.sensorthings.compiling.entities import box_geometry
from allmende.api.sensorthings.entities import ENTITY_TYPES, EntityType, Property
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.options import Selection
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.times import instant, instants, interval
from allmende.core.clock import MIN_US, to_us
from allmende.core.texts import pick
from allmende.observations.extras import Extra, id_key, unpack
from allmende.observations.queries import Extent, extents
from allmende.observations.queries.entities import streams_by_id

Object = dict[str, Any]
MULTI_TYPE = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation"


class Seen(NamedTuple):
    """What a property is read from: the row, the reader's language, what the store keeps of the Datastream."""

    row: Any
    language: str
    extent: Extent | None


def _local(name: str) -> Callable[[Seen], Any]:
    return lambda seen: pick(getattr(seen.row, name), seen.language)


def _plain(name: str) -> Callable[[Seen], Any]:
    return lambda seen: getattr(seen.row, name)


def _phenomenon_time(seen: Seen) -> str | None:
    return interval(seen.extent.first, seen.extent.last) if seen.extent else None


def _result_time(seen: Seen) -> str | None:
    extent = seen.extent
    if extent is None or extent.result_first is None or extent.result_last is None:
        return None
    return interval(extent.result_first, extent.result_last)


_NAMES = {"name": _local("name"), "description": _local("description")}
_PROPERTIES = {"properties": _plain("properties")}
_CODED = {"encodingType": _plain("encoding_type")}
_STREAM: dict[str, Callable[[Seen], Any]] = {
    "observedArea": lambda seen: box_geometry(seen.row.west, seen.row.south, seen.row.east, seen.row.north),
    "phenomenonTime": _phenomenon_time,
    "resultTime": _result_time,
    **_PROPERTIES,
}
_NO_UNIT = {"name": None, "symbol": None, "definition": None}

GETTERS: dict[str, dict[str, Callable[[Seen], Any]]] = {
    "Thing": {**_NAMES, **_PROPERTIES},
    "Location": {**_NAMES, **_CODED, "location": _plain("feature"), **_PROPERTIES},
    "HistoricalLocation": {"time": lambda seen: instant(to_us(seen.row.time))},
    "Datastream": {
        **_NAMES,
        "unitOfMeasurement": lambda seen: seen.row.unit_of_measurement or _NO_UNIT,
        "observationType": _plain("observation_type"),
        **_STREAM,
    },
    "MultiDatastream": {
        **_NAMES,
        "observationType": _plain("observation_type"),
        "multiObservationDataTypes": lambda seen: seen.row.unit_of_measurement.get("types", []),
        "unitOfMeasurements": lambda seen: seen.row.unit_of_measurement.get("units", []),
        **_STREAM,
    },
    "Sensor": {
        "name": _plain("name"),
        "description": _plain("description"),
        **_CODED,
        "metadata": _plain("metadata"),
        **_PROPERTIES,
    },
    "ObservedProperty": {
        "name": _local("name"),
        "definition": _plain("definition"),
        "description": _local("description"),
        **_PROPERTIES,
    },
    "FeatureOfInterest": {
        "name": _plain("name"),
        "description": _plain("description"),
        **_CODED,
        "feature": _plain("feature"),
        **_PROPERTIES,
    },
}
_EXACT = 2.0**53  # whole numbers below are written as they were most likely sent: 8 rather than 8.0
STREAMS = ("Datastream", "MultiDatastream")
OBSERVATION = ENTITY_TYPES["Observation"]


def address(reader: Reader, entity: EntityType, id_: str) -> str:
    """The address of an entity: its self link."""
    return f"{reader.root}/{entity.set_name}('{quote(id_, safe='-_.~')}')"


def chosen(entity: EntityType, select: tuple[Selection, ...]) -> set[str] | None:
    """The names of `$select`; None where everything is wanted."""
    return {one.item.name for one in select} if select else None


def rows_as_objects(
    reader: Reader, entity: EntityType, rows: Iterable[Any], select: tuple[Selection, ...] = ()
) -> list[Object]:
    """Rows of any entity but Observations."""
    rows = list(rows)
    wanted = chosen(entity, select)
    of_streams = entity.name in STREAMS and (wanted is None or wanted & {"phenomenonTime", "resultTime"})
    known = extents([row.pk for row in rows]) if of_streams else {}
    getters = [(name, get) for name, get in GETTERS[entity.name].items() if wanted is None or name in wanted]
    links = [name for name in entity.navigations if wanted is None or name in wanted]
    parts = {one.item.name: one for one in select if isinstance(one.item, Property) and one.below}
    objects = []
    for row in rows:
        seen = Seen(row, reader.language, known.get(row.pk))
        self_link = address(reader, entity, row.code)
        made = _control(row.code, self_link, wanted)
        for name, get in getters:
            made[name] = only(get(seen), parts[name].below) if name in parts else get(seen)
        for name in links:
            made[f"{name}@iot.navigationLink"] = f"{self_link}/{name}"
        objects.append(made)
    return objects


def _control(id_: str, self_link: str, wanted: set[str] | None) -> Object:
    made: Object = {}
    if wanted is None or "@iot.id" in wanted:
        made["@iot.id"] = id_
    if wanted is None or "@iot.selfLink" in wanted or "@iot.id" in wanted:
        made["@iot.selfLink"] = self_link
    return made


def only(value: Any, below: tuple[str | int, ...]) -> Any:
    """A JSON value with nothing in it but what lies on this way."""
    if not below or value is None:
        return value
    step, rest = below[0], below[1:]
    if isinstance(value, dict):
        return {str(step): only(value.get(str(step)), rest)}
    if isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
        return [only(value[int(step)], rest)]
    return None


class Observed(NamedTuple):
    """One observation as the store has it."""

    ds: int
    t: int
    v: float | None
    q: int
    x: str | None
    k: int


def stream_names(numbers: Iterable[int]) -> dict[int, tuple[str, bool]]:
    """(code, whether it is a MultiDatastream) by internal number."""
    return {stream.id: (stream.code, stream.multi) for stream in streams_by_id(numbers).values()}


def observations_as_objects(
    reader: Reader,
    rows: list[Observed],
    select: tuple[Selection, ...] = (),
    names: dict[int, tuple[str, bool]] | None = None,
) -> list[Object]:
    """Observations (18-088 § 8.2.7)."""
    names = names if names is not None else stream_names(row.ds for row in rows)
    wanted = chosen(OBSERVATION, select)
    starts = instants([row.t for row in rows]) if rows else []
    parts = {one.item.name: one for one in select if isinstance(one.item, Property) and one.below}
    root = f"{reader.root}/Observations('"
    objects: list[Object] = []
    for (ds, t, v, _, x, k), start in zip(rows, starts, strict=True):
        code, multi = names[ds]
        id_ = observation_id(code, t, k) if x is None else observation_id(code, *id_key(t, k, x))
        self_link = f"{root}{id_}')"
        stream = "MultiDatastream" if multi else "Datastream"
        made: Object = {
            "@iot.id": id_,
            "@iot.selfLink": self_link,
            "phenomenonTime": start,
            "result": int(v) if v is not None and v.is_integer() and -_EXACT < v < _EXACT else v,
            "resultTime": None,
            f"{stream}@iot.navigationLink": f"{self_link}/{stream}",
            "FeatureOfInterest@iot.navigationLink": f"{self_link}/FeatureOfInterest",
        }
        if x:
            _complete(made, start, unpack(x))
        objects.append(made if wanted is None else _selected(made, wanted, parts))
    return objects


def plain_observations(reader: Reader, rows: list[Observed]) -> msgspec.Raw | None:
    """The same as JSON at once, for rows without extras, which most are: a third of the time. None for others."""
    if any(row[4] for row in rows):
        return None
    names = stream_names({row[0] for row in rows})
    templates = {ds: _template(f"{reader.root}/Observations('", code, multi) for ds, (code, multi) in names.items()}
    starts = instants([row[1] for row in rows]) if rows else []
    texts = []
    for (ds, t, v, _, _, k), start in zip(rows, starts, strict=True):
        key = f"{t - MIN_US:x}-{k}" if k else f"{t - MIN_US:x}"
        texts.append(templates[ds] % (key, key, start, _number(v), key, key))
    return msgspec.Raw(f"[{','.join(texts)}]".encode())


def plain_observation(root: str, stream: str, time: int, rank: int, value: float | None, *, multi: bool = False) -> str:
    """One of them. root: its address up to its id; stream: the code of its Datastream."""
    key = observation_id("", time, rank).removeprefix("obs--")
    return _template(root, stream, multi) % (key, key, instant(time), _number(value), key, key)


@lru_cache(maxsize=4_096)
def _template(root: str, stream: str, multi: bool) -> str:
    """An observation as JSON with gaps: four for what tells it from others of its Datastream (the first two before, the
    others behind its time and its result)."""
    link = f"{root}obs-{stream[4:]}-".replace("%", "%%")
    name = "MultiDatastream" if multi else "Datastream"
    return (
        f'{{"@iot.id":"obs-{stream[4:]}-%s","@iot.selfLink":"{link}%s\')","phenomenonTime":"%s","result":%s,'
        f'"resultTime":null,"{name}@iot.navigationLink":"{link}%s\')/{name}",'
        f'"FeatureOfInterest@iot.navigationLink":"{link}%s\')/FeatureOfInterest"}}'
    )


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    return str(int(value)) if value.is_integer() and -_EXACT < value < _EXACT else repr(value)


def _complete(made: Object, start: str, extra: Extra) -> None:
    """What most observations do not have."""
    if extra.finish is not None:
        made["phenomenonTime"] = f"{start}/{instant(extra.finish)}"
    if extra.result is not UNSET:
        made["result"] = extra.result
    if extra.result_time is not None:
        made["resultTime"] = instant(extra.result_time)
    if extra.result_quality is not None:
        made["resultQuality"] = extra.result_quality
    if extra.valid_time:
        made["validTime"] = interval(*extra.valid_time)
    if extra.parameters:
        made["parameters"] = extra.parameters


def _selected(made: Object, wanted: set[str], parts: dict[str, Selection]) -> Object:
    kept = {name: value for name, value in made.items() if name.partition("@iot.nav")[0] in wanted}
    if "@iot.id" in wanted:
        kept["@iot.selfLink"] = made["@iot.selfLink"]
    for name, one in parts.items():
        if name in kept:
            kept[name] = only(kept[name], one.below)
    for name in wanted & {"resultQuality", "validTime", "parameters"}:
        kept.setdefault(name, None)
    return kept

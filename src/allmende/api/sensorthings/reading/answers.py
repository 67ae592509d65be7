"""GET as a whole: from a resource path and options to the JSON that is sent."""

from typing import Any
from urllib.parse import unquote_plus

import msgspec
from msgspec import UNSET

from allmende.api.sensorthings.conformance import service_document
from allmende.api.sensorthings.entities import ENTITY_TYPES, ID, EntityType
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.faults import Fault, QueryError
from allmende.api.sensorthings.language.options import Options, Selection
from allmende.api.sensorthings.language.paths import Answer, ResourcePath
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.reading.arrays import data_arrays
from allmende.api.sensorthings.reading.buckets import asked_for, summed_up
from allmende.api.sensorthings.reading.context import Missing, Reader
from allmende.api.sensorthings.reading.expanding import shown
from allmende.api.sensorthings.reading.fetching import fetch
from allmende.api.sensorthings.reading.pages import Page, page_of_observations, page_of_rows
from allmende.api.sensorthings.reading.scope import Observations, Rows, Scope, resolve
from allmende.api.sensorthings.reading.shapes import Object, address, plain_observations, rows_as_objects, stream_names
from allmende.api.sensorthings.reading.shapes import observations_as_objects as as_observations
from allmende.observations.extras import id_key

_OBSERVATION = ENTITY_TYPES["Observation"]
_encode = msgspec.json.Encoder().encode


class RawValue(str):
    """The answer to `$value`: a text that is sent as it is."""


def answer(reader: Reader, path: ResourcePath, query: str) -> Any:
    """The body: an object, a list or a RawValue; None where a property has no value (204). Blocks.

    Raises QueryError, Missing, TooMuch, TooCostly.
    """
    if path.answer == Answer.ROOT:
        return service_document(reader.root)
    entity = path.entity
    if entity is None:
        raise Missing("This address takes POST only.")
    options = parse_query(query, entity)
    try:
        scope = resolve(reader, path.steps)
        match path.answer:
            case Answer.COLLECTION if step := asked_for(options):
                return summed_up(reader, scope, options, step)
            case Answer.COLLECTION:
                return _collection(reader, scope, options, query)
            case Answer.COUNT:
                return RawValue(_page(reader, scope, _counting(options)).total)
            case Answer.REFERENCES:
                return _references(reader, scope, path, query, options)
            case Answer.ENTITY:
                return one(reader, scope, options)
            case _:
                return _property(reader, scope, path)
    except Fault as fault:
        # What cannot be answered, though it was well written, carries its place within the option it came from.
        raise QueryError.of(fault, "query", unquote_plus(query)) from None


def one(reader: Reader, scope: Scope, options: Options) -> Object:
    """A single entity. Raises Missing."""
    rows, entity = _single(scope)
    return shown(reader, entity, rows, options)[0]


def _single(scope: Scope) -> tuple[list[Any], EntityType]:
    if isinstance(scope, Rows):
        rows = fetch(scope.entity.name, scope.rows, 0, 1)
        if not rows:
            raise Missing(f"There is no such {scope.entity.name}, or you may not see it.")
        return rows, scope.entity
    assert scope.row is not None
    return [scope.row], _OBSERVATION


def _page(reader: Reader, scope: Scope, options: Options) -> Page:
    if isinstance(scope, Rows):
        return page_of_rows(reader, scope, options)
    return page_of_observations(reader, scope, options)


def _collection(reader: Reader, scope: Scope, options: Options, query: str) -> Object:
    page = _page(reader, scope, options)
    body: Object = {} if page.total is None else {"@iot.count": page.total}
    if options.result_format == "dataArray":
        if isinstance(scope, Rows):
            raise Fault("Only Observations can be had as data arrays.", 0)
        body["value"] = data_arrays(reader, page.rows, options)
    else:
        plain = None
        if isinstance(scope, Observations) and not options.select and not options.expand:
            plain = plain_observations(reader, page.rows)
        body["value"] = plain or shown(reader, _entity(scope), page.rows, options)
    if page.after is not None:
        body["@iot.nextLink"] = _next_link(reader, scope, query, page.after)
    return body


def _entity(scope: Scope) -> EntityType:
    return scope.entity if isinstance(scope, Rows) else _OBSERVATION


def _next_link(reader: Reader, scope: Scope, query: str, after: int | str) -> str:
    """The same request for the page that follows."""
    kept = [pair for pair in query.split("&") if pair and _name(pair) not in ("$skip", "$skiptoken")]
    kept.append(f"$skip={after}" if isinstance(after, int) else f"$skiptoken={after}")
    return f"{reader.root}{reader.path}?{'&'.join(kept)}"


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _counting(options: Options) -> Options:
    return Options(filter=options.filter, count=True, top=0)


def _references(reader: Reader, scope: Scope, path: ResourcePath, query: str, options: Options) -> Object:
    """`$ref`: self links only (§ 9.2.7)."""
    if not path.steps[-1].many:
        rows, entity = _single(scope)
        return {"@iot.selfLink": _links(reader, entity, rows)[0]}
    page = _page(reader, scope, options)
    links = _links(reader, _entity(scope), page.rows)
    body: Object = {"value": [{"@iot.selfLink": link} for link in links]}
    if page.total is not None:
        body["@iot.count"] = page.total
    if page.after is not None:
        body["@iot.nextLink"] = _next_link(reader, scope, query, page.after)
    return body


def _links(reader: Reader, entity: EntityType, rows: list[Any]) -> list[str]:
    if entity is not _OBSERVATION:
        return [address(reader, entity, row.code) for row in rows]
    names = stream_names(row.ds for row in rows)
    keys = (id_key(row.t, row.k, row.x) for row in rows)
    return [
        address(reader, entity, observation_id(names[row.ds][0], *key)) for row, key in zip(rows, keys, strict=True)
    ]


def _property(reader: Reader, scope: Scope, path: ResourcePath) -> Any:
    """`/name`, `/properties/a`, `/result/$value` (§ 9.2.4, § 9.2.5)."""
    rows, entity = _single(scope)
    assert path.leaf is not None
    select = (Selection(0, path.leaf),)
    if entity is _OBSERVATION:
        made = as_observations(reader, rows, select)[0]
    else:
        made = rows_as_objects(reader, entity, rows, select)[0]
    value = _inside(made.get(path.leaf.name), path.below)
    if value is UNSET or (value is None and path.leaf is not ID):
        return None
    if path.answer == Answer.VALUE:
        return RawValue(value if isinstance(value, str) else _encode(value).decode())
    name = str(path.below[-1]) if path.below else path.leaf.name
    return {name: value}


def _inside(value: Any, below: tuple[str | int, ...]) -> Any:
    """What lies below a value; UNSET where there is nothing."""
    for step in below:
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return UNSET
    return value

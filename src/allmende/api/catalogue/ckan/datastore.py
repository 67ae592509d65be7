"""CKAN's datastore_search over the published rows of tables."""

import json
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
import shapely

from allmende.api.catalogue.ckan.asking import Asked, invalid, not_found
from allmende.api.catalogue.ckan.packages import FILES, Json
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.reading import Holding, Question, count, rows
from allmende.catalogue.holdings.terms import Call, Column, OneOf, Term, Value, every
from allmende.catalogue.queries import NoContent, UnknownDataset, readable

_LARGEST = 32_000  # rows at once, as in CKAN
_DEEPEST = 1_000_000
_LONGEST_FIRST = sorted(FILES, key=len, reverse=True)
_TYPES = {
    "text": "text",
    "json": "json",
    "integer": "int8",
    "number": "float8",
    "boolean": "bool",
    "date": "date",
    "datetime": "timestamptz",
}


def datastore_search(asked: Asked) -> Json:
    """Rows of a table: `filters`, `q`, `fields`, `sort`, `limit` and `offset` as in CKAN. `_id` is the row's number."""
    wanted = asked.required("resource_id", "id")
    holding = _holding(asked, wanted)
    types = {each.name: each for each in holding.columns}
    names = asked.listed("fields") or list(holding.names)
    for name in names:
        if name not in types and name != "_id":
            raise invalid("fields", f'field "{name}" not in table')
    limit, offset = asked.number("limit", 100, _LARGEST), asked.number("offset", 0, _DEEPEST)
    where = _conditions(asked, types)
    question = Question(
        where=where,
        order=_order(asked.text("sort"), types),
        columns=tuple(name for name in names if name != "_id"),
        geometry="fields" not in asked.given,
        limit=limit,
        skip=offset,
    )
    found = rows(holding, question)
    return {
        "resource_id": wanted,
        "include_total": True,
        "records_format": "objects",
        "fields": _fields(holding, names, question.geometry),
        "records": _records(found, types),
        "limit": limit,
        "offset": offset,
        "total": count(holding, where),
        "total_was_estimated": False,
        "_links": {"start": _link(asked, 0), "next": _link(asked, offset + limit)},
    }


def _link(asked: Asked, offset: int) -> str:
    """The same question from another row on."""
    given = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in asked.given.items()
        if name != "offset"
    }
    return asked.town.addresses.ckan(f"datastore_search?{urlencode(given | {'offset': str(offset)})}")


def _holding(asked: Asked, wanted: str) -> Holding:
    """The rows of a resource's table: `CODE.TABLE-FORMAT`."""
    dataset, _, name = wanted.partition(".")
    table = next((name.removesuffix(f"-{key}") for key in _LONGEST_FIRST if name.endswith(f"-{key}")), "")
    if not table:
        raise not_found(f'Resource "{wanted}" was not found.')
    try:
        return readable(asked.actor, dataset, table).holding
    except (UnknownDataset, NoContent):
        raise not_found(f'Resource "{wanted}" was not found.') from None


def _conditions(asked: Asked, types: dict[str, ColumnFacts]) -> Term | None:
    terms: list[Term] = []
    for name, given in asked.mapping("filters").items():
        if name not in types:
            raise invalid("filters", f'field "{name}" not in table')
        values = tuple(_cell(types[name], each) for each in (given if isinstance(given, list) else [given]))
        terms.append(OneOf(Column(name), values))
    query = asked.given.get("q")
    if isinstance(query, dict) or (isinstance(query, str) and query.lstrip().startswith("{")):
        for name, words in asked.mapping("q").items():
            if name not in types:
                raise invalid("q", f'field "{name}" not in table')
            terms.append(_contains(name, str(words)))
    elif query:
        for word in str(query).split():
            somewhere = tuple(_contains(name, word) for name, each in types.items() if each.type in ("text", "json"))
            terms.append(Call("or", somewhere) if somewhere else Value(False))
    return every(*terms) if terms else None


def _contains(name: str, words: str) -> Term:
    return Call("contains_words", (Call("text", (Column(name),)), Value(words)))


def _cell(column: ColumnFacts, value: Any) -> bool | int | float | str | date | datetime:
    """A value of the column's type. Raises ActionFault."""
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        match column.type:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "date":
                return date.fromisoformat(text)
            case "datetime":
                return datetime.fromisoformat(text)
    except (ValueError, KeyError):
        raise invalid("filters", f'"{text}" is no {column.type} for the field "{column.name}"') from None
    return text


def _order(sort: str, types: dict[str, ColumnFacts]) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in sort.split(","):
        name, _, way = (
            part.strip().rpartition(" ") if part.strip().lower().endswith((" asc", " desc")) else (part, "", "")
        )
        name = name.strip().strip('"')
        if name and name != "_id":
            if name not in types:
                raise invalid("sort", f'field "{name}" not in table')
            found.append((name, way.lower() == "desc"))
    return tuple(found)


def _fields(holding: Holding, names: list[str], geometry: bool) -> list[Json]:
    kinds = {each.name: each.type for each in holding.columns}
    shown = [{"id": "_id", "type": "int"}] + [
        {"id": name, "type": _TYPES[kinds[name]]} for name in names if name != "_id"
    ]
    return [*shown, {"id": "geometry", "type": "json"}] if holding.placed and geometry else shown


def _records(found: pa.Table, types: dict[str, ColumnFacts]) -> list[Json]:
    made = []
    for row in found.to_pylist():
        record: Json = {"_id": row.pop("_row") + 1}
        row.pop("_id", None)
        place = row.pop("geometry", None)
        record |= {name: _plain(value, types[name].type) for name, value in row.items()}
        if "geometry" in found.column_names:
            record["geometry"] = json.loads(shapely.to_geojson(shapely.from_wkb(place))) if place else None
        made.append(record)
    return made


def _plain(value: Any, kind: str) -> Any:
    if kind == "json" and value is not None:
        return json.loads(value)
    return value

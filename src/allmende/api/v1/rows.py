"""Rows of tables: in pages, one by one, whole as files, and what changed between versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import fields
from starlette.responses import Response, StreamingResponse

from allmende.api.endpoints import Call, json
from allmende.api.problems import bad_parameter, not_found
from allmende.api.threads import in_thread
from allmende.api.v1 import dataset_shapes as shapes
from allmende.catalogue.comparisons import rows_changed
from allmende.catalogue.exports import ENDINGS, MEDIA, About, Format, write
from allmende.catalogue.exports.objects import features, rows
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.reading import Holding, Question
from allmende.catalogue.holdings.terms import Call as Function
from allmende.catalogue.holdings.terms import Column, Sql, Term, Value, every
from allmende.catalogue.queries import (
    NoContent,
    Readable,
    VersionGone,
    get_dataset,
    get_version,
    readable,
    readable_tables,
)
from allmende.catalogue.uses.counting import UseKind, count
from allmende.core.texts import pick

_OPERATORS = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "ne": "ne", "contains": "contains_words"}
_TRUE, _FALSE = ("true", "1", "ja", "yes"), ("false", "0", "nein", "no")


class RowQuery(Struct, forbid_unknown_fields=False):
    """Parameters of rows. Any other parameter is a condition: `art=Linde`, `hoehe.ge=12`, `name.contains=str`."""

    limit: Annotated[int, Meta(ge=1, le=10_000, description="How many at once")] = 100
    order: Annotated[str, Meta(description="Columns, separated by commas; a minus before one turns it round")] = ""
    columns: Annotated[str, Meta(description="Only these columns, separated by commas")] = ""
    after: Annotated[int | None, Meta(description="As the last page's `next` says")] = None
    skip: Annotated[int, Meta(ge=0, le=100_000, description="For pages of an order of one's own")] = 0
    version: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Number; the newest published one")] = None
    geometry: Annotated[bool, Meta(description="Whether places are sent")] = True


class DownloadQuery(Struct, forbid_unknown_fields=False):
    """Parameters of a file. Any other parameter is a condition, as for rows."""

    format: Annotated[Format, Meta(description="How the file is written")] = Format.CSV
    version: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Number; the newest published one")] = None


class OneQuery(Struct, forbid_unknown_fields=True):
    """Which version."""

    version: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Number; the newest published one")] = None


class ChangeQuery(Struct, forbid_unknown_fields=True):
    """Parameters of changes."""

    kind: Annotated[str, Meta(pattern="^(added|removed|changed)$", description="added, removed or changed")] = "changed"
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many at once")] = 100
    skip: Annotated[int, Meta(ge=0, le=1_000_000, description="How many were seen already")] = 0


async def list_rows(call: Call, query: RowQuery) -> Response:
    """Rows that fit the conditions, in the order of the table or in one of one's own."""
    return json(await in_thread(_page, call, query))


async def show_row(call: Call, query: OneQuery) -> Response:
    """One row, by its id."""
    return json(await in_thread(_one, call, query))


async def download_table(call: Call, query: DownloadQuery) -> Response:
    """The whole table, or the rows that fit the conditions, as a file."""
    found, where = await in_thread(_asked, call, query.version, query)
    if query.format in (Format.GEOJSON, Format.GPKG) and not found.holding.placed:
        raise bad_parameter("format", f"The rows of this table have no place, so there is no {query.format.value}.")
    await in_thread(count, found.dataset.pk, UseKind.DOWNLOAD, call.request.headers.get("user-agent", ""))
    about = about_of(found, str(call.request.base_url))
    pieces = write(found.holding, query.format, about, tuple(found.part.geometry.get("types", ())), where)
    ending = ENDINGS.get(query.format, query.format.value)
    simulated = "-simulated" if about.simulated else ""
    name = f"{found.dataset.slug}-{found.name}-v{found.version.number}{simulated}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    if found.dataset.licence:
        headers["Link"] = f'<{found.dataset.licence}>; rel="license"'
    return StreamingResponse(pieces, media_type=MEDIA[query.format], headers=headers)


async def list_changes(call: Call, query: ChangeQuery) -> Response:
    """Rows of a version that differ from the version before."""
    return json(await in_thread(_changes, call, query))


def about_of(found: Readable, base: str) -> About:
    """What a file says of itself. base: the address of the server, with a slash at its end."""
    dataset = found.dataset
    titles = {name: pick(column.title, "de") for name, column in found.dictionary.items()}
    return About(
        name=found.name,
        title=pick(dataset.title),
        address=f"{base}de/datasets/{dataset.slug}/versions/{found.version.number}/",
        version=found.version.number,
        licence=dataset.licence,
        attribution=dataset.attribution,
        simulated=dataset.simulated,
        titles={name: title for name, title in titles.items() if title},
    )


def _asked(call: Call, version: int | None, query: Struct) -> tuple[Readable, Term | None]:
    found = readable(call.actor, call.path("id"), call.path("table"), version)
    known = {field.encode_name for field in fields(type(query))}
    given = {name: value for name, value in call.request.query_params.items() if name not in known}
    where = conditions(found.holding, given)
    if where is not None:
        Sql(found.holding.types).of(where)  # a column that is none is told before a stream has begun
    return found, where


def conditions(holding: Holding, given: Mapping[str, str]) -> Term | None:
    """The rows that fit all of these: column, or column.operator, to text. Raises UnknownColumn, and Problem 400 for a
    value that is none of the column's type."""
    terms: list[Term] = []
    for name, text in given.items():
        column, _, operator = name.partition(".")
        if operator and operator not in _OPERATORS:
            raise bad_parameter(name, f"There is no operator «{operator}»; known are {', '.join(_OPERATORS)}.")
        kind = next((each.type for each in holding.columns if each.name == column), None)
        if operator == "contains":
            terms.append(Function("contains_words", (Function("text", (Column(column),)), Value(text))))
        elif text == "" and not operator:
            terms.append(Function("is_null", (Column(column),)))
        else:
            value = Value(_value(name, kind, text) if kind else text)
            terms.append(Function(_OPERATORS.get(operator, "eq"), (Column(column), value)))
    return every(*terms) if terms else None


def _value(name: str, kind: str, text: str) -> bool | int | float | str:
    """A parameter as a value of the column's type; dates stay text, which DuckDB reads."""
    try:
        if kind == "integer":
            return int(text)
        if kind == "number":
            return float(text.replace(",", "."))
        if kind == "boolean":
            return _truth(text)
        if kind in ("date", "datetime"):
            return _moment(text)
    except ValueError as problem:
        raise bad_parameter(name, f"“{text}” is no {kind}.") from problem
    return text


def _truth(text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError(text)
    return text.lower() in _TRUE


def _moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _order(holding: Holding, text: str) -> tuple[tuple[str, bool], ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return tuple((name.lstrip("-+"), name.startswith("-")) for name in names)


def _page(call: Call, query: RowQuery) -> shapes.Rows:
    found, where = _asked(call, query.version, query)
    count(found.dataset.pk, UseKind.PROGRAM, call.request.headers.get("user-agent", ""))
    holding = found.holding
    names = tuple(name.strip() for name in query.columns.split(",") if name.strip()) or holding.names
    order = _order(holding, query.order)
    question = Question(
        where=where,
        order=order,
        columns=names,
        geometry=query.geometry,
        limit=query.limit + 1,
        skip=query.skip,
        beyond=None if order else query.after,
    )
    table = reading.rows(holding, question)
    more = table.num_rows > query.limit
    page = table.slice(0, query.limit)
    following = None
    if more:
        step = {"skip": query.skip + query.limit} if order else {"after": page["_row"][-1].as_py()}
        following = str(call.request.url.include_query_params(**step))
    shaped = _objects(page, names, found, placed=holding.placed and query.geometry)
    return shapes.Rows(
        found.dataset.code, found.name, found.version.number, reading.count(holding, where), shaped, following
    )


def _objects(table: Any, names: tuple[str, ...], found: Readable, *, placed: bool) -> list[dict[str, Any]]:
    json_columns = frozenset(each.name for each in found.holding.columns if each.type == "json")
    if placed:
        made = features(table, names, json_columns)
        return [{"_id": each["id"], **each["properties"], "geometry": each["geometry"]} for each in made]
    ids = table["_id"].to_pylist()
    return [
        {"_id": id_, **row} for id_, row in zip(ids, rows(table, names, json_columns) or [{}] * len(ids), strict=True)
    ]


def _one(call: Call, query: OneQuery) -> dict[str, Any]:
    found = readable(call.actor, call.path("id"), call.path("table"), query.version)
    table = reading.row(found.holding, call.path("row"))
    if not table.num_rows:
        raise not_found(f"There is no row '{call.path('row')}' in version {found.version.number}.")
    return _objects(table, found.holding.names, found, placed=found.holding.placed)[0]


def _changes(call: Call, query: ChangeQuery) -> shapes.ChangedRows:
    dataset = get_dataset(call.actor, call.path("id"))
    version = get_version(call.actor, dataset, call.path("number"))
    if version.state in ("withdrawn", "erased"):
        raise VersionGone(version)
    if call.path("table") not in {each.name for each in readable_tables(dataset, version)}:
        raise NoContent(dataset, call.path("table"))
    found = rows_changed(version, call.path("table"), query.kind, query.limit + 1, query.skip)
    more = len(found) > query.limit
    following = str(call.request.url.include_query_params(skip=query.skip + query.limit)) if more else None
    changed = [
        shapes.RowChange(each["id"], each.get("before"), each.get("after"), each.get("moved", False))
        for each in found[: query.limit]
    ]
    return shapes.ChangedRows(query.kind, changed, following)

"""Observations out: raw series, whole or in pages, and buckets."""

from typing import Annotated, Any

import pyarrow as pa
from msgspec import Meta, Struct, field
from starlette.responses import Response, StreamingResponse

from allmende.api.endpoints import Call, json
from allmende.api.problems import bad_parameter
from allmende.api.threads import in_thread
from allmende.api.v1.exporting import ENDING, MEDIA, About, Format, iso, json_rows, with_metadata, write
from allmende.core import units
from allmende.core.clock import from_us, now, parse_instant, to_us, town_zone
from allmende.core.texts import pick
from allmende.observations import queries
from allmende.observations.queries import Step

Moment = Annotated[str, Meta(description="RFC 3339 with a zone, or a date (its midnight in the town)")]
_DAY_US = 86_400 * 1_000_000


class SeriesQuery(Struct, forbid_unknown_fields=True):
    """Parameters of a raw series. Without `limit` the whole range is sent, however long it is."""

    begin: Moment = field(name="from", default="")
    end: Moment = field(name="to", default="")
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=100_000)] | None, Meta(description="A page of so many (JSON only)")
    ] = None
    order: Annotated[str, Meta(pattern="^(asc|desc)$", description="asc or desc (JSON pages only)")] = "asc"
    format: Annotated[Format, Meta(description="How the answer is written")] = Format.JSON


class BucketQuery(Struct, forbid_unknown_fields=True):
    """Parameters of buckets. from and to default to the last day that the datastream has."""

    step: Annotated[Step, Meta(description="How long a bucket is, in the town's calendar")] = Step.HOUR
    begin: Moment = field(name="from", default="")
    end: Moment = field(name="to", default="")
    format: Annotated[Format, Meta(description="json, csv or arrow")] = Format.JSON


async def list_observations(call: Call, query: SeriesQuery) -> Response:
    """Raw observations with from <= time < to, in order of time."""
    begin, end = _moment("from", query.begin), _moment("to", query.end)
    if query.limit is not None and query.format == Format.JSON:
        return json(await in_thread(_page, call, query, begin, end))
    stream = await in_thread(queries.get_datastream, call.actor, call.path("id"))
    batches = queries.series_batches(stream.pk, begin, end)
    about = _about(stream)
    name = f"{stream.code}{'-simulated' if about.simulated else ''}.{ENDING.get(query.format, query.format.value)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} if query.format != Format.JSON else {}
    return StreamingResponse(
        write(batches, query.format, about, town_zone()), media_type=MEDIA[query.format], headers=headers
    )


def _page(call: Call, query: SeriesQuery, begin: int | None, end: int | None) -> dict[str, Any]:
    """The commonest read of all, in one hop to a thread."""
    stream = queries.get_readable(call.actor, call.path("id"))
    down = query.order == "desc"
    limit = query.limit or 0
    table = queries.series(stream.pk, begin, end, limit=limit + 1, descending=down)
    more = table.num_rows > limit
    rows = json_rows(table.slice(0, limit))
    following = None
    if more:
        last = table.column("time")[limit - 1].value
        border = {"to": iso_one(last)} if down else {"from": iso_one(last + 1)}
        following = str(call.request.url.include_query_params(**border))
    body = {"datastream": stream.code, "unit": stream.unit, "simulated": stream.simulated}
    return {**body, "observations": rows, "next": following}


async def list_buckets(call: Call, query: BucketQuery) -> Response:
    """Aggregates per minute, quarter of an hour, hour, day, week, month, quarter or year of the town's calendar."""
    begin, end = _moment("from", query.begin), _moment("to", query.end)
    stream = await in_thread(queries.get_datastream, call.actor, call.path("id"))
    if query.format not in (Format.JSON, Format.CSV, Format.ARROW):
        raise bad_parameter("format", "Buckets come as json, csv or arrow.")
    table = await in_thread(_buckets, stream, query.step, begin, end)
    if query.format == Format.ARROW:
        return Response(_arrow(table, _about(stream)), media_type=MEDIA[Format.ARROW])
    times = iso(table.column("start"))
    if query.format == Format.CSV:
        return Response(_csv(table, times, stream.dataset.simulated), media_type=MEDIA[Format.CSV])
    rows: list[dict[str, Any]] = table.drop_columns(["start"]).to_pylist()
    body = {
        "datastream": stream.code,
        "unit": stream.unit,
        "simulated": stream.dataset.simulated,
        "step": query.step.value,
        "zone": town_zone().key,
        "buckets": [{"start": time, **row} for time, row in zip(times, rows, strict=True)],
    }
    return json(body)


def _buckets(stream: queries.Datastream, step: Step, begin: int | None, end: int | None) -> pa.Table:
    if begin is None or end is None:
        extent = queries.extents([stream.pk]).get(stream.pk)
        end = end if end is not None else (extent.last + 1 if extent else to_us(now()))
        begin = begin if begin is not None else end - _DAY_US
    return queries.buckets(stream.pk, step, begin, end, holding=stream.holding)


def _arrow(table: pa.Table, about: About) -> bytes:
    sink = pa.BufferOutputStream()
    said = table.cast(with_metadata(table.schema, about))
    with pa.ipc.new_stream(sink, said.schema) as writer:
        writer.write_table(said)
    return bytes(sink.getvalue().to_pybytes())


def _csv(table: pa.Table, times: list[str], simulated: bool) -> str:
    names = [name for name in table.column_names if name != "start"]
    mark = ["simulated"] if simulated else []
    lines = [",".join(["start", *names, *mark])]
    columns = [table.column(name).to_pylist() for name in names]
    for time, *cells in zip(times, *columns, strict=True):
        lines.append(",".join([time, *("" if cell is None else repr(cell) for cell in cells), *mark]))
    return "\n".join(lines) + "\n"


def _about(stream: queries.Datastream) -> About:
    name = f"{pick(stream.thing.name)}: {pick(stream.name)}"
    symbol = units.symbol(stream.unit) if stream.unit else ""
    return About(stream.code, name, stream.unit, symbol, stream.dataset.licence, stream.dataset.simulated)


def iso_one(us: int) -> str:
    """One time as RFC 3339."""
    return from_us(us).isoformat().replace("+00:00", "Z")


def _moment(name: str, text: str) -> int | None:
    """A parameter's instant; a bare date is its midnight in the town's zone. Raises Problem 400."""
    if not text:
        return None
    try:
        if len(text) == 10:
            return to_us(from_date(text))
        return parse_instant(text.replace(" ", "+"))  # a plus that was not encoded arrives as a blank
    except ValueError as error:
        raise bad_parameter(name, str(error)) from error


def from_date(text: str) -> Any:
    """Midnight of a date in the town's zone. Raises ValueError."""
    return from_us(parse_instant(f"{text}T00:00:00Z")).replace(tzinfo=town_zone())

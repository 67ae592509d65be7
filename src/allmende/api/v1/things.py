"""Things, datastreams and their latest values."""

from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from msgspec import Meta, Struct
from starlette.responses import Response

from allmende.api.endpoints import Call, json
from allmende.api.problems import bad_parameter
from allmende.api.threads import in_thread
from allmende.api.v1 import shapes
from allmende.core import geometry, units
from allmende.core.clock import from_us
from allmende.observations import queries
from allmende.observations.care.marks import CITIZEN
from allmende.observations.extras import parameters_of

M = TypeVar("M", bound=Model)
Limit = Annotated[int, Meta(ge=1, le=1000, description="How many at once")]
After = Annotated[str, Meta(description="The id that the last page ended with")]


class ListQuery(Struct, forbid_unknown_fields=True):
    """Parameters of the lists."""

    dataset: Annotated[str, Meta(description="Only of this dataset (code or slug)")] = ""
    thing: Annotated[str, Meta(description="Only of this thing")] = ""
    bbox: Annotated[str, Meta(description="west,south,east,north in degrees")] = ""
    limit: Limit = 100
    after: After = ""


class LatestQuery(Struct, forbid_unknown_fields=True):
    """Parameters of the latest values."""

    datastream: Annotated[str, Meta(description="Ids, separated by commas, at most 2000")] = ""
    thing: Annotated[str, Meta(description="All datastreams of this thing")] = ""
    dataset: Annotated[str, Meta(description="All datastreams of this dataset (code or slug)")] = ""


async def list_datastreams(call: Call, query: ListQuery) -> Response:
    """Datastreams that the reader may see."""
    return json(await in_thread(_datastream_page, call, query))


async def show_datastream(call: Call, query: Struct) -> Response:
    """One datastream, with its latest value."""
    return json(await in_thread(_one_datastream, call))


async def list_things(call: Call, query: ListQuery) -> Response:
    """Things that the reader may see."""
    return json(await in_thread(_thing_page, call, query))


async def show_thing(call: Call, query: Struct) -> Response:
    """One thing."""
    return json(await in_thread(_one_thing, call))


async def show_latest(call: Call, query: Struct) -> Response:
    """The latest value of one datastream; null while it has none."""
    stream = await in_thread(queries.get_datastream, call.actor, call.path("id"))
    sample = (await in_thread(queries.latest, [stream.pk])).get(stream.pk)
    return json(_sample(sample))


async def list_latest(call: Call, query: LatestQuery) -> Response:
    """The latest values of many datastreams in one request."""
    return json(await in_thread(_latest, call, query))


def _filtered(call: Call, query: ListQuery | LatestQuery) -> QuerySet[queries.Datastream]:
    found = queries.visible_datastreams(call.actor)
    if query.dataset:
        found = found.filter(dataset__code=query.dataset) | found.filter(dataset__slug=query.dataset)
    if query.thing:
        found = found.filter(thing__code=query.thing)
    return found


def _after(found: QuerySet[M], code: str) -> QuerySet[M]:
    if not code:
        return found
    last = found.model._default_manager.filter(code=code).values_list("pk", flat=True).first()
    if last is None:
        raise bad_parameter("after", f"There is no {code}.")
    return found.filter(pk__gt=last)


def _datastream_page(call: Call, query: ListQuery) -> shapes.DatastreamPage:
    found = _filtered(call, query)
    if query.bbox:
        west, south, east, north = _box(query.bbox)
        found = found.filter(thing__longitude__range=(west, east), thing__latitude__range=(south, north))
    rows = list(_after(found, query.after).order_by("pk")[: query.limit + 1])
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    extents = queries.extents([row.pk for row in rows])
    page = [_datastream(row, extents.get(row.pk)) for row in rows]
    return shapes.DatastreamPage(page, _next(call, page[-1].id) if more else None)


def _one_datastream(call: Call) -> shapes.Datastream:
    row = queries.get_datastream(call.actor, call.path("id"))
    shape = _datastream(row, queries.extents([row.pk]).get(row.pk))
    shape.latest = _sample(queries.latest([row.pk]).get(row.pk))
    return shape


def _thing_page(call: Call, query: ListQuery) -> shapes.ThingPage:
    found = queries.visible_things(call.actor).prefetch_related("datastreams")
    if query.dataset:
        found = found.filter(dataset__code=query.dataset) | found.filter(dataset__slug=query.dataset)
    if query.bbox:
        west, south, east, north = _box(query.bbox)
        found = found.filter(longitude__range=(west, east), latitude__range=(south, north))
    rows = list(_after(found, query.after).order_by("pk")[: query.limit + 1])
    more = len(rows) > query.limit
    page = [_thing(row) for row in rows[: query.limit]]
    return shapes.ThingPage(page, _next(call, page[-1].id) if more else None)


def _one_thing(call: Call) -> shapes.Thing:
    return _thing(queries.get_thing(call.actor, call.path("id")))


def _latest(call: Call, query: LatestQuery) -> shapes.Latest:
    found = _filtered(call, query)
    codes = [code for code in query.datastream.split(",") if code]
    if len(codes) > 2000:
        raise bad_parameter("datastream", "At most 2000 datastreams at once.")
    if not codes and not query.thing and not query.dataset:
        raise bad_parameter("datastream", "Name datastreams, a thing or a dataset.")
    if codes:
        found = found.filter(code__in=codes)
    rows = list(found.values_list("code", "pk", "dataset__simulated"))
    samples = queries.latest([pk for _, pk, _ in rows])
    made_up = [code for code, _, simulated in rows if simulated]
    return shapes.Latest({code: _sample(samples.get(pk)) for code, pk, _ in rows}, made_up)


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        return geometry.parse_bbox(text)
    except ValueError as error:
        raise bad_parameter("bbox", str(error)) from error


def _next(call: Call, last: str) -> str:
    return str(call.request.url.include_query_params(after=last))


def _sample(sample: queries.Sample | None) -> shapes.Sample | None:
    if sample is None:
        return None
    parameters = parameters_of(sample.extra) if sample.extra else None
    return shapes.Sample(from_us(sample.time), sample.value, sample.quality, parameters)


def _unit(code: str) -> shapes.Unit | None:
    if not code:
        return None
    unit = units.unit(code)
    return shapes.Unit(unit.code, unit.symbol, dict(unit.name), unit.unece)


def _datastream(row: queries.Datastream, extent: queries.Extent | None) -> shapes.Datastream:
    return shapes.Datastream(
        id=row.code,
        name=row.name,
        description=row.description,
        unit=_unit(row.unit),
        observed_property=shapes.Property(row.observed_property.name, row.observed_property.definition),
        sensor=row.sensor.name,
        thing=row.thing.code,
        dataset=row.dataset.slug,
        licence=row.dataset.licence,
        simulated=row.dataset.simulated,
        citizen_sensor=row.thing.properties.get(CITIZEN) is True,
        holding=row.holding,
        expected_interval=row.expected_interval,
        minimum=row.minimum,
        maximum=row.maximum,
        count=extent.count if extent else 0,
        first=from_us(extent.first) if extent else None,
        last=from_us(extent.last) if extent else None,
    )


def _thing(row: queries.Thing) -> shapes.Thing:
    placed = row.longitude is not None and row.latitude is not None
    return shapes.Thing(
        id=row.code,
        name=row.name,
        description=row.description,
        properties=row.properties,
        location={"type": "Point", "coordinates": [row.longitude, row.latitude]} if placed else None,
        dataset=row.dataset.slug,
        licence=row.dataset.licence,
        simulated=row.dataset.simulated,
        datastreams=[stream.code for stream in row.datastreams.all()],
    )

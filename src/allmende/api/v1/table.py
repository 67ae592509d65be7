"""The table of the native API: every address with its action, its parameters and its answers."""

from collections.abc import Awaitable, Callable
from typing import Any

from allmende.api.endpoints import NoQuery, Operation
from allmende.api.v1 import series, shapes, status, things
from allmende.api.v1.exporting import MEDIA, Format

PREFIX = "/api/v1"
_READ = "observations:read"
_FILES = {MEDIA[kind].partition(";")[0]: None for kind in (Format.CSV, Format.PARQUET, Format.ARROW)}
_BUCKET_FILES = {MEDIA[kind].partition(";")[0]: None for kind in (Format.CSV, Format.ARROW)}


def _get(
    path: str,
    handler: Callable[..., Awaitable[Any]],
    query: type,
    answer: Any,
    summary: str,
    more: dict[str, None] | None = None,
) -> Operation:
    answers = {"application/json": answer, **(more or {})}
    return Operation("GET", path, _READ, summary, handler, query, answers)


OPERATIONS = (
    _get("/things", things.list_things, things.ListQuery, shapes.ThingPage, "List things"),
    _get("/things/{id}", things.show_thing, NoQuery, shapes.Thing, "Show a thing"),
    _get("/datastreams", things.list_datastreams, things.ListQuery, shapes.DatastreamPage, "List datastreams"),
    _get("/datastreams/{id}", things.show_datastream, NoQuery, shapes.Datastream, "Show a datastream"),
    # null where the datastream has no observation yet
    _get("/datastreams/{id}/latest", things.show_latest, NoQuery, shapes.Sample | None, "Latest value of a datastream"),
    _get(
        "/datastreams/{id}/observations",
        series.list_observations,
        series.SeriesQuery,
        shapes.Observations,
        "Observations",
        _FILES,
    ),
    _get(
        "/datastreams/{id}/buckets",
        series.list_buckets,
        series.BucketQuery,
        shapes.Buckets,
        "Aggregates per step of time",
        _BUCKET_FILES,
    ),
    _get("/latest", things.list_latest, things.LatestQuery, shapes.Latest, "Latest values of many datastreams"),
    Operation(
        "GET",
        "/status",
        "pages:read",
        "How the platform is doing",
        status.show_status,
        NoQuery,
        {"application/json": shapes.Status},
    ),
)

"""The table of the native API: every address with its action, its parameters and its answers."""

from collections.abc import Awaitable, Callable
from typing import Any

from allmende.api.endpoints import NoQuery, Operation
from allmende.api.v1 import dataset_shapes, datasets, rows, series, shapes, status, things
from allmende.api.v1.exporting import MEDIA, Format
from allmende.catalogue import exports

PREFIX = "/api/v1"
_READ = "observations:read"
_FILES = {MEDIA[kind].partition(";")[0]: None for kind in (Format.CSV, Format.PARQUET, Format.ARROW)}
_BUCKET_FILES = {MEDIA[kind].partition(";")[0]: None for kind in (Format.CSV, Format.ARROW)}
_TABLE_FILES = {media.partition(";")[0]: None for media in exports.MEDIA.values()}


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


def _catalogue(
    path: str,
    handler: Callable[..., Awaitable[Any]],
    query: type,
    answer: Any,
    summary: str,
    more: dict[str, None] | None = None,
) -> Operation:
    answers = more if answer is None and more else {"application/json": answer}
    return Operation("GET", path, "catalogue:read", summary, handler, query, answers)


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
    _catalogue("/datasets", datasets.list_datasets, datasets.DatasetQuery, dataset_shapes.DatasetPage, "List datasets"),
    _catalogue(
        "/datasets/suggest",
        datasets.suggest_datasets,
        datasets.SuggestQuery,
        dataset_shapes.Suggestions,
        "Suggest words and datasets",
    ),
    _catalogue(
        "/datasets/{id}", datasets.show_dataset, datasets.VersionQuery, dataset_shapes.Dataset, "Show a dataset"
    ),
    _catalogue(
        "/datasets/{id}/versions", datasets.list_versions, NoQuery, dataset_shapes.Versions, "Versions of a dataset"
    ),
    _catalogue(
        "/datasets/{id}/tables/{table}/rows", rows.list_rows, rows.RowQuery, dataset_shapes.Rows, "Rows of a table"
    ),
    _catalogue("/datasets/{id}/tables/{table}/rows/{row}", rows.show_row, rows.OneQuery, dict[str, Any], "Show a row"),
    _catalogue(
        "/datasets/{id}/tables/{table}/download",
        rows.download_table,
        rows.DownloadQuery,
        None,
        "The whole table as a file",
        _TABLE_FILES,
    ),
    _catalogue(
        "/datasets/{id}/versions/{number}/tables/{table}/changes",
        rows.list_changes,
        rows.ChangeQuery,
        dataset_shapes.ChangedRows,
        "Rows that differ from the version before",
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

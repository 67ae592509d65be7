"""The table of the native API: every address with its action, its parameters and its answers."""

from collections.abc import Awaitable, Callable
from typing import Any

from allmende.api.endpoints import NoQuery, Operation
from allmende.api.v1 import (
    dataset_shapes,
    datasets,
    managing,
    rows,
    series,
    shapes,
    status,
    things,
    upload_shapes,
    uploads,
)
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
    more: dict[str, Any] | None = None,
) -> Operation:
    answers = {"application/json": answer} if answer is not None else {}
    return Operation("GET", path, "catalogue:read", summary, handler, query, {**answers, **(more or {})})


def _manage(
    method: str,
    path: str,
    handler: Callable[..., Awaitable[Any]],
    answer: Any,
    summary: str,
    *,
    takes: Any = None,
    status: int = 200,
) -> Operation:
    return Operation(
        method,
        path,
        managing.MANAGE,
        summary,
        handler,
        NoQuery,
        {"application/json": answer},
        {"application/json": takes} if takes else {},
        status,
    )


_UPLOAD = "/uploads/{id}"
_VERSION = "/datasets/{id}/versions/{number}"
_LOADING = (
    Operation(
        "POST",
        "/uploads",
        managing.MANAGE,
        "Send a file that is to be loaded",
        uploads.send_file,
        uploads.FileQuery,
        {"application/json": upload_shapes.Upload},
        {"application/octet-stream": None},
        201,
    ),
    _manage("GET", "/uploads", uploads.list_uploads, list[upload_shapes.Upload], "Own files that are not loaded yet"),
    _manage("GET", _UPLOAD, uploads.show_upload, upload_shapes.Upload, "How far a file is"),
    _manage("DELETE", _UPLOAD, uploads.drop_upload, upload_shapes.Upload, "Throw a file away"),
    _manage(
        "POST",
        _UPLOAD + "/proposal",
        uploads.propose_upload,
        upload_shapes.Proposal,
        "How the file would be read",
        takes=upload_shapes.Hints,
    ),
    _manage(
        "POST",
        _UPLOAD + "/load",
        uploads.load_upload,
        upload_shapes.Upload,
        "Load the file",
        takes=upload_shapes.LoadOrder,
        status=202,
    ),
    Operation(
        "GET",
        _UPLOAD + "/aside/{table}",
        managing.MANAGE,
        "Rows that did not fit",
        uploads.download_aside,
        NoQuery,
        {"text/csv": None},
    ),
)
_MANAGING = (
    _manage(
        "POST",
        "/datasets",
        managing.register_dataset,
        dataset_shapes.Dataset,
        "Register a dataset",
        takes=upload_shapes.NewDataset,
        status=201,
    ),
    _manage(
        "PATCH",
        "/datasets/{id}",
        managing.change_dataset,
        dataset_shapes.Dataset,
        "Change what is said of a dataset",
        takes=upload_shapes.Details,
    ),
    _manage(
        "GET",
        _VERSION + "/findings",
        managing.examine_version,
        list[upload_shapes.Finding],
        "What the publication gate says",
    ),
    _manage("POST", _VERSION + "/publish", managing.publish_version, upload_shapes.Decided, "Publish a version"),
    _manage(
        "POST",
        _VERSION + "/withdraw",
        managing.withdraw_version,
        upload_shapes.Decided,
        "Take a version back",
        takes=upload_shapes.Reason,
    ),
)

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
        {"application/x-suggestions+json": list[Any]},
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
    *_LOADING,
    *_MANAGING,
)

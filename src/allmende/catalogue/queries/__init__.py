"""Reads of the catalogue, filtered by what an actor may see."""

from allmende.catalogue.queries.contents import (
    Column,
    NoContent,
    Readable,
    VersionGone,
    dictionaries,
    dictionary_of,
    readable,
    readable_currently,
    readable_tables,
)
from allmende.catalogue.queries.datasets import (
    AccessClass,
    Dataset,
    UnknownDataset,
    get_dataset,
    is_free,
    owners_for,
    shared_with,
    visible_datasets,
)
from allmende.catalogue.queries.remembered import readable_remembered
from allmende.catalogue.queries.requests import DataRequest, UnknownRequest
from allmende.catalogue.queries.versions import (
    Part,
    UnknownVersion,
    Version,
    current_version,
    current_versions,
    get_version,
    newest_version,
    versions,
)

__all__ = [
    "AccessClass",
    "Column",
    "DataRequest",
    "Dataset",
    "NoContent",
    "Part",
    "Readable",
    "UnknownDataset",
    "UnknownRequest",
    "UnknownVersion",
    "Version",
    "VersionGone",
    "current_version",
    "current_versions",
    "dictionaries",
    "dictionary_of",
    "get_dataset",
    "get_version",
    "is_free",
    "newest_version",
    "owners_for",
    "readable",
    "readable_currently",
    "readable_remembered",
    "readable_tables",
    "shared_with",
    "versions",
    "visible_datasets",
]

"""Reads of the catalogue, filtered by what an actor may see."""

from allmende.catalogue.queries.contents import (
    NoContent,
    Readable,
    VersionGone,
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
    shared_with,
    visible_datasets,
)
from allmende.catalogue.queries.remembered import readable_remembered
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
    "Dataset",
    "NoContent",
    "Part",
    "Readable",
    "UnknownDataset",
    "UnknownVersion",
    "Version",
    "VersionGone",
    "current_version",
    "current_versions",
    "dictionary_of",
    "get_dataset",
    "get_version",
    "newest_version",
    "readable",
    "readable_currently",
    "readable_remembered",
    "readable_tables",
    "shared_with",
    "versions",
    "visible_datasets",
]

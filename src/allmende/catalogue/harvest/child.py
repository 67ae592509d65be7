"""Reads documents of other catalogues, inside the sandbox. Each function takes a document and yields one frame of JSON:
{"found": [Found as plain data], "next": address of the next page or empty} or {"problem": why not}."""

import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from allmende.catalogue.harvest.readers import ckan, dcat, features, sensorthings, wfs

Read = Callable[[bytes, str], dict[str, Any]]
_READERS: dict[str, Read] = {
    "ckan": ckan.read,
    "dcat": dcat.read,
    "features": features.read,
    "wfs": wfs.read,
    "sensorthings": sensorthings.read,
    "feature_page": features.read_items,
    "datastream_page": sensorthings.read_datastreams,
}


def read(source: BinaryIO, kind: str, url: str) -> Iterator[bytes]:
    """The datasets in the document that came from this address."""
    yield json.dumps(_read(source.readall() if hasattr(source, "readall") else source.read(), kind, url)).encode()


def _read(document: bytes, kind: str, url: str) -> dict[str, Any]:
    try:
        return _READERS[kind](document, url)
    except Exception as error:  # whatever a foreign document does to a parser, it is the document that is wrong
        return {"problem": f"{type(error).__name__}: {error}"[:300]}

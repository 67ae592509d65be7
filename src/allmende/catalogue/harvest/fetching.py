"""Documents and files from elsewhere: fetched by the guarded client, read in the sandbox."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from allmende.catalogue.harvest.found import Found, RemoteFile
from allmende.core.outgoing import Answer, Limits, OutgoingError, fetch
from allmende.core.sandbox import Limits as BoxLimits
from allmende.core.sandbox import Sandbox, SandboxError

_CHILD = "allmende.catalogue.harvest.child"
_DOCUMENT = Limits(seconds=120, size=64 * 2**20)
_FILE = Limits(seconds=900, size=512 * 2**20)
_BOX = BoxLimits(cpu_seconds=120, wall_seconds=240)
_MOST_PAGES = 100_000
_ACCEPT = {
    "dcat": "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.8",
    "wfs": "application/xml, text/xml",
}


class SourceProblem(Exception):
    """The source does not answer, or not with what it should; the text says what."""


def page(kind: str, url: str) -> tuple[list[Found], str]:
    """The datasets of a document, and the address of the next. Raises SourceProblem."""
    said = _read(kind, url, _document(url, _ACCEPT.get(kind, "application/json")))
    return [Found.from_json(each) for each in said["found"]], str(said["next"])


def take(file: RemoteFile, into: Path, known: dict[str, str]) -> dict[str, str] | None:
    """Writes the data of a file; None where it is the one that is known. Returns what tells it apart next time.

    Raises SourceProblem.
    """
    if file.kind in ("features", "datastreams"):
        return _take_pages(file, into)
    ask = {"If-None-Match": known.get("etag", ""), "If-Modified-Since": known.get("modified", "")}
    answer = _fetched(file.url, {name: value for name, value in ask.items() if value}, _FILE)
    if answer.status == 304:
        return None
    _must_be_good(answer)
    into.write_bytes(answer.body)
    return {"etag": answer.headers.get("etag", ""), "modified": answer.headers.get("last-modified", "")}


def _take_pages(file: RemoteFile, into: Path) -> dict[str, str]:
    """All pages as one collection of features, written as they come."""
    with into.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        first = True
        for feature in _features(file):
            out.write(("" if first else ",\n") + json.dumps(feature, ensure_ascii=False))
            first = False
        out.write("]}")
    return {}


def _features(file: RemoteFile) -> Iterator[dict[str, Any]]:
    kind = "feature_page" if file.kind == "features" else "datastream_page"
    url, seen = file.url, set()
    for _number in range(_MOST_PAGES):
        said = _read(kind, url, _document(url, "application/geo+json, application/json"))
        yield from said["features"]
        seen.add(url)
        url = said["next"]
        if not url:
            return
        if url in seen:
            raise SourceProblem(f"{url} leads back to a page that was read already.")


def _document(url: str, accept: str) -> bytes:
    answer = _fetched(url, {"Accept": accept}, _DOCUMENT)
    _must_be_good(answer)
    return answer.body


def _fetched(url: str, headers: dict[str, str], limits: Limits) -> Answer:
    try:
        return fetch(url, headers, limits)
    except OutgoingError as problem:
        raise SourceProblem(str(problem.said)) from problem


def _must_be_good(answer: Answer) -> None:
    if answer.status != 200:
        raise SourceProblem(f"{answer.url} answers with {answer.status}.")


def _read(kind: str, url: str, document: bytes) -> dict[str, Any]:
    with tempfile.TemporaryFile() as file:
        _keep(file, document)
        try:
            with Sandbox(_CHILD, source=file, limits=_BOX) as box:  # type: ignore[arg-type]
                said: dict[str, Any] = json.loads(
                    b"".join(bytes(frame) for frame in box.call("read", kind=kind, url=url))
                )
        except SandboxError as problem:
            raise SourceProblem(f"{url} cannot be read: {problem}") from problem
    if "problem" in said:
        raise SourceProblem(f"{url} cannot be read: {said['problem']}")
    return said


def _keep(file: IO[bytes], document: bytes) -> None:
    file.write(document)
    file.flush()
    file.seek(0)

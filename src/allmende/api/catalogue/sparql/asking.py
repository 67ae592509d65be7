"""Runs a SPARQL question: the graph into a file, the file into a sandbox, the answer out."""

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import msgspec

from allmende.accounts.actors import Actor
from allmende.api.catalogue.facts import all_facts
from allmende.api.problems import Problem, bad_parameter
from allmende.catalogue import dcat
from allmende.catalogue.dcat.statements import PREFIXES, Node, Ref, Text, Value
from allmende.core.sandbox import Limits, Sandbox, SandboxCrash, SandboxMemory, SandboxTimeout

LONGEST = 10_000  # characters of a question
LIMITS = Limits(memory=3 << 30, cpu_seconds=60, wall_seconds=90.0)  # ten thousand datasets take half of it to load
_AT_ONCE = threading.BoundedSemaphore(2)
_CHILD = "allmende.api.catalogue.sparql.child"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Found:
    """A result with its media type."""

    media: str
    body: bytes


def ask(actor: Actor, query: str, formats: list[str]) -> Found:
    """The answer to a question about what the actor may see. formats: those that the reader takes, the best first.

    Raises Problem: 400 for a question that cannot be answered, 429 where too many ask at once. Blocks for seconds.
    """
    if len(query) > LONGEST:
        raise bad_parameter("query", f"The query is longer than {LONGEST:,} characters.")
    if not _AT_ONCE.acquire(blocking=False):
        wait = {"Retry-After": "5"}
        raise Problem(429, "too_busy", "Too much at once", "Others are asking; please try again.", headers=wait)
    try:
        with tempfile.TemporaryFile() as file:
            _write(dcat.catalogue_nodes(dcat.town_facts(), all_facts(actor)), file)
            return _run(file, query, formats)
    finally:
        _AT_ONCE.release()


def _run(file: IO[bytes], query: str, formats: list[str]) -> Found:
    try:
        with Sandbox(_CHILD, source=file, limits=LIMITS) as box:  # type: ignore[arg-type]
            head, *body = box.call("answer", query=query, formats=formats, prefixes=PREFIXES)
    except (SandboxTimeout, SandboxMemory) as error:
        raise Problem(400, "too_costly", "The query is too costly", f"{error} Ask for less at once.") from error
    except SandboxCrash as error:
        if "RecursionError" not in error.last_words:
            raise
        raise bad_parameter("query", "The query is nested too deeply.") from error
    said = json.loads(bytes(head))
    if "refused" in said:
        raise bad_parameter("query", said["refused"])
    return Found(said["media"], bytes(body[0]))


def _write(nodes: Iterable[Node], file: IO[bytes]) -> None:
    for line in lines(nodes):
        file.write(line)
    file.flush()
    file.seek(0)


def lines(nodes: Iterable[Node]) -> Iterator[bytes]:
    """One resource a line, as the child reads it."""
    kind = f"{PREFIXES['rdf']}type"
    for node in nodes:
        said = [[kind, "r", _whole(each), ""] for each in node.kinds]
        said += [[_whole(name), *_parts(value)] for name, value in (*node.said, *node.common)]
        yield _encode([node.iri, said]) + b"\n"


def _parts(value: Value) -> list[str]:
    if isinstance(value, Ref):
        return ["r", value.iri, ""]
    if isinstance(value, Text):
        return ["t", value.value, value.language]
    return ["d", value.value, _whole(value.datatype)]


def _whole(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest

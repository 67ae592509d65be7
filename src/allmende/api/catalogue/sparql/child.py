"""The side of SPARQL that runs in the sandbox: builds the graph from its lines and answers one question.

Imports nothing of ours: the sandbox knows neither settings nor database.
"""

import gc
import json
import logging
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from rdflib import Graph, Literal, URIRef
from rdflib.plugins import sparql
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.query import Result
from rdflib.term import Node

MOST_ROWS = 10_000
LARGEST = 20_000_000  # bytes of a result
TABLES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv; charset=utf-8",
}
GRAPHS = {
    "turtle": "text/turtle; charset=utf-8",
    "xml": "application/rdf+xml; charset=utf-8",
    "json": "application/ld+json",
}
_GRAPH_WRITERS = {"turtle": "turtle", "xml": "xml", "json": "json-ld"}
sparql.SPARQL_LOAD_GRAPHS = False
logging.disable(logging.WARNING)  # of odd literals in a question; stderr is for what ends the process


class Refused(Exception):
    """The question is none that is answered here; the message says why."""


def answer(source: BinaryIO, query: str, formats: list[str], prefixes: dict[str, str]) -> Iterator[bytes]:
    """Two frames: what came of it as JSON (`media`, or `refused` with the reason), and the result.

    formats: those that the reader takes, the best first.
    """
    try:
        prepared = _prepared(query, prefixes)
        media, body = _result(_graph(source).query(prepared), formats)
    except Refused as why:
        yield json.dumps({"refused": str(why)}).encode()
        return
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # whatever a query can make rdflib stumble over is the query's fault
        yield json.dumps({"refused": f"{type(error).__name__}: {error}"[:500]}).encode()
        return
    yield json.dumps({"media": media}).encode()
    yield body


def _prepared(query: str, prefixes: dict[str, str]) -> Any:
    try:
        prepared = sparql.prepareQuery(query, initNs=prefixes)
    except Exception as error:
        raise Refused(f"The query cannot be read: {error}"[:500]) from error
    if prepared.algebra.get("datasetClause"):
        raise Refused("FROM is not answered here: there is one graph, the catalogue.")

    def visit(node: Any) -> None:
        if isinstance(node, CompValue) and node.name == "ServiceGraphPattern":
            raise Refused("SERVICE is not answered here: this server asks no other for you.")

    traverse(prepared.algebra, visitPre=visit)
    return prepared


def _graph(source: BinaryIO) -> Graph:
    """One resource a line: [IRI, [[property, kind, value, datatype or language], …]].

    The plain store and no search for garbage meanwhile: that is three times as quick as the usual way.
    """
    gc.disable()
    graph = Graph(store="SimpleMemory")
    add = graph.store.add
    known: dict[tuple[str, str, str], Node] = {}

    def node(kind: str, value: str, more: str = "") -> Node:
        found = known.get((kind, value, more))
        if found is None:
            if kind == "r":
                found = URIRef(value)
            elif kind == "t":
                found = Literal(value, lang=more or None)
            else:
                found = Literal(value, datatype=URIRef(more))
            known[kind, value, more] = found
        return found

    with open(source.fileno(), "rb", closefd=False) as lines:
        for line in lines:
            iri, said = json.loads(line)
            subject = node("r", iri)
            for property_, *value in said:
                add((subject, node("r", property_), node(*value)), context=graph)
    gc.freeze()
    gc.enable()
    return graph


def _result(result: Result, formats: list[str]) -> tuple[str, bytes]:
    graphs = result.type in ("CONSTRUCT", "DESCRIBE")
    known = GRAPHS if graphs else TABLES
    chosen = next((each for each in formats if each in known), next(iter(known)))
    if result.type == "ASK" and chosen == "csv":
        chosen = "json"  # SPARQL's CSV has no form for yes and no
    if result.type == "SELECT" and len(list(islice(result, MOST_ROWS + 1))) > MOST_ROWS:
        raise Refused(f"The result has more than {MOST_ROWS:,} rows; add LIMIT and OFFSET.")
    body = result.serialize(format=_GRAPH_WRITERS[chosen] if graphs else chosen)
    assert body is not None
    if len(body) > LARGEST:
        raise Refused(f"The result is larger than {LARGEST:,} bytes; ask for less at once.")
    return known[chosen], body

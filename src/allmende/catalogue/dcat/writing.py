"""RDF in three dresses, resource by resource, so that memory does not grow with the catalogue.

A general library builds the whole graph first: for 10,000 datasets that took minutes and gigabytes.
"""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from xml.sax.saxutils import escape

import msgspec

from allmende.catalogue.dcat.statements import PREFIXES, Node, Ref, Text, Value

_PIECE = 1 << 18  # characters that are gathered before they are handed on


class Dress(StrEnum):
    """How RDF is written; the value is the ending of the address."""

    TURTLE = "ttl"
    JSON_LD = "jsonld"
    XML = "xml"


MEDIA = {
    Dress.TURTLE: "text/turtle; charset=utf-8",
    Dress.JSON_LD: "application/ld+json",
    Dress.XML: "application/rdf+xml; charset=utf-8",
}


class _Writer:
    """A way to write. said: puts statements into words; node: a resource of these words and those that it shares with
    others, either of which may be empty."""

    head = between = tail = ""

    def __init__(self) -> None:
        self._common: list[tuple[str, Value]] = []
        self._common_text = ""

    def text(self, node: Node) -> str:
        """A resource."""
        if node.common is not self._common:
            self._common, self._common_text = node.common, self.said(node.common)
        return self.node(node, self.said(node.said), self._common_text)

    def said(self, said: list[tuple[str, Value]]) -> str:
        raise NotImplementedError

    def node(self, node: Node, own: str, common: str) -> str:
        raise NotImplementedError


def write(nodes: Iterable[Node], dress: Dress) -> Iterator[bytes]:
    """The document in pieces, UTF-8."""
    writer = _WRITERS[dress]()
    waiting, size, first = [writer.head], 0, True
    for node in nodes:
        text = writer.text(node)
        waiting.append(text if first else writer.between + text)
        size, first = size + len(text), False
        if size >= _PIECE:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    waiting.append(writer.tail)
    yield "".join(waiting).encode()


# Turtle

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class _Turtle(_Writer):
    head = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()) + "\n"
    between = "\n"

    def said(self, said: list[tuple[str, Value]]) -> str:
        return " ;\n    ".join([f"{name} {_turtle_value(value)}" for name, value in said])

    def node(self, node: Node, own: str, common: str) -> str:
        kinds = f"a {', '.join(node.kinds)}" if node.kinds else ""
        parts = [part for part in (kinds, own, common) if part]
        return f"<{node.iri}> " + " ;\n    ".join(parts) + " .\n" if parts else ""


def _turtle_value(value: Value) -> str:
    if isinstance(value, Ref):
        return f"<{value.iri}>"
    text = value.value
    if '"' in text or "\\" in text or not text.isprintable():
        text = text.translate(_ESCAPES)
    if isinstance(value, Text):
        return f'"{text}"@{value.language}' if value.language else f'"{text}"'
    return f'"{text}"^^{value.datatype}'


# JSON-LD


def _encode(value: object) -> str:
    return msgspec.json.encode(value).decode()


class _JsonLd(_Writer):
    head = '{"@context":' + _encode(PREFIXES) + ',"@graph":[\n'
    between = ",\n"
    tail = "\n]}\n"

    def said(self, said: list[tuple[str, Value]]) -> str:
        found: dict[str, list[dict[str, str]]] = {}
        for name, value in said:
            found.setdefault(name, []).append(_json_value(value))
        return _encode(found)[1:-1]

    def node(self, node: Node, own: str, common: str) -> str:
        head = {"@id": node.iri, "@type": node.kinds} if node.kinds else {"@id": node.iri}
        return "{" + ",".join([part for part in (_encode(head)[1:-1], own, common) if part]) + "}"


def _json_value(value: Value) -> dict[str, str]:
    if isinstance(value, Ref):
        return {"@id": value.iri}
    if isinstance(value, Text):
        return {"@value": value.value, "@language": value.language} if value.language else {"@value": value.value}
    return {"@value": value.value, "@type": value.datatype}


# RDF/XML

_PREFIXED = re.compile(r"^(\w+):(.*)$")


class _Xml(_Writer):
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
        + "".join(f'\n  xmlns:{name}="{iri}"' for name, iri in PREFIXES.items())
        + ">\n"
    )
    tail = "</rdf:RDF>\n"

    def said(self, said: list[tuple[str, Value]]) -> str:
        return "".join([_xml_value(name, value) for name, value in said])

    def node(self, node: Node, own: str, common: str) -> str:
        element = node.kinds[0] if node.kinds else "rdf:Description"
        more = "".join(f'  <rdf:type rdf:resource="{_whole(kind)}"/>\n' for kind in node.kinds[1:])
        return f'<{element} rdf:about="{_safe(node.iri)}">\n{more}{own}{common}</{element}>\n'


def _xml_value(name: str, value: Value) -> str:
    if isinstance(value, Ref):
        return f'  <{name} rdf:resource="{_safe(value.iri)}"/>\n'
    if isinstance(value, Text):
        language = f' xml:lang="{value.language}"' if value.language else ""
        return f"  <{name}{language}>{_safe(value.value)}</{name}>\n"
    return f'  <{name} rdf:datatype="{_whole(value.datatype)}">{_safe(value.value)}</{name}>\n'


def _safe(text: str) -> str:
    """For an attribute in double quotes, or between tags."""
    if "&" in text or "<" in text or ">" in text or '"' in text:
        return escape(text, {'"': "&quot;"})
    return text


@cache
def _whole(name: str) -> str:
    """The IRI of a prefixed name."""
    found = _PREFIXED.match(name)
    assert found is not None
    return PREFIXES[found[1]] + found[2]


_WRITERS: dict[Dress, type[_Writer]] = {Dress.TURTLE: _Turtle, Dress.JSON_LD: _JsonLd, Dress.XML: _Xml}

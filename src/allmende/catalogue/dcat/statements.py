"""Statements about resources as plain values, between what is known of datasets and the ways to write RDF.

A resource is a Node: its IRI, its class, and what is said of it. There are no blank nodes: a harvester that comes again
would take each of them for something new.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geodcatap": "http://data.europa.eu/930/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Ref(NamedTuple):
    """Another resource."""

    iri: str


class Text(NamedTuple):
    """Words in a language (BCP 47); without one where the language is empty."""

    value: str
    language: str = ""


class Typed(NamedTuple):
    """A value with a datatype, such as `xsd:date`."""

    value: str
    datatype: str


Value = Ref | Text | Typed


@dataclass(slots=True)
class Node:
    """A resource. kinds: its classes; said: (property, value) in the order in which they are written, with the prefixes
    above; common: what is said of several resources alike, by properties that are not in `said`; the same list for all
    of them, so that it need be put into words only once."""

    iri: str
    kinds: tuple[str, ...] = ()
    said: list[tuple[str, Value]] = field(default_factory=list)
    common: list[tuple[str, Value]] = field(default_factory=list)

    def say(self, name: str, *values: Value | None) -> None:
        """Adds values of a property; None is left out."""
        for value in values:
            if value is not None:
                self.said.append((name, value))


_UNFIT = re.compile(r"""[\x00-\x20<>"{}|\\^`\x7f-\x9f\ud800-\udfff\ufffe\uffff]""")
# What XML 1.0 cannot hold (section 2.2), so that all ways to write say the same.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def words(text: str, language: str = "") -> Text | None:
    """Words; None where there are none. Characters that no XML can hold are left out."""
    if not text.isprintable():  # most are, and this looks quicker than what follows
        text = _UNSPEAKABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    tidy = text.strip()
    return Text(tidy, language) if tidy else None


@lru_cache(1000)  # places and licences come again with every other dataset
def web_address(text: str) -> Ref | None:
    """The resource at an address of the web that people wrote; None where it is no such address."""
    tidy = _UNFIT.sub(_percent, text.strip())
    try:
        parts = urlsplit(tidy)
        known = parts.scheme in ("http", "https") and parts.hostname and "[" not in tidy and "]" not in tidy
    except ValueError:
        return None
    return Ref(tidy) if known else None


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode("utf-8", "replace"))

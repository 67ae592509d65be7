"""DCAT in Turtle, JSON-LD and RDF/XML, as DCAT-AP and its German profile use it. A context or import that a document
names at an address is not fetched: the sandbox has no network."""

from typing import Any

from rdflib import DCAT, DCTERMS, RDF, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from allmende.catalogue.harvest.readers.plain import address, day, kind_of, text
from allmende.catalogue.licences import licence

_VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
_FOAF = Namespace("http://xmlns.com/foaf/0.1/")
_HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
_GERMAN = Namespace("http://dcat-ap.de/def/dcatde/")
_ENDINGS = {".ttl": "turtle", ".jsonld": "json-ld", ".json": "json-ld", ".rdf": "xml", ".xml": "xml", ".nt": "nt"}


def read(document: bytes, url: str) -> dict[str, Any]:
    """All datasets in the document, and the next page where it is one of several."""
    graph = Graph()
    graph.parse(data=document, format=_form(document, url), publicID=url.partition("?")[0])
    found = [_dataset(graph, each) for each in graph.subjects(RDF.type, DCAT.Dataset, unique=True)]
    found = sorted((each for each in found if each["remote"]), key=lambda each: each["remote"])
    following = next(iter([*graph.objects(None, _HYDRA.next), *graph.objects(None, _HYDRA.nextPage)]), "")
    return {"found": found, "next": address(following)}


def _form(document: bytes, url: str) -> str:
    path = url.partition("?")[0].lower()
    for ending, form in _ENDINGS.items():
        if path.endswith(ending):
            return form
    begin = document.lstrip()[:200]
    if begin.startswith((b"{", b"[")):
        return "json-ld"
    return "xml" if begin.startswith((b"<?xml", b"<rdf")) else "turtle"


def _dataset(graph: Graph, node: Node) -> dict[str, Any]:
    identifier = _one(graph, node, DCTERMS.identifier)
    span = graph.value(node, DCTERMS.temporal)
    place = graph.value(node, DCTERMS.spatial)
    contact = graph.value(node, DCAT.contactPoint)
    publisher = graph.value(node, DCTERMS.publisher)
    distributions = list(graph.objects(node, DCAT.distribution))
    licences = [graph.value(node, DCTERMS.license), *(graph.value(each, DCTERMS.license) for each in distributions)]
    geocoding = [str(each) for each in graph.objects(node, _GERMAN.politicalGeocodingURI)]
    named = [str(place)] if isinstance(place, URIRef) else []
    return {
        "remote": str(node) if isinstance(node, URIRef) else identifier,
        "title": _texts(graph, node, DCTERMS.title, 300),
        "description": _texts(graph, node, DCTERMS.description),
        "keywords": sorted({text(each, 60) for each in graph.objects(node, DCAT.keyword)}),
        "themes": sorted({str(each).rpartition("/")[2] for each in graph.objects(node, DCAT.theme)}),
        "licence": _licence(licences),
        "attribution": _name(graph, publisher),
        "contact_name": text(graph.value(contact, _VCARD.fn), 200) if contact else "",
        "contact_email": str(graph.value(contact, _VCARD.hasEmail) or "").removeprefix("mailto:")[:200]
        if contact
        else "",
        "place_uri": next((address(each) for each in [*geocoding, *named] if address(each)), ""),
        "begins": day(_first(graph, span, DCAT.startDate)) if span else "",
        "ends": day(_first(graph, span, DCAT.endDate)) if span else "",
        "frequency": str(graph.value(node, DCTERMS.accrualPeriodicity) or "").rpartition("/")[2],
        "page": address(graph.value(node, DCAT.landingPage)) or address(node),
        "files": [file for each in sorted(distributions, key=str) if (file := _file(graph, each))],
    }


def _first(graph: Graph, node: Node, name: URIRef) -> str:
    return str(graph.value(node, name) or "")


def _one(graph: Graph, node: Node, name: URIRef) -> str:
    return next(iter(sorted(str(each) for each in graph.objects(node, name))), "")


def _texts(graph: Graph, node: Node, name: URIRef, most: int = 5_000) -> dict[str, str]:
    """By language; what has none is taken for German."""
    made: dict[str, str] = {}
    for each in sorted(graph.objects(node, name), key=str):
        language = (each.language or "de")[:2].lower() if isinstance(each, Literal) else "de"
        if language in ("de", "en") and text(each, most):
            made.setdefault(language, text(each, most))
    if not made:
        others = [text(each, most) for each in sorted(graph.objects(node, name), key=str) if text(each, most)]
        made = {"de": others[0]} if others else {}
    return made


def _name(graph: Graph, node: Node | None) -> str:
    return text(graph.value(node, _FOAF.name), 300) if node else ""


def _licence(given: list[Node | None]) -> str:
    for each in given:
        if each is not None and (known := licence(str(each))):
            return known.uri
    return next((address(each) for each in given if address(each)), "")


def _file(graph: Graph, node: Node) -> dict[str, str] | None:
    url = address(graph.value(node, DCAT.downloadURL))
    said = (graph.value(node, DCTERMS["format"]), graph.value(node, DCAT.mediaType), url.partition("?")[0])
    kind = kind_of(*(str(each).rpartition("/")[2] if each else "" for each in said), *said)
    title = next(iter(_texts(graph, node, DCTERMS.title, 120).values()), "")
    return {"url": url, "kind": kind, "name": title} if url and kind else None

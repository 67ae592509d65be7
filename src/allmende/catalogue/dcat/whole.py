"""Whole documents: the catalogue, a page of it, or one dataset.

What is shared (organisations, services, licences, terms of authority tables) is said once, after what has named it, so
that a document can be understood without the net.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from allmende.catalogue.dcat.describing import dataset_nodes, owner_node, version_nodes
from allmende.catalogue.dcat.distributions import services
from allmende.catalogue.dcat.facts import DatasetFacts, TownFacts
from allmende.catalogue.dcat.statements import Node, Ref, Text, Typed, Value, words
from allmende.catalogue.licences import licence, licences
from allmende.catalogue.vocabulary import AVAILABILITIES, LANGUAGES, PUBLISHER_TYPES, TERMS

_THEMES = "http://publications.europa.eu/resource/authority/data-theme"
_LICENCES = "http://dcat-ap.de/def/licenses"
_KNOWN = TERMS.keys() | {each.uri for each in licences()}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue. ending: of the address; total: how many datasets there are in all."""

    number: int
    size: int
    total: int
    ending: str

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // self.size))


def catalogue_nodes(
    town: TownFacts, datasets: Iterable[DatasetFacts], changed: datetime | None = None, page: Page | None = None
) -> Iterator[Node]:
    """The catalogue with these datasets, in memory one at a time."""
    shared = _Shared(town)
    place = [Node(town.place, ("dcterms:Location",))] if town.place else []
    for node in (_catalogue(town, changed), _town(town), *place, *([_paging(town, page)] if page else [])):
        yield shared.seen(node)
    for dataset in datasets:
        link = Ref(town.addresses.dataset(dataset.code))
        yield Node(town.addresses.catalogue, (), [("dcat:dataset", link)])
        yield from shared.around(dataset, dataset_nodes(town, dataset))
    yield from shared.rest(in_catalogue=True)


def single_nodes(town: TownFacts, dataset: DatasetFacts) -> Iterator[Node]:
    """One dataset with all its versions."""
    shared = _Shared(town)
    yield shared.seen(_town(town))
    yield from shared.around(dataset, (*dataset_nodes(town, dataset), *version_nodes(town, dataset)))
    yield from shared.rest()


class _Shared:
    """Remembers what was named, which is bounded by the tables of terms and the number of organisations."""

    def __init__(self, town: TownFacts) -> None:
        self._town = town
        self._services = services(town)
        self._named: set[str] = set()
        self._owners: set[str] = set()
        self._common: list[tuple[str, Value]] = []

    def around(self, dataset: DatasetFacts, nodes: Iterable[Node]) -> Iterator[Node]:
        """The nodes of a dataset, and before them its owner where that is new."""
        if dataset.owner and dataset.owner.code not in self._owners:
            self._owners.add(dataset.owner.code)
            yield self.seen(owner_node(self._town, dataset.owner))
        for node in nodes:
            yield self.seen(node)

    def seen(self, node: Node) -> Node:
        """Notes what a node names."""
        self._note(node.said)
        if node.common is not self._common:
            self._common = node.common
            self._note(node.common)
        return node

    def _note(self, said: list[tuple[str, Value]]) -> None:
        for _, value in said:
            if isinstance(value, Ref) and (value.iri in _KNOWN or value.iri in self._services):
                self._named.add(value.iri)

    def rest(self, *, in_catalogue: bool = False) -> Iterator[Node]:
        """What was named, described."""
        for iri in sorted(self._named & self._services.keys()):
            if in_catalogue:
                yield Node(self._town.addresses.catalogue, (), [("dcat:service", Ref(iri))])
            yield self.seen(self._services[iri])
        for iri in sorted(self._named - self._services.keys()):
            yield _term(iri)


def _term(iri: str) -> Node:
    known = licence(iri)
    if known:
        node = Node(iri, ("dcterms:LicenseDocument", "skos:Concept"))
        node.say("skos:inScheme", Ref(_LICENCES))
        node.say("skos:prefLabel", Text(known.name, "de"))
        node.say("skos:exactMatch", Ref(known.european) if known.european else None)
        node.say("foaf:page", Ref(known.text) if known.text else None)
        return node
    term = TERMS[iri]
    node = Node(iri, ("skos:Concept",))
    node.say("skos:inScheme", Ref(term.scheme))
    node.say("skos:prefLabel", *(Text(name, language) for language, name in term.name.items()))
    return node


def _catalogue(town: TownFacts, changed: datetime | None) -> Node:
    node = Node(town.addresses.catalogue, ("dcat:Catalog",))
    of = f" – {town.name}" if town.name else ""
    node.say("dcterms:title", words(f"Offene Daten{of}", "de"), words(f"Open data{of}", "en"))
    node.say(
        "dcterms:description",
        words(f"Der Datenkatalog{of}.", "de"),
        words(f"The catalogue of data{of}.", "en"),
    )
    node.say("dcterms:publisher", Ref(town.addresses.town))
    node.say("foaf:homepage", Ref(town.addresses.home()))
    node.say("dcterms:language", Ref(LANGUAGES["DEU"].uri), Ref(LANGUAGES["ENG"].uri))
    node.say("dcat:themeTaxonomy", Ref(_THEMES))
    node.say("dcatap:availability", Ref(AVAILABILITIES["AVAILABLE"].uri))
    node.say("dcterms:spatial", Ref(town.place) if town.place else None)
    node.say("dcterms:modified", Typed(changed.isoformat(), "xsd:dateTime") if changed else None)
    return node


def _town(town: TownFacts) -> Node:
    node = Node(town.addresses.town, ("foaf:Agent",))
    node.say("foaf:name", words(town.name or "Allmende", "de"))
    node.say("foaf:homepage", Ref(town.addresses.home()))
    node.say("dcterms:type", Ref(PUBLISHER_TYPES["LocalAuthority"].uri))
    return node


def _paging(town: TownFacts, page: Page) -> Node:
    """In the words of Hydra as harvesters know them: the older ones (`nextPage`) and the present ones (`next`)."""

    def at(number: int) -> Ref:
        return Ref(town.addresses.document(page.ending, number))

    node = Node(at(page.number).iri, ("hydra:PagedCollection", "hydra:PartialCollectionView"))
    node.say("hydra:totalItems", Typed(str(page.total), "xsd:integer"))
    node.say("hydra:itemsPerPage", Typed(str(page.size), "xsd:integer"))
    for name, number in (("first", 1), ("last", page.last)):
        node.say(f"hydra:{name}Page", at(number))
        node.say(f"hydra:{name}", at(number))
    if page.number > 1:
        node.say("hydra:previousPage", at(page.number - 1))
        node.say("hydra:previous", at(page.number - 1))
    if page.number < page.last:
        node.say("hydra:nextPage", at(page.number + 1))
        node.say("hydra:next", at(page.number + 1))
    return node

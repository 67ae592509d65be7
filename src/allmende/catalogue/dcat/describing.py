"""A dataset as statements of DCAT-AP.de 3.0.

The properties that 3.0 has given up are not used, because its shapes warn of each: `dcterms:spatial` stands for
`dcatde:politicalGeocodingURI`, `geodcatap:custodian` for `dcatde:maintainer`, `dcatap:applicableLegislation` for
`dcatde:legalBasis`, `dcat:version` for `owl:versionInfo`.
"""

from collections.abc import Iterator

from allmende.catalogue.dcat.distributions import availability_of, distributions, rights_of, services_of
from allmende.catalogue.dcat.facts import DatasetFacts, LocalText, OwnerFacts, TownFacts, VersionFacts
from allmende.catalogue.dcat.statements import Node, Ref, Typed, web_address, words
from allmende.catalogue.vocabulary import (
    ACCESS_RIGHTS,
    FREQUENCIES,
    GEOCODING,
    HVD_CATEGORIES,
    HVD_REGULATION,
    LANGUAGES,
    LEVELS,
    PUBLISHER_TYPES,
    THEMES,
    level_of,
)

_ACCESS = {"open": "PUBLIC", "shared": "RESTRICTED", "protected": "NON_PUBLIC"}
# «simple» is the registered tag for easy language (IANA's registry of language subtags).
_LANGUAGES = (("de", "de"), ("en", "en"), ("easy", "de-simple"))
SIMULATED = {
    "de": "Simulierte Daten: erfunden, um etwas zu zeigen.",
    "en": "Simulated data: made up to show something.",
}
_ADMINISTRATION = "administration"


def dataset_nodes(town: TownFacts, dataset: DatasetFacts) -> Iterator[Node]:
    """The dataset, its distributions, and what only it refers to. Its owner and the town are described elsewhere."""
    iri = town.addresses.dataset(dataset.code)
    node = Node(iri, ("dcat:Dataset",))
    _words(node, dataset)
    _people(node, town, dataset)
    parts = [*_coverage(node, town, dataset), *_origin(node, dataset), *_rights(node, dataset)]
    _contact(node, parts, town, dataset)
    _times(node, town, dataset)
    ways = list(distributions(town, dataset))
    node.say("dcat:distribution", *(Ref(each.iri) for each in ways))
    yield node
    yield from parts
    yield from ways
    for service in services_of(town, dataset):
        yield Node(service, (), [("dcat:servesDataset", Ref(iri))])


def say_local(node: Node, name: str, text: LocalText, otherwise: str = "") -> None:
    """A text in the languages that there are; `otherwise` where there is none."""
    values = [words(text.get(variant, ""), language) for variant, language in _LANGUAGES]
    node.say(name, *(values if any(values) else [words(otherwise, "de")]))


def _words(node: Node, dataset: DatasetFacts) -> None:
    title = {language: text for language, text in dataset.title.items() if language != "easy"} or dataset.title
    say_local(node, "dcterms:title", title, dataset.slug)
    # Mandatory; where nobody has written one, the title is all that is known.
    say_local(
        node, "dcterms:description", dataset.description if any(dataset.description.values()) else title, dataset.slug
    )
    node.say("dcterms:identifier", words(dataset.code))
    node.say("dcat:keyword", *(words(str(each), "de") for each in dict.fromkeys(dataset.keywords)))
    node.say("dcat:theme", *(Ref(THEMES[key].uri) for key in dataset.themes if key in THEMES))
    node.say("dcterms:language", Ref(LANGUAGES["DEU"].uri))
    node.say("dcterms:accessRights", Ref(ACCESS_RIGHTS[_ACCESS[dataset.access]].uri))
    node.say("dcatap:availability", Ref(availability_of(dataset)))
    known = [HVD_CATEGORIES[key] for key in dataset.hvd if key in HVD_CATEGORIES]
    node.say("dcatap:hvdCategory", *(Ref(each.uri) for each in known))
    legislation = [HVD_REGULATION] if known else []
    if ground := web_address(dataset.legal_ground):
        legislation.append(ground.iri)
    node.say("dcatap:applicableLegislation", *(Ref(each) for each in legislation))


def _people(node: Node, town: TownFacts, dataset: DatasetFacts) -> None:
    agent = publisher_of(town, dataset)
    for role in ("dcterms:publisher", "dcterms:creator", "geodcatap:custodian"):
        node.say(role, Ref(agent))
    node.say("dcatde:contributorID", Ref(town.contributor) if town.contributor else None)


def publisher_of(town: TownFacts, dataset: DatasetFacts) -> str:
    """The IRI of the owner; the town's where nobody else owns it."""
    return town.addresses.organisation(dataset.owner.code) if dataset.owner else town.addresses.town


def owner_node(town: TownFacts, owner: OwnerFacts) -> Node:
    """An organisation as foaf:Agent."""
    node = Node(town.addresses.organisation(owner.code), ("foaf:Agent",))
    say_local(node, "foaf:name", {key: name for key, name in owner.name.items() if key != "easy"}, owner.code)
    node.say("foaf:homepage", web_address(owner.homepage))
    if owner.sector == _ADMINISTRATION:
        node.say("dcterms:type", Ref(PUBLISHER_TYPES["LocalAuthority"].uri))
    return node


def _coverage(node: Node, town: TownFacts, dataset: DatasetFacts) -> list[Node]:
    """Where and when: what the dataset says of itself, else what its tables cover."""
    made = []
    place = web_address(dataset.place_uri)
    if place:
        node.say("dcterms:spatial", place)
        made.append(Node(place.iri, ("dcterms:Location",)))
    if dataset.place.strip() or dataset.bbox:
        area = Node(f"{node.iri}#place", ("dcterms:Location",))
        area.say("skos:prefLabel", words(dataset.place, "de"))
        if dataset.bbox:
            area.say("dcat:bbox", Typed(polygon(dataset.bbox), "geo:wktLiteral"))
            area.say("dcat:centroid", Typed(centre(dataset.bbox), "geo:wktLiteral"))
        node.say("dcterms:spatial", Ref(area.iri))
        made.append(area)
    level = level_of(place.iri) if place and place.iri.startswith(GEOCODING) else None
    if level is None and town.place and not dataset.source_url:
        level = level_of(town.place) or LEVELS["municipality"]
    node.say("dcatde:politicalGeocodingLevelURI", Ref(level.uri) if level else None)
    if dataset.begins or dataset.ends:
        period = Node(f"{node.iri}#period", ("dcterms:PeriodOfTime",))
        period.say("dcat:startDate", Typed(dataset.begins.isoformat(), "xsd:date") if dataset.begins else None)
        period.say("dcat:endDate", Typed(dataset.ends.isoformat(), "xsd:date") if dataset.ends else None)
        node.say("dcterms:temporal", Ref(period.iri))
        made.append(period)
    return made


def polygon(bbox: tuple[float, float, float, float]) -> str:
    """A box as WKT. No coordinate system is named: without one it is CRS84 (GeoSPARQL 1.1, requirement 18), longitude
    first, and CKAN's harvesters, GovData's among them, cannot read a name in front."""
    west, south, east, north = (_degrees(value) for value in bbox)
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


def centre(bbox: tuple[float, float, float, float]) -> str:
    """The middle of a box as WKT."""
    west, south, east, north = bbox
    return f"POINT({_degrees((west + east) / 2)} {_degrees((south + north) / 2)})"


def _degrees(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _origin(node: Node, dataset: DatasetFacts) -> list[Node]:
    """Where it comes from, and that it is made up if it is."""
    source = web_address(dataset.source_url)
    node.say("prov:wasDerivedFrom", source)
    if not (source or dataset.simulated):
        return []
    statement = Node(f"{node.iri}#provenance", ("dcterms:ProvenanceStatement",))
    if dataset.simulated:
        say_local(statement, "rdfs:label", SIMULATED)
    if source:
        say_local(
            statement, "rdfs:label", {"de": f"Übernommen von {source.iri}", "en": f"Taken over from {source.iri}"}
        )
    node.say("dcterms:provenance", Ref(statement.iri))
    return [statement]


def _rights(node: Node, dataset: DatasetFacts) -> list[Node]:
    """The statement of rights that distributions name."""
    said = rights_of(dataset)
    return [Node(f"{node.iri}#rights", ("dcterms:RightsStatement",), [("rdfs:label", said)])] if said else []


def _contact(node: Node, parts: list[Node], town: TownFacts, dataset: DatasetFacts) -> None:
    if not (dataset.contact_name.strip() or dataset.contact_email.strip()):
        return
    card = Node(f"{node.iri}#contact", ("vcard:Organization", "vcard:Kind"))
    card.say("vcard:fn", words(dataset.contact_name or _name_of(town, dataset.owner), "de"))
    if dataset.contact_email.strip():
        card.say("vcard:hasEmail", _mail(dataset.contact_email))
    else:  # an e-mail, a URL or a telephone number there must be
        card.say("vcard:hasURL", Ref(town.addresses.page(dataset.slug)))
    node.say("dcat:contactPoint", Ref(card.iri))
    parts.append(card)


def _mail(address: str) -> Ref:
    local, _, host = address.strip().rpartition("@")
    safe = web_address(f"http://{host}/{local.replace('/', '%2F').replace('?', '%3F').replace('#', '%23')}")
    return Ref(f"mailto:{safe.iri.rpartition('/')[2]}@{host}") if safe else Ref("mailto:")


def _name_of(town: TownFacts, owner: OwnerFacts | None) -> str:
    return (owner.name.get("de") or owner.name.get("en") or owner.code) if owner else town.name


def _times(node: Node, town: TownFacts, dataset: DatasetFacts) -> None:
    node.say("dcterms:issued", Typed(dataset.issued.isoformat(), "xsd:dateTime"))
    node.say("dcterms:modified", Typed(dataset.modified.isoformat(), "xsd:dateTime"))
    if dataset.frequency in FREQUENCIES:
        node.say("dcterms:accrualPeriodicity", Ref(FREQUENCIES[dataset.frequency].uri))
    node.say("dcat:landingPage", Ref(town.addresses.page(dataset.slug)))
    node.say("foaf:page", Ref(town.addresses.page(dataset.slug, "en")))
    if dataset.version:
        node.say("dcat:version", words(str(dataset.version.number)))
        say_local(node, "adms:versionNotes", dataset.version.note)
        before = dataset.earlier[0] if dataset.earlier else None
        node.say("dcat:previousVersion", version_ref(town, dataset, before) if before else None)


def version_ref(town: TownFacts, dataset: DatasetFacts, version: VersionFacts) -> Ref:
    """A version by the address under which it is cited."""
    return Ref(town.addresses.version(dataset.slug, version.number))


def version_nodes(town: TownFacts, dataset: DatasetFacts) -> Iterator[Node]:
    """Each version as a dataset of its own, tied to the one that they are versions of.

    Only in the description of a single dataset: in the whole catalogue harvesters would take each for a new dataset.
    """
    iri = town.addresses.dataset(dataset.code)
    versions = [dataset.version, *dataset.earlier] if dataset.version else []
    refs = [version_ref(town, dataset, each) for each in versions]
    node = Node(iri)
    node.say("dcat:hasVersion", *refs)
    node.say("dcat:hasCurrentVersion", *refs[:1])
    yield node
    for place, (version, ref) in enumerate(zip(versions, refs, strict=True)):
        node = Node(ref.iri, ("dcat:Dataset",))
        _words(node, dataset)
        node.say("dcterms:publisher", Ref(publisher_of(town, dataset)))
        node.say("dcat:isVersionOf", Ref(iri))
        node.say("dcat:version", words(str(version.number)))
        say_local(node, "adms:versionNotes", version.note)
        node.say("dcterms:issued", Typed(version.published.isoformat(), "xsd:dateTime"))
        node.say("dcat:landingPage", ref)
        node.say("dcat:previousVersion", refs[place + 1] if place + 1 < len(refs) else None)
        yield node

"""The ways to get at a dataset: a distribution for each file, and the services that hold it."""

from collections.abc import Iterator
from dataclasses import dataclass

from allmende.catalogue.dcat.facts import DatasetFacts, LocalText, TableFacts, TownFacts
from allmende.catalogue.dcat.statements import Node, Ref, Text, Typed, Value, web_address, words
from allmende.catalogue.licences import UNSTATED, licence
from allmende.catalogue.vocabulary import AVAILABILITIES, FILE_TYPES, HVD_REGULATION, IANA, LANGUAGES, STATES
from allmende.core.texts import pick


@dataclass(frozen=True, slots=True)
class Format:
    """A way to download a table. key: as the address has it; type: of `vocabulary.FILE_TYPES`; media: by IANA;
    standard: what it conforms to; placed: only for tables whose rows have a place."""

    key: str
    type: str
    media: str
    name: LocalText
    standard: str = ""
    placed: bool = False


def _same(name: str) -> LocalText:
    return {"de": name, "en": name}


FORMATS = (
    Format("csv", "CSV", "text/csv", _same("CSV"), "https://www.rfc-editor.org/rfc/rfc4180"),
    Format("csv-de", "CSV", "text/csv", {"de": "CSV für ein deutsches Excel", "en": "CSV for a German Excel"}),
    Format("json", "JSON", "application/json", _same("JSON"), "https://www.rfc-editor.org/rfc/rfc8259"),
    Format(
        "geojson",
        "GEOJSON",
        "application/geo+json",
        _same("GeoJSON"),
        "https://www.rfc-editor.org/rfc/rfc7946",
        placed=True,
    ),
    Format(
        "gpkg",
        "GPKG",
        "application/geopackage+sqlite3",
        _same("GeoPackage"),
        "http://www.opengis.net/doc/IS/geopackage/1.3",
        placed=True,
    ),
    Format("parquet", "PARQUET", "application/vnd.apache.parquet", _same("Parquet")),
)


def _technical(format_: Format) -> list[tuple[str, Value]]:
    node = Node("")
    node.say("dcterms:format", Ref(FILE_TYPES[format_.type].uri))
    node.say("dcat:mediaType", Ref(IANA + format_.media))
    node.say("dcterms:conformsTo", Ref(format_.standard) if format_.standard else None)
    return node.said


_SAID = {format_.key: _technical(format_) for format_ in FORMATS}
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"


def formats(table: TableFacts) -> tuple[Format, ...]:
    """The formats in which a table can be had."""
    return tuple(each for each in FORMATS if table.placed or not each.placed)


def licence_of(dataset: DatasetFacts) -> Ref:
    """The licence's IRI: of GovData's list where it is known there, else as it was written. What is no address of the
    web says nothing about use, so nothing is allowed."""
    known = licence(dataset.licence) if dataset.licence else None
    return Ref(known.uri) if known else web_address(dataset.licence) or Ref(UNSTATED)


def rights_of(dataset: DatasetFacts) -> Text | None:
    """What to keep to beside the licence: the name to state, the legal ground for withholding, a licence that no list
    knows."""
    unlisted = dataset.licence if dataset.licence and not web_address(dataset.licence) else ""
    said = [unlisted, dataset.attribution, dataset.legal_ground]
    return words(" · ".join(each.strip() for each in said if each.strip()), "de")


def distributions(town: TownFacts, dataset: DatasetFacts) -> Iterator[Node]:
    """All of a dataset, files first."""
    ways = _Ways(town, dataset)
    for table in dataset.tables:
        for each in formats(table):
            yield ways.file(table, each)
        if table.placed:
            yield ways.collection(table)
    if dataset.streams:
        yield ways.datastreams()


def distribution_iri(town: TownFacts, dataset: DatasetFacts, name: str) -> str:
    """The IRI of a distribution; it stays the same from version to version."""
    return f"{town.addresses.dataset(dataset.code)}#{name}"


class _Ways:
    """Makes the distributions of one dataset; what they have in common is said once for all."""

    def __init__(self, town: TownFacts, dataset: DatasetFacts) -> None:
        self._town, self._dataset = town, dataset
        self._iri = distribution_iri(town, dataset, "")
        common = Node("")
        common.say("dcterms:license", licence_of(dataset))
        common.say("dcatde:licenseAttributionByText", words(dataset.attribution, "de"))
        if rights_of(dataset):
            common.say("dcterms:rights", Ref(f"{self._iri}rights"))
        common.say("dcatap:availability", Ref(availability_of(dataset)))
        common.say("adms:status", Ref(STATES["COMPLETED"].uri))
        common.say("dcterms:language", Ref(LANGUAGES["DEU"].uri))
        moment = dataset.version.published if dataset.version else dataset.changed
        common.say("dcterms:issued", Typed(dataset.issued.isoformat(), "xsd:dateTime"))
        common.say("dcterms:modified", Typed(moment.isoformat(), "xsd:dateTime"))
        common.say("dcatap:applicableLegislation", Ref(HVD_REGULATION) if dataset.hvd else None)
        self._common = common.said

    def file(self, table: TableFacts, format_: Format) -> Node:
        """A table as a file."""
        address = Ref(self._town.addresses.download(self._dataset.slug, table.name, format_.key))
        node = self._new(f"{table.name}-{format_.key}", table.title or _same(table.name), format_.name)
        node.say("dcat:accessURL", address)
        node.say("dcat:downloadURL", address)
        node.said += _SAID[format_.key]
        # DCAT 3, section 6.8.12: the size may be about right. The download is written anew from a file of this size.
        if format_.key == "parquet" and table.size:
            node.say("dcat:byteSize", Typed(str(table.size), "xsd:nonNegativeInteger"))
        return node

    def collection(self, table: TableFacts) -> Node:
        """A table as features, by conditions and by place."""
        addresses, only = self._town.addresses, len(self._dataset.tables) == 1
        node = self._new(f"{table.name}-features", table.title or _same(table.name), _same("OGC API Features"))
        node.say("dcat:accessURL", Ref(addresses.collection(self._dataset.slug, table.name, only)))
        node.say("dcat:accessService", Ref(addresses.features))
        node.say("dcterms:format", Ref(FILE_TYPES["GEOJSON"].uri))
        node.say("dcat:mediaType", Ref(f"{IANA}application/geo+json"))
        node.say("dcterms:conformsTo", Ref(_FEATURES))
        return node

    def datastreams(self) -> Node:
        """Time series, one by one."""
        addresses = self._town.addresses
        node = self._new("observations", {"de": "Messwerte", "en": "Observations"}, _same("JSON, SensorThings"))
        node.say("dcat:accessURL", Ref(addresses.datastreams(self._dataset.slug)))
        node.say("dcat:accessService", Ref(addresses.sensor_things))
        node.say("dcterms:format", Ref(FILE_TYPES["JSON"].uri))
        node.say("dcat:mediaType", Ref(f"{IANA}application/json"))
        return node

    def _new(self, name: str, title: LocalText, format_: LocalText) -> Node:
        node = Node(self._iri + name, ("dcat:Distribution",), common=self._common)
        for language in ("de", "en"):
            node.say("dcterms:title", words(f"{pick(title, language)} ({format_[language]})", language))
        return node


def availability_of(dataset: DatasetFacts) -> str:
    """How long it is meant to be there: a URI."""
    return AVAILABILITIES["EXPERIMENTAL" if dataset.simulated else "AVAILABLE"].uri


def services_of(town: TownFacts, dataset: DatasetFacts) -> list[str]:
    """The IRIs of the services that hold a dataset."""
    found = [town.addresses.features] if any(table.placed for table in dataset.tables) else []
    return [*found, town.addresses.sensor_things] if dataset.streams else found


def services(town: TownFacts) -> dict[str, Node]:
    """The services that distributions may name, by IRI."""
    features = Node(town.addresses.features, ("dcat:DataService",))
    features.say("dcterms:title", Text("OGC API Features", "en"))
    features.say("dcat:endpointURL", Ref(town.addresses.features))
    features.say("dcat:endpointDescription", Ref(f"{town.addresses.features}/api"))
    features.say("dcterms:conformsTo", Ref(_FEATURES))
    things = Node(town.addresses.sensor_things, ("dcat:DataService",))
    things.say("dcterms:title", Text("OGC SensorThings API 1.1", "en"))
    things.say("dcat:endpointURL", Ref(town.addresses.sensor_things))
    things.say("dcterms:conformsTo", Ref("http://www.opengis.net/spec/iot_sensing/1.1"))
    for each in (features, things):
        each.say("dcterms:publisher", Ref(town.addresses.town))
        each.say("dcatap:availability", Ref(AVAILABILITIES["AVAILABLE"].uri))
    return {each.iri: each for each in (features, things)}

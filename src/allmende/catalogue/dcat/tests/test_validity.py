"""Every catalogue that can be made is valid DCAT-AP.de 3.0, says the same in each dress, and names known terms only.

The official shapes are no part of this project (the German ones are AGPL): they are read from a folder beside the
checkout where there is one.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyshacl import validate
from rdflib import OWL, SKOS, BNode, Graph, Namespace, URIRef

from allmende.catalogue.dcat import Dress, Page, catalogue_nodes, single_nodes, write
from allmende.catalogue.dcat.facts import DatasetFacts, TownFacts
from allmende.catalogue.dcat.statements import PREFIXES, Node
from allmende.catalogue.dcat.tests.made import BARE_TOWN, TOWN, WHEN, datasets, full_dataset
from allmende.catalogue.licences import licence

SHAPES = Path(__file__).resolve().parents[6] / "shared" / "data" / "shacl"
WANTED = (
    "dcat-ap-3.0.0-SHACL.ttl",
    "dcat-ap-SHACL-DE.ttl",
    "dcat-ap-spec-german-additions.ttl",
    "dcat-ap-de-deprecated.ttl",
)
needs_shapes = pytest.mark.skipif(
    not all((SHAPES / name).is_file() for name in WANTED),
    reason=f"the official shapes, which may not be part of this project, are not in {SHAPES}",
)
SH = Namespace("http://www.w3.org/ns/shacl#")
PARSERS = {Dress.TURTLE: "turtle", Dress.JSON_LD: "json-ld", Dress.XML: "xml"}
TOWNS = st.sampled_from([TOWN, BARE_TOWN])
CATALOGUES = st.lists(datasets(), max_size=3, unique_by=lambda each: each.code)
thorough = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])

# Property → the authority table that its values must be of; what the German check of vocabularies asks.
VOCABULARIES = {
    "dcterms:language": "http://publications.europa.eu/resource/authority/language",
    "dcterms:accrualPeriodicity": "http://publications.europa.eu/resource/authority/frequency",
    "dcat:theme": "http://publications.europa.eu/resource/authority/data-theme",
    "dcterms:accessRights": "http://publications.europa.eu/resource/authority/access-right",
    "dcterms:format": "http://publications.europa.eu/resource/authority/file-type",
    "dcatap:availability": "http://publications.europa.eu/resource/authority/planned-availability",
    "adms:status": "http://publications.europa.eu/resource/authority/distribution-status",
    "dcterms:type": "http://purl.org/adms/publishertype/1.0",
    "dcatde:politicalGeocodingLevelURI": "http://dcat-ap.de/def/politicalGeocoding/Level",
    "dcterms:license": "http://dcat-ap.de/def/licenses",
}


@cache
def shapes() -> Graph:
    """The base and the German additions, without the lists that they would fetch."""
    graph = Graph()
    for name in WANTED:
        graph.parse(SHAPES / name)
    graph.remove((None, OWL.imports, None))
    return graph


def read(nodes: Iterable[Node], dress: Dress = Dress.TURTLE) -> Graph:
    return Graph().parse(b"".join(write(nodes, dress)), format=PARSERS[dress])


def findings(graph: Graph) -> list[str]:
    """What the shapes find fault with: violations and warnings."""
    _, report, _ = validate(graph, shacl_graph=shapes(), meta_shacl=False, advanced=False, inference="none")
    assert isinstance(report, Graph)
    told = (SH.resultSeverity, SH.focusNode, SH.resultPath, SH.value, SH.resultMessage)
    return [" ".join(str(report.value(each, name)) for name in told) for each in report.objects(None, SH.result)]


def property_of(name: str) -> URIRef:
    prefix, _, rest = name.partition(":")
    return URIRef(PREFIXES[prefix] + rest)


def unlisted(graph: Graph) -> list[tuple[str, str]]:
    """Values that are of no authority table, as the document itself says."""
    return [
        (name, str(value))
        for name, scheme in VOCABULARIES.items()
        for value in graph.objects(None, property_of(name))
        if (value, SKOS.inScheme, URIRef(scheme)) not in graph
    ]


@needs_shapes
@thorough
@given(CATALOGUES, TOWNS)
def test_every_catalogue_is_valid_without_a_warning(made: list[DatasetFacts], town: TownFacts):
    page = Page(1, 100, len(made), "ttl")
    assert findings(read(catalogue_nodes(town, made, WHEN, page))) == []


@needs_shapes
@thorough
@given(datasets(), TOWNS)
def test_every_single_dataset_is_valid_without_a_warning(made: DatasetFacts, town: TownFacts):
    assert findings(read(single_nodes(town, made))) == []


@needs_shapes
def test_the_shapes_are_awake():
    nameless = read(catalogue_nodes(TOWN, [full_dataset()]))
    nameless.remove((None, property_of("dcterms:license"), None))
    assert any("license" in each and "Violation" in each for each in findings(nameless))


@thorough
@given(CATALOGUES, TOWNS)
def test_each_dress_says_the_same(made: list[DatasetFacts], town: TownFacts):
    turtle, json_ld, xml = (set(read(catalogue_nodes(town, made, WHEN), dress)) for dress in Dress)
    assert turtle == json_ld == xml
    assert not any(isinstance(value, BNode) for triple in turtle for value in triple)


@thorough
@given(CATALOGUES, TOWNS)
def test_every_value_is_of_its_authority_table(made: list[DatasetFacts], town: TownFacts):
    """Only a licence may be none of GovData's list, where somebody has stated such a one: a warning there, no fault."""
    own = {each.licence for each in made if not licence(each.licence)}
    assert set(unlisted(read(catalogue_nodes(town, made)))) <= {("dcterms:license", each) for each in own}


def test_a_full_dataset_in_all_its_parts():
    graph = read(catalogue_nodes(TOWN, [full_dataset(streams=2, hvd=("environment",))], WHEN))
    answer = graph.query(
        """
        SELECT ?title ?publisher ?mail ?licence ?european ?by ?bbox ?start ?media ?bytes WHERE {
          ?dataset a dcat:Dataset ; dcterms:title ?title ; dcterms:publisher/foaf:name ?publisher ;
            dcat:contactPoint/vcard:hasEmail ?mail ; dcterms:spatial/dcat:bbox ?bbox ;
            dcterms:temporal/dcat:startDate ?start ; dcat:distribution ?file .
          ?file dcterms:license ?licence ; dcatde:licenseAttributionByText ?by ; dcat:mediaType ?media ;
            dcat:byteSize ?bytes .
          OPTIONAL { ?licence skos:exactMatch ?european }
          FILTER(lang(?title) = "de" && lang(?publisher) = "de")
        }""",
        initNs=PREFIXES,
    )
    (row,) = answer
    assert [str(value) if value is not None else None for value in row] == [
        "Bäume",
        "Grünflächenamt",
        "mailto:baeume@musterstadt.example",
        "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
        None,
        "Stadt Musterstadt",
        "POLYGON((11.5 50.9,11.6 50.9,11.6 51,11.5 51,11.5 50.9))",
        "1990-01-01",
        "https://www.iana.org/assignments/media-types/application/vnd.apache.parquet",
        "12345",
    ]


def test_a_european_licence_is_named_beside_the_german_one():
    graph = read(catalogue_nodes(TOWN, [full_dataset(licence="http://dcat-ap.de/def/licenses/cc-by/4.0")]))
    found = graph.value(URIRef("http://dcat-ap.de/def/licenses/cc-by/4.0"), SKOS.exactMatch)
    assert str(found) == "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"


@pytest.mark.parametrize("unstated", ["", "nur mit Rückfrage"])
def test_where_no_licence_is_stated_nothing_is_allowed(unstated: str):
    graph = read(catalogue_nodes(TOWN, [full_dataset(licence=unstated)]))
    assert set(map(str, graph.objects(None, property_of("dcterms:license")))) == {
        "http://dcat-ap.de/def/licenses/other-closed"
    }


def test_in_the_catalogue_versions_are_no_datasets_of_their_own():
    made = full_dataset()
    kind = URIRef(PREFIXES["rdf"] + "type"), property_of("dcat:Dataset")
    assert len(list(read(catalogue_nodes(TOWN, [made])).subjects(*kind))) == 1
    alone = read(single_nodes(TOWN, made))
    assert len(list(alone.subjects(*kind))) == 3
    old = URIRef("https://daten.musterstadt.example/de/datasets/trees/versions/1/")
    new = URIRef("https://daten.musterstadt.example/de/datasets/trees/versions/2/")
    assert (new, property_of("dcat:previousVersion"), old) in alone


def test_iris_stay_when_a_version_is_added():
    def iris(made: DatasetFacts) -> set[str]:
        return {str(subject) for subject in read(catalogue_nodes(TOWN, [made])).subjects()}

    first = full_dataset(version=full_dataset().earlier[0], earlier=())
    assert iris(first) == iris(full_dataset())


def test_pages_lead_on_to_the_last():
    for number, following in ((1, 2), (2, 3), (3, None)):
        graph = read(catalogue_nodes(TOWN, [], page=Page(number, 2, 5, "ttl")))
        here = URIRef(TOWN.addresses.document("ttl", number))
        found = graph.value(here, property_of("hydra:nextPage"))
        assert found == (URIRef(TOWN.addresses.document("ttl", following)) if following else None)
        assert int(graph.value(here, property_of("hydra:totalItems")) or 0) == 5

"""DCAT-AP.de over HTTP: whole, in pages, one dataset, in each dress; and nothing in it that a stranger may not read."""

import httpx
import pytest
from pyshacl import validate
from rdflib import Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, RDF, SKOS

from allmende.catalogue.dcat.tests.test_validity import SH, needs_shapes, shapes
from tests.catalogue.seeding import CANARY

DRESSES = {
    "ttl": ("text/turtle", "turtle"),
    "jsonld": ("application/ld+json", "json-ld"),
    "xml": ("application/rdf+xml", "xml"),
}


def graph_of(answer: httpx.Response) -> Graph:
    assert answer.status_code == 200, answer.text
    media = answer.headers["content-type"].partition(";")[0]
    parser = next(parser for known, parser in DRESSES.values() if known == media)
    return Graph().parse(data=answer.content, format=parser)


def titles(graph: Graph) -> set[str]:
    found = (graph.objects(dataset, DCTERMS.title) for dataset in graph.subjects(RDF.type, DCAT.Dataset))
    return {str(title) for each in found for title in each if getattr(title, "language", "") == "de"}


def test_each_dress_is_the_same_catalogue(stranger: httpx.Client):
    graphs = [set(graph_of(stranger.get(f"/catalogue.{ending}"))) for ending in DRESSES]
    assert graphs[0] == graphs[1] == graphs[2]
    assert titles(graph_of(stranger.get("/catalogue.ttl"))) == {"Straßenbäume", "Haushalt", "Wetter"}


@needs_shapes
def test_the_catalogue_of_a_real_server_is_valid(stranger: httpx.Client):
    conforms, report, text = validate(graph_of(stranger.get("/catalogue.xml")), shacl_graph=shapes(), meta_shacl=False)
    assert conforms and not list(report.objects(None, SH.result)), text


@pytest.mark.parametrize("ending", DRESSES)
def test_a_stranger_reads_nothing_that_is_withheld(stranger: httpx.Client, insider: httpx.Client, ending: str):
    assert CANARY not in stranger.get(f"/catalogue.{ending}").text
    assert CANARY in insider.get(f"/catalogue.{ending}").text
    for path in (f"/api/catalogue/datasets/cases.{ending}", "/api/catalogue/datasets/cases"):
        answer = stranger.get(path)
        assert answer.status_code == 404 and CANARY not in answer.text
    assert CANARY in insider.get(f"/api/catalogue/datasets/cases.{ending}").text


def test_a_key_that_is_none_is_refused(stranger: httpx.Client):
    answer = stranger.get("/catalogue.ttl", headers={"Authorization": "Bearer alm_wrong"})
    assert answer.status_code == 401


def test_every_distribution_leads_somewhere(stranger: httpx.Client):
    graph = graph_of(stranger.get("/catalogue.ttl"))
    paths = {str(address).partition("//")[2].partition("/")[2] for address in graph.objects(None, DCAT.downloadURL)}
    files = "api/v1/datasets/{}/tables/{}/download?format={}"
    placed = [files.format("trees", "trees", kind) for kind in ("csv", "csv-de", "json", "geojson", "gpkg", "parquet")]
    assert paths == {
        *placed,
        *(files.format("budget", "budget", kind) for kind in ("csv", "csv-de", "json", "parquet")),
    }
    services = {str(value).partition("/api")[2] for value in graph.objects(None, DCAT.accessService)}
    assert services == {"/ogc", "/sta/v1.1"}


def test_one_dataset_with_its_versions(stranger: httpx.Client):
    graph = graph_of(stranger.get("/api/catalogue/datasets/trees.ttl"))
    numbers = sorted(str(value) for value in graph.objects(None, URIRef(f"{DCAT}version")))
    assert numbers == ["1", "2", "2"]  # the dataset is at its second; and each by itself
    licence = URIRef("http://dcat-ap.de/def/licenses/dl-by-de/2.0")
    assert (licence, SKOS.inScheme, URIRef("http://dcat-ap.de/def/licenses")) in graph


def test_an_iri_answers_in_what_is_asked_for(stranger: httpx.Client):
    graph = graph_of(stranger.get("/catalogue.ttl"))
    iri = next(str(each) for each in graph.subjects(RDF.type, DCAT.Dataset))
    for media, _ in DRESSES.values():
        answer = stranger.get(iri, headers={"Accept": f"{media}, */*;q=0.1"})
        assert answer.headers["content-type"].startswith(media)
        assert URIRef(iri) in set(graph_of(answer).subjects())
    browser = stranger.get(iri, headers={"Accept": "text/html"})
    assert browser.status_code == 303 and "/de/datasets/" in browser.headers["location"]
    catalogue = stranger.get("/api/catalogue", headers={"Accept": "application/ld+json"})
    assert titles(graph_of(catalogue)) == titles(graph)


def test_a_page_says_how_many_there_are(stranger: httpx.Client):
    graph = graph_of(stranger.get("/catalogue.ttl?page=1"))
    assert len(titles(graph)) == 3
    beyond = graph_of(stranger.get("/catalogue.ttl?page=7"))
    assert titles(beyond) == set()
    assert stranger.get("/catalogue.ttl?page=0").status_code == 400
    assert stranger.get("/catalogue.ttl?seite=1").status_code == 400


@pytest.mark.parametrize("path", ["/api/catalogue/datasets/none.ttl", "/api/catalogue/datasets/trees.pdf"])
def test_what_is_not_there(stranger: httpx.Client, path: str):
    assert stranger.get(path).status_code == 404


def test_head_and_other_methods(stranger: httpx.Client):
    assert stranger.head("/catalogue.ttl").status_code == 200
    assert stranger.post("/catalogue.ttl").status_code == 405

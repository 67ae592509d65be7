"""SPARQL over the metadata: results in every form, nothing that is withheld, nothing that costs or reaches too far."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import httpx
import pytest
from rdflib import Graph

from allmende.api.catalogue.sparql import asking
from tests.catalogue.seeding import CANARY

PATH = "/api/catalogue/sparql"
TITLES = """
    SELECT ?title (COUNT(?file) AS ?files) WHERE {
      ?dataset a dcat:Dataset ; dcterms:title ?title . FILTER(lang(?title) = "de")
      OPTIONAL { ?dataset dcat:distribution ?file }
    } GROUP BY ?title ORDER BY ?title
"""
EXPECTED = [("Haushalt", "4"), ("Straßenbäume", "7"), ("Wetter", "1")]


def test_results_as_json_xml_and_csv(stranger: httpx.Client):
    answer = stranger.get(PATH, params={"query": TITLES})
    assert answer.headers["content-type"] == "application/sparql-results+json"
    rows = answer.json()["results"]["bindings"]
    assert [(row["title"]["value"], row["files"]["value"]) for row in rows] == EXPECTED
    as_csv = stranger.get(PATH, params={"query": TITLES}, headers={"Accept": "text/csv"})
    assert list(csv.reader(io.StringIO(as_csv.text)))[1:] == [list(row) for row in EXPECTED]
    as_xml = stranger.get(PATH, params={"query": TITLES, "format": "xml"})
    tree = ET.fromstring(as_xml.text)
    assert len(tree.findall(".//{http://www.w3.org/2005/sparql-results#}result")) == 3


def test_graphs_as_turtle(stranger: httpx.Client):
    query = "CONSTRUCT { ?d dcterms:title ?t } WHERE { ?d a dcat:Dataset ; dcterms:title ?t }"
    answer = stranger.get(PATH, params={"query": query}, headers={"Accept": "text/turtle"})
    assert answer.headers["content-type"].startswith("text/turtle")
    assert len(Graph().parse(data=answer.text, format="turtle")) == 6
    described = stranger.get(PATH, params={"query": "DESCRIBE <http://dcat-ap.de/def/licenses/dl-by-de/2.0>"})
    assert "Datenlizenz" in described.text


def test_asking_by_post(stranger: httpx.Client):
    form = stranger.post(PATH, data={"query": "ASK { ?d a dcat:Dataset }"})
    assert form.json()["boolean"] is True
    plain = stranger.post(PATH, content="ASK { ?d a dcat:Cat }", headers={"Content-Type": "application/sparql-query"})
    assert plain.json()["boolean"] is False
    assert stranger.post(PATH, json={"query": "ASK {}"}).status_code == 415


def test_what_is_withheld_is_not_in_the_graph(stranger: httpx.Client, insider: httpx.Client):
    query = f'SELECT ?s WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), "{CANARY}")) }}'
    assert stranger.get(PATH, params={"query": query}).json()["results"]["bindings"] == []
    assert insider.get(PATH, params={"query": query}).json()["results"]["bindings"] != []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SELECT",
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "LOAD <http://example.org/>",
        "SELECT * WHERE { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * WHERE { ?a ?b ?c { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } } }",
        "SELECT * WHERE { FILTER EXISTS { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } } }",
        "SELECT * FROM <file:///etc/passwd> WHERE { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:1/> WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT ?s WHERE { ?s ?p ?o . FILTER(" + "(" * 3000 + ")",
        "#" * (asking.LONGEST + 1),
    ],
)
def test_what_is_refused(stranger: httpx.Client, query: str):
    answer = stranger.post(PATH, data={"query": query})
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] in ("bad_parameter", "too_costly") and answer.json()["detail"]


def test_other_parameters_are_refused(stranger: httpx.Client):
    for name in ("update", "default-graph-uri", "named-graph-uri", "using-graph-uri"):
        answer = stranger.get(PATH, params={"query": "ASK {}", name: "http://example.org/"})
        assert (answer.status_code, answer.json()["parameter"]) == (400, name)
    assert stranger.get(PATH, params={"query": "ASK {}", "format": "pdf"}).status_code == 400


def test_too_many_rows_are_refused(stranger: httpx.Client):
    answer = stranger.get(PATH, params={"query": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"})
    assert answer.status_code == 400 and "LIMIT" in answer.json()["detail"]


def test_a_question_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """In this process, with little time: the sandbox is the same."""
    from allmende.api.problems import Problem
    from allmende.catalogue.dcat import catalogue_nodes
    from allmende.catalogue.dcat.tests.made import TOWN, full_dataset
    from allmende.core.sandbox import Limits

    monkeypatch.setattr(asking, "LIMITS", Limits(cpu_seconds=5, wall_seconds=4.0))
    with (tmp_path / "graph").open("w+b") as file:
        asking._write(catalogue_nodes(TOWN, [full_dataset()]), file)
        with pytest.raises(Problem) as caught:
            asking._run(file, "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", [])
    assert caught.value.body["code"] == "too_costly"


def test_the_graph_is_the_catalogue(stranger: httpx.Client):
    """What SPARQL is asked of is what the document says."""
    count = stranger.get(PATH, params={"query": "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"}).json()
    whole = Graph().parse(data=stranger.get("/catalogue.ttl").text, format="turtle")
    modified = 1  # when the catalogue changed last is said in the document only
    assert int(count["results"]["bindings"][0]["n"]["value"]) == len(whole) - modified


def test_lines_are_json(stranger: httpx.Client):
    from allmende.catalogue.dcat import catalogue_nodes
    from allmende.catalogue.dcat.tests.made import TOWN, full_dataset

    found = [json.loads(line) for line in asking.lines(catalogue_nodes(TOWN, [full_dataset()]))]
    assert all(isinstance(iri, str) and said for iri, said in found)

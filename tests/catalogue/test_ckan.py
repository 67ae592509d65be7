"""The catalogue as CKAN's own client reads it, by GET and by POST."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from ckanapi import NotAuthorized, NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import CKANAPIError, SearchQueryError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalogue.seeding import CANARY
from tests.serving import Server


@pytest.fixture(params=[True, False], ids=["GET", "POST"])
def ckan(request, catalogue: Server) -> Iterator[RemoteCKAN]:
    with RemoteCKAN(catalogue.url, get_only=request.param) as client:
        yield client


@pytest.fixture
def by_post(catalogue: Server) -> Iterator[RemoteCKAN]:
    with RemoteCKAN(catalogue.url) as client:
        yield client


def names(found: dict[str, Any]) -> list[str]:
    return [each["name"] for each in found["results"]]


def test_a_harvester_walks_the_catalogue(ckan: RemoteCKAN):
    assert ckan.action.site_read() is True
    assert ckan.action.status_show()["site_title"] == "Musterstadt"
    assert ckan.action.package_list() == ["budget", "trees", "weather"]
    assert ckan.action.package_list(limit=1, offset=1) == ["trees"]
    whole = ckan.action.current_package_list_with_resources(limit=10)
    assert {each["name"] for each in whole} == {"budget", "trees", "weather"}
    for each in whole:
        assert ckan.action.package_show(id=each["name"]) == each == ckan.action.package_show(id=each["id"])


def test_a_dataset_in_full(ckan: RemoteCKAN):
    trees = ckan.action.package_show(id="trees")
    assert (trees["title"], trees["license_id"], trees["isopen"]) == ("Straßenbäume", "dl-by-de/2.0", True)
    assert (trees["organization"]["title"], trees["author"]) == ("Grünflächenamt", "Grünflächenamt")
    assert [each["display_name"] for each in trees["tags"]] == ["Baum", "Grünfläche"]
    assert [each["title"] for each in trees["groups"]] == ["Umwelt"]
    extras = {each["key"]: each["value"] for each in trees["extras"]}
    assert extras["temporal_start"] == "2020-01-01" and json.loads(extras["spatial"])["type"] == "Polygon"
    kinds = [each["format"] for each in trees["resources"]]
    assert kinds == ["CSV", "CSV", "JSON", "GEOJSON", "GPKG", "PARQUET", "GEOJSON"]
    assert trees["num_resources"] == 7 and len({each["id"] for each in trees["resources"]}) == 7
    for each in trees["resources"]:
        assert ckan.action.resource_show(id=each["id"]) == each
        assert each["package_id"] == trees["id"] and each["license"].endswith("dl-by-de/2.0")


@pytest.mark.parametrize(
    ("query", "filters", "found"),
    [
        ("", "", ["budget", "trees", "weather"]),
        ("*:*", "", ["budget", "trees", "weather"]),
        ("Straße", "", ["trees"]),
        ("street trees", "", ["trees"]),
        ("Grünfläche", "", ["trees"]),
        ("Baum Haushalt", "", []),
        ("Baum OR Haushalt", "", ["budget", "trees"]),
        ("-Baum", "", ["budget", "weather"]),
        ("NOT Baum AND Haushalt", "", ["budget"]),
        ("", "tags:Grünfläche", ["trees"]),
        ("", "tags:Grün", []),
        ("", "groups:envi", ["trees"]),
        ("", "+groups:(envi OR econ) -res_format:PARQUET", []),
        ("", "res_format:GeoJSON", ["trees"]),
        ("", 'res_format:"CSV"', ["budget", "trees"]),
        ("", 'license_id:"dl-zero-de/2.0"', ["budget"]),
        ("name:weather", "type:dataset AND state:active", ["weather"]),
        ("", "metadata_modified:[2026-01-01T00:00:00Z TO *]", ["budget", "trees", "weather"]),
        ("", "metadata_modified:[* TO 2020-01-01T00:00:00Z]", []),
        ("", "private:true", []),
        (CANARY, "", []),
    ],
)
def test_searching(ckan: RemoteCKAN, query: str, filters: str, found: list[str]):
    answer = ckan.action.package_search(q=query, fq=filters, sort="name asc")
    assert names(answer) == found and answer["count"] == len(found)


def test_pages_and_orders(ckan: RemoteCKAN):
    assert names(ckan.action.package_search(sort="name desc", rows=2)) == ["weather", "trees"]
    second = ckan.action.package_search(sort="name desc", rows=2, start=2)
    assert (names(second), second["count"]) == (["budget"], 3)
    assert names(ckan.action.package_search(rows=0)) == []
    assert len(names(ckan.action.package_search(sort="score desc, metadata_modified desc"))) == 3


def test_counts_by_facet(ckan: RemoteCKAN):
    wanted = '["organization", "groups", "tags", "license_id", "res_format", "unknown"]'
    answer = ckan.action.package_search(**{"facet.field": wanted, "rows": 0})
    office = ckan.action.organization_list()[0]
    assert answer["facets"] == {
        "organization": {office: 1},
        "groups": {"envi": 1},
        "tags": {"Baum": 1, "Grünfläche": 1},
        "license_id": {"dl-by-de/2.0": 1, "dl-zero-de/2.0": 1},
        "res_format": {"CSV": 2, "JSON": 2, "PARQUET": 2, "GEOJSON": 1, "GPKG": 1},
    }
    [item] = answer["search_facets"]["organization"]["items"]
    assert item == {"name": office, "display_name": "Grünflächenamt", "count": 1}
    assert ckan.action.package_search(**{"facet": "false", "facet.field": wanted})["facets"] == {}


def test_lists(ckan: RemoteCKAN):
    [office] = ckan.action.organization_list(all_fields=True)
    assert (office["title"], office["package_count"]) == ("Grünflächenamt", 1)
    shown = ckan.action.organization_show(id=office["id"], include_datasets=True)
    assert [each["name"] for each in shown["packages"]] == ["trees"]
    assert ckan.action.group_list() == ["envi"]
    assert ckan.action.group_show(id="envi")["title"] == "Umwelt"
    assert ckan.action.tag_list() == ["Baum", "Grünfläche"]
    assert ckan.action.tag_list(query="grün") == ["Grünfläche"]
    assert [each["name"] for each in ckan.action.tag_show(id="Baum", include_datasets=True)["packages"]] == ["trees"]
    licences = {each["id"]: each for each in ckan.action.license_list()}
    assert licences["dl-by-de/2.0"]["od_conformance"] == "approved"


def test_rows(ckan: RemoteCKAN):
    resource = ckan.action.package_show(id="trees")["resources"][0]["id"]
    found = ckan.action.datastore_search(resource_id=resource, limit=2, sort="hoehe desc")
    assert found["total"] == 4 and [row["art"] for row in found["records"]] == ["Eiche", "Linde"]
    assert {"id": "hoehe", "type": "float8"} in found["fields"]
    assert found["records"][0]["geometry"]["type"] == "Point"
    filtered = ckan.action.datastore_search(resource_id=resource, filters='{"art": ["Linde", "Ahorn"]}', fields="art")
    assert sorted(row["art"] for row in filtered["records"]) == ["Ahorn", "Linde"]
    assert [row["art"] for row in ckan.action.datastore_search(resource_id=resource, q="kast")["records"]] == [
        "Kastanie"
    ]
    assert ckan.action.datastore_search(resource_id=resource, limit=0)["records"] == []
    later = ckan.action.datastore_search(resource_id=resource, offset=3)
    assert len(later["records"]) == 1
    start = httpx.get(found["_links"]["start"]).json()["result"]
    assert [row["art"] for row in start["records"]] == ["Eiche", "Linde"]
    following = httpx.get(found["_links"]["next"]).json()["result"]
    assert [row["art"] for row in following["records"]] == ["Ahorn", "Kastanie"]


def test_filters_as_an_object_and_of_each_type(by_post: RemoteCKAN):
    resource = by_post.action.package_show(id="budget")["resources"][0]["id"]
    found = by_post.action.datastore_search(resource_id=resource, filters={"jahr": 2026, "posten": "Straßen"})
    assert [row["betrag"] for row in found["records"]] == [98000.10]
    with pytest.raises(ValidationError):
        by_post.action.datastore_search(resource_id=resource, filters={"jahr": "bald"})


def test_faults_are_ckans_own(ckan: RemoteCKAN):
    with pytest.raises(NotFound):
        ckan.action.package_show(id="none")
    with pytest.raises(NotFound):
        ckan.action.resource_show(id="set-none.x-csv")
    with pytest.raises(NotFound):
        ckan.action.datastore_search(resource_id="weather.observations")
    with pytest.raises(ValidationError):
        ckan.action.package_show()
    with pytest.raises(ValidationError):
        ckan.action.package_list(limit="many")
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(q="colour:green")
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(q='"open')
    with pytest.raises(SearchQueryError):
        ckan.action.package_search(sort="colour asc")
    with pytest.raises(CKANAPIError):
        ckan.action.package_create(name="new")


def test_shapes_of_answers(stranger: httpx.Client):
    good = stranger.get("/api/3/action/package_show?id=trees")
    assert good.json().keys() == {"help", "success", "result"}
    assert stranger.get(good.json()["help"]).json()["result"] == "The dataset with this id or name."
    bad = stranger.get("/api/3/action/package_show?id=none")
    assert (bad.status_code, bad.json()["success"]) == (404, False)
    assert bad.json()["error"] == {"__type": "Not Found Error", "message": "Not found"}
    unknown = stranger.get("/api/3/action/package_create")
    assert (unknown.status_code, unknown.json()) == (400, "Bad request - Action name not known: package_create")
    broken = stranger.post("/api/3/action/package_show", content=b"{")
    assert broken.status_code == 400


def test_what_is_withheld_stays_withheld(catalogue: Server, ckan: RemoteCKAN):
    everything = [
        ckan.action.current_package_list_with_resources(),
        ckan.action.package_search(**{"rows": 1000, "facet.field": '["organization","groups","tags","license_id"]'}),
        ckan.action.tag_list(all_fields=True),
        ckan.action.organization_list(all_fields=True),
    ]
    assert CANARY not in json.dumps(everything, ensure_ascii=False)
    cases = catalogue.seeds["cases"]
    for action, arguments in (
        ("package_show", {"id": "cases"}),
        ("resource_show", {"id": f"{cases}.cases-csv"}),
        ("datastore_search", {"resource_id": f"{cases}.cases-csv"}),
    ):
        with pytest.raises(NotFound):
            ckan.call_action(action, arguments)


def test_a_key_opens_what_it_may(catalogue: Server):
    with RemoteCKAN(catalogue.url, apikey=catalogue.seeds["insider"]) as insider:
        shown = insider.action.package_show(id="cases")
        assert shown["private"] is True and shown["title"] == CANARY
        rows = insider.action.datastore_search(resource_id=shown["resources"][0]["id"])["records"]
        assert [row["name"] for row in rows] == [CANARY, CANARY]
    with RemoteCKAN(catalogue.url, apikey="wrong") as stranger, pytest.raises(NotAuthorized):
        stranger.action.package_list()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    action=st.sampled_from(["package_search", "package_show", "tag_list", "organization_list", "datastore_search"]),
    given_=st.dictionaries(
        st.sampled_from(
            ["q", "fq", "id", "sort", "rows", "start", "limit", "offset", "facet.field", "filters", "fields"]
        ),
        st.text(max_size=40)
        | st.integers()
        | st.lists(st.text(max_size=5), max_size=3)
        | st.sampled_from(
            ['"', "(", "a:(b", "[x TO y]", "metadata_modified:[z TO *]", "tags:\x00", "*:*", "-", "NOT", "{}"]
        ),
        max_size=5,
    ),
)
def test_no_question_upsets_the_server(stranger: httpx.Client, action: str, given_: dict):
    answer = stranger.post(f"/api/3/action/{action}", json=given_)
    assert answer.status_code in (200, 400, 404, 409), answer.text
    assert CANARY not in answer.text

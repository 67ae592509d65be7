"""Landing page, conformance, collections and their description (OGC API Features, part 1)."""

import re
from html.parser import HTMLParser

import pytest

from allmende.api.ogc.landing import CONFORMANCE
from tests.ogc.layers import TREES

REL = "http://www.opengis.net/def/rel/ogc/1.0/"


def rels(document) -> dict[str, str]:
    return {each["rel"]: each["href"] for each in document["links"]}


def schemas(part) -> list[dict]:
    if isinstance(part, dict):
        return [part, *(each for value in part.values() for each in schemas(value))]
    return [each for value in part for each in schemas(value)] if isinstance(part, list) else []


@pytest.mark.parametrize("path", ["", "/"])
def test_the_landing_page_leads_everywhere(client, get, path):
    links = rels(get(path))
    assert {"self", "service-desc", "conformance", "data"} <= links.keys()
    for name in ("service-desc", "conformance", "data", "self"):
        assert client.get(links[name]).status_code == 200


def test_conformance_names_each_class_once(get):
    classes = get("/conformance")["conformsTo"]
    assert classes == CONFORMANCE
    assert len(set(classes)) == len(classes)
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes


def test_the_description_is_openapi_and_names_every_address(client):
    answer = client.get("/api")
    assert answer.headers["content-type"].startswith("application/vnd.oai.openapi+json")
    document = answer.json()
    assert document["openapi"] == "3.0.3"
    assert not [each for each in schemas(document) if each.get("type") == "null"]
    assert "/api/ogc/collections/{id}/items/{feature}" in document["paths"]
    names = {each["name"] for each in document["paths"]["/api/ogc/collections/{id}/items"]["get"]["parameters"]}
    assert {"bbox", "bbox-crs", "datetime", "limit", "crs", "filter", "filter-lang", "filter-crs", "sortby"} <= names


def test_collections_are_the_published_layers_that_one_may_see(get):
    document = get("/collections")
    assert [each["id"] for each in document["collections"]] == ["grid", "town.districts", "town.ways", "trees"]
    assert document["crs"][0] == "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    for each in document["collections"]:
        assert get(rels(each)["self"])["id"] == each["id"]
        assert get(rels(each)["items"], limit=1)["type"] == "FeatureCollection"


def test_a_collection_says_what_it_is(get):
    document = get("/collections/trees")
    assert document["extent"]["spatial"]["bbox"] == [[11.58, 50.92, 11.589, 50.929]]
    assert document["extent"]["temporal"]["interval"] == [["2026-03-01T08:00:00Z", "2026-06-08T11:00:00Z"]]
    assert document["itemType"] == "feature"
    assert document["storageCrs"] == document["crs"][0]
    assert document["simulated"] is True
    links = rels(document)
    assert links["license"] == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
    assert {"items", "queryables", "describedby", "self", "alternate"} <= {key.removeprefix(REL) for key in links}
    assert get(links[REL + "queryables"])["type"] == "object"


def test_texts_are_in_the_language_that_is_accepted(client):
    for accepted, title in (("en-GB,de;q=0.5", "Trees (en)"), ("de", "Trees (de)"), ("fr", "Trees (de)")):
        answer = client.get("/collections/trees", headers={"Accept-Language": accepted})
        assert answer.json()["title"] == title
        assert "Accept-Language" in answer.headers["vary"]


def test_a_dataset_with_several_layers_names_them(client, get):
    assert get("/collections/town.ways")["title"] == "Town (de): Ways"
    answer = client.get("/collections/town")
    assert answer.status_code == 404
    assert "'town.districts', 'town.ways'" in answer.json()["detail"]
    assert get("/collections/trees.trees")["id"] == "trees"


@pytest.mark.parametrize(
    "id_", ["nothing", "secret", "draft", "lists", "trees.other", "trees.", "%2E%2E", "%00", "secret.trees"]
)
@pytest.mark.parametrize("path", ["", "/items", "/items/1", "/queryables", "/sortables", "/schema"])
def test_what_is_none_or_not_for_everybody_is_not_there(client, id_, path):
    assert client.get(f"/collections/{id_}{path}").status_code == 404


def test_protected_layers_are_there_for_those_who_may_see_them(client, layers):
    headers = {"Authorization": f"Bearer {layers.seeds['insider']}"}
    assert client.get("/collections/secret/items", headers=headers).json()["numberMatched"] == TREES - 50
    ids = [each["id"] for each in client.get("/collections", headers=headers).json()["collections"]]
    assert ids == ["secret"]  # the token is for that dataset only


def test_a_version_can_be_named(client, get):
    assert get("/collections/trees", version=1)["version"] == 1
    assert get("/collections/trees/items", version=1, limit=1)["numberMatched"] == TREES
    for bad, status in ((2, 404), (0, 400), ("x", 400), (10**30, 400)):
        assert client.get("/collections/trees/items", params={"version": bad}).status_code == status


def test_queryables_sortables_and_the_schema(get):
    queryables = get("/collections/trees/queryables")
    assert queryables["$id"].endswith("/collections/trees/queryables")
    assert queryables["properties"]["hoehe"] == {"title": "Hoehe", "type": "number", "x-ogc-unit": "m"}
    assert queryables["properties"]["gepflanzt"]["format"] == "date"
    assert queryables["properties"]["geometry"]["format"] == "geometry-point"
    assert "geometry" not in get("/collections/trees/sortables")["properties"]
    assert "_id" in get("/collections/trees/schema")["properties"]
    assert get("/collections/town.ways/queryables")["properties"]["geometry"]["format"] == "geometry-any"


class Reader(HTMLParser):
    """Collects links and texts, and minds that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.links, self.open, self.text = [], [], ""

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value for name, value in attributes if name == "href"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/conformance",
        "/collections",
        "/collections/trees",
        "/collections/trees/items",
        "/collections/trees/items/B001",
        "/collections/trees/queryables",
        "/collections/trees/sortables",
        "/collections/trees/schema",
        "/collections/town.districts/items?limit=2",
    ],
)
def test_each_resource_has_a_page(client, path):
    answer = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "en"})
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    reader = Reader()
    reader.feed(answer.text)
    assert not reader.open
    own = [link for link in reader.links if "/api/ogc" in link]
    assert own
    for link in own[:12]:
        assert client.get(link).status_code == 200, link
    assert client.get(path, params={"f": "json"} if "?" not in path else None).json()
    assert re.search(r'<html lang="en">', answer.text)


def test_pages_show_texts_as_texts(client):
    answer = client.get("/collections/trees", params={"f": "html"}, headers={"Accept-Language": "en"})
    assert "Trees &lt;by&gt; the road" in answer.text


def test_an_unknown_form_is_refused(client):
    answer = client.get("/collections", params={"f": "xml"})
    assert answer.status_code == 400
    assert answer.json()["parameter"] == "f"


def test_any_page_elsewhere_may_read(client):
    answer = client.get("/collections", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    answer = client.get("/collections/trees/items", headers={"Origin": "https://elsewhere.example"})
    assert "content-crs" in answer.headers["access-control-expose-headers"].lower()


def test_nothing_but_reading(client):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/collections/trees/items").status_code == 405
    assert client.head("/collections/trees").status_code == 200


def test_links_do_not_repeat_a_foreign_host(client):
    answer = client.get("/collections/trees", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text

"""No protected value comes out anywhere: canaries are planted in every place there is, and a stranger reads it all."""

import itertools
import json
import math
import re
from typing import Any

from tests.canary.crawling import Crawler
from tests.serving import Server

FORMATS = ("csv", "csv-de", "json", "geojson", "gpkg", "parquet")
OPEN = ("baeume", "rest", "weg", "wetter")


def test_everything_that_links_lead_to(stranger: Crawler):
    begin = ("/de/", "/en/", "/catalogue.ttl", "/catalogue.jsonld", "/catalogue.xml", "/api/catalogue", "/api/ogc/")
    feeds = ("/api/catalogue/feed.atom", "/api/catalogue/feed.atom?language=en", "/api/catalogue/sitemap.xml")
    faces = ("/api/v1/openapi.json", "/api/v1/datasets", "/api/v1/things", "/api/v1/datastreams", "/api/sta/v1.1")
    lists = ("/de/sensors/register.csv", "/en/care/feed.atom", "/de/data/things.csv", "/ground.geojson", "/robots.txt")
    stranger.crawl([*begin, *feeds, *faces, *lists, "/api/3/action/package_list", "/api/v1/status"])
    assert stranger.answers["GET 200"] > 150, stranger.answers


def test_what_is_guessed_is_not_there(stranger: Crawler, guesses: dict[str, list[str]]):
    """Pages and interfaces answer for hidden things as for things that do not exist."""
    pages = {
        "dataset": ("datasets/{}/", "datasets/{}/versions/1/", "datasets/{}/versions/2/", "sensors/describe/{}/"),
        "thing": ("things/{}/", "sensors/{}/", "care/things/{}/"),
        "datastream": (
            "datastreams/{0}/",
            "datastreams/{0}/newest/",
            "datastreams/{0}/chart.json",
            "datastreams/{0}/rules/",
        ),
        "connector": ("connectors/{}/", "connectors/{}/mapping/", "connectors/new/{}/finish/"),
        "upload": ("datasets/load/{}/", "datasets/load/{}/aside/baeume/"),
    }
    for kind, patterns in pages.items():
        for code, pattern, language in itertools.product(guesses[kind], patterns, ("de", "en")):
            answer = stranger.ask(f"/{language}/{pattern.format(code)}")
            assert answer.status_code in (302, 404), str(answer.url)
    for code in guesses["thing"]:
        assert stranger.ask(f"/s/{code}/").status_code in (302, 404)
        assert stranger.ask(f"/de/things/{code}/place.geojson").json()["features"] == []
    for code in itertools.chain.from_iterable(guesses.values()):
        for language in ("de", "en"):
            stranger.ask(f"/{language}/search/", params={"q": code})
            stranger.ask(f"/{language}/datasets/", params={"q": code})
            stranger.ask(f"/{language}/data/", params={"q": code, "dataset": code})
    for number in (1, 2, 3, 4):  # withdrawn ones, drafts, and such as are not there
        for slug, language, rest in itertools.product(OPEN, ("de", "en"), ("", "changes/")):
            stranger.ask(f"/{language}/datasets/{slug}/versions/{number}/{rest}")


def test_the_native_interface(stranger: Crawler, guesses: dict[str, list[str]]):
    """Every operation, with what is open and with what is guessed."""
    paths = stranger.ask("/api/v1/openapi.json").json()["paths"]
    ids = {"datasets": [*OPEN, *guesses["dataset"]]}
    for kind in ("things", "datastreams"):
        known = [each["id"] for each in stranger.ask(f"/api/v1/{kind}").json()[kind]]
        ids[kind] = known + guesses[kind.removesuffix("s")]
    ids["uploads"] = ["upl-0000000000"]
    more = {
        "table": ["baeume", "rest", "weg", *guesses["table"]],
        "row": ["1", "2", "0"],
        "number": ["1", "2", "3", "9"],
    }
    asked = 0
    for path, operations in paths.items():
        if "get" not in operations:
            continue
        named = re.findall(r"{(\w+)}", path)
        choices = [ids[path.split("/")[3]] if name == "id" else more[name] for name in named]
        for chosen in itertools.product(*choices):
            address = path
            for name, value in zip(named, chosen, strict=True):
                address = address.replace(f"{{{name}}}", value)
            hidden = any(value in names for value in chosen for names in guesses.values())
            answer = stranger.ask(address, params={"step": "day"} if path.endswith("buckets") else None)
            assert not hidden or answer.status_code in (401, 404, 410), address
            asked += 1
    assert asked > 300
    codes = ",".join(guesses["datastream"])
    assert stranger.ask("/api/v1/latest", params={"datastream": codes}).status_code in (200, 404)
    for kind in ("csv", "csv-de", "parquet", "arrow", "json"):
        for stream in ids["datastreams"]:
            stranger.ask(f"/api/v1/datastreams/{stream}/observations", params={"format": kind})
    for dataset in ids["datasets"]:
        for kind in ("things", "datastreams"):
            stranger.ask(f"/api/v1/{kind}", params={"dataset": dataset})
    for stream in guesses["datastream"]:
        body = {"datastream": stream, "time": "2026-03-01T00:00:00Z", "value": 1}
        assert stranger.ask("/api/v1/observations", "POST", json=body).status_code == 401


def test_downloads_whole_and_unpacked(stranger: Crawler, guesses: dict[str, list[str]]):
    root = "/api/v1/datasets/{}/tables/{}/download"
    for slug, version, kind in itertools.product(("baeume", "rest", "weg"), (None, 1, 2, 3), FORMATS):
        answer = stranger.ask(
            root.format(slug, slug), params={"format": kind} | ({"version": version} if version else {})
        )
        open_ = (slug, version) in (
            ("baeume", None),
            ("baeume", 1),
            ("rest", None),
            ("rest", 2),
            ("weg", None),
            ("weg", 2),
        )
        placed = slug == "baeume" or kind not in ("geojson", "gpkg")
        assert (answer.status_code == 200) == (open_ and placed), answer.url
    for slug, table, kind in itertools.product(guesses["dataset"], guesses["table"], FORMATS):
        assert stranger.ask(root.format(slug, table), params={"format": kind}).status_code == 404


def test_hidden_columns_cannot_be_asked_for(stranger: Crawler, guesses: dict[str, list[str]]):
    """A condition on a withheld column is refused as one on a column that never was: no answer depends on its cells."""
    rows, items = "/api/v1/datasets/baeume/tables/baeume/rows", "/api/ogc/collections/baeume/items"
    for column in guesses["column"]:
        for given in ({column: "x"}, {f"{column}.ge": "0"}, {"order": column}, {"columns": column}):
            assert stranger.ask(rows, params=given).status_code == 400, given
        download = rows.replace("rows", "download")
        assert stranger.ask(download, params={f"{column}.contains": "q", "format": "csv"}).status_code == 400
        filters = (f"{column} IS NULL", f"{column} LIKE 'q%'", f"{column} > 0", f"CASEI({column}) = 'x'")
        for text in filters:
            given = {"filter": text, "filter-lang": "cql2-text"}
            assert stranger.ask(items, params=given).status_code == 400, given
        tree = json.dumps({"op": "=", "args": [{"property": column}, "x"]})
        assert stranger.ask(items, params={"filter": tree, "filter-lang": "cql2-json"}).status_code == 400
        for given in ({"sortby": column}, {"properties": column}, {column: "x"}):
            assert stranger.ask(items, params=given).status_code == 400, given
        search = {"resource_id": resource(stranger, "baeume"), "filters": json.dumps({column: "x"})}
        assert stranger.ask("/api/3/action/datastore_search", params=search).status_code >= 400
        for more in ({"sort": column}, {"fields": column}):
            given = {"resource_id": search["resource_id"], **more}
            assert stranger.ask("/api/3/action/datastore_search", params=given).status_code >= 400


def resource(stranger: Crawler, name: str) -> str:
    package = stranger.ask("/api/3/action/package_show", params={"id": name}).json()["result"]
    return str(package["resources"][0]["id"])


def test_layers_and_tiles(stranger: Crawler, guesses: dict[str, list[str]]):
    names = [each["id"] for each in stranger.ask("/api/ogc/collections").json()["collections"]]
    assert "baeume" in names
    hidden = [
        f"{slug}{join}{table}"
        for slug in guesses["dataset"]
        for table in guesses["table"]
        for join in (".", ":", "_", "-")
    ]
    for name in (*guesses["dataset"], *hidden):
        for rest in ("", "/items", "/queryables", "/schema", "/sortables", "/tiles/WebMercatorQuad", "/items/1"):
            assert stranger.ask(f"/api/ogc/collections/{name}{rest}").status_code == 404
        assert stranger.ask(f"/api/ogc/collections/{name}/tiles/WebMercatorQuad/0/0/0").status_code == 404
    tiles = 0
    for name, z in itertools.product(names, range(18)):
        x, y = tile_at(z, 11.5 + 0.739 / 10, 50.95)
        for dx, dy in itertools.product((-1, 0, 1), (-1, 0, 1)):
            if 0 <= x + dx < 2**z and 0 <= y + dy < 2**z:
                tiles += (
                    stranger.ask(f"/api/ogc/collections/{name}/tiles/WebMercatorQuad/{z}/{y + dy}/{x + dx}").status_code
                    == 200
                )
    for name, shape in itertools.product(names, ("json", "html")):
        for rest in ("", "/items", "/queryables", "/sortables", "/schema", "/items/1"):
            stranger.ask(f"/api/ogc/collections/{name}{rest}", params={"f": shape})
    assert tiles >= 18


def tile_at(z: int, lon: float, lat: float) -> tuple[int, int]:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


ENTITIES = (
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "MultiDatastreams",
    "Sensors",
    "ObservedProperties",
    "FeaturesOfInterest",
    "Observations",
)


def test_sensorthings(stranger: Crawler, guesses: dict[str, list[str]]):
    root = "/api/sta/v1.1"
    stranger.crawl([root, *(f"{root}/{name}?$top=1000&$count=true" for name in ENTITIES)])
    expands = {
        "Things": "Datastreams($expand=Sensor,ObservedProperty,Observations),Locations,HistoricalLocations",
        "Sensors": "Datastreams($expand=Thing,Observations)",
        "ObservedProperties": "Datastreams($expand=Thing($expand=Locations))",
        "Datastreams": "Thing,Sensor,ObservedProperty,Observations($expand=FeatureOfInterest)",
        "FeaturesOfInterest": "Observations($expand=Datastream($expand=Thing))",
        "Locations": "Things($expand=Datastreams),HistoricalLocations",
        "Observations": "Datastream($expand=Thing,Sensor),FeatureOfInterest",
    }
    for name, expand in expands.items():
        assert stranger.ask(f"{root}/{name}", params={"$expand": expand, "$top": 1000}).status_code == 200
    probes = {
        "Things": "startswith(name,'qzvogel') or substringof('qzvogel',Datastreams/name)",
        "Datastreams": "substringof('qzvogel',Thing/name) or substringof('qzvogel',Sensor/metadata)",
        "Sensors": "substringof('qzvogel',name) or substringof('qzvogel',Datastreams/name)",
        "ObservedProperties": "substringof('qzvogel',definition) or substringof('qzvogel',name)",
        "Observations": "result gt 739000000 or substringof('qzvogel',Datastream/name)",
        "FeaturesOfInterest": "substringof('qzvogel',name)",
        "Locations": "substringof('qzvogel',name) or substringof('qzvogel',Things/name)",
        "HistoricalLocations": "substringof('qzvogel',Thing/name)",
    }
    for name, text in probes.items():
        answer = stranger.ask(f"{root}/{name}", params={"$filter": text, "$count": "true"})
        assert answer.status_code == 200 and answer.json()["value"] == [], (text, answer.text[:300])
        assert answer.json()["@iot.count"] == 0
    for name in ENTITIES:
        seen = stranger.ask(f"{root}/{name}", params={"$count": "true", "$top": 0}).json()["@iot.count"]
        for order in ("id", "Datastream/Thing/name", "name"):
            answer = stranger.ask(f"{root}/{name}", params={"$orderby": order, "$count": "true", "$select": "id,name"})
            assert answer.status_code == 400 or answer.json()["@iot.count"] == seen
    for kind, name in (("thing", "Things"), ("datastream", "Datastreams")):
        for code in guesses[kind]:
            for rest in ("", "/name", "/name/$value", "/Datastreams", "/Observations", "/Thing", "/Sensor"):
                assert stranger.ask(f"{root}/{name}('{code}'){rest}").status_code in (400, 404)
            assert stranger.ask(f"{root}/{name}('{code}')", "PATCH", json={"name": "x"}).status_code in (401, 404)


def test_metadata_for_machines(stranger: Crawler, guesses: dict[str, list[str]]):
    address = "/api/catalogue/sparql"
    questions = (
        "SELECT * WHERE { ?s ?p ?o }",
        "SELECT * WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o FILTER(CONTAINS(LCASE(STR(?o)), 'qzvogel')) }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "ASK { ?s ?p ?o FILTER(CONTAINS(STR(?s), 'qzvogel')) }",
    )
    for text in questions:
        for media in ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/turtle"):
            answer = stranger.ask(address, params={"query": text}, headers={"Accept": media})
            if text.startswith("ASK") and "json" in answer.headers["content-type"]:
                assert answer.json()["boolean"] is False
            if "COUNT" in text and media == "text/csv":
                assert answer.text.split() == ["n", "0"]
    for code in guesses["dataset"]:
        for ending in ("", ".ttl", ".jsonld", ".xml", "/quality"):
            assert stranger.ask(f"/api/catalogue/datasets/{code}{ending}").status_code == 404
    for slug, ending in itertools.product(OPEN, (".ttl", ".jsonld", ".xml", "/quality")):
        assert stranger.ask(f"/api/catalogue/datasets/{slug}{ending}").status_code == 200
    for page in (1, 2):
        stranger.ask("/catalogue.jsonld", params={"page": page})


def test_in_the_manner_of_ckan(stranger: Crawler, guesses: dict[str, list[str]]):
    lists = ("package_list", "organization_list", "group_list", "tag_list", "license_list", "status_show", "site_read")
    for action in (*lists, "current_package_list_with_resources"):
        stranger.ask(f"/api/3/action/{action}", params={"all_fields": "true"} if "_list" in action else None)
    searches: tuple[dict[str, Any], ...] = (
        {"q": "qzvogel"},
        {"fq": "private:true"},
        {"fq": "-private:false"},
        {"q": "tags:qzvogel*"},
        {"q": "*:*", "include_private": "true", "include_drafts": "true"},
        {"q": "*:*", "facet.field": '["organization","tags","license_id","groups","res_format"]'},
    )
    for given in searches:
        found = stranger.ask("/api/3/action/package_search", params=given).json()["result"]
        assert found["count"] == (4 if given["q" if "q" in given else "fq"] == "*:*" else 0), given
    for action, kind in (
        ("package_show", "dataset"),
        ("organization_show", "organisation"),
        ("resource_show", "version"),
    ):
        for code in guesses[kind]:
            assert stranger.ask(f"/api/3/action/{action}", params={"id": code}).status_code == 404
    for action in ("datastore_search", "resource_show", "datastore_search_sql"):
        for code in (*guesses["dataset"], *guesses["table"], *guesses["version"]):
            stranger.ask(f"/api/3/action/{action}", params={"resource_id": code, "id": code})


def test_faults_say_nothing(stranger: Crawler, guesses: dict[str, list[str]]):
    """Wrong methods, broken bodies, foreign keys and preflights."""
    hidden = guesses["dataset"][0]
    addresses = (
        f"/api/v1/datasets/{hidden}",
        "/api/v1/datasets/baeume/tables/baeume/rows",
        "/api/ogc/collections/baeume/items",
        "/api/sta/v1.1/Things",
        f"/de/datasets/{hidden}/",
        "/de/datasets/baeume/versions/1/",
        f"/api/hooks/{guesses['connector'][1]}",
    )
    for address, method in itertools.product(addresses, ("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH")):
        origin = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
        stranger.ask(address, method, headers=origin, content=b"{")
        stranger.ask(address, method, headers={"Authorization": "Bearer alm_wrong"})
    for given in ({"version": "x"}, {"limit": "-1"}, {"order": "\x00"}, {"art.foo": "x"}, {"alter": "viel"}):
        assert stranger.ask("/api/v1/datasets/baeume/tables/baeume/rows", params=given).status_code == 400
    first = stranger.ask("/api/v1/datasets/baeume")
    tag = {"If-None-Match": first.headers.get("etag", '"x"')}
    stranger.ask("/api/v1/datasets/baeume", headers=tag)


def test_the_canaries_are_there(town: Server, guesses: dict[str, list[str]]):
    """That nobody sees them proves something only because somebody does: whoever is of the house."""
    with town.client("inside") as client:
        crawler = Crawler(client, town.seeds["birds"])
        slug = guesses["dataset"][0]
        for address in (f"/api/v1/datasets/{slug}", f"/api/v1/datastreams/{guesses['datastream'][0]}/observations"):
            assert crawler.ask(address).status_code == 200
        table = guesses["table"][0]
        for kind in FORMATS:
            seen = len(crawler.leaks)
            assert (
                crawler.ask(f"/api/v1/datasets/{slug}/tables/{table}/download", params={"format": kind}).status_code
                == 200
            )
            assert len(crawler.leaks) >= seen + 6, kind
        seen = len(crawler.leaks)
        crawler.ask("/api/sta/v1.1/Things", params={"$expand": "Datastreams($expand=Sensor,ObservedProperty)"})
        assert len(crawler.leaks) > seen + 10
        places = {leak.partition(" (")[0] for leak in crawler.leaks}
        assert {"guarded: title, de", "guarded: cell", "guarded: observation", "STA: sensor"} <= places

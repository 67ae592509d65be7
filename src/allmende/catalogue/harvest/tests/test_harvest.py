"""Harvesting: what comes of each kind of source, twice without a change, cut off and resumed, with faults of one
dataset and of the whole source."""

import json
from collections.abc import Iterator

import pytest
from django.core.exceptions import ValidationError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.harvest.readers import ckan
from allmende.catalogue.harvest.report import Report
from allmende.catalogue.harvest.running import harvest
from allmende.catalogue.harvest.sources import add_source, last_run, remove_source
from allmende.catalogue.models import Dataset, HarvestItem, HarvestSource
from allmende.catalogue.queries import current_version, get_dataset, readable
from allmende.catalogue.services import change_dataset, register_dataset
from tests.catalogue.harvesting import Elsewhere, elsewhere

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 4
TREES = "Nr;Art;Höhe\n1;Linde;12,5\n2;Ahorn;8,0\n"


@pytest.fixture
def place(settings, tmp_path, monkeypatch) -> Iterator[Elsewhere]:
    monkeypatch.setattr(ckan, "PAGE", SIZE)
    settings.DATA_DIR = tmp_path / "data"
    with elsewhere() as found:
        settings.OUTGOING_HOSTS = [found.root.removeprefix("http://")]
        yield found


def source(place: Elsewhere, kind: str, path: str = "", **more) -> HarvestSource:
    return add_source(SYSTEM, name=f"A {kind}", kind=kind, url=place.root + path, **more)


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """added, changed, unchanged, gone, versions."""
    assert report.broken == "" and report.problems == []
    return report.added, report.changed, report.unchanged, report.gone, report.versions


def package(number: int, **more) -> dict:
    return {
        "id": f"id-{number}",
        "name": f"package-{number}",
        "title": f"Datensatz {number}",
        "notes": "<p>Ein &amp; Text</p>",
        "tags": [{"name": "Baum"}],
        "groups": [{"name": "envi"}],
        "license_id": "dl-by-de/2.0",
        "maintainer_email": "stelle@example.org",
        "organization": {"title": "Andere Stadt"},
        "extras": [{"key": "temporal_start", "value": "2020-01-01T00:00:00"}],
        "resources": [{"url": "{root}/trees.csv", "format": "CSV", "name": "Bäume 2025"}],
        **more,
    }


def at(start: int) -> str:
    """The address of a page."""
    return f"/api/3/action/package_search?rows={SIZE}&start={start}&sort=metadata_created+asc%2C+id+asc"


def portal(place: Elsewhere, packages: list[dict]) -> None:
    """A CKAN with these packages in pages."""
    for start in range(0, max(len(packages), 1), SIZE):
        said = {"success": True, "result": {"count": len(packages), "results": packages[start : start + SIZE]}}
        place.put(at(start), json.dumps(said))


@pytest.mark.relational
def test_ckan_twice_and_changed(place):
    portal(place, [package(1), package(2)])
    found = source(place, "ckan", "/dataset")
    assert counts(harvest(found)) == (2, 0, 0, 0, 0)
    one = get_dataset(ANONYMOUS, "datensatz-1")
    assert (one.title, one.description) == ({"de": "Datensatz 1"}, {"de": "Ein & Text"})
    assert (one.themes, one.keywords, str(one.begins)) == (["ENVI"], ["Baum"], "2020-01-01")
    assert one.licence == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
    assert (one.attribution, one.contact_email) == ("Andere Stadt", "stelle@example.org")
    assert one.source_url == f"{place.root}/dataset/package-1"
    assert current_version(one) is None
    assert counts(harvest(found)) == (0, 0, 2, 0, 0)
    portal(place, [package(1, title="Anders"), package(3)])
    assert counts(harvest(found)) == (1, 1, 0, 1, 0)
    assert get_dataset(ANONYMOUS, "datensatz-1").title == {"de": "Anders"}
    assert HarvestItem.objects.get(remote="id-2").gone
    assert get_dataset(ANONYMOUS, "datensatz-2")  # that it is gone there is no reason to remove it here


@pytest.mark.relational
def test_data_come_once_and_again_only_when_they_are_others(place):
    portal(place, [package(1)])
    place.put("/trees.csv", TREES, "text/csv")
    found = source(place, "ckan", take_data=True, publish=True)
    assert counts(harvest(found)) == (1, 0, 0, 0, 1)
    assert readable(ANONYMOUS, "datensatz-1").holding.rows == 2
    before = len(place.asked)
    assert counts(harvest(found)) == (0, 0, 1, 0, 0)
    assert place.asked[before:].count("/trees.csv") == 1  # asked for with its ETag, and not sent again
    place.put("/trees.csv", TREES + "3;Eiche;7,0\n", "text/csv")
    assert counts(harvest(found)) == (0, 0, 1, 0, 1)
    assert readable(ANONYMOUS, "datensatz-1").version.number == 2


def test_a_run_that_is_cut_off_goes_on_where_it_was(place):
    portal(place, [package(number) for number in range(10)])
    third = at(8)
    found = source(place, "ckan")
    place.failing.add(third)
    report = harvest(found)
    assert report.broken.endswith("answers with 500.") and report.added == 8
    run = last_run(found)
    assert run is not None and run.ended is None
    place.failing.clear()
    before = len(place.asked)
    report = harvest(found)
    assert (report.broken, report.added, report.gone) == ("", 10, 0)
    assert place.asked[before:] == [third]
    again = last_run(found)
    assert again is not None and again.pk == run.pk and again.ended is not None
    assert Dataset.objects.count() == 10


def test_pages_that_move_bring_nothing_twice(place):
    packages = [package(number) for number in range(6)]
    portal(place, packages)
    shifted = [packages[3], *packages[4:]]
    said = {"success": True, "result": {"count": 6, "results": shifted}}
    place.put(at(4), json.dumps(said))
    report = harvest(source(place, "ckan"))
    assert (report.added, report.twice) == (6, 1)


def test_a_source_that_lists_nothing_is_taken_for_broken(place):
    portal(place, [package(1)])
    found = source(place, "ckan")
    harvest(found)
    portal(place, [])
    report = harvest(found)
    assert report.gone == 0 and "lists nothing" in report.broken
    assert not HarvestItem.objects.get().gone


def test_what_is_wrong_with_one_does_not_stop_the_others(place):
    place.put("/trees.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "text/csv")
    portal(place, [package(1, title="", name=""), package(3)])
    report = harvest(source(place, "ckan", take_data=True))
    assert report.added == 1 and report.versions == 0
    assert [where for where, _what in report.problems] == [
        "id-1",
        "id-3",
    ]  # no title; a picture under the name of a table
    assert get_dataset(ANONYMOUS, "datensatz-3")


def test_what_somebody_changed_here_stays_until_the_source_says_something_new(place):
    portal(place, [package(1)])
    found = source(place, "ckan")
    harvest(found)
    change_dataset(SYSTEM, get_dataset(SYSTEM, "datensatz-1"), description="Besser gesagt")
    assert counts(harvest(found)) == (0, 0, 1, 0, 0)
    assert get_dataset(SYSTEM, "datensatz-1").description["de"] == "Besser gesagt"


def test_a_name_that_is_taken_gets_a_mark(place):
    register_dataset(SYSTEM, "datensatz-1", "Unserer")
    portal(place, [package(1)])
    assert counts(harvest(source(place, "ckan"))) == (1, 0, 0, 0, 0)
    assert (
        get_dataset(SYSTEM, "datensatz-1").title == {"de": "Unserer", "en": "Unserer"} or Dataset.objects.count() == 2
    )


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
<{root}/d/1> a dcat:Dataset ; dct:title "Spielplätze"@de, "Playgrounds"@en ; dcat:keyword "Kinder" ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/SOCI> ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/ANNUAL> ;
  dct:publisher [ a foaf:Agent ; foaf:name "Andere Stadt" ] ;
  dcat:distribution [ a dcat:Distribution ; dcat:downloadURL <{root}/trees.csv> ; dcat:mediaType
    <https://www.iana.org/assignments/media-types/text/csv> ; dct:license <http://dcat-ap.de/def/licenses/cc-zero> ] .
<{root}/catalogue.ttl> a hydra:PagedCollection ; hydra:next <{root}/catalogue.ttl?page=2> .
"""
SECOND = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<{root}/d/2> a dcat:Dataset ; dct:title "Wege" .
"""


def test_dcat_in_pages(place):
    place.put("/catalogue.ttl", TURTLE, "text/turtle")
    place.put("/catalogue.ttl?page=2", SECOND, "text/turtle")
    place.put("/trees.csv", TREES, "text/csv")
    found = source(place, "dcat", "/catalogue.ttl", take_data=True)
    assert counts(harvest(found)) == (2, 0, 0, 0, 1)
    one = get_dataset(ANONYMOUS, "spielplaetze")
    assert one.title == {"de": "Spielplätze", "en": "Playgrounds"}
    assert (one.themes, one.frequency, one.attribution) == (["SOCI"], "ANNUAL", "Andere Stadt")
    assert one.licence == "http://dcat-ap.de/def/licenses/cc-zero"
    assert counts(harvest(found)) == (0, 0, 2, 0, 0)


CAPABILITIES = """<?xml version="1.0"?>
<wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">
<ows:ServiceIdentification><ows:AccessConstraints>Lizenz http://dcat-ap.de/def/licenses/dl-zero-de/2.0
</ows:AccessConstraints></ows:ServiceIdentification>
<ows:ServiceProvider><ows:ProviderName>Andere Stadt</ows:ProviderName></ows:ServiceProvider>
<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:Parameter name="outputFormat"><ows:AllowedValues>
<ows:Value>application/gml+xml; version=3.2</ows:Value><ows:Value>application/json</ows:Value>
</ows:AllowedValues></ows:Parameter></ows:Operation></ows:OperationsMetadata>
<wfs:FeatureTypeList><wfs:FeatureType><wfs:Name>town:benches</wfs:Name><wfs:Title>Bänke</wfs:Title>
<wfs:Abstract>Wo man sitzt</wfs:Abstract><ows:Keywords><ows:Keyword>Bank</ows:Keyword></ows:Keywords>
<wfs:DefaultCRS>urn:ogc:def:crs:EPSG::25832</wfs:DefaultCRS></wfs:FeatureType></wfs:FeatureTypeList>
</wfs:WFS_Capabilities>"""
BENCH = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [11.58, 50.93]}, "properties": {"nr": 1}}


def collection(*features: dict, **more) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


def test_wfs_as_layers(place):
    place.put("/wfs?service=WFS&version=2.0.0&request=GetCapabilities", CAPABILITIES, "text/xml")
    place.put("/wfs", collection(BENCH, {**BENCH, "properties": {"nr": 2}}))
    found = source(place, "wfs", "/wfs?request=GetCapabilities&service=WFS", take_data=True, publish=True)
    assert counts(harvest(found)) == (1, 0, 0, 0, 1)
    asked = next(each for each in place.asked if "GetFeature&" in each)
    assert "typeNames=town%3Abenches" in asked and "outputFormat=application%2Fjson" in asked
    one = readable(ANONYMOUS, "baenke")
    assert (one.holding.rows, one.holding.placed) == (2, True)
    assert one.dataset.licence == "http://dcat-ap.de/def/licenses/dl-zero-de/2.0"
    assert counts(harvest(found)) == (0, 0, 1, 0, 0)


def test_features_in_pages(place):
    links = [{"rel": "items", "type": "application/geo+json", "href": "{root}/ogc/collections/benches/items"}]
    said = {"collections": [{"id": "benches", "title": "Bänke", "links": links}, {"id": "r", "itemType": "record"}]}
    place.put("/ogc/collections", json.dumps(said))
    following = [{"rel": "next", "href": "{root}/ogc/more"}]
    place.put("/ogc/collections/benches/items", collection(BENCH, links=following))
    place.put("/ogc/more", collection({**BENCH, "properties": {"nr": 2}}))
    found = source(place, "features", "/ogc/", take_data=True, publish=True)
    assert counts(harvest(found)) == (1, 0, 0, 0, 1)
    assert readable(ANONYMOUS, "baenke").holding.rows == 2
    assert counts(harvest(found)) == (0, 0, 1, 0, 0)


def test_sensorthings_as_a_table_of_datastreams(place):
    root = {"value": [{"name": "Datastreams", "url": "http://localhost:8080/v1.1/Datastreams"}]}
    place.put("/v1.1", json.dumps(root))
    stream = {
        "@iot.id": "a~b/1",
        "name": "Temperatur",
        "unitOfMeasurement": {"symbol": "°C"},
        "Thing": {"name": "Station", "Locations": [{"location": {"type": "Point", "coordinates": [11.58, 50.93]}}]},
        "ObservedProperty": {"name": "Lufttemperatur"},
    }
    more = "http://localhost:8080/v1.1/Datastreams?$skip=1"  # an inner address, as services behind a proxy send it
    place.put("/v1.1/Datastreams", json.dumps({"value": [stream], "@iot.nextLink": more}))
    place.put("/v1.1/Datastreams?$skip=1", json.dumps({"value": [{**stream, "@iot.id": 2, "unitOfMeasurement": None}]}))
    found = source(place, "sensorthings", "/v1.1", take_data=True)
    assert counts(harvest(found)) == (1, 0, 0, 0, 1)
    assert counts(harvest(found)) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("ckan", "{}"),
        ("ckan", "no JSON"),
        ("ckan", '{"success": false, "error": {"message": "closed"}}'),
        ("dcat", "@prefix broken"),
        ("wfs", "<html><body>Login</body></html>"),
        ("wfs", '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><WFS_Capabilities>&b;</WFS_Capabilities>'),
        ("features", '{"collections": 7}'),
        ("sensorthings", '{"value": []}'),
    ],
)
def test_documents_that_are_none_are_said(place, kind, document):
    for path in ("/", "", "/api/3/action/package_search", "/collections"):
        place.put(path, document, "text/plain")
    report = harvest(source(place, kind, "/"))
    assert report.broken and report.found == 0
    assert Dataset.objects.count() == 0


def test_nobody_is_sent_behind_the_towns_walls(place, settings):
    settings.OUTGOING_HOSTS = []
    portal(place, [package(1)])
    report = harvest(source(place, "ckan"))
    assert report.broken and place.asked == []
    with pytest.raises(ValidationError):
        add_source(SYSTEM, name="x", kind="ckan", url="file:///etc/passwd")
    with pytest.raises(ValidationError):
        add_source(SYSTEM, name="x", kind="gopher", url="http://example.org")


def test_only_those_who_manage_set_sources_up(place, resident):
    with pytest.raises(Denied):
        add_source(resident.actor, name="x", kind="ckan", url="http://example.org")
    portal(place, [package(1)])
    found = source(place, "ckan")
    harvest(found)
    remove_source(SYSTEM, found)
    assert get_dataset(ANONYMOUS, "datensatz-1")

"""Home, list, thing, dataset and search: what they show, to whom, with how many queries."""

import csv
import io
import json

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.services import change_dataset
from allmende.core.links import link
from allmende.observations.services import register_datastream, register_thing
from allmende.web.exports import guarded
from allmende.web.listing import listing
from allmende.web.memory import forget_all
from allmende.web.overview import places

pytestmark = pytest.mark.django_db


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_town_says_so(client, store):
    page = body(client.get("/de/"))
    assert "Hier wird noch nichts gemessen." in page
    assert "allmende load DATEI" in page
    assert "Noch ist kein Sensor angemeldet" in body(client.get("/de/data/"))


def test_home_says_how_the_town_is_now(client, measured, settings):
    settings.TOWN_NAME = "Musterstadt"
    page = body(client.get("/de/"))
    assert "<span>In Musterstadt sind es 28,7\u00a0°C.</span> <span>1 von 1 Sensor meldet sich.</span>" in page
    assert "al-spark" in page
    forget_all()
    assert "<span>It is 28.7\u00a0°C in Musterstadt.</span> <span>1 of 1 sensor reports.</span>" in body(
        client.get("/en/")
    )


def test_home_admits_silence(client, town):
    assert "Im Augenblick meldet sich kein Sensor." in body(client.get("/de/"))


def test_featured_figures_come_in_their_order(client, town, report):
    for rank, name in ((2, "Zweite"), (1, "Erste")):
        stream = register_datastream(
            SYSTEM,
            thing=town.open_thing,
            name=name,
            observed_property=(name, name),
            external_key=name,
            properties={"featured": rank},
        )
        report(stream, [(1, float(rank))])
    page = body(client.get("/de/"))
    assert page.index("Erste</a>") < page.index("Zweite</a>")


def test_nobody_sees_what_is_not_open(client, town, signed_in, administrator):
    for path in ("/de/", "/de/data/", "/de/data/things.csv", "/de/data/things.geojson", "/de/search/?q=Station"):
        page = body(client.get(path))
        assert "Station open" in page
        assert "protected" not in page.replace("Station protected?", ""), path
        assert "Station shared" not in page, path
    for path in (
        f"/de/things/{town.protected_thing.code}/",
        f"/de/things/{town.protected_thing.code}/place.geojson",
        f"/de/datastreams/{town.protected_stream.code}/",
        f"/de/datastreams/{town.protected_stream.code}/newest/",
        f"/de/datastreams/{town.protected_stream.code}/figure/",
        f"/de/datastreams/{town.protected_stream.code}/chart.json",
        "/de/datasets/protected-weather/",
    ):
        answer = client.get(path)
        assert answer.status_code == 404 or json.loads(answer.content)["features"] == [], path
    assert "Station protected" in body(signed_in(administrator).get("/de/data/"))


def test_simulated_content_is_marked_everywhere(client, measured):
    change_dataset(SYSTEM, measured.open_dataset, simulated=True)
    thing, stream = measured.open_thing.code, measured.open_stream.code
    for path in ("", "data/", f"things/{thing}/", f"datastreams/{stream}/", "datasets/open-weather/"):
        assert "Simulierte Daten" in body(client.get(f"/de/{path}")), path
    assert list(csv.reader(io.StringIO(body(client.get("/de/data/things.csv")))))[1][-1] == "yes"
    feature = json.loads(body(client.get("/en/data/things.geojson")))["features"][0]
    assert feature["properties"]["simulated"] == "Simulated data"


def test_filters_have_counts_and_can_be_taken_away(client, measured):
    register_thing(SYSTEM, dataset=measured.open_dataset, name="Stumme Stelle", external_key="s2")
    page = body(client.get("/de/data/"))
    assert "2 Messorte" in page
    assert 'href="?state=silent"' in page
    silent = body(client.get("/de/data/?state=silent"))
    assert "Stumme Stelle" in silent
    assert "Station open" not in silent
    assert 'href="?" aria-current="true"' in silent
    assert 'href="?state=fresh"' in silent  # what another choice would lead to


def test_a_filter_counts_under_the_other_filters(measured, german):
    from django.http import QueryDict

    register_thing(SYSTEM, dataset=measured.open_dataset, name="Stumme Stelle", external_key="s2")
    found = listing(places(ANONYMOUS), QueryDict("state=silent"))
    counts = {facet.name: [choice.count for choice in facet.choices] for facet in found.facets}
    assert counts == {"property": [], "dataset": [1], "state": [1, 1]}


def test_the_name_filter_keeps_the_others(client, measured):
    page = body(client.get("/de/data/?q=STATION&state=fresh"))
    assert "Station open" in page
    assert '<input type="hidden" name="state" value="fresh">' in page
    assert "Kein Ort passt" in body(client.get("/de/data/?q=nirgendwo"))


def test_long_lists_have_pages(client, town):
    for number in range(60):
        register_thing(SYSTEM, dataset=town.open_dataset, name=f"Ort {number:02}", external_key=f"o{number}")
    page = body(client.get("/de/data/?dataset=open-weather&page=2"))
    assert "26 bis 50 von 61" in page
    assert 'href="?dataset=open-weather&amp;page=3"' in page
    assert "51 bis 61 von 61" in body(client.get("/de/data/?page=99"))
    assert "1 bis 25 von 61" in body(client.get("/de/data/?page=x"))


def test_the_files_hold_exactly_the_list(client, measured):
    register_thing(SYSTEM, dataset=measured.open_dataset, name="=1+1", external_key="evil")
    rows = list(csv.reader(io.StringIO(body(client.get("/de/data/things.csv?state=silent")).lstrip("\ufeff"))))
    assert [row[1] for row in rows] == ["name", "'=1+1"]
    features = json.loads(body(client.get("/de/data/things.geojson")))["features"]
    assert [feature["geometry"]["coordinates"] for feature in features] == [[11.58, 50.92]]
    assert features[0]["properties"]["state"] == "fresh"


@pytest.mark.parametrize("text", ["=cmd", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text):
    assert guarded(text).startswith("'")
    assert guarded("Wetter") == "Wetter"


def test_a_thing_tells_what_it_measures(client, measured):
    link("thing", measured.open_thing.code, "belongs_to", "dataset", measured.open_dataset.code, stated_by="per-x")
    page = body(client.get(f"/de/things/{measured.open_thing.code}/"))
    assert "28,7\u00a0°C" in page
    assert f'href="/de/datastreams/{measured.open_stream.code}/"' in page
    assert "50,9200° Nord, 11,5800° Ost" in page
    assert "Umweltamt" in page
    assert "Verbunden mit" in page


def test_a_dataset_tells_what_is_in_it(client, measured):
    page = body(client.get("/en/datasets/open-weather/"))
    assert "1 place, 1 datastream" in page
    assert "Environment office" in page
    assert client.get("/en/datasets/nothing/").status_code == 404


def test_the_search_finds_things_in_both_languages(client, town):
    assert "Treffer für „Station“" in body(client.get("/de/search/?q=Station"))
    assert f"/de/things/{town.open_thing.code}/" in body(client.get("/de/search/?q=Station"))
    assert "Nichts gefunden" in body(client.get("/de/search/?q=xyzzy"))
    assert "&lt;script&gt;" in body(client.get("/de/search/?q=<script>"))
    assert "Hier finden Sie" in body(client.get("/de/search/"))
    assert "Treffer für „a b“" in body(client.get("/de/search/?q=a%00b"))


def test_the_background_of_the_map_is_the_towns_own(client, town, settings):
    assert client.get("/ground.geojson").status_code == 404
    assert 'data-ground=""' in body(client.get("/de/data/"))
    (settings.DATA_DIR / "ground.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert b"".join(client.get("/ground.geojson").streaming_content).startswith(b'{"type"')
    assert 'data-ground="/ground.geojson"' in body(client.get("/de/data/"))


@pytest.mark.parametrize(("path", "most"), [("/de/", 5), ("/de/data/", 3), ("/de/datasets/open-weather/", 11)])
def test_queries_do_not_grow_with_the_town(client, measured, django_assert_max_num_queries, path, most):
    for number in range(30):
        register_thing(SYSTEM, dataset=measured.open_dataset, name=f"Ort {number}", external_key=f"o{number}")
    forget_all()
    with django_assert_max_num_queries(most):
        body(client.get(path))


def test_a_remembered_list_costs_one_query(client, measured, django_assert_num_queries):
    body(client.get("/de/data/"))
    with django_assert_num_queries(1):  # which datasets may be seen is asked every time
        body(client.get("/de/data/"))


def test_what_is_remembered_is_not_shown_to_others(client, town, signed_in, administrator):
    assert "Station protected" in body(signed_in(administrator).get("/de/data/"))
    client.logout()
    assert "Station protected" not in body(client.get("/de/data/"))

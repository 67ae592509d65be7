"""The page of a datastream: newest value, chart, table, downloads; its live parts."""

import json
import re

import pytest

from allmende.web.charts.renderer import NotDrawn
from allmende.web.memory import forget_all

pytestmark = pytest.mark.django_db


def body(response, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def address(measured) -> str:
    return f"/de/datastreams/{measured.open_stream.code}/"


def test_the_newest_value_is_large_and_said_in_words(client, address):
    page = body(client.get(address))
    assert re.search(r'class="al-fact"><span>28,7</span> <span class="al-fact__unit">°C</span>', page)
    assert "vor 1 Minute" in page
    assert "Der letzte Wert kam wie erwartet." in page


def test_without_values_it_says_so(client, town):
    page = body(client.get(f"/de/datastreams/{town.open_stream.code}/"))
    assert "Noch ist kein Wert angekommen" in page
    assert "In dieser Zeit gibt es keine Werte." in page
    assert "<svg role" not in page


def test_chart_and_table_hold_the_same(client, address):
    page = body(client.get(f"{address}?range=day"))
    assert page.count('<svg role="img"') == 2
    assert "Dieselben 1" in page
    assert '<td class="kern-table__cell kern-table__cell--numeric">28,7</td>' in page


def test_the_table_has_pages_and_stays_open_there(client, address):
    page = body(client.get(f"{address}?range=day&page=2"))
    assert '<details class="al-fold" id="numbers" open>' in page
    assert "Zeilen 101 bis 1" in page
    assert "?range=day#numbers" in page


def test_downloads_hold_the_whole_range(client, address, measured):
    page = body(client.get(f"{address}?from=2026-11-01&to=2026-11-02"))
    for name in ("csv", "csv-de", "json", "parquet"):
        wanted = (
            f"/api/v1/datastreams/{measured.open_stream.code}/observations"
            f"?from=2026-10-31T23%3A00%3A00%2B00%3A00&amp;to=2026-11-02T23%3A00%3A00%2B00%3A00&amp;format={name}"
        )
        assert wanted in page


def test_own_days_are_kept_when_they_are_wrong(client, address):
    page = body(client.get(f"{address}?from=2026-05-02&to=2026-05-01"), 422)
    assert "Der erste Tag liegt nach dem letzten." in page
    assert 'value="2026-05-02"' in page
    assert "Gezeigt wird stattdessen die letzte Woche." in page


def test_earlier_and_later_only_where_there_is_something(client, address):
    now = body(client.get(f"{address}?range=day"))
    assert "Früher" in now
    assert "Später" not in now


def test_when_drawing_fails_the_numbers_stay(client, address, monkeypatch):
    from allmende.web.charts import picture

    def broken(*args):
        raise NotDrawn("no worker")

    monkeypatch.setattr(picture.renderer, "svg", broken)
    page = body(client.get(address))
    assert "Das Diagramm ließ sich gerade nicht zeichnen." in page
    assert "kern-table__cell--numeric" in page


def test_the_live_part_is_small(client, address):
    part = body(client.get(f"{address}newest/"))
    assert "<html" not in part
    assert 'hx-trigger="every 10s"' in part
    assert 'data-live-words="28,7 °C' in part


def test_the_chart_is_sent_again_only_when_it_changed(client, address):
    page = body(client.get(f"{address}?range=day"))
    refresh = re.search(r'hx-get="([^"]+figure/[^"]+)"', page).group(1).replace("&amp;", "&")
    assert client.get(refresh).status_code == 204
    forget_all()
    assert "<figure" in body(client.get(refresh))


def test_days_of_the_past_do_not_refresh(client, address):
    page = body(client.get(f"{address}?from=2026-01-01&to=2026-01-02"))
    assert "/figure/?" not in page
    assert "/newest/" in page


def test_the_specification_carries_its_data_and_its_language(client, address):
    answer = json.loads(body(client.get(f"{address}chart.json?range=day")))
    assert answer["formatLocale"]["decimal"] == ","
    assert answer["spec"]["data"]["values"]
    assert "url" not in json.dumps(answer["spec"]["data"])


@pytest.mark.parametrize(
    "query", ["", "?range=day", "?range=month", "?range=year", "?range=all", "?range=nonsense&page=-1"]
)
def test_every_span_is_shown(client, address, query):
    assert "<figure" in body(client.get(address + query))


def test_queries_are_few(client, address, django_assert_max_num_queries):
    body(client.get(address))
    with django_assert_max_num_queries(3):  # the datastream with all around it, its habit, and its links
        body(client.get(address))


def test_odd_addresses_are_just_not_there(client, store):
    for code in ("dst-0000000000", "x", "dst-%00"):
        assert client.get(f"/de/datastreams/{code}/").status_code == 404

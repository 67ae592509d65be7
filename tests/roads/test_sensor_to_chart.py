"""The road *sensor to chart*, end to end: a sensor publishes to a real Mosquitto, a resident reads in Chromium.

docs/roads/sensor-to-chart.md tells the same road in prose.
"""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.test_mqtt import MAPPING, add_connector, listing, publish, wait_for

pytestmark = [pytest.mark.broker, pytest.mark.browser]


@pytest.fixture
def reader(page: Page) -> Page:
    """A resident's browser. The page comes from pytest-playwright: a second loop in its process is refused."""
    return page


def message(at: datetime, value: float) -> tuple[str, str]:
    return "town/s0/weather", json.dumps({"at": at.isoformat(), "temp": value})


def test_sensor_to_chart(running_server, broker, reader: Page):
    server = running_server
    now = datetime.now(UTC).replace(microsecond=0)

    # An administrator sets the way in up; the running server takes it up by itself.
    add_connector(server, broker, MAPPING)
    wait_for(lambda: "  connected" in listing(server))

    # A sensor sends a day of values; among them one that cannot be, and one «no value».
    sent = [(now - timedelta(minutes=10 * k), 8 + k % 12 + 0.5) for k in range(144, 0, -1)]
    sent[50] = (sent[50][0], 999.0)
    sent[60] = (sent[60][0], -9999.0)
    publish(broker, [message(at, value) for at, value in sent])
    with server.client("") as client:
        stream = server.seeds["datastreams"][0]
        wait_for(lambda: client.get(f"/api/v1/datastreams/{stream}").json()["count"] == 144)
        hours = client.get(f"/api/v1/datastreams/{stream}/buckets", params={"step": "hour"}).json()["buckets"]
    assert sum(hour["count"] for hour in hours) + sum(hour["flagged"] for hour in hours) == 144
    assert max(hour["maximum"] for hour in hours) < 60

    # A resident finds the station from the home page, by links alone.
    reader.goto(server.url + "/de/")
    reader.get_by_role("navigation").get_by_role("link", name="Daten").first.click()
    reader.get_by_role("link", name="Station 0", exact=True).click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Station 0")
    reader.get_by_role("link", name=re.compile("Lufttemperatur")).first.click()

    # The newest value in German form, the chart with a title, the same numbers as a table, the mark of simulated data.
    newest = f"{sent[-1][1]:.1f}".replace(".", ",")
    expect(reader.locator("[data-live]")).to_contain_text(newest)
    expect(reader.locator("figure svg").first).to_be_visible()
    expect(reader.locator("body")).to_contain_text("Simuliert")
    reader.goto(reader.url.partition("?")[0] + "?range=day")
    reader.locator("details summary").filter(has_text="Tabelle").first.click()
    expect(reader.locator("details table").first).to_contain_text(newest)

    # While she looks, the sensor sends again, and the page shows it without being loaded anew.
    publish(broker, [message(now, 21.5)])
    expect(reader.locator("[data-live]")).to_contain_text("21,5", timeout=20_000)

    # She takes the values along: all of them, in the town's own form.
    with reader.expect_download() as download:
        reader.get_by_role("link", name=re.compile("Excel")).click()
    text = download.value.path().read_text("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert rows[0][:2] == ["Zeit", "Wert (°C)"] and "Simulierte Daten" in rows[0]
    assert rows[-1][1] == "21,5"

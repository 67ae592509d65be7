"""The SensorThings reader of pygeoapi against a running server: what a geoportal that shows our things would ask."""

import httpx
import pytest
from pygeoapi.provider.sensorthings import SensorThingsProvider

from tests.serving import Server, free_port, seeded


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    data = tmp_path_factory.mktemp("geoportal") / "data"
    server = Server(data, free_port(), seeded(data, 12), environment={"ALLMENDE_OPEN_WRITES": "1"})
    server.start()
    root = f"{server.url}/api/sta/v1.1"
    stream = httpx.get(f"{root}/Things?$filter=name eq 'Station 3'&$expand=Datastreams").json()["value"][0][
        "Datastreams"
    ]
    for number in range(3):
        sent = {"phenomenonTime": f"2026-03-01T12:0{number}:00Z", "result": 4.5 + number}
        httpx.post(f"{root}/Datastreams('{stream[0]['@iot.id']}')/Observations", json=sent).raise_for_status()
    yield root
    server.stop()


def reader(root, entity, **more):
    said = {"name": "SensorThings", "type": "feature", "data": root, "entity": entity, "rel_link": "http://portal"}
    return SensorThingsProvider({**said, **more})


@pytest.mark.parametrize("entity", ["Things", "Datastreams", "ObservedProperties"])
def test_features_of_every_kind(root, entity):
    page = reader(root, entity).query(limit=5)
    first = page["features"][0]
    assert first["type"] == "Feature" and first["properties"]["name"]
    assert first["geometry"]["type"] == "Point"
    assert reader(root, entity).get(first["id"])["id"] == first["id"]


def test_observations_in_a_time(root):
    observations = reader(root, "Observations", time_field="phenomenonTime")
    found = observations.query(datetime_="2026-03-01T12:01:00Z/..", sortby=[{"property": "result", "order": "-"}])
    assert [each["properties"]["result"] for each in found["features"]] == [6.5, 5.5]
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [11.503, 50.9]}
    assert found["features"][0]["properties"]["Datastream"]["name"]


def test_counts_pages_filters_and_boxes(root):
    things = reader(root, "Things")
    assert things.query(resulttype="hits")["numberMatched"] == 12
    ids = [each["id"] for offset in (0, 5, 10) for each in things.query(offset=offset, limit=5)["features"]]
    assert len(set(ids)) == 12
    assert [e["properties"]["name"] for e in things.query(bbox=[11.5025, 50.8, 11.5035, 51])["features"]] == [
        "Station 3"
    ]
    assert [e["id"] for e in things.query(properties=[("name", "'Station 3'")])["features"]] == [
        e["id"] for e in things.query(properties=[("@iot.id", ids[3])])["features"]
    ]


def test_creates_changes_and_deletes(root):
    things = reader(root, "Things")
    code = things.create({"name": "Bank", "description": "Am Brunnen", "properties": {}})
    assert things.get(code)["properties"]["name"] == "Bank"
    plain = code.strip("'")
    assert things.update(plain, {"name": "Bank an der Linde", "description": "Am Brunnen", "properties": {}})
    assert things.get(code)["properties"]["name"] == "Bank an der Linde"
    assert things.delete(plain)
    assert httpx.get(f"{root}/Things({code})").status_code == 404

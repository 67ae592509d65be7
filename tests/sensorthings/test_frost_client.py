"""The client of the FROST project against a running server: lists, expands, filters, walks pages, and creates."""

import frost_sta_client as fsc
import pytest

from tests.serving import Server, free_port, seeded


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    data = tmp_path_factory.mktemp("frost") / "data"
    server = Server(data, free_port(), seeded(data, 12), environment={"ALLMENDE_OPEN_WRITES": "1"})
    server.start()
    yield fsc.SensorThingsService(f"{server.url}/api/sta/v1.1")
    server.stop()


def test_lists_and_pages(service):
    things = service.things().query().count().top(5).list()
    assert things.count == 12
    assert len(list(things)) == 12  # iterating follows the next links


def test_filters_orders_and_expands(service):
    found = service.things().query().filter("name eq 'Station 3'").expand("Datastreams,Locations").list()
    (thing,) = found.entities
    assert thing.name == "Station 3" and len(thing.datastreams.entities) == 1
    assert thing.locations.entities[0].location["coordinates"] == [11.503, 50.9]
    names = [each.name for each in service.things().query().orderby("name", "desc").top(2).list().entities]
    assert names == ["Station 9", "Station 8"]


def test_finds_one_by_its_id(service):
    first = service.things().query().top(1).list().entities[0]
    assert service.things().find(first.id).name == first.name


def test_creates_and_reads_what_it_created(service):
    thing = fsc.Thing(name="Bank am Brunnen", description="Eine Bank", properties={"colour": "green"})
    thing.locations = [
        fsc.Location(
            name="Brunnen",
            description="Am Brunnen",
            encoding_type="application/geo+json",
            location={"type": "Point", "coordinates": [11.59, 50.93]},
        )
    ]
    service.create(thing)
    stream = fsc.Datastream(
        name="Besucher",
        description="Wer sitzt",
        observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        unit_of_measurement=fsc.UnitOfMeasurement(name="count", symbol="", definition="ucum:1"),
        thing=thing,
        sensor=fsc.Sensor(name="Waage", description="Eine", encoding_type="text/html", metadata="https://example.org"),
        observed_property=fsc.ObservedProperty(
            name="Gewicht", definition="https://example.org/weight", description="Last"
        ),
    )
    service.create(stream)
    observation = fsc.Observation(result=70.5, phenomenon_time="2026-03-01T12:00:00Z", datastream=stream)
    service.create(observation)
    assert service.observations().find(observation.id).result == 70.5
    read = service.datastreams().query().filter(f"id eq '{stream.id}'").expand("Observations,Thing").list().entities[0]
    assert read.thing.name == "Bank am Brunnen" and [each.result for each in read.observations.entities] == [70.5]
    known = service.things().find(thing.id)
    known.name = "Bank an der Linde"
    service.update(known)
    assert service.things().find(thing.id).name == "Bank an der Linde"
    service.delete(service.things().find(thing.id))
    assert service.things().query().filter("startswith(name,'Bank')").list().entities == []

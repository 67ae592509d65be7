"""Creating entities: alone, below others, with links, with all that belongs to them (18-088 § 10.2)."""

from allmende.api.sensorthings.writing.tests.face import feature, link, multi, place, quantity, sensor, station, stream


def test_a_thing_alone(face):
    made = face.post("/Things", {"name": "Oven", "description": "warm", "properties": {"a": {"b": [1, None]}}})
    assert made["name"] == "Oven"
    assert made["properties"] == {"a": {"b": [1, None]}}
    assert made["@iot.id"].startswith("thg-")


def test_an_id_that_the_client_gives_is_not_taken(face):
    made = face.post("/Things", {"@iot.id": "mine", "@iot.selfLink": "x", "name": "a", "description": "b"})
    assert made["@iot.id"] != "mine"


def test_everything_at_once(face):
    face.post("/Things", station())
    assert face.counts() == {
        "Things": 1,
        "Locations": 1,
        "HistoricalLocations": 1,
        "Datastreams": 1,
        "MultiDatastreams": 0,
        "Sensors": 1,
        "ObservedProperties": 1,
        "Observations": 0,
        "FeaturesOfInterest": 0,
    }


def test_with_observations_and_what_they_are_about(face):
    observations = [
        {"phenomenonTime": "2026-03-01T12:00:00Z", "result": 1.5},
        {"phenomenonTime": "2026-03-01T13:00:00Z", "result": 2, "FeatureOfInterest": feature()},
    ]
    inner = stream(Sensor=sensor(), ObservedProperty=quantity(), Observations=observations)
    thing = face.post("/Things", station(Datastreams=[inner]))
    found = face.value(f"/Things('{thing['@iot.id']}')/Datastreams?$expand=Observations/FeatureOfInterest")
    (only,) = found
    assert [one["result"] for one in only["Observations"]] == [1.5, 2]
    assert [one["FeatureOfInterest"]["name"] for one in only["Observations"]] == ["Tower", "Lake"]
    assert only["phenomenonTime"] == "2026-03-01T12:00:00Z/2026-03-01T13:00:00Z"
    assert only["observedArea"]["type"] == "Polygon"


def test_below_a_thing(face, garden):
    thing, _ = garden
    made = face.post(
        f"/Things('{thing}')/Datastreams", stream(name="Soil", Sensor=sensor("B"), ObservedProperty=quantity("S"))
    )
    assert face.get(f"/Datastreams('{made['@iot.id']}')/Thing")["@iot.id"] == thing


def test_from_the_other_end(face):
    made = face.post(
        "/Locations",
        {
            **place(),
            "Things": [
                {"name": "a", "description": "b", "Datastreams": [stream(Sensor=sensor(), ObservedProperty=quantity())]}
            ],
        },
    )
    (thing,) = face.value(f"/Locations('{made['@iot.id']}')/Things?$expand=Datastreams,HistoricalLocations")
    assert len(thing["Datastreams"]) == 1
    assert len(thing["HistoricalLocations"]) == 1


def test_a_sensor_with_its_datastreams(face, garden):
    thing, _ = garden
    made = face.post(
        "/Sensors", {**sensor("C"), "Datastreams": [stream(Thing=link(thing), ObservedProperty=quantity("x"))]}
    )
    (found,) = face.value(f"/Sensors('{made['@iot.id']}')/Datastreams")
    assert face.get(f"/Datastreams('{found['@iot.id']}')/Thing")["@iot.id"] == thing


def test_a_multi_datastream(face, garden):
    thing, _ = garden
    made = face.post(
        f"/Things('{thing}')/MultiDatastreams",
        multi(Sensor=sensor("W"), ObservedProperties=[quantity("Speed"), quantity("Direction")]),
    )
    names = [one["name"] for one in face.value(f"/MultiDatastreams('{made['@iot.id']}')/ObservedProperties")]
    assert names == ["Speed", "Direction"]
    assert made["unitOfMeasurements"][1]["symbol"] == "°"

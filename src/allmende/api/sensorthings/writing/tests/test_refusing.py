"""What cannot be kept: 400 with its JSON path, and nothing of it is there afterwards."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from allmende.api.sensorthings.writing.tests.face import (
    MEASUREMENT,
    feature,
    link,
    multi,
    place,
    quantity,
    sensor,
    station,
    stream,
)

T = "2026-03-01T12:00:00Z"
DEEP: list = []
for _ in range(150):
    DEEP = [DEEP]


def without(body, name):
    return {key: value for key, value in body.items() if key != name}


def ds(**more):
    return stream(**{"Sensor": sensor(), "ObservedProperty": quantity(), **more})


CASES = [
    # (path, body, JSON path of the fault)
    ("/Things", {}, "$.name"),
    ("/Things", {"name": "a"}, "$.description"),
    ("/Things", {"name": None, "description": "b"}, "$.name"),
    ("/Things", {"name": 5, "description": "b"}, "$.name"),
    ("/Things", {"name": "a", "description": ["b"]}, "$.description"),
    ("/Things", {"name": "a", "description": "b", "properties": "c"}, "$.properties"),
    ("/Things", {"name": "a", "description": "b", "properties": [1]}, "$.properties"),
    ("/Things", {"name": "a", "descripton": "b"}, "$.descripton"),
    ("/Things", {"name": "a\0b", "description": "b"}, "$.name"),
    ("/Things", {"name": "a", "description": "b", "properties": {"x": [{"y\0": 1}]}}, "$.properties.x[0]"),
    ("/Things", {"name": "a", "description": "b", "properties": {"x": DEEP}}, "$.properties"),
    ("/Things", {"name": "a", "description": "b", "Datastreams": {}}, "$.Datastreams"),
    ("/Things", {"name": "a", "description": "b", "Datastreams": [5]}, "$.Datastreams[0]"),
    ("/Things", {"name": "a", "description": "b", "Locations": [link("nowhere")]}, "$.Locations[0]"),
    ("/Things", {"name": "a", "description": "b", "Locations": [{"@iot.id": {}}]}, "$.Locations[0]"),
    ("/Things", {"name": "a", "description": "b", "Locations": [{"@iot.id": True}]}, "$.Locations[0]"),
    ("/Things", {"name": "a", "description": "b", "Dataset": "open"}, "$.Dataset"),
    ("/Things", {"name": "a", "description": "b", "Dataset": link("nobody")}, "$.Dataset"),
    ("/Things", station(Datastreams=[without(ds(), "Sensor")]), "$.Datastreams[0].Sensor"),
    ("/Things", station(Datastreams=[without(ds(), "ObservedProperty")]), "$.Datastreams[0].ObservedProperty"),
    ("/Things", station(Datastreams=[without(ds(), "name")]), "$.Datastreams[0].name"),
    ("/Things", station(Datastreams=[ds(), ds(Sensor={"name": "x"})]), "$.Datastreams[1].Sensor.description"),
    ("/Things", station(Datastreams=[ds(Observations=[{}])]), "$.Datastreams[0].Observations[0].result"),
    (
        "/Things",
        station(Locations=[], Datastreams=[ds(Observations=[{"result": 1}])]),
        "$.Datastreams[0].Observations[0].FeatureOfInterest",
    ),
    ("/Locations", without(place(), "location"), "$.location"),
    ("/Locations", without(place(), "encodingType"), "$.encodingType"),
    ("/Locations", {**place(), "encodingType": "x" * 101}, "$.encodingType"),
    ("/Locations", {**place(), "location": None}, "$.location"),
    ("/Locations", {**place(), "location": "there"}, "$.location"),
    ("/Locations", {**place(), "location": {"type": "Point", "coordinates": [11.58]}}, "$.location.coordinates"),
    ("/Locations", {**place(), "location": {"type": "Point", "coordinates": [0, 91]}}, "$.location.coordinates[1]"),
    ("/Locations", {**place(), "location": {"type": "Pint"}}, "$.location.type"),
    ("/Locations", {**place(), "Things": [{"name": "a"}]}, "$.Things[0].description"),
    ("/HistoricalLocations", {"time": T}, "$.Thing"),
    ("/HistoricalLocations", {"time": "now", "Thing": link("x")}, "$.time"),
    ("/HistoricalLocations", {"time": f"{T}/{T}", "Thing": link("x")}, "$.time"),
    ("/HistoricalLocations", {"time": "2026-03-01T12:00:00", "Thing": link("x")}, "$.time"),
    ("/HistoricalLocations", {"time": "9999-03-01T12:00:00Z", "Thing": link("x")}, "$.time"),
    ("/Sensors", without(sensor(), "metadata"), "$.metadata"),
    ("/Sensors", {**sensor(), "encodingType": 7}, "$.encodingType"),
    ("/ObservedProperties", without(quantity(), "definition"), "$.definition"),
    ("/ObservedProperties", {**quantity(), "definition": None}, "$.definition"),
    ("/FeaturesOfInterest", without(feature(), "feature"), "$.feature"),
    (
        "/FeaturesOfInterest",
        {**feature(), "feature": {"type": "Polygon", "coordinates": [[[0, 0]]]}},
        "$.feature.coordinates[0]",
    ),
    ("/Things('{0}')/Datastreams", without(ds(), "unitOfMeasurement"), "$.unitOfMeasurement"),
    ("/Things('{0}')/Datastreams", without(ds(), "observationType"), "$.observationType"),
    ("/Things('{0}')/Datastreams", ds(unitOfMeasurement="Cel"), "$.unitOfMeasurement"),
    ("/Things('{0}')/Datastreams", ds(unitOfMeasurement={"name": 1}), "$.unitOfMeasurement.name"),
    ("/Things('{0}')/Datastreams", ds(Sensor=link("sen-0000000000")), "$.Sensor"),
    ("/Things('{0}')/Datastreams", ds(Sensor=[sensor()]), "$.Sensor"),
    ("/Datastreams", ds(), "$.Thing"),
    ("/Datastreams", ds(Thing=link("thg-0000000000")), "$.Thing"),
    ("/Datastreams", ds(Thing={"@iot.id": "thg-0000000000", "name": "a"}), "$.Thing"),
    ("/Things('{0}')/MultiDatastreams", multi(Sensor=sensor()), "$.ObservedProperties"),
    ("/Things('{0}')/MultiDatastreams", multi(Sensor=sensor(), ObservedProperties=[quantity()]), "$"),
    (
        "/Things('{0}')/MultiDatastreams",
        multi(Sensor=sensor(), ObservedProperties=[quantity(), quantity()], multiObservationDataTypes=[MEASUREMENT]),
        "$",
    ),
    (
        "/Things('{0}')/MultiDatastreams",
        multi(Sensor=sensor(), ObservedProperties=[quantity()], multiObservationDataTypes=[MEASUREMENT, 5]),
        "$.multiObservationDataTypes[1]",
    ),
    ("/Things('{0}')/MultiDatastreams", multi(ObservedProperties=[quantity(), quantity()]), "$.Sensor"),
    ("/Observations", {"result": 1}, "$"),
    ("/Observations", {"result": 1, "Datastream": link("dst-0000000000")}, "$.Datastream"),
    ("/Observations", {"result": 1, "Datastream": link("")}, "$.Datastream"),
    ("/Datastreams('{1}')/Observations", {"phenomenonTime": T}, "$.result"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTime": "2026-03-01"}, "$.phenomenonTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTime": "2026-02-30T00:00:00Z"}, "$.phenomenonTime"),
    (
        "/Datastreams('{1}')/Observations",
        {"result": 1, "phenomenonTime": f"{T}/2026-01-01T00:00:00Z"},
        "$.phenomenonTime",
    ),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTime": "1600-01-01T00:00:00Z"}, "$.phenomenonTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTime": 1700000000}, "$.phenomenonTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTime": ""}, "$.phenomenonTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "phenomenonTme": T}, "$.phenomenonTme"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "resultTime": "noon"}, "$.resultTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "validTime": T}, "$.validTime"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "parameters": "x"}, "$.parameters"),
    ("/Datastreams('{1}')/Observations", {"result": 1, "parameters": {"@e": 1}}, "$.parameters"),
    ("/Datastreams('{1}')/Observations", {"result": DEEP}, "$.result"),
    ("/Datastreams('{1}')/Observations", {"result": "\0"}, "$.result"),
    (
        "/Datastreams('{1}')/Observations",
        {"result": 1, "FeatureOfInterest": link("foi-0000000000")},
        "$.FeatureOfInterest",
    ),
    (
        "/Datastreams('{1}')/Observations",
        {"result": 1, "FeatureOfInterest": without(feature(), "encodingType")},
        "$.FeatureOfInterest.encodingType",
    ),
    ("/Datastreams('{1}')/Observations", {"result": 1, "FeatureOfInterest": "lake"}, "$.FeatureOfInterest"),
]


@pytest.mark.parametrize(("path", "body", "fault"), CASES)
def test_where_it_is_and_that_nothing_is_left(face, garden, path, body, fault):
    before = face.counts()
    answer = face.refused("POST", path.format(*garden), body)
    assert answer["code"] == "bad_entity"
    assert answer["path"] == fault
    assert face.counts() == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b"nonsense",
        b'{"name": }',
        b'{"name": "a"} x',
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b"[" * 100_000,
        b'{"result": NaN}',
        b'{"result": Infinity}',
        b'{"result": 1e999}',
        b'{"name": "\\ud800"}',
        b"null",
        b"[]",
        b'"x"',
        b"5",
    ],
)
@pytest.mark.parametrize("path", ["/Things", "/Datastreams('{1}')/Observations", "/Observations"])
def test_what_is_no_object(face, garden, path, body):
    before = face.counts()
    answer = face.refused("POST", path.format(*garden), body)
    assert answer["code"] in ("broken_json", "bad_entity")
    assert face.counts() == before


def test_a_hint_for_a_slip(face):
    answer = face.refused("POST", "/Things", {"name": "a", "descripton": "b"})
    assert "description" in answer["detail"]
    assert answer["message"] == answer["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 405),
        ("POST", "/Nothings", 404),
        ("POST", "/Things('{0}')", 405),
        ("POST", "/Datastreams('{1}')/Thing", 405),
        ("POST", "/Things('{0}')/name", 405),
        ("POST", "/Things('{0}')/Nothings", 400),
        ("POST", "/Things('thg-0000000000')/Datastreams", 404),
        ("PUT", "/Things", 405),
        ("PATCH", "/Things('{0}')/Datastreams", 405),
        ("TRACE", "/Things", 405),
    ],
)
def test_where_nothing_can_be_changed(face, garden, method, path, status):
    answer = face.ask(method, path.format(*garden), {"name": "a", "description": "b"})
    assert answer.status == status, answer


json = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text(max_size=5),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "name",
    "description",
    "properties",
    "encodingType",
    "location",
    "metadata",
    "time",
    "Locations",
    "Datastreams",
]
NAMES += ["Sensor", "ObservedProperty", "Observations", "result", "phenomenonTime", "parameters", "@iot.id", "Thing"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.sampled_from(
        ["/Things", "/Locations", "/Sensors", "/Datastreams('{1}')/Observations", "/Things('{0}')/Datastreams"]
    ),
    some.dictionaries(some.sampled_from(NAMES), json, max_size=6),
    some.sampled_from(["POST", "PATCH", "PUT"]),
)
def test_whatever_comes(face, garden, path, body, method):
    """Never a fault of ours."""
    answer = face.ask(method, path.format(*garden), body)
    assert answer.status in (200, 201, 400, 405), answer

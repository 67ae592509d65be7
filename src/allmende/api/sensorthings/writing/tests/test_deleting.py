"""DELETE: alone, with what cannot be without it, by a filter (18-088 § 10.4, Table 25)."""

import pytest

from allmende.api.sensorthings.writing.tests.face import feature, link, multi, place, quantity, sensor, stream

T = "2026-03-01T12:00:00Z"
NOTHING = dict.fromkeys(
    (
        "Things",
        "Locations",
        "HistoricalLocations",
        "Datastreams",
        "MultiDatastreams",
        "Sensors",
        "ObservedProperties",
        "Observations",
        "FeaturesOfInterest",
    ),
    0,
)
ALL = {**NOTHING, "Things": 1, "Locations": 1, "HistoricalLocations": 1, "Datastreams": 1, "Sensors": 1}
ALL |= {"ObservedProperties": 1, "Observations": 2, "FeaturesOfInterest": 2}


@pytest.fixture
def busy(face, garden):
    """One of everything, with two observations: of the Thing's place and of a lake."""
    path = f"/Datastreams('{garden[1]}')/Observations"
    face.post(path, {"phenomenonTime": T, "result": 1})
    face.post(path, {"phenomenonTime": T, "result": 2, "FeatureOfInterest": feature()})
    assert face.counts() == ALL
    return garden


def gone(face, path):
    answer = face.ask("DELETE", path)
    assert (answer.status, answer.body) == (200, None), answer


@pytest.mark.parametrize("drained", [False, True])
@pytest.mark.parametrize(
    ("of", "with_it"),
    [
        ("Things", {"Things": 0, "Datastreams": 0, "HistoricalLocations": 0, "Observations": 0}),
        ("Locations", {"Locations": 0, "HistoricalLocations": 0}),
        ("HistoricalLocations", {"HistoricalLocations": 0}),
        ("Datastreams", {"Datastreams": 0, "Observations": 0}),
        ("Sensors", {"Sensors": 0, "Datastreams": 0, "Observations": 0}),
        ("ObservedProperties", {"ObservedProperties": 0, "Datastreams": 0, "Observations": 0}),
        ("FeaturesOfInterest", {"FeaturesOfInterest": 1, "Observations": 1}),
        ("Observations", {"Observations": 1}),
    ],
)
def test_what_goes_with_it(face, busy, store, of, with_it, drained):
    if drained:
        store.drain()
    one = face.value(f"/{of}")[0]["@iot.id"]
    gone(face, f"/{of}('{one}')")
    face.refused("GET", f"/{of}('{one}')", status=404)
    face.refused("DELETE", f"/{of}('{one}')", status=404)
    assert face.counts() == {**ALL, **with_it}


def test_nothing_is_left_in_the_store(face, busy, store):
    from allmende.observations.queries import Datastream, extents

    number = Datastream.objects.get(code=busy[1]).pk
    gone(face, f"/Things('{busy[0]}')")
    store.drain()
    assert extents([number]) == {}
    again = face.post(
        "/Things",
        {
            "name": "a",
            "description": "b",
            "Datastreams": [stream(Sensor=sensor(), ObservedProperty=quantity())],
            "Locations": [place()],
        },
    )
    (ds,) = face.value(f"/Things('{again['@iot.id']}')/Datastreams")
    assert Datastream.objects.get(code=ds["@iot.id"]).pk != number
    assert face.value(f"/Datastreams('{ds['@iot.id']}')/Observations") == []


@pytest.mark.parametrize("named", [True, False])
def test_the_observations_of_one_feature_only(face, busy, named):
    which = "Lake" if named else "Tower"
    (one,) = face.value(f"/FeaturesOfInterest?$filter=name eq '{which}'")
    gone(face, f"/FeaturesOfInterest('{one['@iot.id']}')")
    assert [left["result"] for left in face.value("/Observations")] == [1 if named else 2]
    area = face.get(f"/Datastreams('{busy[1]}')").get("observedArea")
    assert str(12.0 if not named else 11.58) in str(area)
    assert str(11.58 if not named else 12.0) not in str(area)


def test_a_location_of_two(face, garden):
    thing, _ = garden
    words = face.post("/Locations", {"name": "w", "description": "", "encodingType": "text/plain", "location": "there"})
    first = face.value(f"/Things('{thing}')/Locations")[0]["@iot.id"]
    face.ask("PATCH", f"/Things('{thing}')", {"Locations": [link(first), link(words["@iot.id"])]})
    gone(face, f"/Locations('{first}')")
    assert [one["name"] for one in face.value(f"/Things('{thing}')/Locations")] == ["w"]


def test_a_quantity_takes_its_multi_datastreams_along(face, garden):
    made = multi(Sensor=sensor("W"), ObservedProperties=[quantity("a"), quantity("b")])
    wind = face.post(f"/Things('{garden[0]}')/MultiDatastreams", made)["@iot.id"]
    face.post(f"/MultiDatastreams('{wind}')/Observations", {"result": [1, 2]})
    second = face.value(f"/MultiDatastreams('{wind}')/ObservedProperties")[1]["@iot.id"]
    gone(face, f"/ObservedProperties('{second}')")
    counts = face.counts()
    assert (counts["MultiDatastreams"], counts["Observations"], counts["ObservedProperties"]) == (0, 0, 2)


class TestByFilter:
    def test_observations(self, face, garden, store):
        path = f"/Datastreams('{garden[1]}')/Observations"
        for hour in range(10):
            face.post(path, {"phenomenonTime": f"2026-03-01T{hour:02d}:00:00Z", "result": hour})
        gone(face, f"{path}?$filter=result lt 3")
        assert [one["result"] for one in face.value(path)] == [3, 4, 5, 6, 7, 8, 9]
        store.drain()
        gone(face, f"{path}?$filter=phenomenonTime ge 2026-03-01T08:00:00Z")
        gone(face, "/Observations?$filter=result eq 5 or result eq 100")
        assert [one["result"] for one in face.value(path)] == [3, 4, 6, 7]

    def test_of_this_datastream_only(self, face, garden):
        other = face.post(f"/Things('{garden[0]}')/Datastreams", stream(Sensor=sensor(), ObservedProperty=quantity()))
        for ds in (garden[1], other["@iot.id"]):
            face.post(f"/Datastreams('{ds}')/Observations", {"result": 1})
        gone(face, f"/Datastreams('{garden[1]}')/Observations?$filter=result eq 1")
        assert face.counts()["Observations"] == 1
        gone(face, f"/Observations?$filter=Datastream/@iot.id eq '{other['@iot.id']}'")
        assert face.counts()["Observations"] == 0

    def test_many(self, face, garden, store):
        from allmende.observations.queries import Datastream

        number = Datastream.objects.get(code=garden[1]).pk
        base = 1_700_000_000_000_000
        store.append([(number, base + k, float(k % 10), 0, None, 0) for k in range(12_000)])
        store.drain()
        gone(face, f"/Datastreams('{garden[1]}')/Observations?$filter=result ge 2")
        assert face.counts()["Observations"] == 2_400
        gone(face, f"/Datastreams('{garden[1]}')")
        assert face.counts()["Observations"] == 0

    def test_entities(self, face, busy):
        face.post("/Things", {"name": "other", "description": ""})
        gone(face, "/Things?$filter=name eq 'Station'")
        assert [one["name"] for one in face.value("/Things")] == ["other"]
        assert face.counts()["Observations"] == 0
        gone(face, "/Things?$filter=name eq 'nobody'")

    def test_below_an_entity(self, face, busy):
        gone(face, f"/Things('{busy[0]}')/Datastreams?$filter=name eq 'Air temperature'")
        assert face.counts()["Datastreams"] == 0

    @pytest.mark.parametrize("path", ["/Things", "/Observations", "/Datastreams('{1}')/Observations", "/Things?$top=1"])
    def test_never_without(self, face, busy, path):
        assert face.refused("DELETE", path.format(*busy))["code"] == "filter_needed"
        face.refused("DELETE", "/Things?$filter=nonsense eq")
        assert face.counts() == ALL


def test_what_is_not_an_entity(face, garden):
    face.refused("DELETE", f"/Things('{garden[0]}')/name", status=405)
    face.refused("DELETE", "/", status=405)
    face.refused("DELETE", "/Nothings('x')", status=404)


def test_the_trail_tells_of_it(face, busy):
    from allmende.core import audit
    from allmende.core.models import AuditEntry, Event

    face.ask("DELETE", f"/Observations('{face.value('/Observations')[0]['@iot.id']}')")
    gone(face, f"/Things('{busy[0]}')")
    actions = list(AuditEntry.objects.order_by("number").values_list("action", flat=True))
    assert "observations.thing.registered" in actions
    assert "observations.removed" in actions
    assert actions[-1] == "observations.thing.deleted"
    assert audit.verify() == []
    assert Event.objects.filter(name="observations.thing.deleted", payload={"kind": "thing", "code": busy[0]}).exists()

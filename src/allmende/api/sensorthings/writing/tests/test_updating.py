"""PATCH, PUT and JSON Patch (18-088 § 10.3)."""

import pytest

from allmende.api.sensorthings.writing.tests.face import (
    CELSIUS,
    MEASUREMENT,
    feature,
    link,
    multi,
    place,
    plain,
    quantity,
    sensor,
    station,
    stream,
)

PATCH = "application/json-patch+json"
T = "2026-03-01T12:00:00Z"


def changed(face, method, path, body, **kind):
    """The representation that is answered, which is also what is there now."""
    answer = face.ask(method, path, body, **kind)
    assert answer.status == 200, answer
    assert plain(answer.body) == face.get(path)
    return face.get(path)


class TestPatch:
    def test_only_what_is_said(self, face, garden):
        path = f"/Things('{garden[0]}')"
        before = face.get(path)
        after = changed(face, "PATCH", path, {"description": "an oven"})
        assert after == {**before, "description": "an oven"}

    def test_properties_are_replaced_as_a_whole(self, face, garden):
        after = changed(face, "PATCH", f"/Things('{garden[0]}')", {"properties": {"colour": "red"}})
        assert after["properties"] == {"colour": "red"}
        assert changed(face, "PATCH", f"/Things('{garden[0]}')", {"properties": None})["properties"] == {}

    def test_the_unit(self, face, garden):
        from allmende.observations.queries.entities import rows_of

        unit = {"name": "Entropy", "symbol": "S", "definition": "http://qudt.org/vocab/unit#Entropy"}
        after = changed(face, "PATCH", f"/Datastreams('{garden[1]}')", {"unitOfMeasurement": unit})
        assert after["unitOfMeasurement"] == unit
        changed(face, "PATCH", f"/Datastreams('{garden[1]}')", {"unitOfMeasurement": CELSIUS})
        assert rows_of("Datastream", None).get(code=garden[1]).unit == "Cel"

    def test_another_sensor(self, face, garden):
        other = face.post("/Sensors", sensor("Other"))
        changed(face, "PATCH", f"/Datastreams('{garden[1]}')", {"Sensor": link(other["@iot.id"])})
        assert face.get(f"/Datastreams('{garden[1]}')/Sensor")["name"] == "Other"

    def test_through_a_link(self, face, garden):
        changed(face, "PATCH", f"/Datastreams('{garden[1]}')/Thing", {"name": "Other"})
        assert face.get(f"/Things('{garden[0]}')")["name"] == "Other"

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/Things('{0}')", {"Locations": [place()]}),
            ("/Things('{0}')", {"Datastreams": [{"unitOfMeasurement": CELSIUS}]}),
            ("/Datastreams('{1}')", {"ObservedProperty": quantity()}),
            ("/Datastreams('{1}')", {"Sensor": sensor()}),
            ("/Datastreams('{1}')", {"Thing": {"name": "a", "description": "b"}}),
            ("/Datastreams('{1}')", {"Observations": [{"phenomenonTime": T, "result": 1}]}),
        ],
    )
    def test_nothing_is_created_within_an_update(self, face, garden, path, body):
        before = face.counts()
        face.refused("PATCH", path.format(*garden), body)
        assert face.counts() == before

    def test_what_the_service_keeps_is_ignored(self, face, garden):
        path = f"/Datastreams('{garden[1]}')"
        before = face.get(path)
        after = changed(
            face, "PATCH", path, {**before, "@iot.id": "x", "phenomenonTime": "nonsense", "observedArea": 1}
        )
        assert after == before

    def test_prefer_minimal(self, face, garden):
        face.prefer = "return=minimal"
        answer = face.ask("PATCH", f"/Things('{garden[0]}')", {"name": "x"})
        assert (answer.status, answer.body) == (204, None)

    def test_nobody(self, face):
        face.refused("PATCH", "/Things('thg-0000000000')", {"name": "x"}, status=404)
        face.refused("PUT", "/Things('x')/Locations('y')", {"name": "x"}, status=404)
        face.refused("PATCH", "/Things", {"name": "x"}, status=405)
        face.refused("PATCH", "/Things('x')/name", {"name": "x"}, status=405)


def test_names_in_two_languages(face, town):
    """Who changes a name in one language leaves the other, where the two differ."""
    path = f"/Datastreams('{town.open_stream.code}')"
    face.language = "de"
    changed(face, "PATCH", path, {"name": "Außentemperatur"})
    face.language = "en"
    assert face.get(path)["name"] == "Air temperature"
    other = face.post("/Things", {"name": "same", "description": ""})
    path = f"/Things('{other['@iot.id']}')"
    changed(face, "PATCH", path, {"name": "new"})
    face.language = "de"
    assert face.get(path)["name"] == "new"


class TestPut:
    def test_everything_is_replaced(self, face, garden):
        path = f"/Things('{garden[0]}')"
        after = changed(face, "PUT", path, {"name": "New", "description": "new"})
        assert (after["name"], after["description"], after["properties"]) == ("New", "new", {})
        assert len(face.value(f"{path}/Datastreams")) == 1

    @pytest.mark.parametrize(
        ("path", "body", "missing"),
        [
            ("/Things('{0}')", {"name": "x"}, "$.description"),
            ("/Datastreams('{1}')", {"name": "x", "description": "y", "observationType": "z"}, "$.unitOfMeasurement"),
            ("/Datastreams('{1}')/Sensor", {"name": "x", "description": "y", "encodingType": "z"}, "$.metadata"),
        ],
    )
    def test_what_is_mandatory_cannot_be_left_out(self, face, garden, path, body, missing):
        assert face.refused("PUT", path.format(*garden), body)["path"] == missing

    def test_what_was_got_can_be_put_back(self, face, garden):
        for path in (f"/Things('{garden[0]}')", f"/Datastreams('{garden[1]}')", f"/Datastreams('{garden[1]}')/Sensor"):
            before = face.get(path)
            assert changed(face, "PUT", path, before) == before

    def test_every_entity(self, face, garden):
        thing, ds = garden
        wind = face.post(
            f"/Things('{thing}')/MultiDatastreams",
            multi(Sensor=sensor("W"), ObservedProperties=[quantity("a"), quantity("b")]),
        )["@iot.id"]
        lake = face.post("/FeaturesOfInterest", feature())["@iot.id"]
        bodies = {
            f"/Things('{thing}')/Locations": place(1, 2, "L"),
            f"/Things('{thing}')/HistoricalLocations": {"time": "2015-08-01T00:00:00Z"},
            f"/Datastreams('{ds}')/Sensor": sensor("S"),
            f"/Datastreams('{ds}')/ObservedProperty": quantity("Q"),
            f"/Datastreams('{ds}')": stream(name="D"),
            f"/MultiDatastreams('{wind}')": multi(name="M"),
            f"/FeaturesOfInterest('{lake}')": feature(3, 4, "F"),
        }
        for path, body in bodies.items():
            if path.endswith("Locations"):
                kind = path.rpartition("/")[2]
                path = f"/{kind}('{face.value(path)[0]['@iot.id']}')"
            after = changed(face, "PUT", path, body)
            assert {name: after[name] for name in body} == body


class TestJsonPatch:
    def test_a_thing(self, face, garden):
        path = f"/Things('{garden[0]}')"
        operations = [
            {"op": "test", "path": "/properties/owner", "value": "school"},
            {"op": "add", "path": "/properties/key1", "value": {"a": [1, 2]}},
            {"op": "copy", "from": "/properties/key1", "path": "/properties/key2"},
            {"op": "move", "from": "/properties/owner", "path": "/properties/holder"},
            {"op": "add", "path": "/properties/key2/a/-", "value": 3},
            {"op": "replace", "path": "/name", "value": "New"},
        ]
        after = changed(face, "PATCH", path, operations, kind=PATCH)
        assert after["name"] == "New"
        assert after["properties"] == {"key1": {"a": [1, 2]}, "key2": {"a": [1, 2, 3]}, "holder": "school"}

    def test_all_or_nothing(self, face, garden):
        path = f"/Things('{garden[0]}')"
        before = face.get(path)
        operations = [{"op": "replace", "path": "/name", "value": "x"}, {"op": "test", "path": "/name", "value": "y"}]
        face.refused("PATCH", path, operations, status=409, kind=PATCH)
        assert (
            face.refused("PATCH", path, [{"op": "add", "path": "/nothing/a", "value": 1}], kind=PATCH)["path"] == "$[0]"
        )
        assert (
            face.refused("PATCH", path, [{"op": "add", "path": "/colour", "value": 1}], kind=PATCH)["path"]
            == "$.colour"
        )
        assert face.refused("PATCH", path, [{"op": "remove", "path": "/name"}], kind=PATCH)["path"] == "$.name"
        assert face.refused("PATCH", path, {"op": "add"}, kind=PATCH)["path"] == "$"
        face.refused("PUT", path, [], status=415, kind=PATCH)
        assert face.get(path) == before

    def test_a_link(self, face, garden):
        other = face.post("/Sensors", sensor("Other"))
        operations = [{"op": "add", "path": "/Sensor", "value": link(other["@iot.id"])}]
        changed(face, "PATCH", f"/Datastreams('{garden[1]}')", operations, kind=PATCH)
        assert face.get(f"/Datastreams('{garden[1]}')/Sensor")["name"] == "Other"

    def test_an_observation(self, face, garden):
        made = face.post(f"/Datastreams('{garden[1]}')/Observations", {"result": [1, 2], "phenomenonTime": T})
        path = f"/Observations('{made['@iot.id']}')"
        operations = [
            {"op": "test", "path": "/resultTime", "value": None},
            {"op": "add", "path": "/result/1", "value": 5},
            {"op": "add", "path": "/parameters", "value": {"depth": 1}},
            {"op": "replace", "path": "/resultTime", "value": T},
        ]
        after = changed(face, "PATCH", path, operations, kind=PATCH)
        assert (after["result"], after["parameters"], after["resultTime"]) == ([1, 5, 2], {"depth": 1}, T)
        face.refused("PATCH", path, [{"op": "remove", "path": "/result"}], kind=PATCH)


class TestObservations:
    @pytest.fixture
    def made(self, face, garden):
        body = {"result": 8, "phenomenonTime": T, "resultTime": T, "parameters": {"depth": 1}}
        return face.post(f"/Datastreams('{garden[1]}')/Observations", body)

    def path(self, made):
        return f"/Observations('{made['@iot.id']}')"

    def test_patch(self, face, made):
        after = changed(face, "PATCH", self.path(made), {"result": "nine"})
        assert after == {**made, "result": "nine"}
        after = changed(face, "PATCH", self.path(made), {"parameters": None, "resultQuality": 3})
        assert "parameters" not in after
        assert after["resultQuality"] == 3
        assert changed(face, "PATCH", self.path(made), {"result": None})["result"] is None

    def test_put(self, face, made):
        after = changed(face, "PUT", self.path(made), {"result": 9})
        assert (after["result"], after["resultTime"], after["phenomenonTime"]) == (9, None, T)
        assert "parameters" not in after
        assert face.refused("PUT", self.path(made), {"phenomenonTime": T})["path"] == "$.result"

    @pytest.mark.parametrize("drained", [False, True])
    def test_another_time_and_the_same_id(self, face, garden, store, made, drained):
        for time in ("2015-07-01T00:40:00Z", "2027-07-01T00:40:00Z", "2020-01-01T00:00:00Z/2020-01-02T00:00:00Z"):
            if drained:
                store.drain()
            after = changed(face, "PATCH", self.path(made), {"phenomenonTime": time})
            assert after == {**made, "phenomenonTime": time}
            (only,) = face.value(f"/Datastreams('{garden[1]}')/Observations")
            assert only == after
            (found,) = face.value(f"/Observations?$filter=@iot.id eq '{made['@iot.id']}'")
            assert found == after
        assert face.counts()["Observations"] == 1
        assert changed(face, "PATCH", self.path(made), {"phenomenonTime": T}) == made
        face.ask("DELETE", self.path(made))
        face.refused("GET", self.path(made), status=404)
        assert face.counts()["Observations"] == 0

    def test_its_id_is_nobody_elses(self, face, garden, made):
        """What comes in later for the time at which a corrected one came in gets an id of its own."""
        path = f"/Datastreams('{garden[1]}')/Observations"
        moved = changed(face, "PATCH", self.path(made), {"phenomenonTime": "2015-07-01T00:00:00Z"})
        other = face.post(path, {"result": 5, "phenomenonTime": T})
        again = face.post(path, {"result": 8, "phenomenonTime": T, "resultTime": T, "parameters": {"depth": 1}})
        assert len({one["@iot.id"] for one in (moved, other, again)}) == 3
        assert [face.get(self.path(one)) for one in (moved, other, again)] == [moved, other, again]
        third = face.post(path, {"result": 6, "phenomenonTime": "2015-07-01T00:00:00Z"})
        assert len({one["@iot.id"] for one in face.value(path)}) == 4
        assert face.get(self.path(third)) == third

    def test_another_feature(self, face, made):
        lake = face.post("/FeaturesOfInterest", feature())
        changed(face, "PATCH", self.path(made), {"FeatureOfInterest": link(lake["@iot.id"])})
        assert face.get(f"{self.path(made)}/FeatureOfInterest")["name"] == "Lake"
        assert [one["@iot.id"] for one in face.value(f"/FeaturesOfInterest('{lake['@iot.id']}')/Observations")] == [
            made["@iot.id"]
        ]

    def test_not_into_another_datastream(self, face, garden, made):
        other = face.post(f"/Things('{garden[0]}')/Datastreams", stream(Sensor=sensor(), ObservedProperty=quantity()))
        face.refused("PATCH", self.path(made), {"Datastream": link(other["@iot.id"])})
        face.refused("PATCH", self.path(made), {"MultiDatastream": link(garden[1])})
        face.refused("PATCH", self.path(made), {"FeatureOfInterest": feature()})
        assert changed(face, "PATCH", self.path(made), {"Datastream": link(garden[1])}) == made

    @pytest.mark.parametrize(
        "body",
        [
            {"phenomenonTime": "yesterday"},
            {"phenomenonTime": 5},
            {"resultTime": f"{T}/{T}"},
            {"validTime": T},
            {"parameters": [1]},
            {"parameters": {"@f": 1}},
            {"colour": "red"},
            [],
            "text",
        ],
    )
    def test_what_cannot_be(self, face, made, body):
        face.refused("PATCH", self.path(made), body)
        assert face.get(self.path(made)) == made


def test_the_parts_of_a_multi_datastream(face, garden):
    made = multi(Sensor=sensor("W"), ObservedProperties=[quantity("a"), quantity("b")])
    wind = face.post(f"/Things('{garden[0]}')/MultiDatastreams", made)["@iot.id"]
    path = f"/MultiDatastreams('{wind}')"
    other = face.post("/ObservedProperties", quantity("c"))["@iot.id"]
    first = face.value(f"{path}/ObservedProperties")[0]["@iot.id"]
    changed(face, "PATCH", path, {"ObservedProperties": [link(other), link(first)]})
    assert [one["name"] for one in face.value(f"{path}/ObservedProperties")] == ["c", "a"]
    (expanded,) = face.value("/MultiDatastreams?$expand=ObservedProperties")
    assert [one["name"] for one in expanded["ObservedProperties"]] == ["c", "a"]
    changed(face, "PATCH", path, {"ObservedProperties": [link(other), link(other)]})
    assert [one["name"] for one in face.value(f"{path}/ObservedProperties")] == ["c", "c"]
    face.refused("PATCH", path, {"ObservedProperties": [link(other)]})
    face.refused("PATCH", path, {"unitOfMeasurements": [CELSIUS]})
    face.refused("PATCH", path, {"multiObservationDataTypes": [MEASUREMENT] * 3})
    face.refused("PATCH", f"/ObservedProperties('{other}')", {"MultiDatastreams": [link(wind)]})
    face.refused("POST", f"{path}/ObservedProperties", quantity("d"))
    assert face.get(path)["unitOfMeasurements"] == multi()["unitOfMeasurements"]


class TestMoving:
    """HistoricalLocations by rule (§ 8.2.3)."""

    def places(self, face, thing):
        return [one["name"] for one in face.value(f"/Things('{thing}')/Locations")]

    def test_other_locations(self, face, garden):
        thing, _ = garden
        hill = face.post("/Locations", place(1, 2, "Hill"))
        changed(face, "PATCH", f"/Things('{thing}')", {"Locations": [link(hill["@iot.id"])]})
        assert self.places(face, thing) == ["Hill"]
        past = face.value(f"/Things('{thing}')/HistoricalLocations?$expand=Locations&$orderby=time")
        assert [[one["name"] for one in each["Locations"]] for each in past] == [["Tower"], ["Hill"]]

    def test_a_new_location(self, face, garden):
        face.post(f"/Things('{garden[0]}')/Locations", place(1, 2, "Hill"))
        assert self.places(face, garden[0]) == ["Hill"]
        assert face.counts()["HistoricalLocations"] == 2

    def test_things_at_a_location(self, face, garden):
        other = face.post("/Things", station(Locations=[]))
        made = face.post("/Locations", {**place(1, 2, "Hill"), "Things": [link(garden[0]), link(other["@iot.id"])]})
        assert len(face.value(f"/Locations('{made['@iot.id']}')/Things")) == 2
        assert self.places(face, garden[0]) == ["Hill"]

    def test_history_tells_where_it_is(self, face):
        thing = face.post("/Things", {"name": "a", "description": "b"})["@iot.id"]
        places = [face.post("/Locations", place(8, 50 + n, f"L{n}"))["@iot.id"] for n in range(3)]
        changed(face, "PATCH", f"/Things('{thing}')", {"Locations": [link(places[0])]})
        (past,) = face.value(f"/Things('{thing}')/HistoricalLocations")
        changed(face, "PATCH", f"/HistoricalLocations('{past['@iot.id']}')", {"time": "2016-01-01T06:00:00Z"})
        later = {"time": "2016-01-01T07:00:00Z", "Thing": link(thing), "Locations": [link(places[1])]}
        face.post("/HistoricalLocations", later)
        assert self.places(face, thing) == ["L1"]
        earlier = {"time": "2016-01-01T05:00:00Z", "Locations": [link(places[2])]}
        face.post(f"/Things('{thing}')/HistoricalLocations", earlier)
        assert self.places(face, thing) == ["L1"]
        assert face.counts()["HistoricalLocations"] == 3

    def test_although_history_speaks_of_the_future(self, face, garden):
        there = face.value(f"/Things('{garden[0]}')/Locations")[0]["@iot.id"]
        face.post(
            "/HistoricalLocations",
            {"time": "2099-01-01T00:00:00Z", "Thing": link(garden[0]), "Locations": [link(there)]},
        )
        face.post(f"/Things('{garden[0]}')/Locations", place(1, 2, "Hill"))
        assert self.places(face, garden[0]) == ["Hill"]

"""Observations: any result, times, features of interest, identities (18-088 § 8.2.7, § 8.2.8)."""

import pytest

from allmende.api.sensorthings.writing.tests.face import (
    feature,
    link,
    multi,
    place,
    quantity,
    sensor,
    station,
    stream,
)
from allmende.observations.services import settling

T = "2026-03-01T12:00:00Z"


def at(face, ds, **said):
    return face.post(f"/Datastreams('{ds}')/Observations", {"phenomenonTime": T, "result": 1, **said})


@pytest.mark.parametrize(
    "result",
    [
        *(1, 1.25, -0.5, 0, 9007199254740993, 10**30, 1e300),
        *("forty two", "", "2026-01-01T00:00:00Z", True, False, None),
        *([1, "two", True], {"number": 1.23, "deep": {"er": [None]}}),
    ],
)
def test_any_result_comes_back(face, garden, result):
    made = at(face, garden[1], result=result)
    assert made["result"] == result
    assert type(made["result"]) is type(result)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00Z"),
        ("2012-06-26T03:42:02-0600", "2012-06-26T09:42:02Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z"),
        ("2026-03-01T12:00:00Z/2026-03-01T13:00:00Z", "2026-03-01T12:00:00Z/2026-03-01T13:00:00Z"),
        ("2026-03-01T12:00:00Z/PT1H", "2026-03-01T12:00:00Z/2026-03-01T13:00:00Z"),
        ("1701-01-01T00:00:00Z", "1701-01-01T00:00:00Z"),
    ],
)
def test_times(face, garden, sent, shown):
    assert at(face, garden[1], phenomenonTime=sent)["phenomenonTime"] == shown


def test_everything_that_can_be_said(face, garden):
    said = {
        "resultTime": "2026-03-01T12:05:00Z",
        "resultQuality": {"DQ_Status": {"code": "4"}},
        "validTime": "2026-03-01T12:00:00Z/2026-03-02T12:00:00Z",
        "parameters": {"depth": 3, "x": [1, {"y": None}]},
    }
    made = at(face, garden[1], **said)
    assert {name: made[name] for name in said} == said


def test_without_times_it_is_now_and_resultless_time_is_null(face, garden):
    made = face.post(f"/Datastreams('{garden[1]}')/Observations", {"result": 3})
    assert made["phenomenonTime"] > "2026-"
    assert made["resultTime"] is None


def test_nothing_said_in_many_words(face, garden):
    made = at(face, garden[1], resultTime=None, validTime=None, parameters=None, resultQuality=None)
    assert "parameters" not in made


def test_by_its_link(face, garden):
    made = face.post("/Observations", {"result": 7, "phenomenonTime": T, "Datastream": link(garden[1])})
    assert face.get(f"/Observations('{made['@iot.id']}')/Datastream")["@iot.id"] == garden[1]


class TestTheSameTwice:
    def test_the_existing_one_is_answered(self, face, garden):
        first = at(face, garden[1], parameters={"a": 1, "b": 2})
        again = at(face, garden[1], parameters={"b": 2, "a": 1})
        assert again == first
        assert face.counts()["Observations"] == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"result": 2},
            {"resultTime": T},
            {"parameters": {"a": 1}},
            {"phenomenonTime": f"{T}/2026-03-01T13:00:00Z"},
            {"validTime": f"{T}/2026-03-01T13:00:00Z"},
            {"resultQuality": "good"},
            {"result": "1"},
            {"result": True},
        ],
    )
    def test_anything_else_is_another(self, face, garden, other):
        first = at(face, garden[1])
        second = at(face, garden[1], **other)
        assert second["@iot.id"] != first["@iot.id"]
        assert face.get(f"/Observations('{first['@iot.id']}')") == first
        assert face.counts()["Observations"] == 2

    def test_another_feature_is_another(self, face, garden):
        lake = face.post("/FeaturesOfInterest", feature())
        first = at(face, garden[1])
        second = at(face, garden[1], FeatureOfInterest=link(lake["@iot.id"]))
        third = at(face, garden[1], FeatureOfInterest=link(lake["@iot.id"]))
        assert first["@iot.id"] != second["@iot.id"] == third["@iot.id"]

    def test_older_than_the_newest(self, face, garden):
        at(face, garden[1], phenomenonTime="2026-05-01T00:00:00Z")
        first, again = at(face, garden[1]), at(face, garden[1])
        assert first == again
        assert face.counts()["Observations"] == 2

    def test_many_of_one_time(self, face, garden):
        ids = [at(face, garden[1], result=number)["@iot.id"] for number in range(5)]
        assert [id_.count("-") for id_ in ids] == [2, 3, 3, 3, 3]
        assert [at(face, garden[1], result=number)["@iot.id"] for number in range(5)] == ids

    def test_after_the_drain(self, face, garden, store):
        first, second = at(face, garden[1]), at(face, garden[1], result=2)
        store.drain()
        assert at(face, garden[1]) == first
        assert at(face, garden[1], result=2) == second
        assert at(face, garden[1], result=3)["@iot.id"] not in (first["@iot.id"], second["@iot.id"])

    def test_a_deleted_one_may_come_again(self, face, garden):
        first = at(face, garden[1])
        face.ask("DELETE", f"/Observations('{first['@iot.id']}')")
        assert face.counts()["Observations"] == 0
        assert at(face, garden[1])["result"] == 1
        assert face.counts()["Observations"] == 1


def test_at_the_same_moment(face, garden):
    """Twenty requests at once for one time: all are kept, each once, and repeats are the same."""
    path = f"/Datastreams('{garden[1]}')/Observations"
    asked = [("POST", path, {"phenomenonTime": T, "result": number % 10}) for number in range(20)]
    answers = face.together(asked)
    assert {answer.status for answer in answers} == {201}
    places = [answer.headers["Location"] for answer in answers]
    assert places[:10] == places[10:]
    assert len(set(places)) == 10
    assert sorted(one["result"] for one in face.value(path)) == list(range(10))


class TestFeatures:
    def about(self, face, made):
        return face.get(f"/Observations('{made['@iot.id']}')/FeatureOfInterest")

    def test_made_of_the_location_once(self, face, garden):
        assert face.counts()["FeaturesOfInterest"] == 0
        first = self.about(face, at(face, garden[1]))
        assert first["feature"] == place()["location"]
        assert first["name"] == "Tower"
        assert self.about(face, at(face, garden[1], result=2)) == first
        assert face.counts()["FeaturesOfInterest"] == 1

    def test_the_same_for_two_things_at_one_location(self, face, garden):
        first = self.about(face, at(face, garden[1]))
        (there,) = face.value(f"/Things('{garden[0]}')/Locations")
        other = face.post("/Things", station(Locations=[link(there["@iot.id"])]))
        (ds,) = face.value(f"/Things('{other['@iot.id']}')/Datastreams")
        assert self.about(face, at(face, ds["@iot.id"])) == first

    def test_after_a_move(self, face, garden):
        thing, ds = garden
        before = at(face, ds)
        face.post(f"/Things('{thing}')/Locations", place(11.6, 50.95, "Hill"))
        after = at(face, ds, result=2)
        assert self.about(face, before)["name"] == "Tower"
        assert self.about(face, after)["name"] == "Hill"
        names = [one["name"] for one in face.value("/FeaturesOfInterest?$orderby=name")]
        assert names == ["Hill", "Tower"]
        (hill,) = face.value("/FeaturesOfInterest?$filter=name eq 'Hill'&$expand=Observations")
        assert [one["result"] for one in hill["Observations"]] == [2]
        area = face.get(f"/Datastreams('{ds}')")["observedArea"]["coordinates"][0]
        assert [11.58, 50.92] in area and [11.6, 50.95] in area

    def test_named_before_the_thing_was_anywhere(self, face):
        thing = face.post("/Things", station(Locations=[]))
        (ds,) = face.value(f"/Things('{thing['@iot.id']}')/Datastreams")
        path = f"/Datastreams('{ds['@iot.id']}')/Observations"
        answer = face.refused("POST", path, {"result": 1})
        assert answer["path"] == "$.FeatureOfInterest"
        made = face.post(path, {"result": 1, "FeatureOfInterest": feature()})
        assert self.about(face, made)["name"] == "Lake"
        face.ask(
            "PATCH",
            f"/Things('{thing['@iot.id']}')",
            {"Locations": [link(face.post("/Locations", place())["@iot.id"])]},
        )
        assert self.about(face, face.post(path, {"result": 2}))["name"] == "Tower"
        assert self.about(face, made)["name"] == "Lake"

    def test_of_several_locations_the_one_that_is_geojson(self, face):
        words = {"name": "Words", "description": "", "encodingType": "text/plain", "location": "behind the church"}
        thing = face.post("/Things", station(Locations=[words, place(), words]))
        (ds,) = face.value(f"/Things('{thing['@iot.id']}')/Datastreams")
        assert self.about(face, at(face, ds["@iot.id"]))["feature"]["type"] == "Point"

    def test_below_a_feature(self, face, garden):
        lake = face.post("/FeaturesOfInterest", feature())
        path = f"/FeaturesOfInterest('{lake['@iot.id']}')/Observations"
        made = face.post(path, {"result": 1, "phenomenonTime": T, "Datastream": link(garden[1])})
        assert [one["@iot.id"] for one in face.value(path)] == [made["@iot.id"]]

    def test_deleted_and_made_again(self, face, garden):
        first = self.about(face, at(face, garden[1]))
        face.ask("DELETE", f"/FeaturesOfInterest('{first['@iot.id']}')")
        assert face.counts()["Observations"] == face.counts()["FeaturesOfInterest"] == 0
        second = self.about(face, at(face, garden[1]))
        assert second["@iot.id"] != first["@iot.id"]

    def test_when_the_location_is_corrected(self, face, garden):
        thing, ds = garden
        before = at(face, ds)
        (there,) = face.value(f"/Things('{thing}')/Locations")
        face.ask("PATCH", f"/Locations('{there['@iot.id']}')", {"location": {"type": "Point", "coordinates": [1, 2]}})
        after = at(face, ds, result=2)
        assert self.about(face, before)["feature"]["coordinates"] == [11.58, 50.92]
        assert self.about(face, after)["feature"]["coordinates"] == [1, 2]


class TestMultiDatastreams:
    @pytest.fixture
    def wind(self, face, garden):
        made = multi(Sensor=sensor("W"), ObservedProperties=[quantity("Speed"), quantity("Direction")])
        return face.post(f"/Things('{garden[0]}')/MultiDatastreams", made)["@iot.id"]

    def test_lists(self, face, wind):
        made = face.post(f"/MultiDatastreams('{wind}')/Observations", {"phenomenonTime": T, "result": [3.5, 270]})
        assert made["result"] == [3.5, 270]
        assert face.get(f"/Observations('{made['@iot.id']}')/MultiDatastream")["@iot.id"] == wind
        again = face.post("/Observations", {"phenomenonTime": T, "result": [3.5, 270], "MultiDatastream": link(wind)})
        assert again == made

    @pytest.mark.parametrize("result", [1, [1], [1, 2, 3], "a", None, {}])
    def test_only_of_the_right_length(self, face, wind, result):
        answer = face.refused("POST", f"/MultiDatastreams('{wind}')/Observations", {"result": result})
        assert answer["path"] == "$.result"

    def test_a_datastream_is_none(self, face, garden, wind):
        face.refused("POST", "/Observations", {"result": [1, 2], "Datastream": link(wind)})
        face.refused("POST", "/Observations", {"result": 1, "MultiDatastream": link(garden[1])})
        both = {"result": 1, "Datastream": link(garden[1]), "MultiDatastream": link(wind)}
        face.refused("POST", "/Observations", both)
        face.refused("POST", "/Observations", {"result": 1})


def test_the_range_and_the_sentinels_of_a_datastream_hold(face, garden):
    from allmende.observations.queries import latest
    from allmende.observations.queries.entities import rows_of

    row = rows_of("Datastream", None).get(code=garden[1])
    row.minimum, row.maximum, row.sentinels = -40, 60, [-9999]
    row.save()
    at(face, garden[1], result=99)
    assert latest([row.pk])[row.pk].quality == 1
    assert at(face, garden[1], result=-9999)["result"] is None


def test_prefer_minimal(face, garden):
    face.prefer = "return=minimal"
    answer = face.ask("POST", f"/Datastreams('{garden[1]}')/Observations", {"result": 1})
    assert (answer.status, answer.body) == (201, None)
    assert answer.headers["Location"].endswith("')")


def test_a_path_through_another_thing(face, garden):
    other = face.post("/Things", station())
    path = f"/Things('{other['@iot.id']}')/Datastreams('{garden[1]}')/Observations"
    face.refused("POST", path, {"result": 1}, status=404)
    assert face.counts()["Observations"] == 0
    assert stream()


class TestFirstObservations:
    """What observations are about is made with the first of each Datastream, for many of them at once."""

    @pytest.fixture
    def streams(self, face, garden):
        path = f"/Things('{garden[0]}')/Datastreams"
        made = [face.post(path, stream(Sensor=sensor(), ObservedProperty=quantity())) for _ in range(5)]
        return [one["@iot.id"] for one in made]

    def body(self, ds, result=1):
        return {"phenomenonTime": "2026-01-01T00:00:00Z", "result": result, "Datastream": link(ds)}

    def test_nothing_is_made_before(self, face, streams):
        assert face.counts()["FeaturesOfInterest"] == 0
        assert "observedArea" not in face.get(f"/Datastreams('{streams[0]}')") or (
            face.get(f"/Datastreams('{streams[0]}')")["observedArea"] is None
        )

    def test_many_at_once_share_one_transaction(self, face, streams, monkeypatch):
        rounds = []
        settle = settling.settle

        def counted(due):
            rounds.append(len(due))
            settle(due)

        monkeypatch.setattr(settling, "settle", counted)
        answers = face.together([("POST", "/Observations", self.body(one)) for one in streams])
        assert [answer.status for answer in answers] == [201] * 5
        assert sum(rounds) == 5
        assert len([size for size in rounds if size]) < 5
        assert face.counts()["FeaturesOfInterest"] == 1
        for one in streams:
            assert face.get(f"/Datastreams('{one}')")["observedArea"]["type"] == "Point"
        for answer in answers:
            assert face.get(f"/Observations('{answer.body['@iot.id']}')/FeatureOfInterest")["name"] == "Tower"

    def test_a_refused_one_makes_nothing(self, face, garden):
        made = multi(Sensor=sensor("W"), ObservedProperties=[quantity("Speed"), quantity("Direction")])
        wind = face.post(f"/Things('{garden[0]}')/MultiDatastreams", made)["@iot.id"]
        body = {"phenomenonTime": "2026-01-01T00:00:00Z", "result": [1], "MultiDatastream": link(wind)}
        face.refused("POST", "/Observations", body)
        face.refused("POST", "/Observations", {**body, "result": [1, 2], "phenomenonTime": "soon"})
        assert face.counts()["FeaturesOfInterest"] == 0

    def test_what_goes_wrong_is_said_by_the_ordinary_road(self, face, streams, monkeypatch):
        def broken(due):
            raise RuntimeError("the database is away")

        monkeypatch.setattr(settling, "settle", broken)
        face.post("/Observations", self.body(streams[0]))
        assert face.counts()["FeaturesOfInterest"] == 1

    def test_a_datastream_that_is_none(self, face, streams):
        face.refused("POST", "/Observations", self.body("dst-0000000000"))

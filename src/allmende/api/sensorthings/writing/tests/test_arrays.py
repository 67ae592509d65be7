"""CreateObservations (18-088 § 12.2)."""

import pytest

from allmende.api.sensorthings.writing.tests.face import ROOT, feature, link, multi, quantity, sensor, stream

PATH = "/CreateObservations"


def array(ds, rows, components=("phenomenonTime", "result"), kind="Datastream"):
    return {kind: link(ds), "components": list(components), "dataArray@iot.count": len(rows), "dataArray": rows}


def at(minute):
    return f"2010-12-23T10:{minute:02d}:00-07:00"


def sent(face, *blocks):
    answer = face.ask("POST", PATH, list(blocks))
    assert answer.status == 201, answer
    return answer.body


def test_as_the_standard_shows_it(face, garden):
    other = face.post(f"/Things('{garden[0]}')/Datastreams", stream(Sensor=sensor(), ObservedProperty=quantity()))
    lake = face.post("/FeaturesOfInterest", feature())["@iot.id"]
    first = array(
        garden[1],
        [[at(20), 20, lake], [at(21), 30, "nobody"]],
        ["phenomenonTime", "result", "FeatureOfInterest/id"],
    )
    second = array(other["@iot.id"], [[at(20), 65], [at(21), 60]])
    links = sent(face, first, second)
    assert links[1] == "error"
    made = [face.get(one) for one in (links[0], *links[2:])]
    assert [one["result"] for one in made] == [20, 65, 60]
    assert made[0]["phenomenonTime"] == "2010-12-23T17:20:00Z"
    about = [face.get(f"{one}/FeatureOfInterest")["name"] for one in (links[0], *links[2:])]
    assert about == ["Lake", "Tower", "Tower"]
    assert links[0].startswith(f"{ROOT}/Observations('obs-")
    assert sent(face, first, second) == links
    assert face.counts()["Observations"] == 3


def test_everything_a_row_can_say(face, garden):
    names = ["id", "phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"]
    row = ["x", f"{at(1)}/{at(2)}", {"a": [1]}, at(3), "good", f"{at(1)}/{at(9)}", {"depth": 1}]
    (only,) = sent(face, array(garden[1], [row], names))
    made = face.get(only)
    assert made["phenomenonTime"] == "2010-12-23T17:01:00Z/2010-12-23T17:02:00Z"
    assert (made["result"], made["resultQuality"], made["parameters"]) == ({"a": [1]}, "good", {"depth": 1})


def test_what_was_got_can_be_sent(face, garden):
    sent(face, array(garden[1], [[at(minute), minute] for minute in range(5)]))
    (block,) = face.value("/Observations?$resultFormat=dataArray")
    body = array(garden[1], block["dataArray"], block["components"])
    assert len(set(sent(face, body))) == 5
    assert face.counts()["Observations"] == 5


def test_in_any_order_and_twice(face, garden):
    rows = [[at(minute), minute] for minute in (5, 3, 9, 3, 5, 1)]
    links = sent(face, array(garden[1], [*rows, [at(3), 99]]))
    assert links[0] == links[4]
    assert links[1] == links[3] != links[6]
    assert [one["result"] for one in face.value("/Observations?$orderby=phenomenonTime,result")] == [1, 3, 99, 5, 9]


def test_result_first_and_alone(face, garden):
    assert len(sent(face, array(garden[1], [[5, at(1)]], ["result", "phenomenonTime"]))) == 1
    links = sent(face, array(garden[1], [[6], [7]], ["result"]))
    assert len(set(links)) == 2
    assert face.counts()["Observations"] == 3


def test_multi_datastreams(face, garden):
    wind = face.post(
        f"/Things('{garden[0]}')/MultiDatastreams",
        multi(Sensor=sensor("W"), ObservedProperties=[quantity("a"), quantity("b")]),
    )["@iot.id"]
    links = sent(face, array(wind, [[at(1), [5, 20]], [at(2), 30], [at(3), [1]]], kind="MultiDatastream"))
    assert links[1:] == ["error", "error"]
    assert face.get(links[0])["result"] == [5, 20]
    assert sent(face, array(wind, [[at(1), [5, 20]]])) == ["error"]


@pytest.mark.parametrize(
    "row",
    [[], [at(1)], [at(1), 2, 3], ["yesterday", 1], [5, 1], ["2010-12-23T10:00:00", 1], ["1600-01-01T00:00:00Z", 1]],
)
def test_a_wrong_row_is_an_error_alone(face, garden, row):
    links = sent(face, array(garden[1], [[at(1), 1], row, [at(2), 2]]))
    assert links[1] == "error"
    assert "error" not in (links[0], links[2])
    assert face.counts()["Observations"] == 2


def test_strictly(face, garden):
    face.prefer = "handling=strict"
    answer = face.refused("POST", PATH, [array(garden[1], [[at(1), 1], ["yesterday", 2], [at(2)]])])
    assert [one["path"] for one in answer["errors"]] == ["$[0].dataArray[1]", "$[0].dataArray[2]"]
    assert answer["refused_total"] == 2
    assert face.counts()["Observations"] == 0


def test_a_datastream_that_is_none(face, garden):
    assert sent(face, array("dst-0000000000", [[at(1), 1], [at(2), 2]])) == ["error", "error"]
    assert sent(face, array(5, [[at(1), 1]])) == ["error"]
    assert sent(face) == []
    assert sent(face, array(garden[1], [])) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [1],
        [{}],
        [{"components": ["result"], "dataArray": [[1]]}],
        [{"Datastream": link("x"), "MultiDatastream": link("x"), "components": ["result"], "dataArray": [[1]]}],
        [{"Datastream": {}, "components": ["result"], "dataArray": [[1]]}],
        [{"Datastream": link("x"), "components": ["phenomenonTime"], "dataArray": [[1]]}],
        [{"Datastream": link("x"), "components": ["result", "colour"], "dataArray": [[1, 2]]}],
        [{"Datastream": link("x"), "components": ["result", "result"], "dataArray": [[1, 2]]}],
        [{"Datastream": link("x"), "components": "result", "dataArray": [[1]]}],
        [{"Datastream": link("x"), "components": ["result"], "dataArray": [1]}],
        b"[",
        b"",
        b'[{"Datastream": {"@iot.id": "x"}, "components": ["result"], "dataArray": [[NaN]]}]',
    ],
)
def test_what_is_no_data_array(face, garden, body):
    answer = face.refused("POST", PATH, body)
    assert answer["code"] in ("bad_entity", "broken_json")


def test_get_and_the_like(face):
    face.refused("GET", PATH, status=404)
    face.refused("PATCH", PATH, [], status=405)


def test_a_thousand(face, garden, store):
    rows = [[f"2020-01-{1 + k // 1440:02d}T{k // 60 % 24:02d}:{k % 60:02d}:00Z", k / 2] for k in range(1500)]
    links = sent(face, array(garden[1], rows))
    assert len(set(links)) == 1500
    store.drain()
    assert sent(face, array(garden[1], rows)) == links
    assert face.get(links[777])["result"] == 388.5

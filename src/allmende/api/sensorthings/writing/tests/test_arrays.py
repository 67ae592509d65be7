"""CreateObservations (18-088 § 12.2)."""

import pytest

from allmende.api.sensorthings.writing import arrays
from allmende.api.sensorthings.writing.tests.face import ROOT, feature, link, multi, quantity, sensor, stream
from allmende.observations.care.flagging import Rules, StepRule
from allmende.observations.care.live import live
from allmende.observations.queries import series
from allmende.observations.streams import book

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


class TestBothReaders:
    """Rows of a time and a number are read by a quick reader; what it gives is what the ordinary one gives."""

    ROWS = (
        ("2026-01-01T00:00:00Z", 1.5),
        ("2026-01-01T00:00:00.25Z", 8),
        ("2026-01-01T01:00:01+01:00", -0.0),
        ("2026-01-01T00:00:02.123456789Z", 1),
        ("2026-01-01T00:00:03.999999999Z", 1),
        ("2026-01-01T00:00:04Z", 9007199254740993),
        ("2026-01-01T00:00:05Z", 1e300),
        ("2026-01-01T00:00:06Z", None),
        ("2026-01-01T00:00:07Z", True),
        ("2026-01-01T00:00:08Z", "warm"),
        ("2026-01-01T00:00:09Z", {"a": [1]}),
        ("2026-01-01T00:00:10Z/2026-01-01T00:00:11Z", 5),
        ("2026-01-01 00:00:12Z", 5),
        ("2026-01-01T00:00Z", 5),
        ("1700-01-01T00:00:00Z", 5),
        ("1699-12-31T23:59:59Z", 5),
        ("2026-01-01T00:00:00", 5),
        ("2016-12-31T23:59:60Z", 5),
        (1767225600, 5),
    )

    @pytest.fixture
    def twins(self, face, garden):
        """Two Datastreams alike, each with an observation, so that both are known and have what they are about."""
        path = f"/Things('{garden[0]}')/Datastreams"
        made = [face.post(path, stream(Sensor=sensor(), ObservedProperty=quantity()))["@iot.id"] for _ in range(2)]
        for one in made:
            sent(face, array(one, [["1700-01-01T00:00:00.5Z", 0]]))
        return made

    def ids(self, links):
        return [one.rpartition("obs-")[2].partition("-")[2] for one in links]

    @pytest.mark.parametrize("row", ROWS, ids=str)
    @pytest.mark.parametrize("turned", [False, True])
    def test_give_the_same(self, face, twins, row, turned):
        row = list(row)
        names = ["result", "phenomenonTime"] if turned else ["phenomenonTime", "result"]
        quick = sent(face, array(twins[0], [row[::-1] if turned else row], names))
        ordinary = sent(face, array(twins[1], [["x", *row]], ["id", "phenomenonTime", "result"]))
        assert self.ids(quick) == self.ids(ordinary)
        tables = [series(self.number(one), None, None).to_pylist() for one in twins]
        assert tables[0] == tables[1]
        for one, other in zip(quick, ordinary, strict=True):
            if one != "error":
                assert face.get(one)["result"] == face.get(other)["result"]
                assert face.get(one)["phenomenonTime"] == face.get(other)["phenomenonTime"]

    def number(self, code):
        return book.known()[code].id

    def test_odd_rows_among_good_ones_keep_their_places(self, face, twins):
        rows = [[at(1), 1], ["yesterday", 2], [at(3), "three"], [at(4)], [at(5), 5], [f"{at(6)}/{at(7)}", 6]]
        links = sent(face, array(twins[0], [[at(0), 0.5]]), array(twins[1], rows), array(twins[0], [[at(9), 9]]))
        results = [one if one == "error" else face.get(one)["result"] for one in links]
        assert results == [0.5, 1, "error", "three", "error", 5, 6, 9]
        assert sent(face, array(twins[1], rows)) == links[1:7]

    def test_of_one_time_the_first_comes_first_whoever_reads_it(self, face, twins):
        """The first of a time is the one that other interfaces see."""
        links = sent(face, array(twins[0], [[at(1), "odd"]]), array(twins[0], [[at(1), 5]]))
        assert [link.endswith("-1')") for link in links] == [False, True]

    def test_the_quick_one_is_taken(self, face, twins, monkeypatch):
        """Also for numbers out of range, and for none."""
        monkeypatch.setattr(arrays, "entry", None)
        links = sent(face, array(twins[0], [[at(1), 1], [at(2), None], [at(3), 1e9]]), array(twins[1], [[at(1), 1]]))
        assert len(set(links)) == 4
        assert sent(face, array(twins[0], [[at(3), 1e9], [at(1), 1]])) == [links[2], links[0]]

    def test_quality_rules_look_at_every_value(self, face, twins):
        live.refresh(lambda: {self.number(twins[0]): Rules(step=StepRule(5, 600))})
        try:
            sent(face, array(twins[0], [[at(1), 1], [at(2), 50], [at(3), 2]]))
        finally:
            live.forget()
        assert [row["quality"] > 0 for row in series(self.number(twins[0]), None, None).to_pylist()][1:] == [
            False,
            True,
            False,
        ]

    def test_many_rows_are_refused_before_anything_is_kept(self, face, twins, monkeypatch):
        monkeypatch.setattr(arrays, "_MOST_ROWS", 3)
        body = [array(twins[0], [[at(1), 1], [at(2), 2]]), array(twins[1], [[at(1), 1], [at(2), "x"]])]
        assert face.refused("POST", PATH, body, status=413)["code"] == "too_many_rows"
        assert face.counts()["Observations"] == 2

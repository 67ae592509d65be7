"""What the express lane takes, and that it answers what the ordinary road answers."""

import asyncio
import json

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.api.sensorthings import express
from allmende.api.sensorthings.door import root_of
from allmende.api.sensorthings.writing.tests.conftest import face, garden
from allmende.api.sensorthings.writing.tests.face import link, multi, plain, quantity, sensor
from allmende.observations.streams import book

__all__ = ["face", "garden"]

T = "2026-05-01T00:00:{:02d}Z"
LINE = b"POST /api/sta/v1.1/Observations HTTP/1.1"


def begun(body, line=LINE, **headers):
    """(headers, body) of the lane's answer; None where it does not take the request."""

    async def run():
        named = {b"host": b"town.example", **{name.encode(): value.encode() for name, value in headers.items()}}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        found = express.begin(SYSTEM, line, named, "https", content)
        if found is None:
            return None
        answer, done = found
        await done
        return answer()

    return asyncio.run(run())


@pytest.fixture
def known(face, garden):
    """A Datastream that is in memory and whose feature is made."""
    face.post(f"/Datastreams('{garden[1]}')/Observations", {"phenomenonTime": T.format(0), "result": 0})
    assert garden[1] in book.known()
    return garden[1]


def row(stream, second, result=1.5, **more):
    return {"phenomenonTime": T.format(second), "result": result, "Datastream": link(stream), **more}


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"result": 8},
        {"result": None},
        {"result": "warm"},
        {"result": -1e300},
        {"result": {"a": [1]}},
        {"parameters": {"depth": 1}},
        {"resultTime": T.format(9), "resultQuality": {"code": 1}},
        {"phenomenonTime": f"{T.format(1)}/{T.format(2)}"},
        {"phenomenonTime": "2026-05-01T00:00:01.250Z"},
    ],
    ids=str,
)
@pytest.mark.parametrize("prefer", [None, "return=minimal"])
def test_both_roads_answer_alike(face, known, said, prefer):
    body = {**row(known, 1), **said}
    headers, content = begun(body, **({"prefer": prefer} if prefer else {}))
    face.prefer = prefer or ""
    ordinary = face.ask("POST", "/Observations", body)  # the same once more: it is there already
    root = root_of({"scheme": "https"}, {b"host": b"town.example"})
    assert root.endswith("/api/sta/v1.1")
    text = content.decode().replace(root, "https://town.example/api/sta/v1.1")
    assert (json.loads(text) if text else None) == plain(ordinary.body)
    named = {name.decode(): value.decode() for name, value in headers}
    assert named.pop("access-control-allow-origin") == "*"
    assert named.pop("content-type", None) == (None if prefer else "application/json")
    assert named.pop("location").partition("/v1.1/")[2] == ordinary.headers["Location"].partition("/v1.1/")[2]
    assert named == ({"preference-applied": "return=minimal"} if prefer else {})


def test_the_address_may_name_the_datastream(face, known):
    line = f"POST /api/sta/v1.1/Datastreams('{known}')/Observations HTTP/1.1".encode()
    body = {"phenomenonTime": T.format(1), "result": 4}
    _, content = begun(body, line)
    assert face.get(f"/Observations('{json.loads(content)['@iot.id']}')")["result"] == 4
    assert begun(row(known, 2), line) is None  # named twice
    assert begun(body, line.replace(b"Observations ", b"Observations?$select=result ")) is None
    assert begun(body, line.replace(b"HTTP/1.1", b"HTTP/1.0")) is None
    assert begun(body, line.replace(b"/Datastreams", b"/MultiDatastreams")) is None


def test_several_numbers(face, garden, known):
    made = multi(Sensor=sensor("W"), ObservedProperties=[quantity("Speed"), quantity("Direction")])
    wind = face.post(f"/Things('{garden[0]}')/MultiDatastreams", made)["@iot.id"]
    body = {"phenomenonTime": T.format(1), "result": [1, 2], "MultiDatastream": link(wind)}
    face.post("/Observations", body)
    _, content = begun({**body, "phenomenonTime": T.format(2), "result": [3, 4]})
    assert json.loads(content)["result"] == [3, 4]
    assert begun({**body, "phenomenonTime": T.format(3), "result": [3]}) is None


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"",
        b'{"result": 1}',
        {"result": 1, "Datastream": {"@iot.id": "dst-0000000000"}},
        {"phenomenonTime": "yesterday", "result": 1},
        {"phenomenonTime": T.format(0), "result": 7},
        {"phenomenonTime": "2026-04-01T00:00:00Z", "result": 7},
        {"phenomenonTime": T.format(5), "result": 1, "colour": "red"},
        {"phenomenonTime": T.format(5), "result": 1, "FeatureOfInterest": {"name": "to be made with it"}},
        {"phenomenonTime": T.format(5), "result": 1, "FeatureOfInterest": {"@iot.id": "foi-0000000000"}},
        {"phenomenonTime": T.format(5), "result": 1, "parameters": {"@r": 1}},
        {"phenomenonTime": T.format(5), "result": "a\0b"},
        {"phenomenonTime": T.format(5)},
    ],
    ids=str,
)
def test_what_is_left_to_the_ordinary_road(face, known, body):
    if isinstance(body, dict) and "Datastream" not in body:
        body = {**body, "Datastream": link(known)}
    assert begun(body) is None
    assert face.counts()["Observations"] == 1


def test_a_feature_that_must_be_made_first(face, garden):
    book.load([garden[1]])
    assert begun(row(garden[1], 1)) is None
    assert face.counts()["FeaturesOfInterest"] == 0
    made = face.post("/Observations", row(garden[1], 1))
    assert face.get(f"/Observations('{made['@iot.id']}')/FeatureOfInterest")["name"] == "Tower"
    assert begun(row(garden[1], 2)) is not None
    assert face.counts()["FeaturesOfInterest"] == 1

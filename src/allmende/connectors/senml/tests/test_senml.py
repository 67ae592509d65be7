"""SenML: the rules of RFC 8428 on made-up packs."""

import json

import pytest

from allmende.connectors.readings import Message, Unmapped
from allmende.connectors.senml import Senml, SenmlReader
from allmende.connectors.senml.units import UNITS, ucum
from allmende.core.clock import parse_instant
from allmende.core.units import unit

ARRIVAL = parse_instant("2026-06-01T12:00:00Z")
THEN = 1_780_300_800  # 2026-06-01T08:00:00Z


def read(pack, **said):
    payload = pack if isinstance(pack, bytes) else json.dumps(pack).encode()
    return SenmlReader(Senml(**said)).read(Message(payload, "", ARRIVAL)).readings


def test_base_fields_hold_until_they_are_said_anew():
    found = read(
        [
            {"bn": "urn:dev:ow:1:", "bt": THEN, "bu": "Cel", "bv": 20, "n": "t", "v": 1.5},
            {"n": "t", "t": 60, "v": 2},
            {"n": "h", "u": "%RH", "v": 25.0},
            {"bn": "urn:dev:ow:2:", "bv": 0, "n": "t", "t": -60, "v": 5},
        ]
    )
    assert [(each.key, each.time // 1_000_000 - THEN, each.value) for each in found] == [
        ("urn:dev:ow:1:t", 0, 21.5),
        ("urn:dev:ow:1:t", 60, 22),
        ("urn:dev:ow:1:h", 0, 45),
        ("urn:dev:ow:2:t", -60, 5),
    ]
    wanted = found[2].maker.wanted(found[2])
    assert (wanted.thing_key, wanted.unit) == ("urn:dev:ow:1", "%")


def test_small_times_count_from_now_and_none_is_now():
    found = read([{"n": "a:x", "v": 1}, {"n": "a:x", "t": -5, "v": 2}])
    assert [each.time - ARRIVAL for each in found] == [0, -5_000_000]


def test_yes_and_no_and_sums_and_units():
    found = read([{"n": "door.open", "vb": True}, {"n": "meter:e", "u": "kWh", "s": 7, "v": 2}, {"n": "a", "vs": "x"}])
    assert [(each.key, each.value) for each in found] == [("door.open", 1), ("meter:e", 2), ("meter:e#sum", 7)]
    assert found[1].maker.wanted(found[1]).unit == "kW.h"
    assert read([{"n": "a:r", "u": "/", "v": 0.5}])[0].value == 50
    assert found[0].maker.wanted(found[0]).thing_key == "door"
    assert (
        SenmlReader(Senml(register=False))
        .read(Message(b'[{"n": "a:x", "v": 1}]', "", ARRIVAL))
        .readings[0]
        .maker.wanted(found[0])
        is None
    )


def test_every_unit_of_the_registry_that_is_read_is_one_of_the_house():
    for name in UNITS:
        code, factor = ucum(name)
        assert unit(code).code == code and factor > 0, name
    assert ucum("furlong") == ("", 1.0)


@pytest.mark.parametrize(
    ("pack", "why"),
    [
        (b"{", "breaks off"),
        ({}, "array of records"),
        ([], "array of records"),
        ([1], "no object"),
        ([{"v": 1}], "empty"),
        ([{"n": "-a", "v": 1}], "does not allow"),
        ([{"n": "ä", "v": 1}], "does not allow"),
        ([{"n": "a", "v": "1"}], "no number"),
        ([{"n": "a", "v": True}], "no number"),
        ([{"n": "a", "vb": 1}], "neither true nor false"),
        ([{"n": "a", "v": 1, "t": "now"}], "no number"),
        ([{"n": "a", "v": 1, "t": 1e15}], "outside"),
        ([{"n": "a", "v": 1, "t": 99_999_999}], "in the future"),
        ([{"n": "a", "v": 1, "bver": 11}], "version"),
        ([{"n": "a", "v": 1, "must_": 1}], "has to be understood"),
        ([{"n": "a", "v": 1}] * 20_001, "more than"),
    ],
)
def test_what_the_standard_forbids_is_refused(pack, why):
    with pytest.raises(Unmapped, match=why):
        read(pack)


def test_the_topic_is_checked_where_one_is_given():
    reader = SenmlReader(Senml(topic="a/+"))
    with pytest.raises(Unmapped, match="does not fit"):
        reader.read(Message(b"[]", "b/c", ARRIVAL))

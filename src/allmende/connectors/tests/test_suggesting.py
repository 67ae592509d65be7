"""The first proposal for a message: which format, where the time is, which device, what the numbers mean."""

import json

import msgspec
import pytest

from allmende.connectors.mapping import Mapper, Mapping
from allmende.connectors.readings import Message, Unmapped, arrival_now
from allmende.connectors.suggesting import format_of, suggest
from allmende.core.units import unit


def propose(payload, topic="", heard=""):
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found = suggest(text, topic, heard, alone="con-1")
    return found.format, found.rules


def becomes(payload, topic="", heard=""):
    """(key, value, unit) of what the proposal makes of its own message."""
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    mapping = msgspec.convert(propose(payload, topic, heard)[1], Mapping)
    readings = Mapper(mapping).read(Message(text, topic, arrival_now())).readings
    return [(each.key, each.value, each.maker.wanted(each).unit) for each in readings]


@pytest.mark.parametrize(
    ("payload", "form"),
    [
        ({"deviceInfo": {"devEui": "00"}, "data": ""}, "chirpstack"),
        ({"devEUI": "x", "applicationName": "y"}, "chirpstack"),
        ({"end_device_ids": {}, "uplink_message": {}}, "ttn"),
        ([{"bn": "a:", "n": "t", "v": 1}], "senml"),
        ([{"t": 1, "v": 2}], "mapping"),
        ({"temp": 1}, "mapping"),
        (b"21.5", "mapping"),
        (b"a;b\n1;2", "mapping"),
        (b"\x00", "mapping"),
    ],
)
def test_the_format(payload, form):
    assert format_of(payload if isinstance(payload, bytes) else json.dumps(payload).encode()) == form


@pytest.mark.parametrize(
    ("payload", "topic", "heard", "expected"),
    [
        (
            {"at": "2026-06-01T10:00:00+02:00", "temp": 21.4, "status": {"battery_mv": 3110}},
            "town/market/weather",
            "town/+/weather",
            [("market/temp", 21.4, "Cel"), ("market/battery_mv", 3110, "mV")],
        ),
        (
            {"ts": 1780300800000, "sensorId": "s7", "Luftfeuchte": "55,3", "PM2.5": 8, "lat": 50.9, "lon": 11.6},
            "",
            "",
            [("s7/luftfeuchte", 55.3, "%"), ("s7/pm25", 8, "ug/m3")],
        ),
        (b"21.5", "home/kitchen/temperature", "", [("kitchen/temperature", 21.5, "Cel")]),
        (b"21,5\n", "home/kitchen/temperature", "", [("kitchen/temperature", 21.5, "Cel")]),
        (b"21", "home/kitchen/temperature", "", [("kitchen/temperature", 21, "Cel")]),
        (b"Ort;Datum;Temperatur\nMarkt;01.06.2026;21,5\n", "", "", [("Markt/temperatur", 21.5, "Cel")]),
        (
            {"id": "b1", "data": [{"t": 1780300800, "temp": 1}, {"t": 1780300860, "temp": 2}]},
            "",
            "",
            [("b1/temp", 1, "Cel"), ("b1/temp", 2, "Cel")],
        ),
        (b'{"id": 1, "hum": 40}{"id": 2, "hum": 41}', "", "", [("1/hum", 40, "%"), ("2/hum", 41, "%")]),
        (
            {"pressure": 100540, "wind_speed": 4},
            "",
            "",
            [("con-1/pressure", 100540, "Pa"), ("con-1/wind_speed", 4, "m/s")],
        ),
        ({"a": {"b": 7}}, "x/y", "x/y", [("con-1/b", 7, "")]),
        (
            [{"type": "temp", "value": 21}, {"type": "hum", "value": 40}],
            "",
            "",
            [("con-1/temp", 21, "Cel"), ("con-1/hum", 40, "%")],
        ),
    ],
)
def test_a_proposal_reads_its_own_message(payload, topic, heard, expected):
    assert becomes(payload, topic, heard) == expected
    for _, _, code in expected:
        assert not code or unit(code).code == code


def test_known_quantities_come_before_unknown_numbers_and_sentinels_are_noticed():
    rules = propose({"temp": -9999, "foo": 3})[1]["values"]
    assert [rule["path"] for rule in rules] == ["temp"]
    assert rules[0]["register"]["sentinels"] == [-9999.0]


def test_the_topic_of_uplinks_is_left_open_where_it_names_devices():
    payload = {"deviceInfo": {"devEui": "00"}, "object": {"t": 1}}
    assert propose(payload, "application/5/device/a84/event/up")[1]["topic"] == "application/+/device/+/event/up"
    assert propose(payload, "application/5/device/a84/event/up", "application/#")[1]["topic"] == "application/#"


def test_what_counts_messages_is_offered_but_not_chosen():
    rules = propose({"zoneId": "1", "eventNumber": "7260", "frameCounter": 9, "x": "-4.75"})[1]["values"]
    assert [rule["path"] for rule in rules] == ["x"]
    assert [rule["path"] for rule in propose({"frameCounter": 5})[1]["values"]] == ["frameCounter"]


def test_a_place_is_not_called_by_a_bare_number_nor_by_nobody():
    named = [
        propose({"id": name, "temp": 5})[1]["values"][0]["register"]["thing"] for name in ("1", "m-1", "N/A", "unknown")
    ]
    assert named == ["Sensor {device}", "{device}", "Sensor", "Sensor"]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"hello", "nor a table with a header"),
        (b'{"v": 1', "breaks off"),
        (b'{"v": 1}\n{"v": 2}\n{"v"', r"line 3, character 1 .* \(messages before it: 2\)"),
        ('{"name": "Müller", "v": 1}'.encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_paste_that_is_wrong_says_where(payload, why):
    with pytest.raises(Unmapped, match=why):
        propose(payload)


@pytest.mark.parametrize("payload", [b"", b"hello", b"{}", b"[]", b'{"name": "x"}', b"null", b'"text"', b"<a/>"])
def test_where_there_is_no_number_it_is_said(payload):
    with pytest.raises(Unmapped):
        propose(payload)

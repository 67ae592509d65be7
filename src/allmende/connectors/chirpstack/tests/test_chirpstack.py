"""ChirpStack's events, made up after real ones: version 4 and 3, decoded or not, doubled, broken."""

import base64
import copy
import json

import msgspec
import pytest

from allmende.connectors.chirpstack import reader
from allmende.connectors.lorawan import Lorawan
from allmende.connectors.readings import Message, Unmapped
from allmende.core.clock import parse_instant

ARRIVAL = parse_instant("2026-06-01T12:00:00Z")
SENT = parse_instant("2026-06-01T11:59:58.764929Z")
V4 = {
    "deduplicationId": "00000000-0000-4000-8000-000000000001",
    "time": "2026-06-01T11:59:58.764929602+00:00",
    "deviceInfo": {
        "tenantName": "Musterstadt",
        "applicationName": "Trees",
        "deviceProfileName": "Soil probe",
        "deviceName": "lime-7",
        "devEui": "00AA00BB00CC0001",
        "tags": {},
    },
    "devAddr": "00000001",
    "dr": 0,
    "fCnt": 42,
    "fPort": 2,
    "confirmed": True,
    "data": base64.b64encode(bytes.fromhex("0ce5010f2b0d80")).decode(),
    "object": {"BatV": 3.301, "temp_SOIL": "13.25", "water_SOIL": "13.74", "s_flag": 1.0, "Mod": 0, "note": "ok"},
    "rxInfo": [
        {"gatewayId": "g1", "rssi": -127, "snr": -12.8, "location": {"latitude": 50.9, "longitude": 11.6}},
        {"gatewayId": "g2", "rssi": -116, "snr": -1.0},
        {"gatewayId": "g3"},
    ],
    "txInfo": {"frequency": 867100000},
}
V3 = {
    "applicationID": "1",
    "applicationName": "Trees",
    "deviceName": "lime-8",
    "devEUI": base64.b64encode(bytes.fromhex("00aa00bb00cc0002")).decode(),
    "rxInfo": [{"gatewayID": "x", "time": "2026-06-01T11:59:58.764929Z", "rssi": -90, "loRaSNR": 7.5}],
    "fCnt": 1,
    "fPort": 3,
    "data": "AQI=",
    "objectJSON": '{"distance": 594, "position": "normal"}',
}


def read(event, arrival=ARRIVAL, **said):
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    return reader(msgspec.convert(said, Lorawan)).read(Message(payload, "", arrival))


def values(event, **said):
    return {each.key: each.value for each in read(event, **said).readings}


def without(*names, event=V4, **more):
    changed = copy.deepcopy(event) | more
    for name in names:
        changed.pop(name, None)
    return changed


def test_decoded_numbers_become_values_with_battery_and_signal():
    found = read(V4)
    assert {each.key.removeprefix("00aa00bb00cc0001"): each.value for each in found.readings} == {
        "/BatV": 3.301,
        "/temp_SOIL": 13.25,
        "/water_SOIL": 13.74,
        "#rssi": -116,
        "#snr": -1.0,
    }
    assert {each.time for each in found.readings} == {SENT}
    wanted = {each.key: each.maker.wanted(each) for each in found.readings}
    soil = wanted["00aa00bb00cc0001/temp_SOIL"]
    assert (soil.thing_key, soil.thing_name, soil.unit) == ("00aa00bb00cc0001", "lime-7", "Cel")
    assert soil.name["de"] == "Bodentemperatur (temp_SOIL)"
    assert soil.thing_properties["device_profile"] == "Soil probe"
    assert wanted["00aa00bb00cc0001/BatV"].definition == "urn:allmende:property:battery-voltage"
    assert wanted["00aa00bb00cc0001#rssi"].definition == "urn:allmende:property:rssi"


def test_version_3_with_either_marshaler():
    assert values(V3) == {"00aa00bb00cc0002/distance": 594, "00aa00bb00cc0002#rssi": -90, "00aa00bb00cc0002#snr": 7.5}
    assert read(V3).readings[0].time == SENT
    plain = without("objectJSON", event=V3, devEUI="00AA00BB00CC0002", object={"distance": 1})
    assert values(plain)["00aa00bb00cc0002/distance"] == 1


def test_rules_decode_the_bytes_where_the_server_does_not():
    rules = [
        {"profile": "Other", "values": [{"key": "{device}/no", "expression": "u8(0)"}]},
        {
            "profile": "soil PROBE",
            "port": 2,
            "values": [
                {"key": "{device}/battery", "expression": "u16be(0) / 1000"},
                {"key": "{device}/t", "expression": "i16be(2) / 10", "when": "size == 7"},
                {"key": "{device}/far", "expression": "u8(20)", "optional": True},
            ],
        },
    ]
    found = values(without("object"), devices=rules, signals=False)
    assert found == {"00aa00bb00cc0001/battery": 3.301, "00aa00bb00cc0001/t": 27.1}
    with pytest.raises(Unmapped, match="not decoded the payload of lime-7, and there are no rules for its sort"):
        read(without("object"), signals=False)
    noted = read(without("object"))  # the signal is kept all the same
    assert len(noted.readings) == 2 and "has not decoded" in str(noted.problems[0])
    assert values(without("object"), devices=[{"device": "00AA", "values": []}], signals=False) == {}
    assert values(V4, automatic=False, signals=False) == {}


def test_rules_read_decoded_values_and_records_in_lists():
    messages = [
        [{"measurementId": "4097", "measurementValue": 24.4}],
        [{"measurementId": 4104.0, "measurementValue": 3}],
    ]
    event = without(object={"messages": messages, "valid": True, "err": 0})
    assert values(event, signals=False) == {"00aa00bb00cc0001/4097": 24.4, "00aa00bb00cc0001/4104": 3}
    rule = {"key": "{device}/air", "path": "measurementValue", "when": 'number(get("measurementId")) == 4097'}
    rules = [{"application": "trees", "records": "messages.*.*", "values": [rule]}]
    assert values(event, devices=rules, signals=False) == {"00aa00bb00cc0001/air": 24.4}


def test_names_can_be_left_out():
    found = values(V4, leave_out=["batv", "water_soil"], signals=False)
    assert list(found) == ["00aa00bb00cc0001/temp_SOIL"]


def test_an_uplink_without_a_time_that_comes_twice_is_one():
    event = without("time")
    way = reader(Lorawan())
    payload = json.dumps(event).encode()
    first, second = (way.read(Message(payload, "", ARRIVAL + later)).readings[0].time for later in (0, 9_000_000))
    assert first == second == ARRIVAL
    other = json.dumps({**event, "fCnt": 43}).encode()
    assert way.read(Message(other, "", ARRIVAL + 1)).readings[0].time == ARRIVAL + 1


def test_the_battery_that_the_network_asked_for():
    state = without("data", "object", "rxInfo", margin=10, batteryLevel=75.5, batteryLevelUnavailable=False)
    assert values(state) == {"00aa00bb00cc0001#battery": 75.5}
    for more in ({"batteryLevelUnavailable": True}, {"externalPowerSource": True}, {"batteryLevel": None}):
        assert values({**state, **more}) == {}


@pytest.mark.parametrize(
    "event", [{"level": "INFO", "code": "X"}, {"ackowledged": True}, {"location": {"latitude": 1}}]
)
def test_other_events_are_none_of_ours(event):
    assert read(without("data", "object", "rxInfo", "fCnt", **event)) == ([], ())


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (b"\x0a\x10binary", "neither JSON"),
        ([], "no object"),
        ({"rxInfo": []}, "no devEui"),
        (without(deviceInfo={"devEui": "xyz"}), "no devEui"),
        (without(data="%%%"), "not base64"),
        (without(time="yesterday"), "none that can be"),
        (without(time="2026-07-01T00:00:00Z"), "in the future"),
        (without("object", event=V3, objectJSON="{"), "objectJSON"),
    ],
)
def test_broken_events_say_what_is_wrong(event, why):
    with pytest.raises(Unmapped, match=why):
        read(event)


@pytest.mark.parametrize("field", ["deviceInfo", "rxInfo", "object", "fPort", "fCnt", "data", "time", "devEUI"])
@pytest.mark.parametrize("value", [None, 0, -1.5, True, "x", [], {}, [1], {"x": {}}, [{"rssi": "strong"}], [[]]])
def test_whatever_stands_in_a_field_nothing_breaks(field, value):
    for event in (V4, V3):
        try:
            read({**event, field: value})
        except Unmapped:
            continue

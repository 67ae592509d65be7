"""Webhooks of The Things Stack, made up after its documentation."""

import base64
import copy
import json

import msgspec
import pytest

from allmende.connectors.lorawan import Lorawan
from allmende.connectors.readings import Message, Unmapped
from allmende.connectors.ttn import reader
from allmende.core.clock import parse_instant

ARRIVAL = parse_instant("2026-06-01T12:00:00Z")
UPLINK = {
    "end_device_ids": {
        "device_id": "roof-1",
        "application_ids": {"application_id": "school"},
        "dev_eui": "00AA00BB00CC0009",
        "dev_addr": "00BCB929",
    },
    "correlation_ids": ["as:up:01"],
    "received_at": "2026-06-01T12:00:00.100000000Z",
    "uplink_message": {
        "f_port": 1,
        "f_cnt": 5,
        "frm_payload": base64.b64encode(bytes.fromhex("00d7")).decode(),
        "decoded_payload": {"temperature": 21.5, "humidity": 40, "door": {"open": False}},
        "rx_metadata": [{"rssi": -35, "snr": 5}, {"rssi": -33, "snr": 4.2}],
        "received_at": "2026-06-01T11:59:59.934223456Z",
        "locations": {"user": {"latitude": 50.9, "longitude": 11.5, "source": "SOURCE_REGISTRY"}},
        "version_ids": {"brand_id": "brand", "model_id": "model-x"},
        "last_battery_percentage": {"f_cnt": 4, "value": 88.2},
    },
}


def read(event, **said):
    return reader(msgspec.convert(said, Lorawan)).read(Message(json.dumps(event).encode(), "", ARRIVAL))


def changed(**fields):
    event = copy.deepcopy(UPLINK)
    event["uplink_message"] |= fields
    return event


def test_an_uplink_becomes_values_battery_and_signal():
    found = read(UPLINK).readings
    assert {each.key.removeprefix("00aa00bb00cc0009"): each.value for each in found} == {
        "/temperature": 21.5,
        "/humidity": 40,
        "/open": 0,
        "#rssi": -33,
        "#snr": 4.2,
        "#battery": 88.2,
    }
    assert found[0].time == parse_instant("2026-06-01T11:59:59.934223Z")
    wanted = found[0].maker.wanted(found[0])
    assert (wanted.thing_name, wanted.point, wanted.unit) == ("roof-1", (11.5, 50.9), "Cel")
    assert wanted.thing_properties == {
        "device": "00aa00bb00cc0009",
        "application": "school",
        "device_profile": "model-x",
    }
    assert wanted.name["en"] == "Air temperature (temperature)"


def test_rules_choose_by_model_and_decode_bytes():
    rules = [{"profile": "model-x", "values": [{"key": "{application}/{name}/t", "expression": "u16be(0) / 10"}]}]
    found = read(changed(decoded_payload=None), devices=rules, signals=False).readings
    assert [(each.key, each.value) for each in found] == [("school/roof-1/t", 21.5)]


def test_without_an_eui_application_and_device_name_it():
    event = copy.deepcopy(UPLINK)
    del event["end_device_ids"]["dev_eui"]
    assert read(event).readings[0].key == "school/roof-1/temperature"


def test_other_messages_are_none_of_ours():
    event = {"end_device_ids": UPLINK["end_device_ids"], "join_accept": {}}
    assert read(event) == ([], ())


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"payload_raw": "AA=="}, "end_device_ids"),
        ({**UPLINK, "end_device_ids": {}}, "neither"),
        ({**UPLINK, "simulated": True}, "simulated"),
        (changed(frm_payload="%"), "base64"),
        (changed(received_at="soon"), "none that can be"),
    ],
)
def test_broken_messages_say_what_is_wrong(event, why):
    with pytest.raises(Unmapped, match=why):
        read(event)


@pytest.mark.parametrize("value", [None, 0, True, "x", [], {}, [1], {"x": {}}, {"user": 1}, {"value": "full"}])
def test_whatever_stands_in_a_field_nothing_breaks(value):
    for field in UPLINK["uplink_message"]:
        try:
            read(changed(**{field: value}))
        except Unmapped:
            continue

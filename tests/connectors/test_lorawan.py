"""Uplinks of made-up devices on their way into a running server: over webhooks, and over MQTT with a real broker."""

import json

import pytest

from tests.connectors.running import add, datastreams, observations, show, wait_for
from tests.test_mqtt import publish

UPLINK = {
    "deduplicationId": "1",
    "time": "2026-06-01T10:00:00Z",
    "deviceInfo": {"applicationName": "Trees", "deviceName": "lime-7", "devEui": "00aa00bb00cc0001"},
    "fCnt": 1,
    "fPort": 2,
    "data": "DOUA",
    "object": {"temp_SOIL": "13.25"},
    "rxInfo": [{"rssi": -100, "snr": 2.5}],
}
TTN = {
    "end_device_ids": {"device_id": "roof-1", "dev_eui": "00AA00BB00CC0009"},
    "uplink_message": {
        "received_at": "2026-06-01T10:00:00Z",
        "decoded_payload": {"humidity": 40},
        "rx_metadata": [{"rssi": -100, "snr": 2.5}],
    },
}


def by_name(server, name):
    return next((each for each in datastreams(server) if each["name"]["en"].startswith(name)), None)


@pytest.mark.parametrize(("kind", "event", "name"), [("chirpstack", UPLINK, "Soil temp"), ("ttn", TTN, "Relative")])
def test_an_uplink_over_a_webhook_makes_its_datastreams_and_twice_is_once(server, kind, event, name):
    code, secret = add(server, kind, {})
    with server.client("") as client:
        address = f"/api/hooks/{code}/{secret}?event=up"
        wait_for(lambda: client.post(address, json=event).status_code == 200)
        assert client.post(address, json=event).json() == {"accepted": 3}
        other = {**event, "deviceInfo": None} if kind == "chirpstack" else {}
        assert client.post(address, json=other).status_code == 422
    made = by_name(server, name)
    assert made["count"] == 1
    assert len(observations(server, made["id"])) == 1


@pytest.mark.broker
def test_chirpstack_over_a_broker(server, broker):
    config = {
        "host": "127.0.0.1",
        "port": broker.port,
        "chirpstack": {"topic": "application/+/device/+/event/+"},
    }
    code, _ = add(server, "mqtt", config)
    wait_for(lambda: show(server, code)["state"].get("connected"))
    device = {**UPLINK, "deviceInfo": {"deviceName": "oak", "devEui": "00aa00bb00cc0002"}, "object": {"ph": 7}}
    topic = "application/1/device/00aa00bb00cc0002/event/"
    join = {"deviceInfo": device["deviceInfo"], "devAddr": "1"}
    publish(broker, [(topic + "join", json.dumps(join)), (topic + "up", json.dumps(device))])
    wait_for(lambda: by_name(server, "pH"))
    assert wait_for(lambda: show(server, code)["state"]["observations"]) == 3
    assert show(server, code)["faulty"] == []

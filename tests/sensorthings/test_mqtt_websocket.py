"""MQTT over WebSocket, as maps in browsers speak it: the same topics and rights on the port of the pages."""

import json
import threading

import httpx
import paho.mqtt.client as mqtt
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.serving import Server, free_port, seeded


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    data = tmp_path_factory.mktemp("mqtt") / "data"
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_MQTT_PORT": str(free_port())})
    yield server.start()
    server.stop()


class Browser:
    """A client of paho on a WebSocket that collects what it gets."""

    def __init__(self, town, password=None, version=mqtt.MQTTv311):
        self.got, self.came, self.joined = [], threading.Condition(), threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, transport="websockets", protocol=version)
        self.client.ws_set_options(path="/mqtt")
        self.client.on_message = self._message
        self.client.on_subscribe = lambda *_: self.joined.set()
        if password:
            self.client.username_pw_set("token", password)
        self.client.connect("127.0.0.1", town.port)
        self.client.loop_start()

    def _message(self, client, data, message):
        with self.came:
            self.got.append((message.topic, json.loads(message.payload)))
            self.came.notify_all()

    def subscribe(self, topic):
        self.joined.clear()
        self.client.subscribe(topic)
        assert self.joined.wait(10)

    def messages(self, count):
        with self.came:
            assert self.came.wait_for(lambda: len(self.got) >= count, timeout=10), self.got
        return self.got

    def leave(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.mark.parametrize("version", [mqtt.MQTTv311, mqtt.MQTTv5])
def test_a_map_in_a_browser_hears_what_is_measured(town, version):
    code = town.seeds["datastreams"][2 * (version - 4)]  # one each: neither hears what the other was late with
    browser = Browser(town, version=version)
    browser.subscribe(f"v1.1/Datastreams('{code}')/Observations?$select=result")
    row = {"datastream": code, "time": f"2026-04-0{version}T00:00:00Z", "value": version}
    with town.client() as client:
        client.post("/api/v1/observations", json=[row]).raise_for_status()
    topic, said = browser.messages(1)[-1]
    assert topic.startswith("v1.1/Datastreams") and said == {"result": version}
    browser.leave()


def test_publishing_is_acknowledged_when_it_is_kept(town):
    code = town.seeds["datastreams"][1]
    sender = Browser(town, town.seeds["write"])
    for minute in range(50):
        said = {"phenomenonTime": f"2026-05-01T00:{minute:02d}:00Z", "result": minute}
        last = sender.client.publish(f"v1.1/Datastreams('{code}')/Observations", json.dumps(said), qos=1)
    last.wait_for_publish(10)
    found = httpx.get(f"{town.url}/api/sta/v1.1/Datastreams('{code}')/Observations?$count=true&$top=1").json()
    assert found["@iot.count"] == 50
    sender.leave()


def test_it_is_where_the_service_document_says(town):
    said = httpx.get(f"{town.url}/api/sta/v1.1").json()["serverSettings"]
    [endpoints] = {tuple(value["endpoints"]) for value in said.values() if isinstance(value, dict)}
    assert f"ws://127.0.0.1:{town.port}/mqtt" in endpoints


@pytest.mark.parametrize("path", ["/mqtt", "/de/", "/api/v1/things"])
def test_other_websockets_are_refused(town, path):
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{town.port}{path}", subprotocols=["chat"])


@pytest.mark.parametrize("sent", ["text", b"\x00\x01x", b"\x10\xff\xff\xff\xff\xff", b"x" * 3_000_000])
def test_garbage_ends_one_connection_and_nothing_else(town, sent):
    with connect(f"ws://127.0.0.1:{town.port}/mqtt", subprotocols=["mqtt"]) as socket, pytest.raises(ConnectionClosed):
        socket.send(sent)
        while True:
            socket.recv(timeout=10)
    assert httpx.get(f"{town.url}/api/v1/status").status_code == 200
    assert "Traceback" not in town.log()

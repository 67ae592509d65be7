"""SensorThings over MQTT, by real clients over real sockets: what is subscribed to comes, with the rights of HTTP."""

import asyncio
import contextlib
import json
import socket
import time

import pytest
from gmqtt import Client
from gmqtt.mqtt.constants import MQTTv50, MQTTv311

from tests.serving import Server, free_port, seeded

VERSIONS = {"3.1.1": MQTTv311, "5": MQTTv50}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    data, port = tmp_path_factory.mktemp("mqtt") / "data", free_port()
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_MQTT_PORT": str(port)})
    server.mqtt_port = port
    yield server.start()
    server.stop()


class Listener:
    """A client of gmqtt that collects what it gets."""

    def __init__(self, name, version=MQTTv311, password=None):
        self.client = Client(name)
        self.got, self.refused, self.version = [], [], version
        self.client.on_message = self._message
        self.client.on_subscribe = lambda client, mid, qos, properties: self.refused.extend(q for q in qos if q >= 128)
        if password:
            self.client.set_auth_credentials("token", password)

    def _message(self, client, topic, payload, qos, properties):
        self.got.append((topic, json.loads(payload)))
        return 0

    async def connect(self, port):
        await self.client.connect("127.0.0.1", port, version=self.version)
        return self

    async def messages(self, count, seconds=10):
        deadline = time.monotonic() + seconds
        while len(self.got) < count and time.monotonic() < deadline:
            await asyncio.sleep(0.02)
        return self.got


def send(server, values, stream=0, token="write"):
    rows = [
        {
            "datastream": server.seeds["datastreams"][stream],
            "time": f"2026-04-01T00:{n // 60:02d}:{n % 60:02d}Z",
            "value": v,
        }
        for n, v in values
    ]
    with server.client(token) as client:
        assert client.post("/api/v1/observations", json=rows).status_code == 201


@pytest.mark.parametrize("version", VERSIONS)
def test_observations_come_to_every_topic_that_means_them(town, version):
    code = town.seeds["datastreams"][0]

    async def run():
        listener = await Listener(f"all-{version}", VERSIONS[version]).connect(town.mqtt_port)
        topics = [
            "v1.1/Observations",
            f"v1.1/Datastreams('{code}')/Observations",
            f"v1.1/Datastreams('{code}')/Observations?$select=result,phenomenonTime",
        ]
        for topic in topics:
            listener.client.subscribe(topic, qos=1)
        await asyncio.sleep(0.5)
        listener.got.clear()
        await asyncio.to_thread(send, town, [(1, 4.5)])
        got = dict(await listener.messages(3))
        assert set(got) == set(topics)
        assert got[topics[2]] == {"result": 4.5, "phenomenonTime": "2026-04-01T00:00:01Z"}
        assert got[topics[0]] == got[topics[1]] and got[topics[0]]["@iot.id"].startswith("obs-")
        await asyncio.to_thread(send, town, [(2, 5)], stream=1)
        assert [topic for topic, _ in (await listener.messages(4))[3:]] == ["v1.1/Observations"]
        listener.client.unsubscribe("v1.1/Observations")
        await asyncio.sleep(0.3)
        await asyncio.to_thread(send, town, [(3, 5)], stream=1)
        await asyncio.sleep(0.5)
        assert len(listener.got) == 4
        await listener.client.disconnect()

    asyncio.run(run())


def test_the_newest_comes_at_once(town):
    send(town, [(50, 1.25)])
    code = town.seeds["datastreams"][0]

    async def run():
        listener = await Listener("late").connect(town.mqtt_port)
        listener.client.subscribe(f"v1.1/Datastreams('{code}')/Observations?$select=result")
        assert await listener.messages(1) == [
            (f"v1.1/Datastreams('{code}')/Observations?$select=result", {"result": 1.25})
        ]
        await listener.client.disconnect()

    asyncio.run(run())


def test_rights_hold_for_topics(town):
    hidden = town.seeds["hidden"]
    topic = f"v1.1/Datastreams('{hidden}')/Observations"

    async def run():
        stranger = await Listener("stranger").connect(town.mqtt_port)
        insider = await Listener("insider", password=town.seeds["insider"]).connect(town.mqtt_port)
        for listener in (stranger, insider):
            listener.client.subscribe(topic)
            listener.client.subscribe("v1.1/Observations")
        await asyncio.sleep(0.5)
        assert stranger.refused == [128] and insider.refused == []
        row = {"datastream": hidden, "time": "2026-04-01T00:00:00Z", "value": 7}
        with town.client("narrow") as client:
            assert client.post("/api/v1/observations", json=[row]).status_code == 201
        await insider.messages(2)
        assert sorted(name for name, _ in insider.got) == sorted([topic, "v1.1/Observations"])
        await asyncio.sleep(0.3)
        assert stranger.got == []
        await stranger.client.disconnect()
        await insider.client.disconnect()

    asyncio.run(run())


@pytest.mark.parametrize(
    "topic", ["v1.1/#", "v1.1/+/Observations", "weather/x", "v1.1/Nothings", "v1.1/Observations?$top=1", ""]
)
def test_what_cannot_be_subscribed_to_is_refused(town, topic):
    async def run():
        listener = await Listener("hopeful").connect(town.mqtt_port)
        listener.client.subscribe(topic or "v1.1/")
        await asyncio.sleep(0.4)
        assert listener.refused == [128]
        await listener.client.disconnect()

    asyncio.run(run())


def test_a_wrong_password_is_no_way_in(town):
    async def run():
        listener = Listener("guesser", password="alm_nothing")
        with contextlib.suppress(Exception):
            await asyncio.wait_for(listener.connect(town.mqtt_port), 3)
        for _ in range(100):  # the server closes the connection; how soon that is seen is up to the machine
            if not listener.client.is_connected:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("a client with a wrong password stayed connected")

    asyncio.run(run())


def test_garbage_ends_one_connection_and_nothing_else(town):
    for data in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x10\xff\xff\xff\xff\x01",
        b"\x00\x00",
        b"\x30\x05\x00\x03abc",
        b"\xf0\x00",
    ):
        with socket.create_connection(("127.0.0.1", town.mqtt_port), timeout=15) as raw:
            raw.sendall(data)
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(100):
                pass
    with town.client() as client:
        assert client.get("/api/v1/status").status_code == 200


def test_two_hundred_subscribers_all_hear(town):
    code = town.seeds["datastreams"][2]

    async def run():
        listeners = [await Listener(f"many-{n}").connect(town.mqtt_port) for n in range(200)]
        for listener in listeners:
            listener.client.subscribe(f"v1.1/Datastreams('{code}')/Observations")
        await asyncio.sleep(1)
        for listener in listeners:
            listener.got.clear()
        await asyncio.to_thread(send, town, [(n, n) for n in range(20)], 2)
        for listener in listeners:
            assert [made["result"] for _, made in await listener.messages(20, 20)] == list(range(20))
        for listener in listeners:
            await listener.client.disconnect()

    asyncio.run(run())


async def published(port, password, messages, qos=1):
    """Publishes with gmqtt; returns when all are acknowledged."""
    client = Client("sender")
    if password:
        client.set_auth_credentials("token", password)
    await client.connect("127.0.0.1", port, version=MQTTv50)
    for topic, payload in messages:
        client.publish(topic, json.dumps(payload), qos=qos)
    for _ in range(200):
        if client._persistent_storage.is_empty:
            break
        await asyncio.sleep(0.05)
    done = client._persistent_storage.is_empty
    await client.disconnect()
    return done


def results(server, code):
    with server.client("") as client:
        rows = client.get(f"/api/sta/v1.1/Datastreams('{code}')/Observations?$top=1000&$select=result").json()["value"]
    return [row["result"] for row in rows]


def test_what_is_published_is_kept(town):
    code = town.seeds["datastreams"][1]
    link = {"Datastream": {"@iot.id": code}}
    messages = [
        (f"v1.1/Datastreams('{code}')/Observations", {"phenomenonTime": "2026-05-01T00:00:00Z", "result": 21}),
        ("v1.1/Observations", {"phenomenonTime": "2026-05-01T01:00:00Z", "result": 22, **link}),
        ("api/sta/v1.1/Observations", {"phenomenonTime": "2026-05-01T02:00:00Z", "result": 23, **link}),
        ("v1.1/Observations", {"phenomenonTime": "2026-05-01T02:00:00Z", "result": 23, **link}),
    ]
    assert asyncio.run(published(town.mqtt_port, town.seeds["write"], messages))
    found = results(town, code)
    assert found[-3:] == [21, 22, 23] and found.count(23) == 1  # the last was sent twice


@pytest.mark.parametrize(
    ("token", "topic", "payload"),
    [
        ("", "v1.1/Observations", {"result": 77}),
        ("reader", "v1.1/Observations", {"result": 77}),
        ("write", "v1.1/Observations", {"phenomenonTime": "yesterday", "result": 77}),
        ("write", "v1.1/Nothings", {"result": 77}),
        ("write", "weather/station", {"result": 77}),
        ("write", "v1.1/Things", {"result": 77}),
    ],
)
def test_what_cannot_be_kept_is_answered_and_not_kept(town, token, topic, payload):
    code = town.seeds["datastreams"][1]
    payload = {"Datastream": {"@iot.id": code}, **payload}
    assert asyncio.run(published(town.mqtt_port, town.seeds.get(token, ""), [(topic, payload)]))
    assert 77 not in results(town, code)


def test_a_flood_is_kept_whole(town):
    code = town.seeds["datastreams"][2]
    topic = f"v1.1/Datastreams('{code}')/Observations"
    messages = [
        (topic, {"phenomenonTime": f"2026-06-01T{n // 3600:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z", "result": n})
        for n in range(3_000)
    ]
    assert asyncio.run(published(town.mqtt_port, town.seeds["write"], messages))
    with town.client("") as client:
        url = f"/api/sta/v1.1/Datastreams('{code}')/Observations/$count?$filter=phenomenonTime ge 2026-06-01T00:00:00Z"
        assert client.get(url).text == "3000"

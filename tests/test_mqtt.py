"""The MQTT connector with a real Mosquitto between: what is acknowledged is on disk, and nothing is lost on the way."""

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from gmqtt import Client
from gmqtt.mqtt.constants import MQTTv50

from tests.serving import ROOT, _environment

pytestmark = pytest.mark.broker
PROPERTY = "https://qudt.org/vocab/quantitykind/Temperature"


def add_connector(server, broker, mapping):
    config = server.data / "mqtt.json"
    config.write_text(json.dumps({"host": "127.0.0.1", "port": broker.port, "mapping": mapping}))
    command = [sys.executable, "-m", "allmende.run", "connector", "add", "mqtt", "--data", str(server.data)]
    command += ["--name", "test", "--dataset", "weather", "--config", str(config)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()[0]


def listing(server):
    command = [sys.executable, "-m", "allmende.run", "connector", "list", "--data", str(server.data)]
    return subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=True).stdout


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("It did not come about in time.")


def publish(broker, messages):
    """messages: (topic, payload) pairs, at QoS 1; returns when the broker has them all."""

    async def run():
        client = Client("publisher")
        await client.connect("127.0.0.1", broker.port, version=MQTTv50)
        for topic, payload in messages:
            client.publish(topic, payload, qos=1)
        for _ in range(200):  # the library keeps what the broker has not acknowledged yet
            if client._persistent_storage.is_empty:
                break
            await asyncio.sleep(0.05)
        await client.disconnect()

    with ThreadPoolExecutor(1) as apart:  # a browser test has a running loop in this thread already
        apart.submit(lambda: asyncio.run(run())).result()


def observations(client, stream, **params):
    return client.get(f"/api/v1/datastreams/{stream}/observations", params=params).json()["observations"]


MAPPING = {
    "topic": "town/{station}/weather",
    "time": "at",
    "values": [{"key": "{station}/t", "path": "temp"}],
}


def test_messages_become_observations_and_faults_are_told(running_server, broker):
    add_connector(running_server, broker, MAPPING)
    wait_for(lambda: "  connected" in listing(running_server))
    good = [("town/s0/weather", json.dumps({"at": f"2026-01-01T00:00:{i:02d}Z", "temp": i})) for i in range(30)]
    bad = [
        ("town/s0/weather", "no json"),
        ("town/s0/weather", json.dumps({"at": "2026-01-01T00:00:00Z"})),
        ("town/nobody/weather", json.dumps({"at": "2026-01-01T00:00:00Z", "temp": 1})),
        ("town/s0/weather", json.dumps({"at": "2026-01-01T00:00:00", "temp": 1})),
    ]
    publish(broker, good + bad)
    with running_server.client("") as client:
        stream = running_server.seeds["datastreams"][0]
        found = wait_for(lambda: (rows := observations(client, stream)) and len(rows) == 30 and rows)
        assert [row["value"] for row in found] == list(range(30))
    wait_for(lambda: "34 messages, 4 faults" in listing(running_server))


def test_a_datastream_that_is_not_there_is_made_where_the_mapping_says_so(running_server, broker):
    how = {
        "thing": "Box {box}",
        "name": {"de": "Bodenfeuchte", "en": "Soil moisture"},
        "property": PROPERTY,
        "unit": "%",
    }
    add_connector(running_server, broker, {"topic": "soil/{box}", "values": [{"key": "{box}/soil", "register": how}]})
    wait_for(lambda: "  connected" in listing(running_server))
    publish(broker, [("soil/7", "41.5")])
    with running_server.client("") as client:
        streams = lambda: client.get("/api/v1/datastreams").json()["datastreams"]  # noqa: E731
        made = wait_for(lambda: [s for s in streams() if s["name"]["en"] == "Soil moisture" and s["count"]])
        assert made[0]["unit"]["symbol"] == "%"


@pytest.mark.parametrize("who", ["server", "server killed", "broker"])
def test_nothing_is_lost_when_one_side_is_away(running_server, broker, who):
    add_connector(running_server, broker, MAPPING)
    wait_for(lambda: "  connected" in listing(running_server))
    if who == "broker":
        broker.stop()
        broker.start()
    elif who == "server":
        running_server.stop()
    else:
        running_server.kill()
    publish(
        broker,
        [
            ("town/s1/weather", json.dumps({"at": f"2026-02-01T00:{i // 60:02d}:{i % 60:02d}Z", "temp": 1}))
            for i in range(500)
        ],
    )
    if who != "broker":
        running_server.start()
    with running_server.client("") as client:
        stream = running_server.seeds["datastreams"][1]
        wait_for(lambda: len(observations(client, stream)) == 500, 40)

"""A Mosquitto of the town's own between devices and SensorThings: a bridge takes observations in and news out."""

import json
import shutil
import subprocess
import time

import httpx
import pytest

from tests.brokers import Broker
from tests.serving import Server, free_port, seeded

BRIDGE = """
connection allmende
address 127.0.0.1:{port}
bridge_protocol_version mqttv311
try_private false
notifications false
cleansession false
restart_timeout 1
remote_username token
remote_password {key}
topic {topic} out 1
topic v1.1/Observations in 0
"""
PUBLISH, SUBSCRIBE = shutil.which("mosquitto_pub"), shutil.which("mosquitto_sub")


@pytest.fixture
def town(tmp_path):
    data = tmp_path / "data"
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_MQTT_PORT": str(free_port())})
    yield server.start()
    server.stop()


@pytest.fixture
def between(town, tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    port, key = town.environment["ALLMENDE_MQTT_PORT"], town.seeds["write"]
    broker = Broker(folder, free_port(), BRIDGE.format(port=port, key=key, topic=topic(town)))
    yield broker.start()
    broker.stop()


def topic(town):
    return f"v1.1/Datastreams('{town.seeds['datastreams'][0]}')/Observations"


def publish(broker, where, minute, result):
    said = json.dumps({"phenomenonTime": f"2026-05-01T00:{minute:02d}:00Z", "result": result})
    subprocess.run([PUBLISH, "-p", str(broker.port), "-q", "1", "-t", where, "-m", said], check=True, timeout=20)


def kept(town, count, seconds=20):
    """The results, once there are so many."""
    deadline, found = time.monotonic() + seconds, []
    while time.monotonic() < deadline and len(found) < count:
        found = httpx.get(f"{town.url}/api/sta/{topic(town)}?$orderby=phenomenonTime&$select=result").json()["value"]
        time.sleep(0.1)
    return [one["result"] for one in found]


def test_observations_go_in_and_news_come_out(town, between):
    command = [SUBSCRIBE, "-p", str(between.port), "-t", "v1.1/Observations", "-W", "20"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as listener:
        publish(between, topic(town), 0, 21)
        assert kept(town, 1) == [21]  # so the bridge stands in both directions
        with town.client() as client:
            row = {"datastream": town.seeds["datastreams"][1], "time": "2026-05-01T00:02:00Z", "value": 22}
            client.post("/api/v1/observations", json=[row]).raise_for_status()
        heard = (json.loads(line)["result"] for line in listener.stdout)
        assert 22 in heard
        listener.terminate()


def test_nothing_is_lost_while_the_server_is_away(town, between):
    publish(between, topic(town), 0, 1)
    assert kept(town, 1) == [1]
    town.kill()
    for minute in range(1, 21):
        publish(between, topic(town), minute, minute + 1)
    town.start()
    assert kept(town, 21) == list(range(1, 22))

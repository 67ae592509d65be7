"""MQTT when things go wrong: floods, rubbish, huge and retained messages, a broker that is away, mute or changes."""

import asyncio
import json
import socket
import subprocess
import threading
import time

import pytest

from allmende.connectors.health import Health
from allmende.connectors.mqtt import client as mqtt_client
from allmende.connectors.mqtt.client import MqttListener
from allmende.connectors.mqtt.config import MqttConfig
from tests.brokers import Broker
from tests.connectors.running import add, command, observations, show, wait_for
from tests.serving import free_port
from tests.test_mqtt import publish

pytestmark = pytest.mark.broker


def mapping(topic="town/{station}/weather", **more):
    values = [{"key": "{station}/t", "path": "temp"}]
    return {"topic": topic, "time": "at", "values": values, **more}


def config(broker, **more):
    return {"host": "127.0.0.1", "port": broker.port, "mapping": mapping(), **more}


def said(station="s0", at="2026-06-01T10:00:00Z", temp=1.0, topic="town/{}/weather"):
    return topic.format(station), json.dumps({"at": at, "temp": temp})


def state(server, code):
    return show(server, code)["state"]


def connected(server, code):
    return wait_for(lambda: (now := state(server, code)).get("connected") and now)


def values(server, number, **params):
    stream = server.seeds["datastreams"][number]
    return [row["value"] for row in observations(server, stream, **params)]


def test_a_topic_that_floods_is_limited_alone_and_rubbish_is_kept_apart(running_server, broker):
    code, _ = add(running_server, "mqtt", config(broker, per_second=1, burst=50))
    connected(running_server, code)
    loud = [said("s0", f"2026-06-01T10:{n // 60:02d}:{n % 60:02d}Z", n) for n in range(500)]
    quiet = [said("s1", f"2026-06-01T10:{n:02d}:00Z", n) for n in range(30)]
    rubbish = [("town/s2/weather", "x" * 100)] * 45 + [("town/s2/weather", "\u0000")]
    publish(broker, loud[:250] + quiet + rubbish + loud[250:])
    wait_for(lambda: values(running_server, 1) == list(range(30)))
    now = wait_for(lambda: (found := state(running_server, code)).get("flooding") and found)
    assert [each["device"] for each in now["flooding"]] == ["town/s0/weather"] and now["dropped"] >= 400
    assert 50 <= len(values(running_server, 0)) < 100
    wait_for(lambda: state(running_server, code)["faults_total"] == 46)
    assert len(show(running_server, code)["faulty"]) == 20  # as many as the command shows


def test_late_doubled_and_impossible_times(running_server, broker):
    code, _ = add(running_server, "mqtt", config(broker))
    connected(running_server, code)
    late, usual = said(at="2025-06-01T10:00:00Z", temp=5), said(at="2026-06-01T10:00:00+02:00", temp=6)
    ahead, unset = said(at="2199-01-01T00:00:00Z"), said(at="0001-01-01T00:00:00Z")
    publish(broker, [usual, late, usual, late, ahead, unset])
    wait_for(lambda: state(running_server, code)["faults_total"] == 2)
    found = observations(running_server, running_server.seeds["datastreams"][0])
    assert [(row["time"], row["value"]) for row in found] == [("2025-06-01T10:00:00Z", 5), ("2026-06-01T08:00:00Z", 6)]
    why = " ".join(each["why"] for each in show(running_server, code)["faulty"])
    assert "in the future" in why and "outside the years" in why


@pytest.mark.slow
def test_huge_and_retained_messages(running_server, broker):
    topic, payload = said("s0", temp=3)
    retain = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(broker.port), "-r", "-q", "1", "-t", topic, "-m", payload]
    subprocess.run(retain, check=True)
    code, _ = add(running_server, "mqtt", config(broker))
    wait_for(lambda: values(running_server, 0) == [3])  # it has a time of its own, so it is worth having
    untimed = config(broker, mapping={**mapping(), "time": ""})
    other, _ = add(running_server, "mqtt", untimed)
    connected(running_server, other)
    huge = ("town/s1/weather", json.dumps({"at": "2026-06-01T10:00:00Z", "temp": 1, "x": "x" * 2_000_000}))
    publish(broker, [huge, said("s1", temp=4)])
    wait_for(lambda: values(running_server, 1))
    wait_for(lambda: state(running_server, code)["messages"] == 2)  # the huge one was never sent to us
    wait_for(lambda: state(running_server, other)["messages"] == 1)  # nor is what was retained news, without a time
    assert 3 not in values(running_server, 0)[1:]


@pytest.mark.slow
def test_another_topic_frees_the_broker_of_the_one_before(running_server, broker):
    code, _ = add(running_server, "mqtt", config(broker))
    connected(running_server, code)
    path = running_server.data / "changed.json"
    path.write_text(json.dumps(config(broker, mapping=mapping("village/{station}/weather"))))
    command(running_server, "change", code, "--config", str(path))
    time.sleep(6)  # the running server follows within seconds
    connected(running_server, code)
    publish(broker, [said("s1", temp=7, topic="village/{}/weather")])
    wait_for(lambda: values(running_server, 1) == [7])
    publish(broker, [said("s0", temp=8), said("s0", at="nonsense")])
    publish(broker, [said("s1", at="2026-06-01T11:00:00Z", temp=9, topic="village/{}/weather")])
    wait_for(lambda: values(running_server, 1) == [7, 9])
    assert values(running_server, 0) == [] and state(running_server, code)["faults_total"] == 0


@pytest.mark.slow
def test_a_connector_that_was_removed_leaves_nothing_with_the_broker(running_server, broker):
    code, _ = add(running_server, "mqtt", config(broker, client_id="the-town"))
    connected(running_server, code)
    command(running_server, "remove", code)
    time.sleep(6)  # the running server follows within seconds
    publish(broker, [said("s0", temp=1)])
    again, _ = add(running_server, "mqtt", config(broker, client_id="the-town"))
    connected(running_server, again)
    publish(broker, [said("s0", at="2026-06-01T11:00:00Z", temp=2)])
    wait_for(lambda: values(running_server, 0))
    assert values(running_server, 0) == [2]


def test_a_broker_that_is_not_there_yet(running_server, tmp_path):
    (tmp_path / "later").mkdir()
    broker = Broker(tmp_path / "later", free_port())
    code, _ = add(running_server, "mqtt", config(broker))
    now = wait_for(lambda: (found := state(running_server, code)).get("attempts_failed", 0) >= 2 and found)
    assert not now["connected"] and now["next_attempt"] and "No connection to the broker" in now["faults"][-1]["why"]
    broker.start()
    try:
        connected(running_server, code)
        publish(broker, [said("s0", temp=9)])
        wait_for(lambda: values(running_server, 0) == [9])
        assert state(running_server, code)["attempts_failed"] == 0
    finally:
        broker.stop()


class Never:
    """An intake that takes messages and never has them on disk."""

    def __init__(self) -> None:
        self.health = Health()
        self.taken = 0

    async def take_with_others(self, message) -> None:
        self.taken += 1
        await asyncio.Event().wait()


def test_while_nothing_can_be_written_memory_is_bounded(broker, monkeypatch):
    """At QoS 1 the broker holds back what we have not acknowledged; at QoS 0 what is too much is left out."""
    monkeypatch.setattr(mqtt_client, "_MOST_WITHOUT_WORD", 300)
    monkeypatch.setattr(mqtt_client, "_MOST_IN_FLIGHT", 200)

    async def run(qos: int) -> Never:
        never, stop = Never(), asyncio.Event()
        listener = MqttListener(f"c{qos}", MqttConfig(host="127.0.0.1", port=broker.port, qos=qos), "flood/#", never)
        work = asyncio.create_task(listener.run(stop))
        while not never.health.connected:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(publish, broker, [(f"flood/{number % 7}", "x" * 100) for number in range(2_000)])
        await asyncio.sleep(1)
        stop.set()
        await work
        return never

    careful, careless = asyncio.run(run(1)), asyncio.run(run(0))
    assert careful.taken == 200 and careful.health.dropped == 0
    assert careless.taken == 300 and careless.health.dropped == 1_700


def test_a_broker_that_is_mute_is_given_up_and_tried_again(monkeypatch):
    monkeypatch.setattr(mqtt_client, "_CONNECT_SECONDS", 0.3)
    monkeypatch.setattr(mqtt_client, "_FIRST_PAUSE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        threading.Thread(target=lambda: [mute.accept() for _ in range(9)], daemon=True).start()

        async def run() -> Health:
            never, stop = Never(), asyncio.Event()
            config = MqttConfig(host="127.0.0.1", port=mute.getsockname()[1])
            work = asyncio.create_task(MqttListener("c", config, "t", never).run(stop))
            while never.health.attempts_failed < 2:
                await asyncio.sleep(0.05)
            stop.set()
            await work
            return never.health

        health = asyncio.run(asyncio.wait_for(run(), 30))
    assert "it does not answer" in health.facts()["faults"][-1]["why"]

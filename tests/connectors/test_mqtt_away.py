"""A broker that is away for an hour, restarted in the midst, slow, or silent without a word: nothing is lost, no memory
is lost either, and the connector says when it tries again.

An hour is shortened in one place only: the pauses between attempts, which are counted rather than waited for.
ALLMENDE_LONG: 10,000 messages in the place of 2,000.
"""

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from allmende.connectors.health import Health
from allmende.connectors.mqtt import client as mqtt_client
from allmende.connectors.mqtt.client import MqttListener
from allmende.connectors.mqtt.config import MqttConfig
from tests.brokers import Broker
from tests.connectors.running import add, command, show, wait_for
from tests.serving import Server, free_port
from tests.slow_pipe import SlowPipe
from tests.test_mqtt import MAPPING, publish

pytestmark = pytest.mark.broker
LONG = os.environ.get("ALLMENDE_LONG", "") in ("1", "true", "yes")
MANY = 10_000 if LONG else 2_000
START = 1_700_000_000


def memory(process: int) -> int:
    """Resident memory in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def messages(first: int, count: int, station: int = 0) -> list[tuple[str, str]]:
    """One value a second, which is its number."""
    iso = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + number)) for number in range(first, first + count)]
    return [(f"town/s{station}/weather", json.dumps({"at": at, "temp": first + n})) for n, at in enumerate(iso)]


def count(server: Server, station: int = 0) -> int:
    """How many are kept."""
    with server.client("read") as client:
        return int(client.get(f"/api/v1/datastreams/{server.seeds['datastreams'][station]}").json()["count"])


def values(server: Server, station: int = 0) -> list[float]:
    """All values, in the order of their times."""
    with server.client("read") as client:
        stream = server.seeds["datastreams"][station]
        text = client.get(f"/api/v1/datastreams/{stream}/observations", params={"format": "csv"}).text
    return [float(line.split(",")[1]) for line in text.splitlines()[1:]]


def state(server: Server, code: str) -> dict:
    return show(server, code)["state"]


def ready(server: Server, port: int) -> str:
    """A connector that listens at this port."""
    code, _ = add(server, "mqtt", {"host": "127.0.0.1", "port": port, "mapping": MAPPING})
    wait_for(lambda: state(server, code).get("connected"))
    return code


def test_what_waited_while_the_broker_was_away_comes_whole_and_leaves_no_memory(server, broker):
    code = ready(server, broker.port)
    publish(broker, messages(0, MANY))
    wait_for(lambda: count(server) == MANY, 60)
    before = memory(server.process.pid)
    broker.stop()
    now = wait_for(lambda: (found := state(server, code)).get("attempts_failed", 0) >= 3 and found, 30)
    assert not now["connected"] and now["next_attempt"] and "nothing listens" in now["faults"][-1]["why"]
    broker.start()
    begun = time.monotonic()
    publish(broker, messages(MANY, MANY))
    wait_for(lambda: count(server) > MANY, 60)
    broker.stop()  # once more, while it hands over what waited
    broker.start()
    wait_for(lambda: count(server) == 2 * MANY, 60)
    taken = time.monotonic() - begun
    grown = memory(server.process.pid) - before
    print(f"{MANY} messages after the absence: kept {taken:.1f} s after the broker's return, {grown / 1e6:+.1f} MB")
    assert values(server) == list(range(2 * MANY))
    assert grown < 25e6
    command(server, "remove", code)


def test_a_slow_line_delays_and_loses_nothing(server, broker):
    pipe = SlowPipe(broker.port, delay=0.01)
    try:
        code = ready(server, pipe.port)
        publish(broker, messages(0, 500, 1))
        slowest = 0.0
        while count(server, 1) < 500:
            begun = time.monotonic()
            count(server, 1)
            slowest = max(slowest, time.monotonic() - begun)
        assert values(server, 1) == list(range(500))
        assert slowest < 1.0  # the server does other work meanwhile
        command(server, "remove", code)
    finally:
        pipe.close()


class Collecting:
    """An intake that needs a moment to have a message on disk."""

    def __init__(self) -> None:
        self.health = Health()
        self.kept: list[bytes] = []

    async def take_with_others(self, message) -> None:
        await asyncio.sleep(0.01)
        self.kept.append(message.payload)


def test_a_line_that_falls_silent_is_given_up_and_what_was_under_way_comes_again(broker, monkeypatch):
    monkeypatch.setattr(mqtt_client, "_KEEP_ALIVE", 1)
    monkeypatch.setattr(mqtt_client, "_FIRST_PAUSE", 0.1)
    pipe = SlowPipe(broker.port)

    async def run() -> Collecting:
        intake, stop = Collecting(), asyncio.Event()
        config = MqttConfig(host="127.0.0.1", port=pipe.port)
        work = asyncio.create_task(MqttListener("silent", config, "line/#", intake).run(stop))
        while not intake.health.connected:
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        pipe.stall()
        await asyncio.to_thread(publish, broker, [("line/a", f"{number}") for number in range(300)])
        pipe.flow()
        while len(set(intake.kept)) < 300:
            await asyncio.sleep(0.05)
        stop.set()
        await work
        return intake

    try:
        intake = asyncio.run(asyncio.wait_for(run(), 30))
        assert set(intake.kept) == {f"{number}".encode() for number in range(300)}
        assert pipe.connections == 2
    finally:
        pipe.close()


def test_an_hour_of_attempts_is_ever_slower_and_costs_no_memory(monkeypatch):
    """An hour has some eighty attempts; here are more than seven hours of them, without the pauses between."""
    pauses: list[float] = []

    async def no_pause(stop: asyncio.Event, seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)
        if len(pauses) == 600:
            stop.set()

    monkeypatch.setattr(mqtt_client, "sleep", no_pause)
    sizes: list[int] = []

    async def run() -> Health:
        intake, stop = Collecting(), asyncio.Event()
        config = MqttConfig(host="127.0.0.1", port=free_port())
        work = asyncio.create_task(MqttListener("away", config, "x", intake).run(stop))
        while len(pauses) < 100:
            await asyncio.sleep(0.01)
        sizes.append(memory(os.getpid()))
        await work
        sizes.append(memory(os.getpid()))
        return intake.health

    health = asyncio.run(asyncio.wait_for(run(), 60))
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(pauses[:6]))
    assert all(30 <= pause <= 60 for pause in pauses[6:])
    assert health.attempts_failed == 600 and len(health.faults) == 20
    print(f"600 attempts, of which the last 500 cost {(sizes[1] - sizes[0]) / 1e6:+.1f} MB")
    assert sizes[1] - sizes[0] < 5e6


def test_a_broker_of_the_same_name_that_comes_back_empty_is_listened_to_again(server, broker, tmp_path):
    """Its disk was lost, and with it our session and subscription."""
    code = ready(server, broker.port)
    broker.stop()
    wait_for(lambda: not state(server, code)["connected"])
    (tmp_path / "new").mkdir()
    other = Broker(tmp_path / "new", broker.port).start()
    try:
        wait_for(lambda: state(server, code)["connected"], 30)
        publish(other, messages(0, 20, 2))
        wait_for(lambda: count(server, 2) == 20)
    finally:
        other.stop()

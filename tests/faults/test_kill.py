"""kill -9 while observations arrive over HTTP, over MQTT and while the log drains: nothing acknowledged is lost.

The acknowledgements are kept here, outside the server. ALLMENDE_KILL_ROUNDS: how often (3; long run 60).
"""

import json
import os
import random
import threading
import time

import httpx
import pyarrow as pa
import pytest

from tests.serving import Server, free_port, seeded
from tests.test_mqtt import MAPPING, add_connector, listing, publish, wait_for

LONG = os.environ.get("ALLMENDE_LONG", "") in ("1", "true", "yes")
ROUNDS = int(os.environ.get("ALLMENDE_KILL_ROUNDS", "60" if LONG else "3"))
START = 1_700_000_000
URL = "/api/v1/observations"


class Sender(threading.Thread):
    """Sends rows that nobody else sends, in one size of batch, until told to stop; remembers what was acknowledged."""

    def __init__(self, server: Server, stream: str, size: int) -> None:
        super().__init__(daemon=True)
        self.server, self.stream, self.size = server, stream, size
        self.acknowledged: dict[int, float] = {}
        self.sent = 0
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                with self.server.client(timeout=5) as client:
                    while not self.stopping.is_set():
                        self._send(client)
            except httpx.HTTPError:
                time.sleep(0.05)

    def _send(self, client: httpx.Client) -> None:
        rows = {START + k: (k % 100) / 4 for k in range(self.sent, self.sent + self.size)}
        self.sent += self.size  # a batch that was not acknowledged is not sent again: its rows may or may not be there
        if self.size >= 5_000:
            body, media = _arrow(self.stream, rows), "application/vnd.apache.arrow.stream"
        else:
            body = json.dumps([{"datastream": self.stream, "time": _iso(t), "value": v} for t, v in rows.items()])
            media = "application/json"
        answer = client.post(URL, content=body, headers={"Content-Type": media})
        if answer.status_code == 201:
            self.acknowledged |= rows


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def _arrow(stream: str, rows: dict[int, float]) -> bytes:
    times = pa.array([t * 1_000_000 for t in rows], pa.timestamp("us", tz="UTC"))
    table = pa.table({"datastream": [stream] * len(rows), "time": times, "value": list(rows.values())})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def stored(server: Server, stream: str) -> dict[int, float]:
    """What the server has, by second; fails on a duplicate."""
    with server.client("") as client:
        table = pa.ipc.open_stream(
            client.get(f"/api/v1/datastreams/{stream}/observations?format=arrow").content
        ).read_all()
        count = client.get(f"/api/v1/datastreams/{stream}").json()["count"]
    times = [t // 1_000_000 for t in table.column("time").cast(pa.int64()).to_pylist()]
    assert len(times) == len(set(times)) == count
    return dict(zip(times, table.column("value").to_pylist(), strict=True))


@pytest.fixture
def busy(tmp_path):
    """A server that drains every fifth of a second, so that kills hit the drain as well."""
    server = Server(
        tmp_path / "data", free_port(), seeded(tmp_path / "data", 4), environment={"ALLMENDE_DRAIN_SECONDS": "0.2"}
    )
    yield server.start()
    server.kill()


@pytest.mark.kill
def test_kill_during_http_ingest_and_drain(busy):
    sizes = (1, 100, 2_000, 6_000)
    senders = [Sender(busy, stream, size) for stream, size in zip(busy.seeds["datastreams"], sizes, strict=True)]
    for sender in senders:
        sender.start()
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0.3, 1.5))
        busy.kill()
        busy.start()
    for sender in senders:
        sender.stopping.set()
        sender.join()
    for sender in senders:
        found = stored(busy, sender.stream)
        lost = {t: v for t, v in sender.acknowledged.items() if found.get(t) != v}
        print(
            f"batches of {sender.size}: {len(sender.acknowledged)} acknowledged, {len(found)} stored, {len(lost)} lost"
        )
        assert sender.acknowledged and not lost


@pytest.mark.kill
@pytest.mark.broker
def test_kill_during_mqtt_ingest(busy, broker):
    add_connector(busy, broker, MAPPING)
    wait_for(lambda: "  connected" in listing(busy))
    published = 0
    for _ in range(ROUNDS):
        killer = threading.Timer(random.uniform(0.01, 0.3), busy.kill)
        killer.start()
        rows = range(published, published + 300)
        publish(broker, [("town/s0/weather", json.dumps({"at": _iso(START + k), "temp": k % 50})) for k in rows])
        published += 300
        killer.join()
        busy.start()
    stream = busy.seeds["datastreams"][0]
    wait_for(lambda: len(stored(busy, stream)) == published, 60)
    assert stored(busy, stream) == {START + k: float(k % 50) for k in range(published)}

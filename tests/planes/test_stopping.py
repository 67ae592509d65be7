"""SIGTERM while observations arrive: what is under way is answered, and what was acknowledged is there afterwards."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.planes.test_pressure import stuck_disk
from tests.serving import _environment, free_port

URL = "/api/v1/observations"


class Sender(threading.Thread):
    """Sends one row after another, each of a second of its own, until the server is gone."""

    def __init__(self, server, stream: str, first: int) -> None:
        super().__init__(daemon=True)
        self.server, self.stream, self.first = server, stream, first
        self.acknowledged: list[str] = []
        self.others: list[int] = []

    def run(self) -> None:
        with self.server.client() as client:
            for number in range(1_000_000):
                moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.first + number))
                try:
                    answer = client.post(URL, json={"datastream": self.stream, "time": moment, "value": 1})
                except httpx.TransportError:
                    return
                if answer.status_code == 201:
                    self.acknowledged.append(moment)
                else:
                    self.others.append(answer.status_code)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_nothing_acknowledged_is_lost(running_server, how):
    stream = running_server.seeds["datastreams"][0]
    senders = [Sender(running_server, stream, 1_600_000_000 + 10_000_000 * n) for n in range(6)]
    for sender in senders:
        sender.start()
    for _ in range(300):  # on a busy machine the first answers take their time
        time.sleep(0.1)
        if sum(len(sender.acknowledged) for sender in senders) > 100:
            break
    running_server.stop(how)
    for sender in senders:
        sender.join(10)
        assert not sender.is_alive()
    assert running_server.process.returncode in (0, -how, 128 + how)
    assert {status for sender in senders for status in sender.others} <= {503}  # «shutting down; send it again»
    assert "Traceback" not in running_server.log(), running_server.log()
    running_server.start()
    with running_server.client("") as client:
        found = client.get(f"/api/v1/datastreams/{stream}/observations").json()["observations"]
        waiting = client.get("/api/v1/status").json()["waiting_rows"]
    acknowledged = {moment for sender in senders for moment in sender.acknowledged}
    assert len(acknowledged) > 50
    assert acknowledged <= {row["time"] for row in found}
    assert waiting == 0  # the stop drained the log


def test_a_request_that_has_begun_is_answered(running_server):
    """Half of the body was sent when the server was told to stop."""
    stream = running_server.seeds["datastreams"][0]
    body = json.dumps({"datastream": stream, "time": "2026-01-01T00:00:00Z", "value": 2}).encode()
    head = (
        f"POST {URL} HTTP/1.1\r\nHost: 127.0.0.1:{running_server.port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {running_server.seeds['write']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", running_server.port), timeout=30) as connection:
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.3)
        os.kill(running_server.process.pid, signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(OSError):  # nobody new is let in
            socket.create_connection(("127.0.0.1", running_server.port), timeout=1).close()
        connection.sendall(body[10:])
        answer = connection.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 201"), answer
    running_server.process.wait(30)
    running_server.start()
    with running_server.client("") as client:
        assert client.get(f"/api/v1/datastreams/{stream}").json()["count"] == 1


@pytest.mark.parametrize("media", ["application/json", "text/csv"])
def test_what_waits_for_the_disk_is_answered(running_server, media):
    """The commit was under way when the server was told to stop: on the express lane (JSON) as on the ordinary road."""
    stream = running_server.seeds["datastreams"][0]
    row = {"datastream": stream, "time": "2026-01-01T00:00:00Z", "value": 2}
    text = json.dumps(row) if media == "application/json" else f"datastream,time,value\n{stream},{row['time']},2\n"
    with running_server.client() as client, ThreadPoolExecutor(1) as crowd:
        assert client.post(URL, json={**row, "time": "2025-01-01T00:00:00Z"}).status_code == 201  # all is warm now
        with stuck_disk(running_server):
            waiting = crowd.submit(client.post, URL, content=text, headers={"Content-Type": media})
            time.sleep(0.5)
            os.kill(running_server.process.pid, signal.SIGTERM)
            time.sleep(1)
            assert not waiting.done()
        assert waiting.result().status_code == 201
    running_server.process.wait(30)
    running_server.start()
    with running_server.client("") as client:
        assert client.get(f"/api/v1/datastreams/{stream}").json()["count"] == 2


@pytest.mark.slow
def test_a_client_that_never_finishes_does_not_keep_the_server_for_ever(running_server):
    with socket.create_connection(("127.0.0.1", running_server.port)) as connection:
        connection.sendall(f"POST {URL} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode())
        time.sleep(0.3)
        began = time.monotonic()
        os.kill(running_server.process.pid, signal.SIGTERM)
        running_server.process.wait(40)
        assert time.monotonic() - began < 30


def serve(data, host: str, port: int, **environment: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "allmende.run", "serve", "--data", str(data), "--host", host, "--port", str(port)]
    environment = {**_environment(), **environment}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("host", ["0.0.0.0", "town.example"])
def test_open_writes_are_refused_where_others_reach_the_server(tmp_path, host):
    process = serve(tmp_path, host, free_port(), ALLMENDE_OPEN_WRITES="1")
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ALLMENDE_OPEN_WRITES is refused" in said and host in said and "Traceback" not in said


def test_open_writes_let_strangers_write_on_this_machine_only(running_server):
    row = {"datastream": running_server.seeds["datastreams"][0], "time": "2026-01-01T00:00:00Z", "value": 2}
    with running_server.client("") as stranger:
        assert stranger.post(URL, json=row).status_code == 401
        running_server.stop()
        running_server.environment["ALLMENDE_OPEN_WRITES"] = "1"
        running_server.start()
        assert stranger.post(URL, json=row).status_code == 201


def test_a_port_that_is_taken_says_so(running_server, tmp_path):
    process = serve(tmp_path / "other", "127.0.0.1", running_server.port)
    said, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "address already in use" in said.lower() and "Traceback" not in said


def test_a_data_folder_that_is_served_already_says_so(running_server):
    process = serve(running_server.data, "127.0.0.1", free_port())
    said, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Another process owns the observation store" in said and "Traceback" not in said

"""Too much at once: who comes when the queue is full hears 429 and when to come again; what was taken is kept."""

import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

URL = "/api/v1/observations"
BATCH = 19_000  # rows; eleven of them are more than the queue holds
CSV = {"Content-Type": "text/csv"}


def csv(stream: str, number: int) -> bytes:
    """A batch of its own hour, one row every tenth of a second."""
    rows = (
        f"{stream},2024-01-{number + 1:02d}T{k // 36_000:02d}:{k // 600 % 60:02d}:{k // 10 % 60:02d}.{k % 10}Z,{k % 40}"
        for k in range(BATCH)
    )
    return ("datastream,time,value\n" + "\n".join(rows)).encode()


@contextlib.contextmanager
def stuck_disk(server):
    """While the block runs the server's log cannot be written: another connection holds it, as a slow disk would."""
    log = sqlite3.connect(server.data / "observations" / "log.sqlite3", isolation_level=None, timeout=10)
    log.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        log.execute("ROLLBACK")
        log.close()


def count(client: httpx.Client, stream: str) -> int:
    return client.get(f"/api/v1/datastreams/{stream}").json()["count"]


def test_a_full_queue_refuses_and_keeps_what_it_took(running_server):
    stream = running_server.seeds["datastreams"][0]
    with running_server.client(timeout=60) as client, ThreadPoolExecutor(20) as crowd:
        assert (
            client.post(URL, json={"datastream": stream, "time": "2020-01-01T00:00:00Z", "value": 1}).status_code == 201
        )
        with stuck_disk(running_server):
            sent = [crowd.submit(client.post, URL, content=csv(stream, n), headers=CSV) for n in range(20)]
            deadline = time.monotonic() + 25
            while not any(each.done() for each in sent) and time.monotonic() < deadline:
                time.sleep(0.05)
            early = [each.result() for each in sent if each.done()]
            # Reading does not wait for the disk.
            assert client.get("/api/v1/status", timeout=5).status_code == 200
            assert client.get(f"/api/v1/datastreams/{stream}/latest", timeout=5).json()["value"] == 1
            time.sleep(1.5)
        answers = [each.result() for each in sent]
        assert {answer.status_code for answer in early} == {429}
        refused = [answer for answer in answers if answer.status_code == 429]
        kept = [answer for answer in answers if answer.status_code == 201]
        assert refused and len(kept) >= 10 and len(refused) + len(kept) == 20
        for answer in refused:
            assert int(answer.headers["retry-after"]) >= 1
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "too_busy" and "nothing of this batch was kept" in answer.json()["detail"]
        assert count(client, stream) == 1 + BATCH * len(kept)
        # Who comes again is served.
        again = client.post(URL, content=csv(stream, 25), headers=CSV)
        assert again.status_code == 201 and count(client, stream) == 1 + BATCH * (len(kept) + 1)


@pytest.mark.slow
def test_a_disk_that_stays_stuck_is_told_and_recovers(running_server):
    """Longer than the log waits for its file (30 s): a clear refusal, no hanging, and writing goes on afterwards."""
    stream = running_server.seeds["datastreams"][0]
    row = {"datastream": stream, "time": "2020-01-01T00:00:00Z", "value": 1}
    with running_server.client(timeout=60) as client:
        with stuck_disk(running_server):
            answer = client.post(URL, json=row)
            assert answer.status_code == 507 and answer.json()["code"] == "writes_refused"
            assert int(answer.headers["retry-after"]) >= 1
            assert client.get("/api/v1/status").status_code == 503
        deadline = time.monotonic() + 20
        while client.post(URL, json=row).status_code != 201:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        assert client.get("/api/v1/status").json()["writes"] == "ok"

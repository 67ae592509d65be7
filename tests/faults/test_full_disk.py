"""The disk is full: writes are refused clearly, reads go on, and writing resumes by itself when there is room."""

import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.serving import Server, free_port, seeded

SIZE = 48  # MiB


@pytest.fixture
def small_disk(tmp_path: Path):
    """A tmpfs of its own. Mounting needs root: elsewhere this test cannot be run, and says so."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be mounted by root: " + mounted.stderr.decode().strip())
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_full_disk(small_disk):
    """Small batches, which go through the log."""
    data = small_disk / "data"
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_DRAIN_SECONDS": "0.5"}).start()
    stream = server.seeds["datastreams"][0]
    acknowledged = []

    def send(client, start, count=2_000):
        rows = [
            {"datastream": stream, "time": f"2026-01-01T00:00:00.{k:06d}Z", "value": k % 50}
            for k in range(start, start + count)
        ]
        answer = client.post("/api/v1/observations", json=rows)
        if answer.status_code == 201:
            acknowledged.extend(range(start, start + count))
        return answer

    with server.client() as client:
        assert send(client, 0).status_code == 201
        ballast = data / "ballast"
        with ballast.open("wb") as file:
            file.write(b"\0" * (shutil.disk_usage(small_disk).free - 300_000))
        statuses = [send(client, 2_000 * (round_ + 1)) for round_ in range(40)]
        refused = [answer for answer in statuses if answer.status_code != 201]
        assert refused, "the disk did not fill"
        assert {answer.status_code for answer in refused} <= {507, 503}
        body = refused[-1].json()
        assert body["code"] in ("writes_refused", "store_unavailable") and "nothing of this" in body["detail"]
        # Reading goes on, of everything that was acknowledged.
        answer = client.get(f"/api/v1/datastreams/{stream}/observations?format=csv")
        assert answer.status_code == 200 and answer.text.count("\n") == len(acknowledged) + 1
        ballast.unlink()
        for _ in range(60):
            if send(client, 500_000).status_code == 201:
                break
            time.sleep(0.25)
        else:
            pytest.fail("writing did not resume: " + server.log())
        answer = client.get(f"/api/v1/datastreams/{stream}/observations?format=csv")
        assert answer.text.count("\n") == len(acknowledged) + 1
    server.stop()
    server.start()
    with server.client("") as client:
        answer = client.get(f"/api/v1/datastreams/{stream}/observations?format=csv")
        assert answer.text.count("\n") == len(acknowledged) + 1
    server.stop()


def test_full_disk_with_large_batches(small_disk):
    """Arrow batches, which go straight into the columnar store."""
    data = small_disk / "data"
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_DRAIN_SECONDS": "0.5"}).start()
    stream = server.seeds["datastreams"][0]
    random = np.random.default_rng(1)
    media = {"Content-Type": "application/vnd.apache.arrow.stream"}

    def send(client, start, count=50_000):
        times = pa.array(np.arange(start, start + count) * 1_000_000, pa.timestamp("us", tz="UTC"))
        table = pa.table({"datastream": [stream] * count, "time": times, "value": random.normal(size=count)})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return client.post("/api/v1/observations", content=sink.getvalue().to_pybytes(), headers=media)

    with server.client(timeout=60) as client:
        ballast = data / "ballast"
        with ballast.open("wb") as file:
            file.write(b"\0" * (shutil.disk_usage(small_disk).free - 6_000_000))
        kept = [k for k in range(60) if send(client, k * 50_000).status_code == 201]
        refused = send(client, 100 * 50_000)
        assert 0 < len(kept) < 60 and refused.status_code in (507, 503), refused.text
        count = client.get(f"/api/v1/datastreams/{stream}").json()["count"]
        assert count == len(kept) * 50_000
        ballast.unlink()
        for _ in range(60):
            if send(client, 100 * 50_000).status_code == 201:
                break
            time.sleep(0.25)
        else:
            pytest.fail("writing did not resume: " + server.log())
    server.stop()
    server.start()
    with server.client("") as client:
        assert client.get(f"/api/v1/datastreams/{stream}").json()["count"] == count + 50_000
    server.stop()

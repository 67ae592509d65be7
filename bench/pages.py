"""Rows about the demo town: memory at rest, the start, and the time that pages take."""

import re
import subprocess
import sys
import time
from pathlib import Path

import httpx

from bench.ground import p95, scratch
from bench.table import Row
from tests.serving import Server, _environment, free_port

_PATIENCE = 300


def demo() -> list[Row]:
    """A fresh demo town, then `allmende serve` on its folder."""
    with scratch() as folder:
        data = folder / "data"
        _load(data)
        server = Server(data, free_port())
        begin = time.perf_counter()
        server.start()
        start = time.perf_counter() - begin
        time.sleep(5)
        memory = _resident(server.process.pid)
        rows = [
            Row(
                "idle memory of `allmende serve` (joined), fresh demo town",
                f"{memory:.0f} MB",
                "200 MB",
                memory,
                200,
                most=True,
                unit=" MB",
            ),
            Row(
                "start on the demo's folder until the first answer",
                f"{start:.2f} s",
                "2 s",
                start,
                2,
                most=True,
                unit=" s",
            ),
            *_pages(server),
        ]
        server.stop()
    return rows


def _load(data: Path) -> None:
    """Runs `allmende demo` until it answers, then stops it."""
    port = free_port()
    command = [sys.executable, "-m", "allmende.run", "demo", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v1/status", timeout=2)
            break
        except httpx.TransportError:
            time.sleep(0.2)
    process.terminate()
    process.wait(60)


def _resident(pid: int) -> float:
    """Resident memory of a process and its children, MB."""
    kib = 0
    for each in [pid, *_children(pid)]:
        status = Path(f"/proc/{each}/status").read_text()
        kib += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return kib / 1000


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]


def _pages(server: Server) -> list[Row]:
    rows = []
    with httpx.Client(base_url=server.url, timeout=60) as client:
        streams = client.get("/api/v1/datastreams", params={"limit": 1000}).json()["datastreams"]
        longest = max(streams, key=lambda stream: stream["count"])["id"]
        for name, path in (
            ("home page", "/de/"),
            ("datastream page with a year's chart", f"/de/datastreams/{longest}/?range=year"),
        ):
            assert client.get(path).status_code == 200

            def ask(path=path) -> None:
                client.get(path)

            found = p95(ask, 60)
            rows.append(
                Row(f"{name}, p95 warm", f"{found * 1e3:.0f} ms", "80 ms", found * 1e3, 80, most=True, unit=" ms")
            )
    return rows

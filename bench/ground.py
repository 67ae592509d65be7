"""Shared ground of the rows: scratch folders, a seeded server, wrk, and the same store in this process."""

import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serving import Server, free_port, seeded

SCRATCH = Path(os.environ.get("ALLMENDE_BENCH_DIR", tempfile.gettempdir()))
WRK = shutil.which("wrk")


@contextmanager
def scratch():
    """A folder that is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="allmende-bench-", dir=SCRATCH))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(streams: int = 200):
    """A running server on a fresh folder with so many datastreams."""
    with scratch() as folder:
        data = folder / "data"
        server = Server(data, free_port(), seeded(data, streams))
        try:
            yield server.start()
        finally:
            server.stop()


def set_up(folder: Path) -> None:
    """Points Django of this process to a folder; once a process."""
    os.environ["ALLMENDE_DATA"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    import django

    django.setup()


def wrk(url: str, script: str, clients: int, seconds: int) -> dict[str, float]:
    """Requests a second and the share of answers that were errors, from wrk with a Lua script."""
    if WRK is None:
        raise RuntimeError("wrk is missing; `make setup` as root installs it.")
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [WRK, "-t1", f"-c{clients}", f"-d{seconds}s", "--latency", "-s", file.name, url]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    if bad:
        raise RuntimeError(text)
    return {"rate": rate}


def post_script(server: Server, body: str) -> str:
    """A Lua script that posts what the Lua expression `body` gives (n counts the requests)."""
    streams = json.dumps(server.seeds["datastreams"]).replace("[", "{").replace("]", "}")
    return f"""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {server.seeds["write"]}"
local streams = {streams}
local n = 0
local function time(k) return os.date("!%Y-%m-%dT%H:%M:%SZ", 1700000000 + k) end
local function single(k)
  local stream, at = streams[(k % #streams) + 1], time(math.floor(k / #streams))
  return '{{"datastream":"' .. stream .. '","time":"' .. at .. '","value":' .. (k % 50) .. '.5}}'
end
request = function()
  n = n + 1
  return wrk.format(nil, "/api/v1/observations", nil, {body})
end
"""


def timed(call: Callable[[], Any], rounds: int = 1) -> float:
    """Median seconds of a call."""
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def p95(call: Callable[[], Any], rounds: int) -> float:
    """The 95th percentile of seconds of a call, after a warm-up."""
    for _ in range(3):
        call()
    found = sorted(timed(call) for _ in range(rounds))
    return found[int(len(found) * 0.95) - 1]

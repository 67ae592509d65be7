"""Rows about the catalogue's metadata: ten thousand datasets as DCAT-AP.de, streamed."""

import time
from pathlib import Path

import httpx

from bench.ground import scratch
from bench.table import Row
from tests.serving import Server, filled, free_port

_DATASETS = 10_000


def dcat() -> list[Row]:
    """The whole catalogue in each dress, seven distributions a dataset, and how the server's memory grew by it."""
    with scratch() as folder:
        data = folder / "data"
        filled(data, "bench.many_datasets", _DATASETS)
        server = Server(data, free_port()).start()
        try:
            _fetch(server, "ttl?page=1")
            before = _peak(server.process.pid)
            rows = []
            for ending in ("ttl", "jsonld", "xml"):
                seconds, size = _fetch(server, ending)
                figure = f"{seconds:.1f} s, {size / 1e6:.0f} MB"
                name = f"DCAT-AP.de of {_DATASETS:,} datasets as {ending}, streamed"
                rows.append(Row(name, figure, "10 s", seconds, 10, most=True, unit=" s"))
            grown = _peak(server.process.pid) - before
            rows.append(
                Row("the server's memory grew by it", f"{grown:.0f} MB", "100 MB", grown, 100, most=True, unit=" MB")
            )
        finally:
            server.stop()
        return rows


def _fetch(server: Server, ending: str) -> tuple[float, int]:
    begin, size = time.perf_counter(), 0
    with httpx.stream("GET", f"{server.url}/catalogue.{ending}", timeout=120) as answer:
        assert answer.status_code == 200
        for piece in answer.iter_raw():
            size += len(piece)
    return time.perf_counter() - begin, size


def _peak(pid: int) -> float:
    """The most memory that a process has had, MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000

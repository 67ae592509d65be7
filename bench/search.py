"""Rows about the search: ten thousand datasets with titles of some six hundred compounds."""

import itertools
import time

import httpx

from bench.ground import scratch
from bench.table import Row
from tests.serving import Server, filled, free_port

_DATASETS = 10_000
_QUESTIONS = (
    *("Baum", "Bäume", "Baumkataster", "Baumkatatser", "Straßenkarte Oberdorf", "Spielpltaz", "Kinder", "statistik"),
    *("Luftmessung 2014", "Oberdorf", "Höhe", "Fahrradnetz Neubach 2003", "Kosten der Brücken", "Verkehrszählung"),
    *("xyzzyqwert", "Parkhaus", "Lärmberichte", "Wasserstand", "Solarpotential Kleinberg", "Denkmalliste"),
)
_ROUNDS = 10


def search() -> list[Row]:
    """Each question ten times, in turn, after one round of warming up; timed at the client over HTTP."""
    with scratch() as folder:
        data = folder / "data"
        filled(data, "bench.many_datasets", _DATASETS)
        server = Server(data, free_port()).start()
        try:
            with httpx.Client(base_url=server.url, timeout=60) as client:
                return [
                    _row(client, "search in 10,000 datasets, 20 results, p95", "/api/v1/datasets?limit=20&q={}", 30),
                    _row(client, "suggestions among 10,000 datasets, p95", "/api/v1/datasets/suggest?q={}", 30),
                    _row(client, "the page of results with its facets, p95", "/de/datasets/?q={}", 80),
                ]
        finally:
            server.stop()


def _row(client: httpx.Client, name: str, address: str, limit: int) -> Row:
    taken = []
    for turn, question in itertools.product(range(_ROUNDS + 1), _QUESTIONS):
        begin = time.perf_counter()
        assert client.get(address.format(question)).status_code == 200
        if turn:
            taken.append(time.perf_counter() - begin)
    found = sorted(taken)[int(len(taken) * 0.95)] * 1e3
    middle = sorted(taken)[len(taken) // 2] * 1e3
    return Row(name, f"{found:.0f} ms (p50 {middle:.0f} ms)", f"{limit} ms", found, limit, most=True, unit=" ms")

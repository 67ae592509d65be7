"""Rows about reading: latest values, one day out of fifty million rows."""

import http.client
import json
import statistics
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

import duckdb
import numpy as np
import pyarrow as pa

from bench.ground import scratch, timed
from bench.table import Row
from tests.serving import Server, free_port, seeded

STREAMS, STEPS, CHUNK = 2_000, 25_000, 2_500
START, STEP = 1_700_000_000_000_000, 600_000_000


def _fill(folder: Path, ids: list[int], steps: int) -> None:
    """Rows of each datastream in steps of ten minutes, a random walk rounded to two decimals."""
    from allmende.observations.store.columnar import Columnar

    columnar = Columnar(folder / "store.duckdb", memory_limit="4GB")
    random = np.random.default_rng(7)
    chunk = min(CHUNK, steps)
    ds = np.repeat(np.array(ids, dtype=np.int32), chunk)
    for number in range(steps // chunk):
        t = START + STEP * (number * chunk + np.tile(np.arange(chunk), len(ids)))
        v = np.round(random.normal(0, 0.1, (len(ids), chunk)).cumsum(axis=1) + 15, 2).ravel()
        rows = {"ds": ds, "t": t, "v": v, "q": np.zeros(len(t), np.int32), "x": pa.nulls(len(t), pa.string())}
        rows["k"] = np.zeros(len(t), np.uint16)
        columnar.write(pa.table(rows))
    columnar.rebuild()
    columnar.close()


def large() -> list[Row]:
    """Latest values of 2,000 datastreams, and one day of one of them through the API; the start on that folder."""
    with scratch() as folder:
        data = folder / "data"
        seeds = seeded(data, STREAMS)
        script = f"from bench.reads import fill_for; fill_for({str(data)!r})"
        subprocess.run([sys.executable, "-c", script], check=True)
        rows = [*_day(data, seeds), *_latest(data)]
    return rows


def fill_for(data: str, steps: int = STEPS) -> None:
    """In a process of its own, because Django looks at one folder only."""
    from bench.ground import set_up

    set_up(Path(data))
    from allmende.observations.models import Datastream

    ids = list(Datastream.objects.filter(dataset__slug="weather").order_by("pk").values_list("pk", flat=True))
    (Path(data) / "observations").mkdir(exist_ok=True)
    _fill(Path(data) / "observations", ids, steps)


def _day(data: Path, seeds: dict) -> list[Row]:
    server = Server(data, free_port(), seeds)
    begun = timed(lambda: server.start())
    # A plain client: what a comfortable one takes for itself is not the server's.
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    random = np.random.default_rng(3)
    picks = [int(k) for k in random.integers(0, STREAMS, 60)]
    days = [START + STEP * int(k) for k in random.integers(0, STEPS - 144, 60)]

    def ask(k: int, day: int) -> int:
        span = {"from": _iso(day), "to": _iso(day + 144 * STEP), "limit": "1000"}
        client.request("GET", f"/api/v1/datastreams/{seeds['datastreams'][k]}/observations?{urlencode(span)}")
        return len(json.loads(client.getresponse().read())["observations"])

    assert ask(0, START) == 144
    ours = statistics.median(timed(lambda k=k, d=d: ask(k, d)) for k, d in zip(picks, days, strict=True))
    client.close()
    server.stop()
    peer = duckdb.connect(str(data / "observations" / "store.duckdb"), read_only=True, config={"threads": 2})
    ids = [row[0] for row in peer.execute("SELECT ds FROM latest ORDER BY ds").fetchall()]
    sql = "SELECT t, v, q FROM obs WHERE ds = ? AND t >= ? AND t < ? ORDER BY t"

    def direct(k: int, day: int) -> int:
        return len(peer.execute(sql, [ids[k], day, day + 144 * STEP]).fetchall())

    assert direct(0, START) == 144
    theirs = statistics.median(timed(lambda k=k, d=d: direct(k, d)) for k, d in zip(picks, days, strict=True))
    peer.close()
    name = "one day of one datastream out of 50 M rows, through the API, time"
    return [
        Row(name, f"{ours * 1e3:.1f} ms", f"{theirs * 1e3:.1f} ms DuckDB's own query", ours / theirs, 3, most=True),
        Row("start on 50 M rows until the first answer", f"{begun:.2f} s", "2 s", begun, 2, most=True, unit=" s"),
    ]


def _iso(us: int) -> str:
    return str(np.datetime64(us, "us")) + "Z"


def _latest(data: Path) -> list[Row]:
    from allmende.observations.store.owner import Store

    store = Store(data / "observations")
    ids = list(store._columnar.latest)
    ours = timed(lambda: store.latest(ids), 30)
    scan = "SELECT ds, max(t), arg_max(v, t) FROM obs GROUP BY ds"
    with store._columnar.reading() as connection:
        theirs = timed(lambda: connection.execute(scan).fetchall(), 5)
    store.close()
    name = "all latest values of 2,000 datastreams: full scan ÷ `latest`"
    return [Row(name, f"{ours * 1e3:.2f} ms", f"{theirs * 1e3:.0f} ms full scan", theirs / ours, 100)]

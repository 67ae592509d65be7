"""Rows about taking observations in, over HTTP and in this process, alternating in the same run."""

import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.ground import post_script, scratch, served, set_up, timed, wrk
from bench.table import Row, si
from tests.serving import seeded

_SECONDS = 3
_ROUNDS = 3


def _in_process(folder, clients: int, seconds: float) -> float:
    """Acknowledged single observations a second, by so many coroutines on one loop, durable as over HTTP: the bare
    group commit, without checks and rights."""
    from allmende.observations.store.owner import Store

    store = Store(folder)

    async def keep(number: int, step: int) -> None:
        await store.append_async([(number + 1, 1_700_000_000_000_000 + step, step % 50 + 0.5, 0, None, 0)])

    rate = _acknowledged(keep, clients, seconds)
    store.close()
    return rate


def _acknowledged(keep: Callable[[int, int], Awaitable[None]], clients: int, seconds: float) -> float:
    done = 0

    async def client(number: int, until: float) -> None:
        nonlocal done
        step = 0
        while time.perf_counter() < until:
            await keep(number, step)
            done += 1
            step += 1

    async def run() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*[client(number, until) for number in range(clients)])

    begin = time.perf_counter()
    asyncio.run(run())
    return done / (time.perf_counter() - begin)


def _service(data: str, codes: list[str], clients: int, seconds: float) -> None:
    """The same through the domain's own door, with rights and checks, as a connector does it; prints the rate."""
    set_up(Path(data))
    from allmende.accounts.actors import SYSTEM
    from allmende.observations import services
    from allmende.observations.rows import Batch
    from allmende.observations.store import runtime

    runtime.own(Path(data) / "observations")

    async def keep(number: int, step: int) -> None:
        code = codes[number % len(codes)]
        await services.append_batch(
            SYSTEM, Batch([code], [1_700_000_000_000_000 + step * 1000 + number], [step % 50 + 0.5])
        )

    print(_acknowledged(keep, clients, seconds))
    runtime.release()


def single() -> list[Row]:
    """One durable observation per request, 1 and 256 clients; and the drain against the peak."""
    rows, peak = [], 0.0
    with served() as server:
        script = post_script(server, "single(n)")
        wrk(server.url, script, 8, 1)
        for clients in (1, 256):
            http, here = [], []
            for _ in range(_ROUNDS):
                http.append(wrk(server.url, script, clients, _SECONDS)["rate"])
                with scratch() as folder:
                    here.append(_in_process(folder / "o", clients, _SECONDS))
            a, b = statistics.median(http), statistics.median(here)
            peak = max(peak, a)
            name = f"one durable observation a request, {clients} client{'s' if clients > 1 else ''}"
            rows.append(Row(name, f"{si(a)}/s over HTTP", f"{si(b)}/s bare group commit in-process", a / b, 0.3))
    return [*rows, _beside_service(peak), _drain(peak)]


def _beside_service(peak: float) -> Row:
    with scratch() as folder:
        codes = seeded(folder / "data", 200)["datastreams"]
        script = f"from bench.ingest import _service; _service({str(folder / 'data')!r}, {codes!r}, 256, {_SECONDS})"
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    here = float(done.stdout)
    name = "the same, 256 clients, beside the domain's own door with rights and checks"
    return Row(name, f"{si(peak)}/s over HTTP", f"{si(here)}/s in-process", peak / here, 0.3)


def _drain(peak: float) -> Row:
    from allmende.observations.store.owner import Store

    count, streams = 200_000, 200
    speeds = []
    for _ in range(_ROUNDS):
        with scratch() as folder:
            store = Store(folder / "o", drain_seconds=3600)
            store._committed = store._tail.add  # no drain before it is timed
            store._writer._committed = store._committed
            for start in range(0, count, 1000):
                store.append(
                    [(k % streams + 1, 1_700_000_000_000_000 + k, 0.5, 0, None, 0) for k in range(start, start + 1000)]
                )
            seconds = timed(store.drain)
            speeds.append(count / seconds)
            store.close()
    speed = statistics.median(speeds)
    return Row(
        "drain of 200 k rows ÷ peak single-observation ingest", f"{si(speed)} rows/s", f"{si(peak)}/s", speed / peak, 10
    )


def batches() -> list[Row]:
    """Batches of 1,000 in JSON against parsing and durable appending the same in this process."""
    import msgspec

    from allmende.api.v1.incoming import ObservationIn
    from allmende.observations.store.owner import Store

    with served() as server, scratch() as folder:
        store = Store(folder / "o")
        streams = server.seeds["datastreams"]
        stamp = np.datetime_as_string(np.datetime64("2023-11-14T22:13:20") + np.arange(1000) // len(streams), unit="s")
        rows = [
            {"datastream": streams[k % len(streams)], "time": f"{stamp[k]}Z", "value": k % 50 + 0.5}
            for k in range(1000)
        ]
        body = json.dumps(rows).encode()
        decoder = msgspec.json.Decoder(list[ObservationIn])

        def parse_and_append() -> None:
            parsed = decoder.decode(body)
            store.append([(1, round(row.time.timestamp() * 1e6), row.value, 0, None, 0) for row in parsed])

        lua = "batch"
        script = post_script(server, lua).replace(
            "request = function", f"local batch = [==[{body.decode()}]==]\nrequest = function"
        )
        wrk(server.url, script, 4, 1)
        http, here = [], []
        for _ in range(_ROUNDS):
            http.append(wrk(server.url, script, 4, _SECONDS)["rate"] * 1000)
            begin, count = time.perf_counter(), 0
            while time.perf_counter() - begin < _SECONDS:
                parse_and_append()
                count += 1000
            here.append(count / (time.perf_counter() - begin))
        store.close()
    a, b = statistics.median(http), statistics.median(here)
    return [
        Row(
            "batches of 1,000 in JSON",
            f"{si(a)} rows/s over HTTP",
            f"{si(b)} rows/s parse + durable append",
            a / b,
            0.6,
        )
    ]


def arrow() -> list[Row]:
    """A million rows as Arrow IPC over HTTP against DuckDB's own sorted load of the same rows."""
    import duckdb

    count, streams = 1_000_000, 200
    ratios, ours, theirs = [], [], []
    with served(streams) as server, scratch() as folder:
        peer = duckdb.connect(str(folder / "peer.duckdb"), config={"threads": 2})
        peer.execute("CREATE TABLE obs(ds INTEGER, t BIGINT, v DOUBLE, q INTEGER, x VARCHAR)")
        codes = pa.array(server.seeds["datastreams"])
        index = np.tile(np.arange(streams, dtype=np.int32), count // streams)
        values = np.round(np.random.default_rng(1).normal(0, 0.1, count).cumsum() % 50, 2)
        for round_ in range(4):
            t = 1_500_000_000_000_000 + round_ * 10**12 + np.repeat(np.arange(count // streams), streams) * 60_000_000
            stamps = pa.array(t).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
            table = pa.table(
                {"datastream": pa.DictionaryArray.from_arrays(index, codes), "time": stamps, "value": values}
            )
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table)
            body = sink.getvalue().to_pybytes()
            headers = {
                "Authorization": f"Bearer {server.seeds['write']}",
                "Content-Type": "application/vnd.apache.arrow.stream",
            }

            def send(body=body, headers=headers) -> None:
                # A plain client: what a comfortable one takes for itself is not the server's.
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
                connection.request("POST", "/api/v1/observations", body, headers)
                answer = connection.getresponse()
                text = answer.read()
                assert answer.status == 201 and json.loads(text)["accepted"] == count, text

            plain = pa.table(
                {"ds": index, "t": t, "v": values, "q": np.zeros(count, np.int32), "x": pa.nulls(count, pa.string())}
            )
            peer.register("plain", plain)
            seconds = timed(send)
            other = timed(lambda: peer.execute("INSERT INTO obs SELECT * FROM plain ORDER BY ds, t"))
            if round_:
                ours.append(seconds)
                theirs.append(other)
                ratios.append(seconds / other)
    a, b = statistics.median(ours), statistics.median(theirs)
    return [
        Row(
            "1 M rows as Arrow IPC over HTTP, time",
            f"{a:.2f} s",
            f"{b:.2f} s DuckDB sorted load",
            a / b,
            1.5,
            most=True,
        )
    ]

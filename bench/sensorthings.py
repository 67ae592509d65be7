"""Rows about SensorThings: writing beside the native interface, reading at one and at fifty million rows, MQTT."""

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from bench.ground import post_script, scratch, served, timed, wrk
from bench.reads import START, STEP, STREAMS
from bench.table import Row, si
from tests.serving import Server, free_port, seeded

_SECONDS, _ROUNDS = 4, 3
ROOT = "/api/sta/v1.1"


def _sta_single(server: Server) -> str:
    """Lua that posts single observations through SensorThings, as `post_script` does natively."""
    native = post_script(server, "single(n)")
    sent = native.replace("/api/v1/observations", f"{ROOT}/Observations")
    row = """'{"datastream":"' .. stream .. '","time":"' .. at .. '","value":' .. (k % 50) .. '.5}'"""
    assert row in sent
    link = """'.5,"Datastream":{"@iot.id":"' .. stream .. '"}}'"""
    return sent.replace(row, """'{"phenomenonTime":"' .. at .. '","result":' .. (k % 50) .. """ + link)


def _measured_after_warming(server: Server, script: str, clients: int) -> float:
    """Requests a second of a script whose observations rise in time; warmed up with the same of an earlier year, so
    that all that is measured is new."""
    wrk(server.url, script.replace("1700000000", "1600000000"), clients, 1)
    return wrk(server.url, script, clients, _SECONDS)["rate"]


def single() -> list[Row]:
    """Single observations, 8 clients, as a share of the native interface."""
    ours, native = [], []
    for _ in range(_ROUNDS):  # a fresh server each: what was there before must not help or hinder
        with served() as server:
            ours.append(_measured_after_warming(server, _sta_single(server), 8))
        with served() as server:
            native.append(_measured_after_warming(server, post_script(server, "single(n)"), 8))
    a, b = statistics.median(ours), statistics.median(native)
    return [Row("SensorThings: single observations, 8 clients", f"{si(a)}/s", f"{si(b)}/s natively", a / b, 0.6)]


def _day_by_day(server: Server, path: str, body: str) -> str:
    """Lua that posts a body in which @@ is a day, each the one after the day before."""
    return (
        post_script(server, "batch")
        .replace("/api/v1/observations", path)
        .replace("request = function", f'local template = [==[{body}]==]\nlocal batch = ""\nrequest = function')
        .replace("n = n + 1", 'n = n + 1\n  batch = string.gsub(template, "@@", string.sub(time(n * 86400), 1, 10))')
    )


def arrays() -> list[Row]:
    """Data arrays of 1,000 observations as a share of native JSON batches of 1,000."""
    times = [f"@@T{k // 3600:02d}:{k // 60 % 60:02d}:{k % 60:02d}Z" for k in range(1000)]
    rows = [[time, k % 50 + 0.5] for k, time in enumerate(times)]
    ours, native = [], []
    for _ in range(_ROUNDS):
        with served() as server:
            link = {"@iot.id": server.seeds["datastreams"][0]}
            array = {"Datastream": link, "components": ["phenomenonTime", "result"], "dataArray": rows}
            script = _day_by_day(server, f"{ROOT}/CreateObservations", json.dumps([array]))
            ours.append(_measured_after_warming(server, script, 4) * 1000)
        with served() as server:
            stream = server.seeds["datastreams"][0]
            plain = [{"datastream": stream, "time": time, "value": value} for time, value in rows]
            script = _day_by_day(server, "/api/v1/observations", json.dumps(plain))
            native.append(_measured_after_warming(server, script, 4) * 1000)
    a, b = statistics.median(ours), statistics.median(native)
    name = "SensorThings: data arrays of 1,000"
    return [Row(name, f"{si(a)} rows/s", f"{si(b)} rows/s in native JSON", a / b, 0.5)]


class _Reader:
    """Asks one server one question after another over one connection."""

    def __init__(self, data: Path, seeds: dict) -> None:
        self.server = Server(data, free_port(), seeds).start()
        self.client = http.client.HTTPConnection("127.0.0.1", self.server.port)

    def get(self, url: str) -> dict:
        """A parsed answer."""
        return json.loads(self.answer(url))

    def answer(self, url: str) -> bytes:
        """The whole answer as it came."""
        path = url.removeprefix(self.server.url) if url.startswith("http") else ROOT + quote(url, safe="/?&=$;,()'")
        self.client.request("GET", path)
        return self.client.getresponse().read()

    def p50(self, url: str, rounds: int = 40) -> float:
        """Median milliseconds of one question."""
        for _ in range(3):
            self.get(url)
        return statistics.median(timed(lambda: self.answer(url)) for _ in range(rounds)) * 1000

    def close(self) -> None:
        self.client.close()
        self.server.stop()


def _measured(steps: int) -> dict[str, float]:
    """Milliseconds of each question over 2,000 Datastreams of so many steps."""
    with scratch() as folder:
        data = folder / "data"
        seeds = seeded(data, STREAMS)
        script = f"from bench.reads import fill_for; fill_for({str(data)!r}, {steps})"
        subprocess.run([sys.executable, "-c", script], check=True)
        reader = _Reader(data, seeds)
        stream = f"/Datastreams('{seeds['datastreams'][700]}')"
        middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((START + STEP * steps // 2) / 1e6))
        found = {
            "latest": reader.p50(f"{stream}/Observations?$top=1&$orderby=phenomenonTime desc"),
            "400 latest": reader.p50(
                "/Datastreams?$top=400&$expand=Observations($top=1;$orderby=phenomenonTime desc)", 10
            ),
            "1000": reader.p50(f"{stream}/Observations?$top=1000"),
            "count": reader.p50("/Observations?$count=true&$top=0"),
            "filter": reader.p50(f"{stream}/Observations?$filter=phenomenonTime ge {middle} and result gt 0&$top=100"),
            "first page": reader.p50("/Observations?$top=2"),
        }
        found["deep page"] = _deep(reader)
        reader.close()
    return found


def _deep(reader: _Reader) -> float:
    """Milliseconds of the 10,000th page, reached as clients reach it: by next links."""
    page = reader.get("/Observations?$top=2")
    for _ in range(9_998):
        page = reader.get(page["@iot.nextLink"])
    link = page["@iot.nextLink"]
    return statistics.median(timed(lambda: reader.answer(link)) for _ in range(40)) * 1000


def reading() -> list[Row]:
    """Reads out of fifty million observations, and their growth from one million."""
    small, large = _measured(500), _measured(25_000)

    def row(name: str, key: str, limit: float) -> Row:
        figure = large[key]
        return Row(f"SensorThings: {name}, p50", f"{figure:.2f} ms of 50 M", "the limit", figure, limit, True, " ms")

    rows = [
        row("latest value of a datastream", "latest", 3),
        row("400 datastreams with their latest", "400 latest", 40),
        row("1,000 observations", "1000", 8),
        row("$count over everything", "count", 5),
    ]
    deep = large["deep page"] / large["first page"]
    name = "SensorThings: the 10,000th page ÷ the first"
    rows.append(Row(name, f"{large['deep page']:.2f} ms", f"{large['first page']:.2f} ms", deep, 1.5, True))
    for key in ("latest", "400 latest", "count", "filter", "first page"):
        figures = f"{large[key]:.2f} ms of 50 M", f"{small[key]:.2f} ms of 1 M"
        rows.append(Row(f"SensorThings: growth of «{key}»", *figures, large[key] / small[key], 1.5, True))
    return rows


def mqtt() -> list[Row]:
    """Messages in at QoS 1, and out to 200 subscribers, with plain sockets as clients on the same machine; per core
    means per second of the server's processor time, whatever else the cores do."""
    with scratch() as folder:
        data, port = folder / "data", free_port()
        server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_MQTT_PORT": str(port)}).start()
        try:
            asyncio.run(_incoming(server, port, 3_000, 1_600_000_000))
            before, count = _processor_seconds(server), 30_000
            incoming = asyncio.run(_incoming(server, port, count, 1_700_000_000))
            per_core = count / (_processor_seconds(server) - before)
            outgoing = asyncio.run(_outgoing(server, port))
        finally:
            server.stop()
    figure = f"{si(per_core)}/s per core, {si(incoming)}/s from one client"
    return [
        Row("MQTT QoS 1 in", figure, "the limit", per_core, 5_000),
        Row("MQTT out to 200 subscribers", f"{si(outgoing)}/s", "the limit", outgoing, 20_000),
    ]


def _processor_seconds(server: Server) -> float:
    """What the server's process has used so far, all of its threads together."""
    assert server.process is not None
    spent = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


def _string(text: str) -> bytes:
    return len(text.encode()).to_bytes(2, "big") + text.encode()


def _frame(first: int, body: bytes) -> bytes:
    length, digits = len(body), bytearray()
    while True:
        length, digit = length >> 7, length & 0x7F
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes([first, *digits]) + body


async def _connected(port: int, name: str, password: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    flags = 0xC2 if password else 0x02
    body = _string("MQTT") + bytes([4, flags]) + b"\0\0" + _string(name)
    writer.write(_frame(0x10, body + (_string("t") + _string(password) if password else b"")))
    await reader.readexactly(4)
    return reader, writer


async def _incoming(server: Server, port: int, count: int, first: int) -> float:
    """Messages a second from one client that never waits. first: seconds of the first one's time."""
    reader, writer = await _connected(port, "in", server.seeds["write"])
    topic = _string(f"v1.1/Datastreams('{server.seeds['datastreams'][0]}')/Observations")
    frames = []
    for n in range(count):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(first + n))
        payload = f'{{"phenomenonTime":"{at}","result":{n % 50}.5}}'.encode()
        frames.append(_frame(0x32, topic + (n % 60_000 + 1).to_bytes(2, "big") + payload))
    begun = time.perf_counter()

    async def send() -> None:
        for n, frame in enumerate(frames):
            writer.write(frame)
            if n % 200 == 0:
                await writer.drain()

    sending = asyncio.create_task(send())
    await reader.readexactly(4 * count)
    await sending
    seconds = time.perf_counter() - begun
    writer.close()
    return count / seconds


async def _outgoing(server: Server, port: int, subscribers: int = 200, count: int = 300) -> float:
    stream = server.seeds["datastreams"][1]
    topic = f"v1.1/Datastreams('{stream}')/Observations?$select=result"
    clients = [await _connected(port, f"out{n}") for n in range(subscribers)]
    for reader, writer in clients:
        writer.write(_frame(0x82, b"\0\1" + _string(topic) + b"\0"))
        await reader.readexactly(5)
    rows = [
        {
            "datastream": stream,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + n)),
            "value": 1.5,
        }
        for n in range(count)
    ]
    size = len(_frame(0x30, _string(topic) + b'{"result":1.5}'))

    def send() -> None:
        with server.client() as client:
            for start in range(0, count, 10):
                assert client.post("/api/v1/observations", json=rows[start : start + 10]).status_code == 201

    begun = time.perf_counter()
    sending = asyncio.create_task(asyncio.to_thread(send))
    await asyncio.gather(*(reader.readexactly(size * count) for reader, _ in clients))
    await sending
    seconds = time.perf_counter() - begun
    for _, writer in clients:
        writer.close()
    return subscribers * count / seconds

"""Rows about features and tiles: boxes out of a million points, a tile of them, over HTTP."""

import http.client
import math
import random
import statistics
import time
from collections.abc import Callable

from bench.ground import scratch, timed
from bench.table import Row
from tests.serving import Server, filled, free_port

POINTS = 1_000_000
WEST, SOUTH, EAST, NORTH = 11.42, 50.82, 11.78, 51.08  # a little within the town of tests.ogc.layers
ROUNDS = 60
_ITEMS = "/api/ogc/collections/big/items"
_TILES = "/api/ogc/collections/big/tiles/WebMercatorQuad"


def features() -> list[Row]:
    """100 and 1,000 features by a box out of a million, and tiles that nobody asked for before."""
    with scratch() as folder:
        data = folder / "data"
        server = Server(data, free_port(), filled(data, "tests.ogc.layers", POINTS)).start()
        try:
            asking = _Asking(server)
            _until_copied(server, asking)
            return [*_boxes(asking), *_tiles(asking)]
        finally:
            server.stop()


class _Asking:
    """A plain client: what a comfortable one takes for itself is not the server's."""

    def __init__(self, server: Server) -> None:
        self._client = http.client.HTTPConnection("127.0.0.1", server.port)
        self.random = random.Random(5)

    def get(self, path: str) -> bytes:
        self._client.request("GET", path)
        answer = self._client.getresponse()
        body = answer.read()
        assert answer.status == 200, body[:200]
        return body

    def place(self) -> tuple[float, float]:
        return self.random.uniform(WEST, EAST), self.random.uniform(SOUTH, NORTH)

    def median(self, path: Callable[[], str]) -> float:
        for _ in range(5):
            self.get(path())
        paths = [path() for _ in range(ROUNDS)]
        return statistics.median(timed(lambda each=each: self.get(each)) for each in paths)


def _until_copied(server: Server, asking: _Asking) -> None:
    """The first question has the serving copy made."""
    asking.get(f"{_ITEMS}?limit=1")
    deadline = time.monotonic() + 60
    while not list((server.data / "holdings" / "serving").glob("[0-9a-f]*.duckdb")):
        assert time.monotonic() < deadline, server.log()
        asking.get(f"{_ITEMS}?limit=1")
        time.sleep(0.2)


def _boxes(asking: _Asking) -> list[Row]:
    found = []
    for limit, side, most in ((100, 0.005, 8.0), (1_000, 0.014, 40.0)):

        def path(limit: int = limit, side: float = side) -> str:
            lon, lat = asking.place()
            return f"{_ITEMS}?limit={limit}&bbox={lon:.6f},{lat:.6f},{lon + side:.6f},{lat + side:.6f}"

        taken = asking.median(path) * 1e3
        name = f"{limit:,} features by bounding box out of 1 M, p50"
        found.append(Row(name, f"{taken:.1f} ms", f"{most:g} ms", taken, most, most=True, unit=" ms"))
    return found


def _tiles(asking: _Asking) -> list[Row]:
    def path() -> str:
        lon, lat = asking.place()
        column = int((lon + 180) / 360 * 2**14)
        row = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**14)
        return f"{_TILES}/14/{row}/{column}"

    taken = asking.median(path) * 1e3
    again = path()
    known = statistics.median(timed(lambda: asking.get(again)) for _ in range(ROUNDS)) * 1e3
    name = "a vector tile at zoom 14 out of 1 M points, p50"
    return [
        Row(f"{name}, new", f"{taken:.1f} ms", "15 ms", taken, 15, most=True, unit=" ms"),
        Row(f"{name}, asked before", f"{known:.1f} ms", "15 ms", known, 15, most=True, unit=" ms"),
    ]

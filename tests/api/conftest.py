"""What tests of reading share: three datastreams with values, and requests to them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pyarrow as pa
import pytest

from tests.api.conforming import conforms
from tests.api.test_sending import arrow
from tests.serving import Server

URL = "/api/v1/observations"
MANY = 300_000
HOURS = 24 * 4  # four days around the end of summer time in 2026
FIRST = datetime(2026, 10, 23, 22, tzinfo=UTC)  # midnight of the 24th in town


@pytest.fixture(scope="package", autouse=True)
def every_answer_conforms() -> Iterator[None]:
    """Each answer that a test of the API gets is held against the description of the API."""
    ordinary = Server.client

    def client(self: Server, token: str = "write", **options: Any) -> httpx.Client:
        return ordinary(self, token, event_hooks={"response": [conforms]}, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "client", client)
        yield


@pytest.fixture(scope="module")
def streams(server) -> dict[str, str]:
    """Three datastreams with values: hourly ones around a change of clocks, a great many, and odd ones."""
    hourly, many, odd = server.seeds["datastreams"][:3]
    with server.client(timeout=60) as client:
        rows = [
            {"datastream": hourly, "time": (FIRST + timedelta(hours=k)).isoformat(), "value": k / 2}
            for k in range(HOURS)
        ]
        rows += [
            {"datastream": odd, "time": "2026-01-01T00:00:00Z", "value": 1234.5},
            {"datastream": odd, "time": "2026-01-01T00:00:00.25Z", "value": -9999},
            {"datastream": odd, "time": "2026-01-01T00:00:01Z", "value": None},
            {
                "datastream": odd,
                "time": "2026-01-01T00:00:02.000003Z",
                "value": 0.00001,
                "parameters": {"battery": 3.1},
            },
        ]
        assert client.post(URL, json=rows).status_code == 201
        times = np.datetime64("2025-01-01T00:00:00", "us") + np.arange(MANY) * np.timedelta64(1, "m")
        table = pa.table(
            {
                "datastream": pa.DictionaryArray.from_arrays(pa.array(np.zeros(MANY, np.int8)), pa.array([many])),
                "time": pa.array(times).cast(pa.timestamp("us", tz="UTC")),
                "value": np.arange(MANY) % 50 / 10,
            }
        )
        answer = client.post(URL, content=arrow(table), headers={"Content-Type": "application/vnd.apache.arrow.stream"})
        assert answer.status_code == 201, answer.text
    return {"hourly": hourly, "many": many, "odd": odd}


@pytest.fixture
def client(server, streams):
    with server.client("", timeout=60) as client:
        yield client


def series(client: httpx.Client, stream: str, **params) -> httpx.Response:
    answer = client.get(f"/api/v1/datastreams/{stream}/observations", params=params)
    assert answer.status_code == 200, answer.text
    return answer


def follow(client: httpx.Client, path: str, params: dict) -> list[dict]:
    """All pages from here on, by their `next`."""
    pages = [client.get(path, params=params).raise_for_status().json()]
    while pages[-1]["next"]:
        address = urlsplit(pages[-1]["next"])
        pages.append(client.get(f"{address.path}?{address.query}").raise_for_status().json())
        assert len(pages) < 100
    return pages

"""A server with layers, and requests to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import Server, filled, free_port

Get = Callable[..., Any]


@pytest.fixture(scope="package")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("layers") / "data"
    server = Server(data, free_port(), filled(data, "tests.ogc.layers"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="package")
def client(layers: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=layers.url + "/api/ogc", timeout=30) as client:
        yield client


@pytest.fixture
def get(client: httpx.Client) -> Get:
    """The JSON of an answer that is expected to be good."""

    def get(path: str, **parameters: Any) -> Any:
        given = {name.replace("_", "-").replace("-row", "_row"): value for name, value in parameters.items()}
        answer = client.get(path, params=given or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.fixture
def numbers(get: Get) -> Callable[..., list[int]]:
    """The numbers of the trees that fit, in rising order."""

    def numbers(**parameters: Any) -> list[int]:
        page = get("/collections/trees/items", limit=1000, **parameters)
        assert page["numberMatched"] == page["numberReturned"] == len(page["features"])
        return sorted(each["properties"]["umfang"] // 3 for each in page["features"])

    return numbers


@pytest.fixture
def refused(client: httpx.Client) -> Callable[..., dict[str, Any]]:
    """The problem of a request for trees that cannot be answered."""

    def refused(status: int = 400, path: str = "/collections/trees/items", **parameters: Any) -> dict[str, Any]:
        given = {name.replace("_", "-").replace("-row", "_row"): value for name, value in parameters.items()}
        answer = client.get(path, params=given or None)
        assert answer.status_code == status, answer.text
        return answer.json()

    return refused

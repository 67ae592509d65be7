"""A server with a small catalogue; see `seeding`."""

from collections.abc import Iterator

import httpx
import pytest

from tests.serving import Server, filled, free_port

TOWN = {"ALLMENDE_TOWN": "Musterstadt", "ALLMENDE_TOWN_KEY": "16053000"}


@pytest.fixture(scope="package")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data, port = tmp_path_factory.mktemp("catalogue") / "data", free_port()
    seeds = filled(data, "tests.catalogue.seeding")
    town = TOWN | {"ALLMENDE_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    server = Server(data, port, seeds, environment=town)
    yield server.start()
    server.stop()


@pytest.fixture
def stranger(catalogue: Server) -> Iterator[httpx.Client]:
    """Somebody without account or key."""
    with catalogue.client("") as client:
        yield client


@pytest.fixture
def insider(catalogue: Server) -> Iterator[httpx.Client]:
    """A machine of the office that owns the protected dataset."""
    with catalogue.client("insider") as client:
        yield client

"""A town lists what another town publishes: one real Allmende reads the other by each of its standard faces."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue.conftest import TOWN
from tests.serving import ROOT, Server, filled, free_port


@pytest.fixture(scope="module")
def neighbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data, port = tmp_path_factory.mktemp("neighbour") / "data", free_port()
    seeds = filled(data, "tests.catalogue.seeding")
    server = Server(data, port, seeds, environment=TOWN | {"ALLMENDE_PUBLIC_URL": f"http://127.0.0.1:{port}"})
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader") / "data"


def harvest(data: Path, neighbour: Server, *arguments: str) -> str:
    """What the command says."""
    environment = {"ALLMENDE_OUTGOING_HOSTS": f"127.0.0.1:{neighbour.port}", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "allmende.run", "harvest", *arguments, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("ckan", ""),
        ("dcat", "/catalogue.ttl"),
        pytest.param("dcat", "/catalogue.jsonld?page=1", marks=pytest.mark.slow),
        pytest.param("dcat", "/catalogue.xml", marks=pytest.mark.slow),
        ("features", "/api/ogc"),
        ("sensorthings", "/api/sta/v1.1"),
    ],
)
def test_a_neighbour_is_read_and_the_second_time_nothing_changes(data, neighbour, kind, path):
    added = harvest(data, neighbour, "add", kind, neighbour.url + path, "--publish")
    code = added.split()[0]
    first = harvest(data, neighbour, "run", code)
    assert " 0 changed, 0 as before, 0 gone" in first and not first.startswith("0 new") and "broken" not in first
    second = harvest(data, neighbour, "run", code)
    assert second.startswith("0 new, 0 changed, ") and "broken" not in second and "version" not in second


def test_the_rows_come_too_and_are_the_same(data, neighbour):
    code = harvest(data, neighbour, "add", "features", neighbour.url + "/api/ogc", "--with-data", "--publish").split()[
        0
    ]
    assert "version" in harvest(data, neighbour, "run", code)
    assert "version" not in harvest(data, neighbour, "run", code)

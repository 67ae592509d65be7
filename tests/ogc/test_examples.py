"""The examples of docs/features.md run as they stand there, and answer what the page says."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.test_examples import examples, plain, rounded
from tests.serving import ROOT, TABLES, Server, _environment, filled, free_port

FILE = "docs/examples/street-trees.csv"
LOADING = ("load", FILE, "--as", "table", "--dataset", "street-trees", "--key", "Nr", "--publish")


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    data = tmp_path / "data"
    filled(data, TABLES)
    command = [sys.executable, "-m", "allmende.run", *LOADING, "--yes", "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    server = Server(data, free_port()).start()
    yield {"SERVER": server.url, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    server.stop()


def test_the_page_names_how_its_file_is_loaded():
    assert f"`allmende {' '.join(LOADING)} --data DIR`" in (ROOT / "docs" / "features.md").read_text()


def test_every_example_answers_what_the_page_says(surroundings, tmp_path):
    assert len(examples("features.md")) >= 6
    for example in examples("features.md"):
        command = ["bash", "-euo", "pipefail", "-c", example.text]
        done = subprocess.run(command, env=surroundings, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, example.text + done.stdout + done.stderr
        said = plain(done.stdout, surroundings["SERVER"])
        if example.answer_kind == "json":
            assert rounded(said) == rounded(example.answer), example.text
        else:
            assert said == example.answer, example.text

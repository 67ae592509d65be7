"""The examples of the pages named below run as they stand there, and answer what the page says."""

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.serving import ROOT, TABLES, Server, _environment, filled, free_port

PAGES = ("api.md", "sensorthings.md", "catalogue.md")
SCOPES = "observations:write,observations:manage"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A command, and what it prints."""

    kind: str
    text: str
    answer_kind: str
    answer: str


def examples(page: str) -> list[Example]:
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text())
    found = []
    for (kind, text), (answer_kind, answer) in itertools.pairwise(blocks):
        if kind in ("sh", "python"):
            assert answer_kind in ("json", "text", "csv"), f"an answer should follow: {text}"
            found.append(Example(kind, text, answer_kind, answer))
    return found


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A server with the school garden and a key, and the variables that the page asks for."""
    data = tmp_path / "data"
    filled(data, TABLES)

    def allmende(*arguments: str) -> str:
        command = [sys.executable, "-m", "allmende.run", *arguments, "--data", str(data)]
        done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    allmende("load", "docs/examples/school-garden.csv", "--dataset", "school-garden", "--yes")
    allmende("load", "docs/examples/town-trees.csv", "--dataset", "street-trees", "--as", "table", "--publish", "--yes")
    key = allmende("token", "create", "--name", "x", "--scopes", SCOPES, "--datasets", "school-garden")
    port = str(free_port())
    server = Server(data, free_port(), environment={"ALLMENDE_MQTT_PORT": port}).start()
    streams = httpx.get(server.url + "/api/v1/datastreams?dataset=school-garden").json()["datastreams"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    yield {
        "SERVER": server.url,
        "KEY": key.splitlines()[-1],
        "STREAM": streams[0]["id"],
        "MQTT_PORT": port,
        "PATH": path,
    }
    server.stop()


# What is set in one example is there in the next, as it is for somebody who types them one after the other.
BEFORE = "[ ! -f known ] || . ./known\n"
AFTER = "declare -p stream bench >known 2>/dev/null || true\n"


def plain(text: str, server: str) -> str:
    """An answer without what is different every time."""
    return re.sub(r"(dst|thg)-[0-9a-z]{10}", r"\1-…", text.replace(server, "…"))


def rounded(text: str) -> object:
    """JSON with nine decimals at most, as the page shows them."""
    return json.loads(text, parse_float=lambda number: round(float(number), 9))


@pytest.mark.parametrize("document", PAGES)
def test_every_example_answers_what_the_page_says(document, surroundings, tmp_path):
    """In one test, because each builds on what those before have sent."""
    assert len(examples(document)) >= 5
    for example in examples(document):
        command = [sys.executable, "-c", example.text]
        if example.kind == "sh":
            command = ["bash", "-euo", "pipefail", "-c", BEFORE + example.text + AFTER]
        done = subprocess.run(command, env=surroundings, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, example.text + done.stdout + done.stderr
        said = plain(done.stdout, surroundings["SERVER"])
        if example.answer_kind == "json":
            assert rounded(said) == rounded(example.answer), example.text
        else:
            assert said == example.answer, example.text

"""What the tests of the loaders share: small made-up files with real dirt, and reading without a sandbox."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.utils import translation

from allmende.catalogue.loaders.parse import COUNTS, OBSERVATIONS, parse
from allmende.catalogue.loaders.recipe import Recipe
from allmende.catalogue.loaders.sniff import sniff
from allmende.core.clock import MAX_US, MIN_US

YEARS = {"earliest": MIN_US, "latest": MAX_US}
TOWN = "Europe/Berlin"
FILES = Path(__file__).parents[5] / "tests" / "files"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """What is said is compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def files() -> Path:
    """The folder of the small made-up files."""
    return FILES


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes text or bytes into a file and returns its path."""

    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def sniffed(path: Path, **hints: Any) -> dict[str, Any]:
    """What `sniff` says of a file, in this process."""
    with path.open("rb", buffering=0) as source:
        return json.loads(next(sniff(source, hints, TOWN, **YEARS)))


def said(found: dict[str, Any], topic: str) -> list[tuple[str, str]]:
    """(value, code of the evidence) of each assumption about a topic."""
    return [(each["value"], each["why"]["code"]) for each in found["said"] if each["topic"] == topic]


class Parsed:
    """What `parse` handed out of a file, in this process."""

    def __init__(self, path: Path, recipe: Recipe | dict[str, Any] | None = None, **arguments: Any) -> None:
        plain = recipe.to_json() if isinstance(recipe, Recipe) else recipe or sniffed(path)["recipe"]
        self.recipe = Recipe.from_json(plain)
        self.places: list[tuple[str, ...]] = []
        self.told: list[dict[str, Any]] = []
        self.aside: list[dict[str, Any]] = []
        self.done: dict[str, Any] = {}
        self.unreadable: dict[str, Any] = {}
        batches = [OBSERVATIONS.empty_table()]
        with path.open("rb", buffering=0) as source:
            for frame in parse(source, plain, **YEARS, **arguments):
                if frame[:1] == b"A":
                    batch = pa.ipc.read_record_batch(pa.py_buffer(frame[1 + COUNTS.size :]), OBSERVATIONS)
                    batches.append(pa.Table.from_batches([batch]))
                else:
                    self._take(json.loads(frame[1:]))
        self.table = pa.concat_tables(batches)

    def _take(self, told: dict[str, Any]) -> None:
        self.told += told.get("places", [])
        self.places += [tuple(place["key"]) for place in told.get("places", [])]
        self.aside += told.get("aside", [])
        self.done = told.get("done", self.done)
        self.unreadable = told.get("unreadable", self.unreadable)

    def series(self, *key: str, column: str | None = None) -> list[tuple[str, float]]:
        """(time in UTC to the second, value) of one place and value column, in the order of the file."""
        columns = [each.column for each in self.recipe.values]
        number = self.places.index(key) * len(columns) + (columns.index(column) if column else 0)
        rows = self.table.filter(pa.compute.equal(self.table["series"], number))
        times = np.datetime_as_string(rows["time"].to_numpy().astype("datetime64[us]"), "s")
        return list(zip(times.tolist(), rows["value"].to_pylist(), strict=True))

    def reasons(self) -> dict[int, str]:
        """Why each row was set aside, by its number."""
        return {each["row"]: each["code"] for each in self.aside}

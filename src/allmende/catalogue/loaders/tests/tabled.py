"""Tables of files read in this process, without a sandbox: what was proposed, and what was then loaded."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import shapely

from allmende.catalogue.loaders.said import Said
from allmende.catalogue.loaders.tabular.look import look
from allmende.catalogue.loaders.tabular.recipe import TableRecipe
from allmende.catalogue.loaders.tabular.rows import COUNTS, rows, schema_of
from allmende.catalogue.loaders.words import words
from allmende.core.clock import MAX_US, MIN_US

YEARS = {"earliest": MIN_US, "latest": MAX_US}


def looked(source: BinaryIO, name: str, **hints: Any) -> dict[str, Any]:
    """What `look` says: {"tables"} or {"unreadable"}."""
    return json.loads(next(look(source, name, hints, "Europe/Berlin", **YEARS)))


class Tabled:
    """One table of a file, proposed and loaded. refused: why not; said: (topic, value, code of the evidence)."""

    def __init__(self, content: bytes | Path, name: str = "file", number: int = 0, **hints: Any) -> None:
        self.name = name
        if isinstance(content, Path):
            with content.open("rb", buffering=0) as source:
                self._load(source, content.name, number, hints)
        else:
            with as_file(content) as source:
                self._load(source, name, number, hints)

    def _load(self, source: BinaryIO, name: str, number: int, hints: dict[str, Any]) -> None:
        self.refused, self.words = "", ""
        answer = looked(source, name, **hints)
        if "unreadable" in answer:
            self._refuse(answer["unreadable"])
            return
        self.tables = answer["tables"]
        self.proposal = answer["tables"][number]
        self.recipe = TableRecipe.from_json(self.proposal["recipe"])
        self.said = [(each["topic"], each["value"], each["why"]["code"]) for each in self.proposal["said"]]
        for each in self.proposal["said"]:
            words(Said.from_json(each["why"]))  # each has its text, and the parameters that it needs
        self.read(source, self.recipe)

    def read(self, source: BinaryIO, recipe: TableRecipe) -> None:
        """Loads the table by a recipe, which may be that of another file."""
        self.aside: list[dict[str, Any]] = []
        self.done: dict[str, Any] = {}
        self.frames, batches = 0, []
        for frame in rows(source, recipe.to_json(), **YEARS):
            if frame[:1] == b"A":
                self.frames += 1
                schema = schema_of(recipe.used(), recipe.where is not None)
                batches.append(pa.ipc.read_record_batch(pa.py_buffer(frame[1 + COUNTS.size :]), schema))
                continue
            told = json.loads(frame[1:])
            self.aside += told.get("aside", [])
            self.done = told.get("done", self.done)
            if "unreadable" in told:
                self._refuse(told["unreadable"])
        self.table = pa.Table.from_batches(batches, schema_of(recipe.used(), recipe.where is not None))

    def _refuse(self, problem: dict[str, Any]) -> None:
        self.refused, self.words = problem["code"], words(Said.from_json(problem))

    @property
    def types(self) -> dict[str, str]:
        return {each.name: each.type for each in self.recipe.used()}

    def column(self, name: str) -> list[Any]:
        return self.table[name].to_pylist()

    def of(self, topic: str) -> list[tuple[str, str]]:
        return [(value, code) for about, value, code in self.said if about == topic]

    def instead(self, topic: str) -> list[str]:
        return [word for each in self.proposal["said"] if each["topic"] == topic for word in each["instead"]]

    @property
    def shapes(self) -> np.ndarray:
        return shapely.from_wkb(np.array(self.table["geometry"].to_pylist(), dtype=object))

    def wkt(self) -> list[str]:
        return [each if each is None else shapely.to_wkt(each, rounding_precision=3) for each in self.shapes]


def survives(content: bytes, name: str, **hints: Any) -> str:
    """The code of the refusal, or `read`: nothing else may come of any bytes whatever."""
    with as_file(content) as source:
        answer = looked(source, name, **hints)
        if "unreadable" in answer:
            assert words(Said.from_json(answer["unreadable"]))
            return answer["unreadable"]["code"]
        for table in answer["tables"]:
            for frame in rows(source, table["recipe"], **YEARS):
                if frame[:1] == b"J" and "unreadable" in (told := json.loads(frame[1:])):
                    assert words(Said.from_json(told["unreadable"]))
                    return told["unreadable"]["code"]
    return "read"


@contextmanager
def as_file(content: bytes) -> Iterator[BinaryIO]:
    """An open file with this content, as the sandbox gets it: some libraries read nothing else."""
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        file.write(content)
        file.seek(0)
        yield file

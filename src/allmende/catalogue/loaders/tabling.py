"""The door to tables in files: proposes how to read each, and reads it. Everything foreign is parsed in the sandbox.

with Tabling(path, folder) as tabling:
    proposals = tabling.propose(TableHints())
    loaded = tabling.read(proposals[0].recipe)
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.reading import aside_path, limits_for, too_many_aside
from allmende.catalogue.loaders.recipes import family
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.setaside import SetAside
from allmende.catalogue.loaders.tablespool import TableSpool
from allmende.catalogue.loaders.tabular.recipe import Field, TableHints, TableRecipe
from allmende.catalogue.loaders.tabular.rows import COUNTS
from allmende.core.clock import MAX_US, MIN_US, town_zone
from allmende.core.sandbox import Sandbox, SandboxError

_YEARS = {"earliest": MIN_US, "latest": MAX_US}
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TableProposal:
    """How to read one table of a file. said: each assumption with its evidence; preview: the first rows as they stand;
    rows: how many there are, where the format says so."""

    recipe: TableRecipe
    said: tuple[Assumption, ...]
    preview: tuple[dict[str, str], ...] = ()
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The first rows by a recipe. rows: cells as text, None for no value; places: longitude and latitude of each row,
    None where it has none; aside: rows that do not fit; tried: how many rows were looked at."""

    rows: list[dict[str, str | None]]
    places: list[list[float] | None]
    aside: list[dict[str, Any]]
    tried: int


@dataclass(slots=True)
class LoadedTable:
    """What a file gave. spool: the rows; recipe: with the types that the columns turned out to have; rows, aside,
    blank: of the file; nothing: cells per column that said «no value»; invalid: areas that cross themselves; unplaced:
    rows without a place; more: headings that the recipe does not know; broken: why the file ended early."""

    spool: TableSpool
    aside: SetAside
    recipe: TableRecipe
    encoding: str = ""
    rows: int = 0
    blank: int = 0
    nothing: dict[str, int] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    invalid: int = 0
    unplaced: int = 0
    more: tuple[str, ...] = ()
    broken: Said | None = None

    def close(self, *, keep_aside: bool = True) -> None:
        """Lets go of the spool, and of the rows set aside where nothing of the file was kept."""
        self.spool.close()
        self.aside.close(keep=keep_aside)


class Tabling:
    """One file and its child, which starts at once. folder: a place for what does not fit into memory, and for the
    rows set aside."""

    def __init__(self, path: Path, folder: Path, name: str = "") -> None:
        self.path, self.folder, self.name = path, folder, name or path.name
        self._file = path.open("rb", buffering=0)
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            self._box = Sandbox("allmende.catalogue.loaders.tabular.child", self._file, limits_for(self.size))
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._box.close()
        self._file.close()

    @property
    def network_isolated(self) -> bool:
        """Whether the child is cut off from the network; known once it has answered."""
        return self._box.network_isolated

    def propose(self, hints: TableHints | None = None) -> list[TableProposal]:
        """How each table of the file is to be read. Raises Unreadable."""
        arguments = {"name": self.name, "hints": asdict(hints or TableHints()), "town_zone": town_zone().key}
        try:
            found = json.loads(b"".join(self._box.call("look", **arguments, **_YEARS)))
        except SandboxError as problem:
            raise Unreadable("sandbox", reason=str(problem)) from problem
        if "unreadable" in found:
            raise Unreadable(found["unreadable"]["code"], **found["unreadable"]["params"])
        proposals = [_proposal(each) for each in found["tables"]]
        return [_named(proposals[0], family(Path(self.name)))] if len(proposals) == 1 else proposals

    def trial(self, recipe: TableRecipe) -> Trial:
        """What the first rows would become. Raises Unreadable."""
        try:
            found = json.loads(b"".join(self._box.call("trial", recipe=recipe.to_json(), **_YEARS)))
        except SandboxError as problem:
            raise Unreadable("sandbox", reason=str(problem)) from problem
        if "unreadable" in found:
            raise Unreadable(found["unreadable"]["code"], **found["unreadable"]["params"])
        return Trial(found["rows"], found["places"], found["aside"], found["tried"])

    def read(self, recipe: TableRecipe, *, partial: bool = False, progress: Progress | None = None) -> LoadedTable:
        """The whole table by this recipe. progress: told bytes of the file and rows so far. Raises Unreadable; then
        nothing is left. A text whose beginning was plain ASCII and that is not UTF-8 further on is read once more."""
        try:
            return self._read(recipe, partial, progress)
        except Unreadable as problem:
            if problem.said.code != "wrong_encoding" or problem.said.params.get("encoding") != "utf-8":
                raise
            if recipe.options.get("encoding"):
                raise
        options = {**recipe.options, "encoding": "cp1252"}
        return self._read(replace(recipe, options=options), partial, progress)

    def _read(self, recipe: TableRecipe, partial: bool, progress: Progress | None) -> LoadedTable:
        self.folder.mkdir(parents=True, exist_ok=True)
        spool = TableSpool(self.folder, recipe)
        loaded = LoadedTable(spool, SetAside(aside_path(self.folder, self.name)), recipe)
        try:
            self._collect({"recipe": recipe.to_json(), "partial": partial}, loaded, progress)
            self._judge(loaded)
        except BaseException as problem:
            loaded.close(keep_aside=isinstance(problem, Unreadable) and problem.said.code == "most_misfit")
            if isinstance(problem, SandboxError):
                raise Unreadable("sandbox", reason=str(problem)) from problem
            raise
        return loaded

    def _collect(self, arguments: dict[str, Any], loaded: LoadedTable, progress: Progress | None) -> None:
        for frame in self._box.call("rows", **arguments, **_YEARS):
            if frame[:1] == b"J":
                _told(json.loads(frame[1:]), loaded)
                continue
            consumed, rows = COUNTS.unpack_from(frame, 1)
            loaded.spool.add(memoryview(frame)[1 + COUNTS.size :])
            if progress:
                progress(min(consumed, self.size), rows)

    def _judge(self, loaded: LoadedTable) -> None:
        """Refuses what would be a mistake to keep."""
        if too_many_aside(loaded.aside.count, loaded.rows):
            raise Unreadable("most_misfit", aside=loaded.aside.count, rows=loaded.rows, first=loaded.aside.first)
        if not loaded.spool.rows:
            raise Unreadable("nothing_kept", rows=loaded.rows)


def _named(only: TableProposal, name: str) -> TableProposal:
    """The only table of a file is called like the file's family, so that next month's goes on with it."""
    title = name.replace("-", " ")
    return replace(only, recipe=replace(only.recipe, table=name, title=title[:1].upper() + title[1:]))


def _proposal(found: dict[str, Any]) -> TableProposal:
    said = tuple(Assumption.from_json(each) for each in found["said"])
    return TableProposal(TableRecipe.from_json(found["recipe"]), said, tuple(found["preview"]), found["rows"])


def _told(said: dict[str, Any], loaded: LoadedTable) -> None:
    """Takes in what the child says beside rows."""
    if "columns" in said:
        loaded.encoding, loaded.more = said["encoding"], tuple(said["more"])
        loaded.aside.begin(said["columns"], said["delimiter"])
    elif "wider" in said:
        loaded.recipe = _widened(loaded.recipe, said["wider"])
        loaded.spool.begin(loaded.recipe)
    elif "aside" in said:
        loaded.aside.add(said["aside"])
    elif "unreadable" in said:
        raise Unreadable(said["unreadable"]["code"], **said["unreadable"]["params"])
    elif "done" in said:
        done = said["done"]
        loaded.rows, loaded.blank, loaded.nothing = done["rows"], done["blank"], done["nothing"]
        loaded.kinds, loaded.invalid, loaded.unplaced = tuple(done["kinds"]), done["invalid"], done["unplaced"]
        loaded.more = (*loaded.more, *done["late"])
        loaded.broken = done["broken"] and Said.from_json(done["broken"])


def _widened(recipe: TableRecipe, wider: dict[str, str]) -> TableRecipe:
    def field_(each: Field) -> Field:
        return replace(each, type=wider[each.name]) if each.use and each.name in wider else each

    return replace(recipe, fields=tuple(field_(each) for each in recipe.fields))

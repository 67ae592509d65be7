"""The door to the loaders: proposes how to read a file, and reads it. Everything foreign is parsed in the sandbox.

with Reading(path, folder) as reading:
    proposal = reading.propose(Hints())
    loaded = reading.read(proposal.recipe)
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from allmende.catalogue.loaders.parse import COUNTS
from allmende.catalogue.loaders.proposal import Proposal, proposal_of
from allmende.catalogue.loaders.recipe import Hints, Recipe
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.setaside import SetAside
from allmende.catalogue.loaders.spool import Spool
from allmende.core.clock import MAX_US, MIN_US, town_zone
from allmende.core.sandbox import Limits, Sandbox, SandboxError

_MOST_ASIDE = 0.5  # where more of the rows do not fit, it is the recipe that does not;
_FEW_ASIDE = 20  # but a file of rows that are being mended may have some
_YEARS = {"earliest": MIN_US, "latest": MAX_US}

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Place:
    """A place as the file names it. key: the cells that tell it from others (none: the file is one place)."""

    key: tuple[str, ...]
    label: str = ""
    point: tuple[float, float] | None = None


@dataclass(slots=True)
class Loaded:
    """What a file gave. spool: observations, series numbered place × value column; rows, aside, blank: rows of the
    file; no_value: cells that said «no value»; twice: times of the hour that the clock shows twice; broken: why the
    file ended early; sentinels: per value column, numbers that mean «no value», and how often they came."""

    spool: Spool
    aside: SetAside
    places: list[Place] = field(default_factory=list)
    encoding: str = ""
    rows: int = 0
    blank: int = 0
    no_value: int = 0
    twice: int = 0
    broken: Said | None = None
    sentinels: list[dict[float, int]] = field(default_factory=list)

    def close(self, *, keep_aside: bool = True) -> None:
        """Lets go of the spool, and of the rows set aside where nothing of the file was kept."""
        self.spool.close()
        self.aside.close(keep=keep_aside)


class Reading:
    """One file and its child, which starts at once.

    path: the file; folder: a place for what does not fit into memory, and for the rows set aside.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.path, self.folder = path, folder
        self._file = path.open("rb", buffering=0)
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            self._box = Sandbox("allmende.catalogue.loaders.child", self._file, limits_for(self.size))
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

    def propose(self, hints: Hints | None = None) -> Proposal:
        """How the file is to be read, from its beginning. Raises Unreadable."""
        arguments = {"hints": asdict(hints or Hints()), "town_zone": town_zone().key}
        try:
            found = json.loads(b"".join(self._box.call("sniff", **arguments, **_YEARS)))
        except SandboxError as problem:
            raise Unreadable("sandbox", reason=str(problem)) from problem
        if "unreadable" in found:
            raise Unreadable(found["unreadable"]["code"], **found["unreadable"]["params"])
        return proposal_of(found)

    def read(self, recipe: Recipe, *, partial: bool = False, progress: Progress | None = None) -> Loaded:
        """The whole file by this recipe. progress: told bytes of the file and rows so far. Raises Unreadable; then
        nothing is left. A file whose beginning was plain ASCII and that is not UTF-8 further on is read once more."""
        try:
            return self._read(recipe, "", partial, progress)
        except Unreadable as problem:
            if problem.said.code != "wrong_encoding" or problem.said.params["encoding"] != "utf-8" or recipe.encoding:
                raise
        return self._read(recipe, "cp1252", partial, progress)

    def _read(self, recipe: Recipe, encoding: str, partial: bool, progress: Progress | None) -> Loaded:
        arguments = {"recipe": recipe.to_json(), "encoding": encoding, "partial": partial}
        self.folder.mkdir(parents=True, exist_ok=True)
        loaded = Loaded(Spool(self.folder), SetAside(aside_path(self.folder, self.path.name)))
        try:
            self._collect(arguments, len(recipe.values), loaded, progress)
            self._judge(loaded)
        except BaseException as problem:
            loaded.close(keep_aside=isinstance(problem, Unreadable) and problem.said.code == "most_misfit")
            if isinstance(problem, SandboxError):
                raise Unreadable("sandbox", reason=str(problem)) from problem
            raise
        return loaded

    def _collect(self, arguments: dict[str, Any], width: int, loaded: Loaded, progress: Progress | None) -> None:
        for frame in self._box.call("parse", **arguments, **_YEARS):
            if frame[:1] == b"J":
                self._told(json.loads(frame[1:]), loaded)
                continue
            consumed, rows = COUNTS.unpack_from(frame, 1)
            loaded.spool.add(memoryview(frame)[1 + COUNTS.size :], len(loaded.places) * width)
            if progress:
                progress(min(consumed, self.size), rows)

    def _told(self, said: dict[str, Any], loaded: Loaded) -> None:
        if "columns" in said:
            loaded.encoding = said["encoding"]
            loaded.aside.begin(said["columns"], said["delimiter"])
        elif "places" in said:
            for place in said["places"]:
                point = place.get("point")
                loaded.places.append(Place(tuple(place["key"]), place.get("label", ""), point and tuple(point)))
        elif "aside" in said:
            loaded.aside.add(said["aside"])
        elif "unreadable" in said:
            raise Unreadable(said["unreadable"]["code"], **said["unreadable"]["params"])
        elif "done" in said:
            done = said["done"]
            loaded.rows, loaded.blank, loaded.no_value = done["rows"], done["blank"], done["no_value"]
            loaded.twice, loaded.broken = done["twice"], done["broken"] and Said.from_json(done["broken"])
            loaded.sentinels = [{float(n): count for n, count in each.items()} for each in done["sentinels"]]

    def _judge(self, loaded: Loaded) -> None:
        """Refuses what would be a mistake to keep."""
        if too_many_aside(loaded.aside.count, loaded.rows):
            raise Unreadable("most_misfit", aside=loaded.aside.count, rows=loaded.rows, first=loaded.aside.first)
        if not loaded.spool.rows:
            raise Unreadable("nothing_kept", rows=loaded.rows)


def aside_path(folder: Path, name: str) -> Path:
    """A name not taken yet: a mended file may be the very one that is read."""
    stem = name.split(".")[0] or "file"
    names = (f"{stem}.set-aside{number}.csv" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(path for path in (folder / name for name in names) if not path.exists())


def too_many_aside(aside: int, rows: int) -> bool:
    """Whether it is the recipe that does not fit, rather than the rows."""
    return aside > max(_FEW_ASIDE, _MOST_ASIDE * rows)


def limits_for(size: int) -> Limits:
    """Time by size: the slowest way of reading does some 5 MB a second, and packed files hold ten times as much."""
    seconds = 60 + size // 200_000
    return Limits(cpu_seconds=seconds, wall_seconds=2 * seconds)

"""Looks into a folder every few seconds and loads the files that rest, one after another."""

import asyncio
import stat
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from allmende.connectors.csv_folder.filing import Filed, file_away
from allmende.connectors.csv_folder.places import place_of
from allmende.connectors.kind import Way
from allmende.connectors.pauses import pause_after, sleep
from allmende.core.connections import cleanly
from allmende.core.said import Said, said_of

_LONGEST_PAUSE = 600.0
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp", "~")


class _Seen(NamedTuple):
    """How a file looked, and since when it has looked so (monotonic seconds)."""

    size: int
    changed: int
    since: float


class Watcher:
    """One connector's folder."""

    def __init__(self, way: Way) -> None:
        self._way, self._health = way, way.health
        self._folder = place_of(way.config.folder)
        self._seen: dict[str, _Seen] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until the event is set."""
        while not stop.is_set():
            pause = float(self._way.config.every)
            try:
                resting = await asyncio.to_thread(self._look)
                self._health.connection(True)
                self._health.progress = {"waiting": len(self._seen)}
                for name in resting:
                    if stop.is_set():
                        return
                    self._note(name, await asyncio.to_thread(cleanly, self._load, name))
            except Exception as error:  # the folder is away, the store is full: the files stay where they are
                text = "%(folder)s: %(problem)s"
                self._health.connection(False, Said(text, {"folder": str(self._folder), "problem": said_of(error)}))
                pause = pause_after(self._health.attempts_failed, pause, max(pause, _LONGEST_PAUSE))
            self._health.again(pause)
            await sleep(stop, pause)

    def _look(self) -> list[str]:
        """The names of files that have not changed for long enough, the oldest first."""
        self._folder.mkdir(parents=True, exist_ok=True)
        now, found = monotonic(), dict[str, _Seen]()
        for entry in self._folder.iterdir():
            facts = entry.lstat()
            if stat.S_ISREG(facts.st_mode) and not _unfinished(entry):
                before = self._seen.get(entry.name)
                same = before is not None and before[:2] == (facts.st_size, facts.st_mtime_ns)
                since = before.since if same and before else now
                found[entry.name] = _Seen(facts.st_size, facts.st_mtime_ns, since)
        self._seen = found
        resting = [name for name, seen in found.items() if now - seen.since >= self._way.config.rest]
        return sorted(resting, key=lambda name: (found[name].changed, name))

    def _load(self, name: str) -> Filed:
        return file_away(self._folder / name, self._way.code, self._way.dataset)

    def _note(self, name: str, filed: Filed) -> None:
        self._seen.pop(name, None)
        self._health.page()
        self._health.took(filed.observations)
        if filed.problem:
            self._health.fault([Said("%(name)s: %(problem)s", {"name": name, "problem": filed.problem})])


def _unfinished(entry: Path) -> bool:
    return entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED)

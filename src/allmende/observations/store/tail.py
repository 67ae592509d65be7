"""The tail: rows that are acknowledged (in the hot log) but not yet in the columnar store, held in memory for reads.

Two generations: `current` takes what is committed; the drain freezes it into `draining` and drops that when the
columnar store has it. Rows are filed by Datastream only when somebody reads, so that writing stays cheap.
"""

from collections.abc import Collection, Iterable, Sequence
from threading import Lock

from allmende.observations.store.rows import GONE, Sample, StoredRow

_Filed = dict[int, dict[int, StoredRow]]  # by Datastream, then by time and rank in one number
_RANKS = 16  # bits of the rank


class _Generation:
    """Rows of one drain: appended in order, filed by key on demand; the last write of a key wins."""

    def __init__(self) -> None:
        self.rows: list[StoredRow] = []
        self.last_seq = 0
        self.newest: dict[int, StoredRow] = {}
        self.lossy: set[int] = set()  # Datastreams of which something was deleted
        self.ranks: dict[int, int] = {}  # the highest rank of a Datastream, where it is not 0
        self._filed: _Filed = {}
        self._filed_upto = 0
        self._low = self._high = 0

    def filed(self) -> _Filed:
        """Rows by Datastream and key; brings `newest` and `lossy` up to date as well."""
        filed, newest = self._filed, self.newest
        for row in self.rows[self._filed_upto :]:
            ds, key = row[0], row[1] << _RANKS | row[5]
            if row[1] < self._low or not filed:
                self._low = row[1]
            if row[1] > self._high or not filed:
                self._high = row[1]
            filed.setdefault(ds, {})[key] = row
            if row[5] and row[5] > self.ranks.get(ds, 0):
                self.ranks[ds] = row[5]
            if row[3] == GONE:
                self.lossy.add(ds)
            elif ds not in newest or key >= newest[ds][1] << _RANKS | newest[ds][5]:
                newest[ds] = row
        self._filed_upto = len(self.rows)
        return filed

    def spread(self) -> tuple[int, int, int]:
        """(smallest time, largest time, rows)."""
        self.filed()
        return self._low, self._high, len(self.rows)


class Tail:
    """Thread-safe. All times are µs UTC."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._current = _Generation()
        self._draining: _Generation | None = None

    def add(self, seq: int, rows: list[StoredRow]) -> int:
        """Takes a committed group; returns how many rows wait to be drained."""
        with self._lock:
            self._current.rows.extend(rows)
            self._current.last_seq = seq
            return len(self._current.rows)

    def size(self) -> int:
        """Rows not yet in the columnar store, repeats counted."""
        with self._lock:
            return len(self._current.rows) + (len(self._draining.rows) if self._draining else 0)

    def freeze(self) -> tuple[int, list[StoredRow]] | None:
        """Hands the current generation to the drain: (last sequence number, rows). None when there is nothing.

        A generation whose drain failed is handed out again before a new one is begun.
        """
        with self._lock:
            if self._draining is None:
                if not self._current.rows:
                    return None
                self._draining, self._current = self._current, _Generation()
            return self._draining.last_seq, self._draining.rows

    def drained(self) -> None:
        """The columnar store has the frozen generation."""
        with self._lock:
            self._draining = None

    def _generations(self) -> list[_Generation]:
        return [self._draining, self._current] if self._draining else [self._current]

    def rows_of(self, ds: int, begin: int | None = None, end: int | None = None) -> list[StoredRow]:
        """Rows of one Datastream with begin <= t < end, one per key, in order; deleted ones with quality GONE."""
        with self._lock:
            found: dict[int, StoredRow] = {}
            for generation in self._generations():
                found.update(generation.filed().get(ds, {}))
        low, high = (None if side is None else side << _RANKS for side in (begin, end))
        keys = sorted(key for key in found if (low is None or key >= low) and (high is None or key < high))
        return [found[key] for key in keys]

    def all_rows(self) -> list[StoredRow]:
        """Every row, one per key (for questions over all Datastreams); deleted ones with quality GONE."""
        with self._lock:
            found: dict[tuple[int, int], StoredRow] = {}
            for generation in self._generations():
                for ds, filed in generation.filed().items():
                    for key, row in filed.items():
                        found[ds, key] = row
        return list(found.values())

    def between(self, streams: Sequence[int] | None, begin: int, end: int) -> list[StoredRow]:
        """Rows of these Datastreams (None: of all) with begin <= t < end, one per key; deleted ones as GONE."""
        found: dict[tuple[int, int], StoredRow] = {}
        low, high = begin << _RANKS, end << _RANKS
        wanted = None if streams is None else set(streams)
        with self._lock:
            for generation in self._generations():
                filed = generation.filed()
                for ds in filed if wanted is None else wanted & filed.keys():
                    found.update(((ds, key), row) for key, row in filed[ds].items() if low <= key < high)
        return list(found.values())

    def at(self, ds: int, times: Collection[int]) -> list[StoredRow]:
        """Rows of one Datastream at exactly these times (a set where there are many), one per key; deleted ones as
        GONE."""
        found: dict[int, StoredRow] = {}
        with self._lock:
            for generation in self._generations():
                filed, ranks = generation.filed().get(ds, {}), generation.ranks.get(ds, 0) + 1
                if ranks * len(times) > len(filed):  # so many of one time that looking at all there are is less work
                    found.update((key, row) for key, row in filed.items() if row[1] in times)
                    continue
                for time in times:
                    for key in range(time << _RANKS, (time << _RANKS) + ranks):
                        if key in filed:
                            found[key] = filed[key]
        return list(found.values())

    def upto(self, ids: Iterable[int]) -> dict[int, int]:
        """The latest time of each of these Datastreams that has rows here; deleted rows may or may not count."""
        found: dict[int, int] = {}
        with self._lock:
            for generation in self._generations():
                generation.filed()
                for ds in ids:
                    row = generation.newest.get(ds)
                    if row is not None and row[1] >= found.get(ds, row[1]):
                        found[ds] = row[1]
        return found

    def streams(self) -> set[int]:
        """The Datastreams that have rows here."""
        with self._lock:
            return set().union(*(generation.filed().keys() for generation in self._generations()))

    def spread(self) -> tuple[int, int, int]:
        """(smallest time, largest time, rows) of all that is here, deleted rows counted."""
        with self._lock:
            parts = [generation.spread() for generation in self._generations()]
        full = [part for part in parts if part[2]]
        if not full:
            return 0, 0, 0
        return min(p[0] for p in full), max(p[1] for p in full), sum(p[2] for p in full)

    def lossy(self) -> set[int]:
        """Datastreams of which a row was deleted and not yet drained: what is kept of them in sum does not hold."""
        with self._lock:
            for generation in self._generations():
                generation.filed()
            return set().union(*(generation.lossy for generation in self._generations()))

    def latest(self, ids: list[int]) -> dict[int, Sample]:
        """The newest row per Datastream, where the tail has one."""
        newest: dict[int, Sample] = {}
        with self._lock:
            for generation in self._generations():
                generation.filed()
                for ds in ids:
                    row = generation.newest.get(ds)
                    if row and (ds not in newest or (row[1], row[5]) >= (newest[ds].time, newest[ds].rank)):
                        newest[ds] = Sample(*row[1:])
        return newest

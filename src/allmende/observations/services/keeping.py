"""Which key an observation gets that has an identity of its own, as in SensorThings: (time, rank) in its Datastream.

The first of a time has rank 0, so that the native interface sees it; others of the same time get the ranks after it.
The same content sent twice is one observation. For the event loop of the process that owns the store: a time newer than
all that is known needs no look-up; for others the store is asked, one request after the other in each Datastream.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import NamedTuple

from allmende.core.connections import cleanly
from allmende.observations.extras import Extra, pack, unpack
from allmende.observations.models import Datastream
from allmende.observations.queries.identity import found_at, moved_keys, rows_at
from allmende.observations.store.owner import Store
from allmende.observations.store.rows import GONE, MOST_AT_ONCE, StoredRow
from allmende.observations.stores import own
from allmende.observations.streams import StreamInfo, changed

__all__ = [
    "Entry",
    "Future",
    "Kept",
    "StoredRow",
    "TooManyAtOnce",
    "UnknownObservation",
    "keep",
    "keep_newer",
    "keep_newest",
    "remove",
    "revise",
]
Future = asyncio.Future[None]
Edit = Callable[[StoredRow, Extra], tuple[int, float | None, int, Extra]]


class Entry(NamedTuple):
    """An observation on its way in, checked. time: µs UTC; extra: JSON text."""

    info: StreamInfo
    time: int
    value: float | None
    quality: int
    extra: str | None


class Kept(NamedTuple):
    """Where an observation is. time, rank: its id is made of these; fresh: it was not there before."""

    time: int
    rank: int
    fresh: bool = True


class UnknownObservation(LookupError):
    """There is no such observation (any more)."""


class TooManyAtOnce(ValueError):
    """So many observations of one time in one Datastream cannot be told apart."""


class _Desk:
    """What is being written right now, per Datastream."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.newest: dict[int, int] = {}  # the latest time that was given to somebody here
        self.flying: dict[int, Future] = {}  # done when what was sent last is on disk, or was refused
        self._locks: dict[int, asyncio.Lock] = {}
        self._waiting: defaultdict[int, int] = defaultdict(int)

    def upto(self, info: StreamInfo, bounds: dict[int, int]) -> int:
        """No key of the Datastream is later than this."""
        ds = info.id
        return max(self.newest.get(ds, info.ids_upto), bounds.get(ds, info.ids_upto), info.ids_upto)

    def all_upto(self, infos: dict[int, StreamInfo]) -> dict[int, int]:
        """The same for several."""
        bounds = self.store.bounds(list(infos))
        return {ds: self.upto(info, bounds) for ds, info in infos.items()}

    @asynccontextmanager
    async def alone(self, streams: Iterable[int]) -> AsyncIterator[None]:
        """Only one at a time looks for keys in these Datastreams."""
        wanted = sorted(set(streams))
        for ds in wanted:
            self._waiting[ds] += 1
        try:
            async with AsyncExitStack() as stack:
                for ds in wanted:
                    await stack.enter_async_context(self._locks.setdefault(ds, asyncio.Lock()))
                yield
        finally:
            for ds in wanted:
                self._waiting[ds] -= 1
                if not self._waiting[ds]:
                    del self._waiting[ds]
                    self._locks.pop(ds, None)


class _Here:
    desk: _Desk | None = None


def _desk() -> _Desk:
    store = own()
    if _Here.desk is None or _Here.desk.store is not store:
        _Here.desk = _Desk(store)
    return _Here.desk


def keep_newest(entry: Entry) -> "Future | None":
    """Keeps one observation that is newer than all others of its Datastream, as rank 0, without looking anything up:
    the future is done when it is on disk. None where that cannot be said from memory. Raises StoreError."""
    desk = _desk()
    info, time, value, quality, extra = entry
    if time <= desk.upto(info, desk.store.bounds([info.id])):
        return None
    done = desk.store.append_async([(info.id, time, value, quality, extra, 0)])
    desk.newest[info.id] = time
    desk.flying[info.id] = done
    return done


def keep_newer(runs: Sequence[tuple[StreamInfo, list[StoredRow]]]) -> "Future | None":
    """The same for many, all in one commit. runs: rows of rank 0, each later than those of its Datastream before it.
    None where one is not: then nothing was kept."""
    desk = _desk()
    upto = desk.all_upto({info.id: info for info, _ in runs})
    rows: list[StoredRow] = []
    for info, several in runs:
        last = upto[info.id]
        for row in several:
            if row[1] <= last:
                return None
            last = row[1]
        upto[info.id] = last
        rows += several
    done = desk.store.append_async(rows)
    desk.newest |= upto
    desk.flying |= dict.fromkeys(upto, done)
    return done


async def keep(entries: Sequence[Entry]) -> list[Kept]:
    """Keeps observations durably, all of them in one commit; what is there already is not kept twice.

    Raises StoreError (nothing was kept) and TooManyAtOnce.
    """
    desk = _desk()
    upto = desk.all_upto({entry.info.id: entry.info for entry in entries})
    kept: list[Kept | None] = []
    rows: list[StoredRow] = []
    known: list[int] = []  # entries that need a look
    for place, (info, time, value, quality, extra) in enumerate(entries):
        ds = info.id
        if time > upto[ds]:
            upto[ds] = time
            rows.append((ds, time, value, quality, extra, 0))
            kept.append(Kept(time, 0))
        else:
            kept.append(None)
            known.append(place)
    desk.newest |= upto  # nothing was waited for since they were read
    if not known:
        return await _write(desk, rows, kept)
    streams = {entries[place].info.id for place in known}
    before = [desk.flying[ds] for ds in streams if ds in desk.flying]
    mine: Future = asyncio.get_running_loop().create_future()
    desk.flying |= {row[0]: mine for row in rows}  # who looks for the same times waits until this is on disk
    try:
        async with desk.alone(streams):
            await _landed(before)
            taken = await asyncio.to_thread(cleanly, _taken, [entries[place] for place in known])
            for row in rows:
                taken.rows[row[0], row[1]].append(row)
            for place in known:
                kept[place] = taken.give(entries[place], rows)
            return await _write(desk, rows, kept)
    finally:
        mine.set_result(None)


async def _write(desk: _Desk, rows: list[StoredRow], kept: Sequence[Kept | None]) -> list[Kept]:
    if rows:
        done = desk.store.append_async(rows)
        desk.flying |= {row[0]: done for row in rows}
        await done
    return [one for one in kept if one is not None]


async def _landed(futures: Iterable[Future]) -> None:
    """Waits until these writes are done, however they went."""
    for future in futures:
        if not future.done():
            await asyncio.wait([future])


class _Taken(NamedTuple):
    """rows: what stands at each (Datastream, time); ids: keys that ids of moved observations are made of."""

    rows: "defaultdict[tuple[int, int], list[StoredRow]]"
    ids: set[tuple[int, int, int]]

    def give(self, entry: Entry, rows: list[StoredRow]) -> Kept:
        """The key of what is there with the same content, or a free one; the row to write is added to `rows`."""
        info, time, value, quality, extra = entry
        there = self.rows[info.id, time]
        for row in there:
            if row[2] == value and _same(row[4], extra):
                return Kept(*(unpack(row[4]).origin or (time, row[5])), fresh=False)
        rank = self.free(info.id, time)
        row = (info.id, time, value, quality, extra, rank)
        there.append(row)
        rows.append(row)
        return Kept(time, rank)

    def free(self, ds: int, time: int) -> int:
        """The next rank. Raises TooManyAtOnce."""
        rank = max((row[5] + 1 for row in self.rows[ds, time]), default=0)
        while (ds, time, rank) in self.ids:
            rank += 1
        if rank > MOST_AT_ONCE:
            raise TooManyAtOnce(f"There are {MOST_AT_ONCE + 1:,} observations of this time in the datastream already.")
        return rank


def _taken(entries: Sequence[Entry]) -> _Taken:
    """Asks the store; one search for all. Blocks."""
    taken = _Taken(defaultdict(list), set())
    for row in rows_at((entry.info.id, entry.time) for entry in entries):
        taken.rows[row[0], row[1]].append(row)
    moved = {entry.info.id for entry in entries if entry.time <= entry.info.ids_upto}
    taken.ids.update(moved_keys(moved))
    return taken


def _same(one: str | None, other: str | None) -> bool:
    if one == other:
        return True
    if one is None or other is None:
        return not one and not other
    return unpack(one).said() == unpack(other).said()


async def revise(info: StreamInfo, key: tuple[int, int], edit: Edit) -> StoredRow:
    """Changes one observation; its id stays. key: what its id is made of.

    edit: from the row and its extra to (time, value, quality, extra). Returns the row as it is now. Raises
    UnknownObservation, TooManyAtOnce, StoreError, and what `edit` raises.
    """
    desk = _desk()
    async with desk.alone([info.id]):
        await _landed([desk.flying[info.id]] if info.id in desk.flying else [])
        old = await asyncio.to_thread(cleanly, found_at, info.id, key[0], key[1], info.ids_upto)
        if old is None:
            raise UnknownObservation
        time, value, quality, extra = edit(old, unpack(old[4]))
        if time == old[1]:
            new = (info.id, time, value, quality, pack(extra), old[5])
            await _write(desk, [new], ())
            return new
        taken = await asyncio.to_thread(cleanly, _place_for, info, time, key)
        extra = extra.made_of(None if (time, taken) == key else key)
        desk.newest[info.id] = max(time, key[0], desk.newest.get(info.id, time))
        new = (info.id, time, value, quality, pack(extra), taken)
        await _write(desk, [(info.id, old[1], None, GONE, None, old[5]), new], ())
        return new


def _place_for(info: StreamInfo, time: int, key: tuple[int, int]) -> int:
    """A free rank at another time for the observation with this id; notes that an id is not the key any more."""
    taken = _taken([Entry(info, time, None, 0, None)])
    taken.ids.discard((info.id, *key))
    if key[0] > info.ids_upto:
        Datastream.objects.filter(pk=info.id).update(ids_upto=key[0])
        changed([info.code])
    return taken.free(info.id, time)


async def remove(info: StreamInfo, key: tuple[int, int]) -> StoredRow:
    """Deletes one observation and returns what it was. Raises UnknownObservation, StoreError."""
    desk = _desk()
    async with desk.alone([info.id]):
        await _landed([desk.flying[info.id]] if info.id in desk.flying else [])
        old = await asyncio.to_thread(cleanly, found_at, info.id, key[0], key[1], info.ids_upto)
        if old is None:
            raise UnknownObservation
        await _write(desk, [(info.id, old[1], None, GONE, None, old[5])], ())
        return old

"""Quality rules on the way in: `live.flag(stream, time, value)` for each usable value, from memory only.

`refresh` asks the database which rules are switched on; `observations.care.watching` calls it with every look, in the
process that takes observations in, and switching a rule calls it at once in the process where that happens.
"""

import logging
import threading
from collections.abc import Callable, Mapping

import msgspec
import numpy as np
import pyarrow as pa

from allmende.observations.care.flagging import (
    NOTHING,
    Flags,
    Floats,
    Ints,
    Mask,
    Memory,
    Rules,
    StepRule,
    StuckRule,
    flag_next,
    flag_series,
)
from allmende.observations.care.tables import QualityRule, RuleKind
from allmende.observations.quality import DOUBTFUL, UNUSABLE, Quality
from allmende.observations.stores import StoreError, here

logger = logging.getLogger("allmende.care")

CONTEXT = 500  # values read before the first one that is flagged, so that a restart forgets no run and no level
_REMEMBERED_FLAGS = 1_000


def rules_switched_on() -> dict[int, Rules]:
    """The rules of every datastream (by internal id) that has any. Blocks: asks the database."""
    found: dict[int, Rules] = {}
    rows = QualityRule.objects.order_by("pk").values_list("datastream_id", "kind", "parameters")
    for stream, kind, parameters in rows:
        rules = found.get(stream, Rules())
        if kind == RuleKind.STEP:
            found[stream] = rules._replace(step=msgspec.convert(parameters, StepRule))
        elif kind == RuleKind.STUCK:
            found[stream] = rules._replace(stuck=msgspec.convert(parameters, StuckRule))
    return found


def context(stream: int, before: int | None = None) -> pa.Table:
    """The newest values (before a time, µs) that the store holds, in order of time. Blocks."""
    newest = here().series(stream, None, before, limit=CONTEXT, descending=True)
    return newest.take(pa.array(np.arange(newest.num_rows)[::-1]))


def usable(table: pa.Table) -> tuple[Ints, Floats, Flags]:
    """(times, values, quality) of a series' rows that rules look at: neither out of range nor without a value."""
    values = table.column("value").to_numpy().astype(np.float64)
    quality = table.column("quality").to_numpy()
    good = (quality & UNUSABLE == 0) & ~np.isnan(values)
    times = table.column("time").cast(pa.int64()).to_numpy()
    return times[good], values[good], quality[good]


def memory_of(stream: int, rules: Rules, before: int | None = None) -> Memory:
    """What the rules remember of the values before a time (µs). Blocks."""
    return _after(rules, *usable(context(stream, before)))


def _after(rules: Rules, times: Ints, values: Floats, quality: Flags) -> Memory:
    """The memory after these values; those that were not believed when they came are not believed now."""
    believed = quality & int(Quality.STEP) == 0
    return flag_series(times[believed], values[believed], rules)[1]


class _Stream:
    """A datastream with rules. One tuple is put in place of another, so that threads never see half of a memory."""

    __slots__ = ("flagged", "memory", "rules")

    def __init__(self, rules: Rules, memory: Memory) -> None:
        self.rules, self.memory = rules, memory
        self.flagged: dict[int, tuple[float, int]] = {}  # by time: what was flagged, for values that are sent again

    def remember(self, time: int, value: float, flags: int) -> None:
        self.flagged[time] = (value, flags)
        while len(self.flagged) > _REMEMBERED_FLAGS:
            del self.flagged[next(iter(self.flagged))]


class LiveRules:
    """The rules of all datastreams and what they remember. Bounded: a few hundred bytes per datastream with rules."""

    def __init__(self) -> None:
        self._streams: dict[int, _Stream] = {}
        self._change = threading.Lock()

    @property
    def known(self) -> Mapping[int, object]:
        """Internal ids of the datastreams that have rules: whoever flags many rows asks here first, once per batch."""
        return self._streams

    def flag(self, stream: int, time: int, value: float) -> int:
        """The flags (quality bits) of a usable value of a datastream (internal id). time: µs UTC.

        A value older than the newest one gets the flags it was given when it first came, else none: what came between
        is not in memory. Never blocks.
        """
        known = self._streams.get(stream)
        return 0 if known is None else _flag(known, time, value)

    def flag_rows(self, streams: Ints, times: Ints, values: Floats, usable: Mask) -> Flags:
        """The same for a table, (n,) each, in any order. streams: internal ids; usable: which values rules look at.

        Values that are older than what is in memory are looked at among themselves. Blocks: may read from the store.
        """
        flags = np.zeros(len(streams), dtype=np.int32)
        for stream in np.intersect1d(streams, np.array([*self._streams], dtype=np.int64)).tolist():
            known = self._streams.get(stream)
            if known is None:
                continue
            places = np.flatnonzero((streams == stream) & usable)
            if not len(places):
                continue
            places = places[np.argsort(times[places], kind="stable")]
            begin = int(times[places[0]])
            newest = known.memory.time
            memory = known.memory if newest is None or begin > newest else memory_of(stream, known.rules, begin)
            found, after = flag_series(times[places], values[places], known.rules, memory)
            flags[places] = found
            if newest is None or (after.time or 0) > newest:
                known.memory = after
        return flags

    def refresh(self, load: Callable[[], Mapping[int, Rules]] = rules_switched_on) -> None:
        """Takes over which rules are switched on. Blocks: asks the database, and the store for new ones."""
        wanted = load()
        for stream, rules in wanted.items():
            known = self._streams.get(stream)
            if known is None or known.rules != rules:
                fresh = _begin(stream, rules)
                with self._change:
                    self._streams = {**self._streams, stream: fresh}
        with self._change:
            self._streams = {stream: known for stream, known in self._streams.items() if stream in wanted}

    def forget(self) -> None:
        """Forgets every rule; for tests."""
        self._streams = {}

    def __len__(self) -> int:
        return len(self._streams)


def _flag(known: _Stream, time: int, value: float) -> int:
    memory = known.memory
    if memory.time is not None and time <= memory.time:
        before = known.flagged.get(time)
        return before[1] if before is not None and before[0] == value else 0
    flags, known.memory = flag_next(time, value, known.rules, memory)
    if flags:
        known.remember(time, value, flags)
    return flags


def _begin(stream: int, rules: Rules) -> _Stream:
    """A datastream with the memory of what the store holds: a restart changes no flag."""
    fresh = _Stream(rules, NOTHING)
    try:
        times, values, quality = usable(context(stream))
    except StoreError:  # without it the first values after a restart are believed; looking at history finds them
        logger.exception("The values before could not be read; the rules of datastream %s begin anew.", stream)
        return fresh
    fresh.memory = _after(rules, times, values, quality)
    for place in np.flatnonzero(quality & DOUBTFUL).tolist():
        fresh.remember(int(times[place]), float(values[place]), int(quality[place]) & DOUBTFUL)
    return fresh


live = LiveRules()

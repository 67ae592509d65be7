"""The look at all datastreams, every half minute where the store is: states, their changes, learned intervals.

Cheap by what it does not do: newest values come from the store's memory, and values are read only of the few
datastreams whose newest value is flagged or whose interval is to be learned.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

import pyarrow as pa
from django.db import IntegrityError, transaction

from allmende.core.clock import from_us, now, to_us
from allmende.observations.care.habits import FIELDS, row_habit
from allmende.observations.care.marks import RETIRED
from allmende.observations.care.rules import (
    RECENT,
    Habit,
    State,
    implausible,
    learned_interval,
    patience,
    state_of,
    turned,
    unsteady,
)
from allmende.observations.care.tables import StateChange, StreamCare
from allmende.observations.models import Datastream
from allmende.observations.store.rows import Sample
from allmende.observations.stores import here

REREAD = 300.0
MOST_SUSPECTS, MOST_LESSONS = 100, 25  # datastreams whose values are read in one look
_LESSON = 200  # values that an interval is learned from
_LEARN_AGAIN, _TRY_AGAIN = timedelta(days=1), timedelta(hours=1)
_KEEP = timedelta(days=400)  # changes of state, for the history on a thing's page


class Look(NamedTuple):
    """What a look found: how many datastreams, how many of them in another state than before, in a state at all for
    the first time, and with an interval newly learned."""

    streams: int
    changed: int
    fresh: int
    learned: int


class Verdict(NamedTuple):
    """Whether a datastream cannot be believed, and since which of its newest values (µs UTC)."""

    doubted: bool
    since: int | None = None


BELIEVED = Verdict(False)


class _Seen(NamedTuple):
    """A datastream as the look begins. care: its state, since, learned, turns as kept; state None: never looked at."""

    id: int
    created: datetime
    habit: Habit
    state: str | None
    since: datetime | None
    learned: datetime | None
    turns: list[int]


class Watch:
    """Looks again and again. Remembers the datastreams, and which doubtful values it has weighed already.

    reread: seconds after which the datastreams are read anew; what others register or rule is seen no later than that.
    """

    def __init__(self, reread: float = REREAD) -> None:
        self._reread = reread
        self._read_at = -math.inf
        self._roster: list[_Seen] = []
        self._weighed: dict[int, tuple[int, Verdict]] = {}  # by datastream, with the time of its newest value

    def look(self, moment: datetime | None = None) -> Look:
        """Brings the states of all datastreams up to date. Blocks; safe to repeat."""
        moment = moment or now()
        present = to_us(moment)
        streams = self._streams()
        samples = here().latest([stream.id for stream in streams])
        lessons = self._lessons(streams, samples, moment)
        verdicts = self._verdicts(streams, samples)
        rows: list[StreamCare] = []
        changes: list[StateChange] = []
        fresh = 0
        for stream in streams:
            sample = samples.get(stream.id)
            last = sample.time if sample else None
            habit = stream.habit
            if stream.id in lessons:
                habit = Habit(habit.expected, lessons[stream.id], habit.holding, habit.late_after, habit.silent_after)
            doubt = verdicts.get(stream.id, BELIEVED)
            state = state_of(last, present, habit, implausible=doubt.doubted, registered=to_us(stream.created))
            if state == stream.state and stream.id not in lessons:
                continue
            row = _row(stream, habit, state, last, doubt, moment)
            if stream.id in lessons:
                row.learned = moment
            if stream.state is None:
                fresh += 1
            elif state != stream.state:
                row.turns = turned(stream.turns, present)
                changes.append(_change(row, State(stream.state), moment))
            rows.append(row)
        self._keep(rows, changes)
        return Look(len(streams), len(changes), fresh, sum(value is not None for value in lessons.values()))

    def _streams(self) -> list[_Seen]:
        if monotonic() - self._read_at >= self._reread:
            self._roster, self._read_at = _roster(), monotonic()
        return self._roster

    def _keep(self, rows: list[StreamCare], changes: list[StateChange]) -> None:
        if not rows:
            return
        try:
            new = _write(rows, changes)
        except IntegrityError:  # a datastream went at this very moment; the next look keeps the states
            self._read_at = -math.inf
            return
        if len(new) < len(rows):
            self._read_at = -math.inf
        self._roster = [_with(stream, new[stream.id]) if stream.id in new else stream for stream in self._roster]

    def _verdicts(self, streams: Iterable[_Seen], samples: dict[int, Sample]) -> dict[int, Verdict]:
        """Which datastreams cannot be believed. Reads values only where the newest is flagged or was doubted before."""
        verdicts: dict[int, Verdict] = {}
        read = 0
        for stream in streams:
            sample, was = samples.get(stream.id), stream.state == State.IMPLAUSIBLE
            if sample is None or not (sample.quality or was):
                continue
            time, verdict = self._weighed.get(stream.id, (None, Verdict(was)))
            if time != sample.time and read < MOST_SUSPECTS:
                read += 1
                verdict = _weigh(stream.id, was)
                self._weighed[stream.id] = (sample.time, verdict)
            verdicts[stream.id] = verdict
        self._weighed = {stream: weighed for stream, weighed in self._weighed.items() if stream in verdicts}
        return verdicts

    @staticmethod
    def _lessons(streams: Iterable[_Seen], samples: dict[int, Sample], moment: datetime) -> dict[int, int | None]:
        """Intervals (seconds) of datastreams for which nobody stated one; None where there is nothing to learn yet."""
        lessons: dict[int, int | None] = {}
        for stream in streams:
            if len(lessons) >= MOST_LESSONS:
                break
            if stream.habit.expected or stream.habit.holding == "until_next" or stream.id not in samples:
                continue
            pause = _LEARN_AGAIN if stream.habit.learned else _TRY_AGAIN
            if stream.learned is None or moment - stream.learned > pause:
                table = here().series(stream.id, None, None, limit=_LESSON, descending=True)
                times = table.column("time").cast(pa.int64()).to_numpy()[::-1]
                lessons[stream.id] = learned_interval(times)
        return lessons


def _weigh(stream: int, was: bool) -> Verdict:
    newest = here().series(stream, None, None, limit=RECENT, descending=True)
    flagged = [bool(flags) for flags in newest.column("quality").to_pylist()]
    times = newest.column("time").cast(pa.int64()).to_pylist()
    since = min((time for time, flag in zip(times, flagged, strict=True) if flag), default=None)
    return Verdict(implausible(flagged, was), since)


def _roster() -> list[_Seen]:
    rows = (
        Datastream.objects.exclude(thing__properties__has_key=RETIRED)
        .order_by()
        .values_list("pk", "created", "care__since", "care__learned", "care__turns", *FIELDS)
    )
    return [
        _Seen(number, created, row_habit(kept)[0], kept[-1], since, learned, turns or [])
        for number, created, since, learned, turns, *kept in rows
    ]


def _row(stream: _Seen, habit: Habit, state: State, last: int | None, doubt: Verdict, moment: datetime) -> StreamCare:
    allowed = patience(habit)
    begun = {State.LATE: allowed.late, State.SILENT: allowed.silent}.get(state)
    since = stream.since if state == stream.state and stream.since else moment
    if state != stream.state and begun is not None:
        since = min(moment, from_us(last + begun)) if last is not None else min(moment, stream.created)
    elif state != stream.state and state is State.IMPLAUSIBLE and doubt.since is not None:
        since = from_us(doubt.since)
    return StreamCare(
        datastream_id=stream.id,
        state=state,
        since=since,
        learned_interval=habit.learned,
        learned=stream.learned,
        turns=stream.turns,
    )


def _change(row: StreamCare, was: State, moment: datetime) -> StateChange:
    told = row.state == State.SILENT and not unsteady(row.turns, to_us(moment))
    return StateChange(datastream_id=row.datastream_id, was=was, became=row.state, time=moment, settled=not told)


@transaction.atomic
def _write(rows: list[StreamCare], changes: list[StateChange]) -> dict[int, StreamCare]:
    """Keeps what belongs to datastreams that still exist; returns the rows by datastream."""
    there: set[int] = set()
    numbers = [row.datastream_id for row in rows]
    for begin in range(0, len(numbers), 500):
        there.update(Datastream.objects.filter(pk__in=numbers[begin : begin + 500]).values_list("pk", flat=True))
    kept = {row.datastream_id: row for row in rows if row.datastream_id in there}
    fields = ["state", "since", "learned_interval", "learned", "turns"]  # not the gap rule, which others write
    StreamCare.objects.bulk_create(
        kept.values(), batch_size=500, update_conflicts=True, unique_fields=["datastream"], update_fields=fields
    )
    StateChange.objects.bulk_create([change for change in changes if change.datastream_id in kept], batch_size=500)
    return kept


def _with(stream: _Seen, row: StreamCare) -> _Seen:
    """The datastream as its row now has it."""
    old = stream.habit
    habit = Habit(old.expected, row.learned_interval, old.holding, old.late_after, old.silent_after)
    return stream._replace(habit=habit, state=row.state, since=row.since, learned=row.learned, turns=row.turns)


def forget_old(moment: datetime | None = None) -> int:
    """Removes changes of state that are older than some thirteen months; returns how many."""
    gone: tuple[int, dict[str, Any]] = StateChange.objects.filter(time__lt=(moment or now()) - _KEEP).delete()
    return gone[0]

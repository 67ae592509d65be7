"""Takes what a file gave into the house: things and datastreams for its places, then the observations."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pyarrow as pa
from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.catalogue.loaders.headings import meaning
from allmende.catalogue.loaders.reading import Loaded, Place
from allmende.catalogue.loaders.recipe import Recipe, ValueColumn
from allmende.catalogue.queries import Dataset
from allmende.core.texts import same
from allmende.core.units import UnknownUnit, unit
from allmende.observations import queries, services
from allmende.observations.rows import BatchRefused, Receipt
from allmende.observations.stores import StoreBusy, StoreError

PORTION = 2**20  # rows that are written at once: as quick as all at once, and some 100 MB at most
_PATIENCE = 20  # times a busy store is asked again
_LONGEST_KEY = 200  # characters of an external key

Progress = Callable[[int], None]


@dataclass(slots=True)
class Taken:
    """What became of a file's observations. new: were not there before; flagged: kept, but marked as implausible or
    as «no value»."""

    things: int = 0
    datastreams: int = 0
    rows: int = 0
    new: int = 0
    flagged: int = 0


class Interrupted(Exception):
    """The store stopped taking rows; taken: what is on disk by now. Loading again goes on without doubling anything."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(f"{taken.rows} rows were written.")
        self.taken = taken


def take(
    actor: Actor,
    dataset: Dataset,
    recipe: Recipe,
    loaded: Loaded,
    name: str,
    progress: Progress | None = None,
) -> Taken:
    """Registers what is not known yet and writes the observations. Idempotent: what is there already stays as it is.

    name: of the thing where the file names no places; it is the file's family, and the same for the next file.

    Raises Denied, ValueError for a unit or range that cannot be, and Interrupted.
    """
    numbers = np.flatnonzero(loaded.spool.counts)
    taken = Taken()
    streams = _registered(actor, dataset, recipe, loaded, numbers.tolist(), name, taken)
    before = _count(streams)
    place = np.zeros(len(loaded.spool.counts), dtype=np.int32)
    place[numbers] = np.arange(len(numbers), dtype=np.int32)
    codes = pa.array([stream.code for stream in streams], pa.string())
    for rows in _portions(loaded):
        series = pa.DictionaryArray.from_arrays(pa.array(place[rows["series"].to_numpy()]), codes)
        when = pa.array(rows["time"].to_numpy(), pa.timestamp("us", tz="UTC"))
        table = pa.table({"datastream": series, "time": when, "value": rows["value"]})
        try:
            receipt = _patiently(actor, table)
        except (StoreError, BatchRefused) as problem:
            raise Interrupted(taken) from problem
        taken.rows += receipt.accepted
        taken.flagged += receipt.flagged
        if progress:
            progress(taken.rows)
    taken.new = _count(streams) - before
    return taken


def _portions(loaded: Loaded) -> Iterator[pa.Table]:
    """The observations in portions of about PORTION rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in loaded.spool.batches():
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= PORTION:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def _patiently(actor: Actor, table: pa.Table) -> Receipt:
    """Writes a portion; asks again while the store is busy with others."""
    for _ in range(_PATIENCE):
        try:
            return services.append_table(actor, table)
        except StoreBusy as busy:
            time.sleep(busy.retry_after)
    return services.append_table(actor, table)


def _count(streams: list[queries.Datastream]) -> int:
    return sum(extent.count for extent in queries.extents([stream.id for stream in streams]).values())


@transaction.atomic
def _registered(
    actor: Actor,
    dataset: Dataset,
    recipe: Recipe,
    loaded: Loaded,
    numbers: list[int],
    name: str,
    taken: Taken,
) -> list[queries.Datastream]:
    """A Datastream for each of these series."""
    width = len(recipe.values)
    things: dict[tuple[str, ...], queries.Thing] = {}
    streams = []
    for number in numbers:
        place, column = loaded.places[number // width], recipe.values[number % width]
        found = loaded.sentinels[number % width] if loaded.sentinels else {}
        key = place.key[: len(recipe.places)]
        if key not in things:
            things[key] = _thing(actor, dataset, key or (name,), place)
        streams.append(_datastream(actor, things[key], recipe, place, column, found))
    taken.things, taken.datastreams = len(things), len(streams)
    return streams


def _thing(actor: Actor, dataset: Dataset, key: tuple[str, ...], place: Place) -> queries.Thing:
    name = place.label or " ".join(key)
    return services.register_thing(actor, dataset=dataset, name=name, external_key=_key(*key), point=place.point)


def _datastream(
    actor: Actor,
    thing: queries.Thing,
    recipe: Recipe,
    place: Place,
    column: ValueColumn,
    sentinels: dict[float, int],
) -> queries.Datastream:
    definition, name, code = column.definition, column.name or same(column.column), column.unit
    least, most = column.minimum, column.maximum
    said = dict(zip(recipe.keys(), place.key, strict=True))
    if recipe.parameter:
        means = meaning(said[recipe.parameter])
        definition, name, code = means.definition, means.name, means.unit
        least = most = None
    if recipe.unit:
        code = _unit(said[recipe.unit]) or code
    if recipe.part:
        title = {language: f"{text}, {recipe.part} {said[recipe.part]}" for language, text in name.items()}
    return services.register_datastream(
        actor,
        thing=thing,
        name=title if recipe.part else name,
        observed_property=(definition, name),
        unit=code,
        external_key=_key(*(place.key or (thing.external_key,)), column.column),
        expected_interval=column.interval,
        minimum=least,
        maximum=most,
        sentinels=sorted({*column.sentinels, *sentinels}),
        holding=column.holding,
        properties={"resolution": "day"} if recipe.daily else {},
    )


def _unit(text: str) -> str:
    try:
        return unit(text).code
    except UnknownUnit:
        return ""


def _key(*parts: str) -> str:
    """The parts as one key; a long one ends in a hash, so that two that begin alike stay two."""
    key = " / ".join(parts)
    return key if len(key) <= _LONGEST_KEY else f"{key[: _LONGEST_KEY - 17]} {sha256(key.encode()).hexdigest()[:16]}"

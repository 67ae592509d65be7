"""What a resource path leads to: rows of the relational database, or observations of the store."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from allmende.api.sensorthings.compiling.columns import HOPS, PARTS
from allmende.api.sensorthings.entities import EntityType, Navigation
from allmende.api.sensorthings.ids import observation_key
from allmende.api.sensorthings.language.paths import Step
from allmende.api.sensorthings.reading.context import Missing, Reader
from allmende.api.sensorthings.reading.shapes import STREAMS, Observed
from allmende.observations.extras import unpack
from allmende.observations.queries.entities import rows_of, stream_by_code, streams_by_id, streams_of
from allmende.observations.queries.identity import found_at
from allmende.observations.queries.searching import Among, Call, Column, Search, Term, Value, count, every


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of an entity; one: at most a single one is meant."""

    entity: EntityType
    rows: QuerySet[Any]
    one: bool = False
    number: int | None = None  # the internal number, where it is known already
    order: tuple[str, ...] = ("pk",)  # where none is asked for


@dataclass(frozen=True, slots=True)
class Observations:
    """Observations of these (Multi)Datastreams (None: of all), for which `where` holds. row: the one that is meant."""

    streams: list[int] | None
    where: Term | None = None
    row: Observed | None = None


Scope = Rows | Observations


def resolve(reader: Reader, steps: tuple[Step, ...]) -> Scope:
    """What the steps lead to. Raises Missing where an entity on the way does not exist."""
    here: Scope | None = None
    for step in steps:
        here = _begin(reader, step) if here is None else _follow(reader, here, step)
        if step.id is not None:
            here = _narrow(reader, here, step)
    assert here is not None
    return here


def _begin(reader: Reader, step: Step) -> Scope:
    if step.entity.name == "Observation":
        return Observations(reader.streams)
    return Rows(step.entity, rows_of(step.entity.name, reader.datasets))


def _narrow(reader: Reader, here: Scope, step: Step) -> Scope:
    if isinstance(here, Rows):
        number = None
        if step.navigation is None and here.entity.name in STREAMS:
            stream = stream_by_code(str(step.id), reader.datasets)
            number = stream.id if stream and stream.multi == (here.entity.name == "MultiDatastream") else None
        return Rows(here.entity, here.rows.filter(code=str(step.id)), True, number)
    return Observations(here.streams, here.where, find(reader, here, str(step.id)))


def find(reader: Reader, within: Observations, id_: str) -> Observed:
    """One observation by its id. Raises Missing."""
    key = observation_key(id_)
    stream = key and stream_by_code(key.stream, reader.datasets)
    if key is None or stream is None or (within.streams is not None and stream.id not in within.streams):
        raise Missing(f"There is no Observation '{id_}', or you may not see it.")
    row = found_at(stream.id, key.time, key.rank, stream.ids_upto)
    if row and within.where:
        where = every(Call("eq", (Column("rank"), Value(row[5]))), within.where)
        row = row if count(Search(streams=[stream.id], begin=row[1], end=row[1] + 1, where=where)) else None
    if not row:
        raise Missing(f"There is no Observation '{id_}', or you may not see it.")
    return Observed(*row)


def observed(table: Any) -> list[Observed]:
    """Rows of a search; without those of Datastreams that were deleted a moment ago, which are still being removed."""
    columns = (table.column(name).to_pylist() for name in Observed._fields)
    rows = [Observed(*row) for row in zip(*columns, strict=True)]
    alive = streams_by_id({row.ds for row in rows})
    return [row for row in rows if row.ds in alive]


def _follow(reader: Reader, here: Scope, step: Step) -> Scope:
    link = step.navigation
    assert link is not None
    if isinstance(here, Observations):
        return _from_observation(reader, here, link)
    number = here.number or here.rows.values_list("pk", flat=True).first()
    if number is None:
        raise Missing(f"There is no such {here.entity.name}, or you may not see it.")
    if link.target.name == "Observation":
        return observations_of(reader, here.entity, [number])
    hop = HOPS[here.entity.name][link.name]
    if hop.field == PARTS:
        parts = rows_of(link.target.name, reader.datasets).filter(components__datastream=number)
        return Rows(link.target, parts, order=("components__position",))
    targets = rows_of(here.entity.name, None).filter(pk=number).values(hop.field)
    return Rows(link.target, rows_of(link.target.name, reader.datasets).filter(pk__in=targets), one=not link.many)


def observations_of(reader: Reader, owner: EntityType, numbers: list[int]) -> Observations:
    """The observations of Datastreams, or those about features of interest."""
    if owner.name in STREAMS:
        return Observations(numbers)
    own = streams_of(reader.datasets).filter(feature__in=numbers).values_list("pk", flat=True)
    named = streams_of(reader.datasets).filter(features__in=numbers).values_list("pk", flat=True)
    own_streams = sorted(set(own))
    feature = Column("feature")
    implied = every(Call("is_null", (feature,)), Among(Column("stream"), own_streams))
    where = Call("or", (Call("coalesce", (Among(feature, numbers), Value(False))), implied))
    return Observations(sorted({*own_streams, *named}), where)


def _from_observation(reader: Reader, here: Observations, link: Navigation) -> Rows:
    assert here.row is not None
    rows = rows_of(link.target.name, reader.datasets)
    if link.name in STREAMS:
        return Rows(link.target, rows.filter(pk=here.row.ds), one=True)
    return Rows(link.target, rows.filter(pk__in=features_of([here.row])), one=True)


def features_of(rows: list[Observed]) -> list[int]:
    """Per observation the internal number of the feature it is about; 0 where there is none."""
    streams = streams_by_id(row.ds for row in rows)
    return [unpack(row.x).feature or streams[row.ds].feature or 0 for row in rows]

"""What needs a person today: every thing with a datastream that is not fresh, or with a weak battery or signal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.core.clock import now, to_us
from allmende.core.signals import Signal
from allmende.observations.care.devices import DEFINITIONS, is_low, signal_of
from allmende.observations.care.habits import FIELDS, row_habit
from allmende.observations.care.marks import CITIZEN, RETIRED
from allmende.observations.care.rules import State, state_of
from allmende.observations.care.tables import CareNote, StreamCare
from allmende.observations.models import Datastream
from allmende.observations.queries.things import visible_datastreams
from allmende.observations.store.rows import Sample
from allmende.observations.stores import here

Texts = dict[str, str]


class Need(StrEnum):
    """Why a thing is on the list, the most urgent first."""

    SILENT = "silent"
    IMPLAUSIBLE = "implausible"
    WEAK = "weak"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Ailing:
    """A datastream that is not as it should be. since: when that began; last: time of the newest value (µs UTC);
    interval: seconds; quality: flags of the newest value."""

    code: str
    name: Texts
    state: State
    since: int
    last: int | None
    interval: int | None
    quality: int


@dataclass(frozen=True, slots=True)
class Weak:
    """A battery or a signal that calls for a person. time: since when it has been so low, µs UTC."""

    code: str
    signal: Signal
    unit: str
    value: float
    time: int


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody has seen it. until: None means until it is well again."""

    code: str
    text: str
    by: str
    created: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Concern:
    """A thing and what it needs. owner: code and name of the organisation, empty where there is none."""

    thing: int
    code: str
    name: Texts
    dataset: str
    dataset_code: str
    dataset_title: Texts
    owner: str
    owner_name: Texts
    simulated: bool
    citizen: bool
    need: Need
    since: int
    streams: tuple[Ailing, ...]
    weak: tuple[Weak, ...]
    seen: Seen | None


_ABOUT = (
    "thing__code",
    "thing__name",
    "thing__dataset__slug",
    "thing__dataset__code",
    "thing__dataset__title",
    "thing__dataset__owner__code",
    "thing__dataset__owner__name",
    "thing__dataset__simulated",
    "thing__properties",
)
_BACK, _MOST_READ = 200, 30
_ORDER = {need: rank for rank, need in enumerate(Need)}


def concerns(actor: Actor, moment: datetime | None = None, *, things: Iterable[int] | None = None) -> list[Concern]:
    """Everything that needs care and that the actor may see: the most urgent first, of those the newest first.

    things: only these (internal ids). States are as fresh as the newest values; what turned bad since the last look of
    `watching` (half a minute) is not among them yet.
    """
    moment = moment or now()
    streams = visible_datastreams(actor).filter(thing__dataset__in=visible_datasets(actor).order_by())
    streams = streams.exclude(thing__properties__has_key=RETIRED)
    if things is not None:
        streams = streams.filter(thing__in=list(things))
    ailing, about = _ailing(streams, to_us(moment))
    weak, more = _weak(streams)
    about |= more
    seen = _seen({*ailing, *weak}, moment)
    found = [
        _concern(thing, about[thing], tuple(ailing.get(thing, ())), tuple(weak.get(thing, ())), seen.get(thing))
        for thing in {*ailing, *weak}
    ]
    return sorted(found, key=lambda concern: (_ORDER[concern.need], -concern.since, concern.code))


_About = dict[int, tuple[object, ...]]


def _ailing(streams: QuerySet[Datastream], present: int) -> tuple[dict[int, list[Ailing]], _About]:
    """By thing: its datastreams that are not fresh, and what is to be said about the thing."""
    ill = StreamCare.objects.filter(~Q(state=State.FRESH)).values("pk")  # as the partial index has it
    bad = streams.filter(pk__in=ill).select_related(None).order_by("pk")
    rows = list(bad.values_list("pk", "code", "name", "created", "care__since", *FIELDS, "thing_id", *_ABOUT))
    samples = here().latest([row[0] for row in rows])
    found: dict[int, list[Ailing]] = {}
    about: _About = {}
    for number, code, name, created, since, *rest in rows:
        habit, doubted = row_habit(rest[: len(FIELDS)])
        sample: Sample | None = samples.get(number)
        last = sample.time if sample else None
        state = state_of(last, present, habit, implausible=doubted, registered=to_us(created))
        if state is State.FRESH:  # a value came since the last look
            continue
        thing, *facts = rest[len(FIELDS) :]
        quality = sample.quality if sample else 0
        found.setdefault(thing, []).append(Ailing(code, name, state, to_us(since), last, habit.interval, quality))
        about[thing] = tuple(facts)
    return found, about


def _weak(streams: QuerySet[Datastream]) -> tuple[dict[int, list[Weak]], _About]:
    """By thing: batteries and signals below what is well."""
    reports = streams.filter(observed_property__definition__in=DEFINITIONS).select_related(None).order_by("pk")
    rows = list(reports.values_list("pk", "code", "unit", "observed_property__definition", "thing_id", *_ABOUT))
    samples = here().latest([row[0] for row in rows])
    found: dict[int, list[Weak]] = {}
    about: _About = {}
    for number, code, unit, definition, thing, *facts in rows:
        signal, sample = signal_of(definition), samples.get(number)
        if signal and sample and sample.value is not None and is_low(signal, sample.value):
            begun = _low_since(number, signal) if len(found) < _MOST_READ else sample.time
            found.setdefault(thing, []).append(Weak(code, signal, unit, sample.value, begun))
            about[thing] = tuple(facts)
    return found, about


def _low_since(stream: int, signal: Signal) -> int:
    """The time (µs UTC) of the first of the newest values that are all low; no further back than _BACK values."""
    table = here().series(stream, None, None, limit=_BACK, descending=True)
    begun = 0
    times, values = table.column("time").cast("int64").to_pylist(), table.column("value").to_pylist()
    for time, value in zip(times, values, strict=True):
        if not is_low(signal, value):
            break
        begun = time
    return begun


def _seen(things: Iterable[int], moment: datetime) -> dict[int, Seen]:
    open_now = Q(until=None) | Q(until__gt=moment)
    notes = CareNote.objects.filter(open_now, ended=None).order_by("pk")
    wanted = set(things)
    return {
        note.thing_id: Seen(note.code, note.text, note.by, note.created, note.until)
        for note in notes
        if note.thing_id in wanted
    }


def _concern(
    thing: int, about: tuple[object, ...], streams: tuple[Ailing, ...], weak: tuple[Weak, ...], seen: Seen | None
) -> Concern:
    code, name, slug, dataset_code, title, owner, owner_name, simulated, properties = about
    needs = {Need(stream.state.value) for stream in streams} | ({Need.WEAK} if weak else set())
    need = min(needs, key=_ORDER.__getitem__)
    if need is Need.WEAK:
        since = max(each.time for each in weak)
    else:
        since = min(stream.since for stream in streams if stream.state.value == need.value)
    return Concern(
        thing=thing,
        code=str(code),
        name=dict(name),  # type: ignore[call-overload]
        dataset=str(slug),
        dataset_code=str(dataset_code),
        dataset_title=dict(title),  # type: ignore[call-overload]
        owner=str(owner or ""),
        owner_name=dict(owner_name or {}),  # type: ignore[call-overload]
        simulated=bool(simulated),
        citizen=isinstance(properties, dict) and bool(properties.get(CITIZEN)),
        need=need,
        since=since,
        streams=streams,
        weak=weak,
        seen=seen,
    )

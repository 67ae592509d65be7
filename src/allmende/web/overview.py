"""Things and datastreams with their newest values, for home, list and map: few queries and one look at `latest`."""

from dataclasses import dataclass, field

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.core.clock import now, to_us
from allmende.core.signals import Signal
from allmende.observations.care.devices import signal_of
from allmende.observations.care.habits import FIELDS, row_habit
from allmende.observations.care.marks import CITIZEN, RETIRED
from allmende.observations.care.rules import Habit, State, of_thing, state_of
from allmende.observations.queries import Sample, latest, visible_datastreams, visible_things
from allmende.web import formats
from allmende.web.memory import Remembered, remembered
from allmende.web.quantities import decimals

Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Stream:
    """A datastream with its newest value."""

    id: int
    code: str
    thing_id: int
    name: Texts
    unit: str
    property_code: str
    property_name: Texts
    definition: str
    habit: Habit
    featured: int | None
    sample: Sample | None
    state: State
    registered: int

    @property
    def holding(self) -> str:
        """How its values hold over time."""
        return self.habit.holding

    @property
    def signal(self) -> Signal | None:
        """What of itself the device reports with it; None for measurements of the world."""
        return signal_of(self.definition)

    @property
    def value_words(self) -> str:
        """Newest value with its unit, or a dash."""
        value = self.sample.value if self.sample else None
        return formats.with_unit(value, self.unit, decimals(self.unit, value))


@dataclass(frozen=True, slots=True)
class Place:
    """A thing with what it measures. citizen: a resident runs it; retired: the day since which nobody waits for it,
    else empty; point: (longitude, latitude) or None."""

    id: int
    code: str
    name: Texts
    dataset: str
    dataset_title: Texts
    simulated: bool
    citizen: bool
    retired: str
    point: tuple[float, float] | None
    streams: tuple[Stream, ...] = field(default=())

    @property
    def state(self) -> State:
        """See care.rules.of_thing."""
        return of_thing([stream.state for stream in self.streams])

    @property
    def last(self) -> int | None:
        """When (µs UTC) the newest value came."""
        return max((stream.sample.time for stream in self.streams if stream.sample), default=None)


_places: Remembered[tuple[Place, ...]] = remembered(seconds=5, size=16)


def places(actor: Actor) -> tuple[Place, ...]:
    """Everything the actor may see, in the order of registration; at most five seconds old."""
    visible = tuple(visible_datasets(actor).order_by("id").values_list("id", flat=True))
    return _places.get(visible, lambda: _load(actor))


def _load(actor: Actor) -> tuple[Place, ...]:
    streams: dict[int, list[Stream]] = {}
    for stream in _streams(actor):
        streams.setdefault(stream.thing_id, []).append(stream)
    rows = visible_things(actor).values_list(
        "id",
        "code",
        "name",
        "properties",
        "dataset__slug",
        "dataset__title",
        "dataset__simulated",
        "longitude",
        "latitude",
    )
    return tuple(
        Place(
            number,
            code,
            name,
            slug,
            title,
            simulated,
            bool((properties or {}).get(CITIZEN)),
            str((properties or {}).get(RETIRED) or ""),
            None if lon is None or lat is None else (lon, lat),
            tuple(streams.get(number, ())),
        )
        for number, code, name, properties, slug, title, simulated, lon, lat in rows
    )


def _streams(actor: Actor) -> list[Stream]:
    rows = list(
        visible_datastreams(actor).values_list(
            "id",
            "code",
            "thing_id",
            "name",
            "unit",
            "observed_property__code",
            "observed_property__name",
            "observed_property__definition",
            "properties",
            "created",
            *FIELDS,
        )
    )
    samples = latest([row[0] for row in rows])
    moment = to_us(now())
    found = []
    for number, code, thing, name, unit, prop, prop_name, definition, properties, created, *kept in rows:
        sample, (habit, implausible) = samples.get(number), row_habit(kept)
        last = sample.time if sample else None
        since = to_us(created)
        state = state_of(last, moment, habit, implausible=implausible, registered=since)
        featured = properties.get("featured") if isinstance(properties, dict) else None
        rank = featured if isinstance(featured, int) and not isinstance(featured, bool) else None
        found.append(
            Stream(number, code, thing, name, unit, prop, prop_name, definition, habit, rank, sample, state, since)
        )
    return found

"""What the home page says about the town now: a sentence, three to five live figures, and what is new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmende.core.clock import now, to_us
from allmende.core.texts import pick
from allmende.core.units import symbol
from allmende.observations.queries import Step, buckets
from allmende.web import formats
from allmende.web.charts.sparkline import Sparkline, sparkline
from allmende.web.memory import Remembered, remembered
from allmende.web.overview import Place, Stream
from allmende.web.quantities import decimals, is_amount
from allmende.web.states import State

MOST_FIGURES = 5
_DAY = 86_400 * 1_000_000
# Which quantities a town asks for first, by words in their definition; used where nobody marked figures as featured.
_WANTED = (
    ("air_temperature", "airtemperature", "temperature"),
    ("free", "parking", "spaces", "occupancy"),
    ("pm2", "pm10", "no2", "nitrogen", "particulate", "air_quality"),
    ("pedestrian", "people", "footfall"),
    ("soil", "tension", "moisture"),
    ("level", "water"),
)
_TEMPERATURE = "Cel"


@dataclass(frozen=True, slots=True)
class LiveFigure:
    """One large number of today."""

    name: str
    where: str
    code: str
    value: str
    unit: str
    time: int
    state: State
    simulated: bool
    line: Sparkline | None


_lines: Remembered[Sparkline | None] = remembered(seconds=60, size=64)


def figures(places: Iterable[Place]) -> list[LiveFigure]:
    """The featured datastreams (property `featured`: rank), else one of each quantity that people ask for first."""
    known = [
        (stream, place)
        for place in places
        for stream in place.streams
        if stream.sample is not None and stream.sample.value is not None
    ]
    featured = sorted((pair for pair in known if pair[0].featured is not None), key=lambda pair: pair[0].featured or 0)
    chosen = featured or _first_of_each(known)
    return [_figure(stream, place) for stream, place in chosen[:MOST_FIGURES]]


def _first_of_each(known: Sequence[tuple[Stream, Place]]) -> list[tuple[Stream, Place]]:
    found: list[tuple[Stream, Place]] = []
    for words in _WANTED:
        for stream, place in known:
            text = f"{stream.definition} {' '.join(stream.property_name.values())}".casefold()
            taken = any(other.property_code == stream.property_code for other, _place in found)
            if not taken and stream.state is State.FRESH and any(word in text for word in words):
                found.append((stream, place))
                break
    return found


def _figure(stream: Stream, place: Place) -> LiveFigure:
    sample = stream.sample
    assert sample is not None and sample.value is not None
    return LiveFigure(
        name=pick(stream.property_name) or pick(stream.name),
        where=pick(place.name),
        code=stream.code,
        value=formats.number(sample.value, decimals(stream.unit, sample.value)),
        unit=symbol(stream.unit),
        time=sample.time,
        state=stream.state,
        simulated=place.simulated,
        line=_lines.get(stream.id, lambda: _line(stream)),
    )


def _line(stream: Stream) -> Sparkline | None:
    end = to_us(now())
    table: pa.Table = buckets(stream.id, Step.HOUR, end - _DAY, end, holding=stream.holding)
    kind = "sum" if is_amount(stream.unit, stream.holding) else "mean"
    if stream.holding == "until_next":
        kind = "weighted_mean"
    starts = pc.cast(table.column("start"), pa.int64()).to_pylist()
    held = dict(zip(starts, table.column(kind).to_pylist(), strict=True))
    hour = 3600 * 1_000_000
    first = (end - _DAY) // hour * hour
    return sparkline([held.get(first + place * hour) for place in range(25)])


def sentences(town: str, places: Sequence[Place], chosen: Sequence[LiveFigure]) -> list[str]:
    """What is to be said about the town now in one or two short sentences; honest when there is nothing."""
    streams = [stream for place in places for stream in place.streams]
    if not streams:
        return [_("Nothing is measured here yet.")]
    fresh = sum(stream.state is State.FRESH for stream in streams)
    if fresh == 0:
        return [_("No sensor reports at the moment.")]
    temperature = next((figure for figure in chosen if figure.unit == symbol(_TEMPERATURE)), None)
    report = ngettext("%(fresh)s of %(all)s sensor reports.", "%(fresh)s of %(all)s sensors report.", len(streams)) % {
        "fresh": formats.whole(fresh),
        "all": formats.whole(len(streams)),
    }
    if fresh == len(streams) and fresh > 1:
        report = _("All %(all)s sensors report.") % {"all": formats.whole(len(streams))}
    if temperature is None or temperature.state is not State.FRESH:
        return [report]
    values = {"town": town, "value": f"{temperature.value}\u00a0{temperature.unit}"}
    weather = _("It is %(value)s in %(town)s.") if town else _("It is %(value)s outside.")
    return [weather % values, report]

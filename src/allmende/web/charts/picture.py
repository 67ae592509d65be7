"""A chart as a page shows it: the statement in words, the drawing in two widths, and what has to be said about it."""

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from allmende.core.clock import from_us, now, to_us, town_zone
from allmende.core.texts import pick
from allmende.observations.queries import Datastream, Extent, Step
from allmende.web import formats
from allmende.web.charts.renderer import NotDrawn, renderer
from allmende.web.charts.spec import SMALL, WIDE, Size, specification
from allmende.web.figures import Point, Series, load
from allmende.web.memory import Remembered, remembered
from allmende.web.quantities import series_decimals
from allmende.web.ranges import Range

# How long (seconds) a picture may stand before it is made anew, by its step; the newest value itself is always fresh.
_LIFETIMES: dict[Step | None, float] = {None: 10, Step.MINUTE: 10, Step.QUARTER_HOUR: 30, Step.HOUR: 60}
_LIFETIME = 300.0
_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')  # the picture is one image with words of its own
_DAYS = frozenset({Step.DAY, Step.WEEK, Step.MONTH, Step.QUARTER, Step.YEAR})


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, ready for a page. drawings: wide and small SVG; none when drawing failed or nothing is there to draw.

    decimals: of the values; edge_decimals: of the lowest and highest (a mean of whole numbers is seldom whole).
    """

    numbers: Series
    range: Range
    decimals: int
    edge_decimals: int
    title: str
    statement: str
    notes: tuple[str, ...]
    drawings: tuple[SafeString, ...]
    failed: bool
    made: int

    @property
    def empty(self) -> bool:
        """Whether the range holds no value at all."""
        return self.numbers.highest is None


_pictures: Remembered[Picture] = remembered(seconds=_LIFETIME, size=64)


def picture(stream: Datastream, chosen: Range, extent: Extent | None) -> Picture:
    """The chart of a datastream that the reader may see."""
    language = (get_language() or "de")[:2]
    key = (stream.id, stream.unit, stream.holding, chosen.query, language)
    lifetime = _LIFETIMES.get(chosen.step, _LIFETIME)
    return _pictures.get(key, lambda: _make(stream, chosen, extent, language), lifetime)


def _make(stream: Datastream, chosen: Range, extent: Extent | None, language: str) -> Picture:
    numbers = load(stream.id, stream.unit, stream.holding, stream.expected_interval, chosen)
    decimals = series_decimals(stream.unit, [point.value for point in numbers.points])
    edges = series_decimals(stream.unit, [value for point in numbers.points for value in _edges(point)])
    title = f"{pick(stream.name)}, {pick(stream.thing.name)}"
    statement = _statement(numbers, stream.unit, decimals, edges)
    drawings, failed = _draw(numbers, stream.unit, chosen, language, title, statement)
    notes = tuple(_notes(numbers, stream, chosen, extent))
    return Picture(numbers, chosen, decimals, edges, title, statement, notes, drawings, failed, to_us(now()))


def _edges(point: Point) -> tuple[float | None, float | None]:
    """The lowest and highest value at a point; of a single value, itself."""
    return (point.value, point.value) if point.low is None else (point.low, point.high)


def _draw(
    numbers: Series, unit: str, chosen: Range, language: str, title: str, statement: str
) -> tuple[tuple[SafeString, ...], bool]:
    if numbers.highest is None:
        return (), False
    try:
        return tuple(_svg(numbers, unit, chosen, language, size, title, statement) for size in (WIDE, SMALL)), False
    except NotDrawn:
        return (), True


def _svg(
    numbers: Series, unit: str, chosen: Range, language: str, size: Size, title: str, statement: str
) -> SafeString:
    return drawing(specification(numbers, unit, chosen, language, size), language, size, title, statement)


def drawing(spec: dict[str, Any], language: str, size: Size, title: str, statement: str) -> SafeString:
    """The drawing of a specification with its name and description for those who do not see it. Raises NotDrawn."""
    name = "wide" if size is WIDE else "small"
    svg = renderer.svg(spec, language)
    head = (
        f'<svg role="img" aria-labelledby="chart-title-{name} chart-desc-{name}" focusable="false" '
        f'class="al-chart--{name}" '
    )
    words = (
        f'<title id="chart-title-{name}">{escape(title)}</title><desc id="chart-desc-{name}">{escape(statement)}</desc>'
    )
    svg = _ROLES.sub("", svg)
    opened, _sep, rest = svg.replace(' class="marks"', "", 1).replace("<svg ", head, 1).partition(">")
    return mark_safe(f"{opened}>{words}{rest}")  # noqa: S308 - drawn by our worker from numbers; texts are escaped


def when(point: Point, step: Step | None) -> str:
    """The time of a point, as finely as its bucket is long."""
    if step in _DAYS:
        return formats.day(from_us(point.start).astimezone(town_zone()).date())
    return formats.moment(point.start)


def _statement(numbers: Series, unit: str, decimals: int, edges: int) -> str:
    low, high = numbers.lowest, numbers.highest
    if low is None or high is None:
        return _("There are no values in this time.")
    if numbers.kind == "sum" or numbers.total is not None:
        return _("%(total)s in all; the most, %(most)s, on %(when)s.") % {
            "total": formats.with_unit(numbers.total, unit, decimals),
            "most": formats.with_unit(high.value, unit, decimals),
            "when": when(high, numbers.step),
        }
    lowest, highest = _edges(low)[0], _edges(high)[1]
    if lowest == highest:
        return _("Always %(value)s.") % {"value": formats.with_unit(lowest, unit, edges)}
    if unit.startswith("{"):  # counted things are named by a word, which other languages would have to inflect
        text = _("Smallest value %(low)s (%(low_when)s), largest %(high)s (%(high_when)s); mean %(mean)s.")
    else:
        text = _("Between %(low)s (%(low_when)s) and %(high)s (%(high_when)s); on average %(mean)s.")
    return text % {
        "low": formats.with_unit(lowest, unit, edges),
        "low_when": when(low, numbers.step),
        "high": formats.with_unit(highest, unit, edges),
        "high_when": when(high, numbers.step),
        "mean": formats.with_unit(numbers.mean, unit, max(decimals, series_decimals(unit, [numbers.mean]))),
    }


def _notes(numbers: Series, stream: Datastream, chosen: Range, extent: Extent | None) -> list[str]:
    """What a reader has to know to read the chart rightly, one sentence each."""
    notes = [how(numbers)]
    if stream.holding == "until_next":
        notes.append(_("Only changes are reported: a value holds until the next one, for a day at most."))
    notes.append(
        ngettext("Drawn from %(count)s value.", "Drawn from %(count)s values.", numbers.count)
        % {"count": formats.whole(numbers.count)}
    )
    share = _completeness(numbers, stream, chosen, extent)
    if share is not None and share < 0.98:
        notes.append(_("That is %(share)s %% of the expected values.") % {"share": formats.number(share * 100, 0)})
    if numbers.flagged:
        notes.append(
            ngettext(
                "%(count)s value is left out because it is not plausible.",
                "%(count)s values are left out because they are not plausible.",
                numbers.flagged,
            )
            % {"count": formats.whole(numbers.flagged)}
        )
    if chosen.behind:
        notes.append(_("There are no newer values; the chart ends with the last one."))
    return notes


def how(numbers: Series) -> str:
    """How the drawn values came about."""
    if numbers.step is None:
        return _("Every single value is drawn.")
    per = {
        Step.MINUTE: _("minute"),
        Step.QUARTER_HOUR: _("quarter of an hour"),
        Step.HOUR: _("hour"),
        Step.DAY: _("day"),
        Step.WEEK: _("week"),
        Step.MONTH: _("month"),
        Step.QUARTER: _("quarter"),
        Step.YEAR: _("year"),
    }[numbers.step]
    texts = {
        "sum": _("Sum of each %(step)s."),
        "mean": _("Mean of each %(step)s; the band reaches from the lowest to the highest value."),
        "weighted_mean": _(
            "Mean of each %(step)s, weighted by time; the band reaches from the lowest to the highest value."
        ),
    }
    return texts[numbers.kind] % {"step": per}


def _completeness(numbers: Series, stream: Datastream, chosen: Range, extent: Extent | None) -> float | None:
    """The share of expected values that are there; None where nothing regular is expected."""
    if stream.holding == "until_next" or not stream.expected_interval or extent is None:
        return None
    begin, end = max(chosen.begin, extent.first), min(chosen.end, to_us(now()))
    expected = (end - begin) / (stream.expected_interval * 1_000_000)
    return (numbers.count + numbers.flagged) / expected if expected >= 1 else None

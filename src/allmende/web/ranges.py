"""Spans of time that a reader asks for: the last day, week, month or year, everything, or dates of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allmende.core.clock import from_us, now, to_us, town_zone
from allmende.observations.queries import Extent, Step


class Span(StrEnum):
    """The named spans, as the address names them."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


LABELS = {
    Span.DAY: gettext_lazy("Day"),
    Span.WEEK: gettext_lazy("Week"),
    Span.MONTH: gettext_lazy("Month"),
    Span.YEAR: gettext_lazy("Year"),
    Span.ALL: gettext_lazy("Everything"),
}
_DAYS = {Span.WEEK: 7, Span.MONTH: 30, Span.YEAR: 365}
_HOUR = 3600 * 1_000_000
_DAY = 24 * _HOUR
# The longest span (µs) for which each step still gives a chart that one can read: at most some 750 buckets.
_STEPS = (
    (6 * _HOUR, Step.MINUTE),
    (3 * _DAY, Step.QUARTER_HOUR),
    (31 * _DAY, Step.HOUR),
    (2 * 366 * _DAY, Step.DAY),
    (12 * 366 * _DAY, Step.WEEK),
)
# Sums are drawn as bars, of which fewer can be told apart.
_SUM_STEPS = ((8 * _DAY, Step.HOUR), (2 * 366 * _DAY, Step.DAY))


@dataclass(frozen=True, slots=True)
class Range:
    """begin <= time < end in µs UTC. span: the named span, or None for dates of one's own.

    moving: ends at the present and grows with it; behind: the last value is older, so the range ends with it instead.
    """

    begin: int
    end: int
    span: Span | None
    moving: bool = False
    behind: bool = False
    first_day: date | None = None
    last_day: date | None = None

    @property
    def step(self) -> Step:
        """The bucket that suits the length."""
        length = self.end - self.begin
        return next((step for longest, step in _STEPS if length <= longest), Step.MONTH)

    @property
    def sum_step(self) -> Step:
        """The bucket that suits the length where values are added up."""
        length = self.end - self.begin
        return next((step for longest, step in _SUM_STEPS if length <= longest), Step.MONTH)

    @property
    def query(self) -> str:
        """The part of the address that asks for this range again."""
        if self.span is not None:
            return urlencode({"range": self.span})
        return urlencode({"from": str(self.first_day), "to": str(self.last_day)})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asked for: a range, and for the form the texts as typed and what is wrong with them."""

    range: Range
    first: str
    last: str
    error: str = ""


def asked(params: Mapping[str, str], extent: Extent | None) -> Asked:
    """Reads `range`, or `from` and `to` (dates in the town's zone, both included); a week when nothing is asked for."""
    first, last = params.get("from", "").strip(), params.get("to", "").strip()
    if first or last:
        try:
            chosen = _own(first, last)
        except ValueError as error:
            return Asked(named(Span.WEEK, extent), first, last, str(error))
        return Asked(chosen, first, last)
    wanted = params.get("range", "")
    chosen = named(Span(wanted) if wanted in list(Span) else Span.WEEK, extent)
    zone = town_zone()
    return Asked(
        chosen,
        from_us(chosen.begin).astimezone(zone).date().isoformat(),
        from_us(chosen.end - 1).astimezone(zone).date().isoformat(),
    )


def named(span: Span, extent: Extent | None) -> Range:
    """The span up to now, or up to the last value when that is older than the whole span."""
    present = to_us(now())
    begin = _begin(span, present, extent)
    if extent is None or extent.last >= begin:
        return Range(begin, present, span, moving=True)
    end = extent.last + 1
    return Range(_begin(span, end, extent), end, span, behind=True)


def _begin(span: Span, end: int, extent: Extent | None) -> int:
    if span is Span.ALL:
        return extent.first if extent else end - _DAY
    if span is Span.DAY:
        return (end - _DAY) // _HOUR * _HOUR
    zone = town_zone()
    last_day = from_us(end).astimezone(zone).date()
    return _midnight(last_day - timedelta(days=_DAYS[span] - 1))


def _own(first: str, last: str) -> Range:
    try:
        begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise ValueError(_("Please give both dates, such as 2026-11-23.")) from None
    if begins > ends:
        raise ValueError(_("The first day lies after the last one."))
    if begins.year < 1700 or ends.year > 2200:
        raise ValueError(_("Please choose days between 1700 and 2200."))
    return Range(_midnight(begins), _midnight(ends + timedelta(days=1)), None, first_day=begins, last_day=ends)


def _midnight(day: date) -> int:
    return to_us(datetime.combine(day, time(), tzinfo=town_zone()))


def neighbours(chosen: Range) -> tuple[Range, Range]:
    """The ranges of the same length before and after, as dates of one's own; at least a day long."""
    zone = town_zone()
    first = from_us(chosen.begin).astimezone(zone).date()
    last = from_us(chosen.end - 1).astimezone(zone).date()
    days = max((last - first).days + 1, 1)
    earlier = _own(str(first - timedelta(days=days)), str(first - timedelta(days=1)))
    later = _own(str(last + timedelta(days=1)), str(last + timedelta(days=days)))
    return earlier, later

"""The calendar of completeness on a thing's page: a row per month, a cell per day, and the same in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.urls import reverse
from django.utils import formats as django_formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmende.core.clock import from_us, now, to_us, town_zone
from allmende.core.texts import pick
from allmende.observations.care.completeness import (
    Counted,
    Shared,
    Summary,
    days,
    expected_since,
    last_year,
    summary,
    together,
)
from allmende.observations.queries import extents
from allmende.web import formats
from allmende.web.memory import Remembered, remembered
from allmende.web.overview import Stream

# From which share on a day's cell is filled so high; below the first it is nearly empty.
_LEVELS = ((0.98, "4"), (0.75, "3"), (0.4, "2"))
_SHOWN_DAYS = frozenset({1, 5, 10, 15, 20, 25, 30})


@dataclass(frozen=True, slots=True)
class Cell:
    """A day. level: 0 (nothing came) to 4 (all of it), `rest` where nothing was expected, empty where there is no such
    day; share: in words, for readers of the table; title: for the pointer."""

    level: str = ""
    share: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A row of 31 cells."""

    name: str
    year: int
    cells: tuple[Cell, ...]
    share: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A link to another calendar of the same thing."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """All of it. of: what is counted, in words; statement: the same in a sentence or two."""

    months: tuple[Month, ...]
    heads: tuple[tuple[int, bool], ...]
    of: str
    statement: str
    streams: tuple[Choice, ...]
    years: tuple[Choice, ...]


_counted: Remembered[tuple[Shared, ...]] = remembered(seconds=60, size=128)


def calendar(code: str, streams: Sequence[Stream], params: QueryDict) -> Calendar | None:
    """The calendar that the address asks for: of all datastreams of a thing or of one (`count`), of the last twelve
    months or of a year (`year`). None for a thing without datastreams."""
    measuring = [stream for stream in streams if stream.signal is None] or list(streams)
    if not measuring:
        return None
    chosen = [stream for stream in measuring if stream.code == params.get("count")] or measuring
    present = to_us(now())
    known = extents(stream.id for stream in chosen)
    begun = min((extent.first for extent in known.values()), default=present)
    today = from_us(present).astimezone(town_zone()).date()
    first_year = from_us(begun).astimezone(town_zone()).year
    year = _year(params.get("year", ""), first_year, today.year)
    first, last = (date(year, 1, 1), date(year, 12, 31)) if year else last_year(present)
    counted = tuple(
        Counted(
            stream.id,
            stream.habit,
            expected_since(known[stream.id].first if stream.id in known else None, stream.registered),
        )
        for stream in chosen
    )
    found = _counted.get((counted, first, last), lambda: _count(counted, first, last, present))
    one = chosen[0] if len(chosen) == 1 else None
    return Calendar(
        months=tuple(_months(found, today)),
        heads=tuple((day, day in _SHOWN_DAYS) for day in range(1, 32)),
        of=pick(one.name) if one else _("all datastreams together"),
        statement=statement(summary(day for day in found if day.day <= today), year),
        streams=_streams(code, measuring, one, year),
        years=_years(code, params.get("count", ""), first_year, today.year, year),
    )


def _count(streams: Sequence[Counted], first: date, last: date, present: int) -> tuple[Shared, ...]:
    return tuple(together([days(stream, first, last, present) for stream in streams]))


def _year(text: str, first: int, last: int) -> int | None:
    return int(text) if text.isdecimal() and len(text) == 4 and first <= int(text) <= last else None


def _months(found: Sequence[Shared], today: date) -> list[Month]:
    months: dict[tuple[int, int], list[Shared]] = {}
    for day in found:
        months.setdefault((day.day.year, day.day.month), []).append(day)
    rows = []
    for (year, month), inside in months.items():
        cells = [Cell()] * 31
        for day in inside:
            if day.day <= today:
                cells[day.day.day - 1] = _cell(day)
        shares = [day.share for day in inside if day.share is not None and day.day <= today]
        share = percent(sum(shares) / len(shares)) if shares else formats.NO_VALUE
        rows.append(Month(django_formats.date_format(date(year, month, 1), "N"), year, tuple(cells), share))
    return rows


def _cell(day: Shared) -> Cell:
    when = formats.day(day.day)
    if day.share is None:
        if not day.usable:
            return Cell("rest", _("nothing expected"), f"{when}: {_('nothing expected')}")
        count = ngettext("%(count)s value", "%(count)s values", day.usable) % {"count": formats.whole(day.usable)}
        return Cell("rest", count, f"{when}: {count}")
    words = _("%(usable)s of %(expected)s values") % {
        "usable": formats.whole(day.usable),
        "expected": formats.whole(day.expected),
    }
    if day.flagged:
        flagged = ngettext("%(count)s flagged", "%(count)s flagged", day.flagged)
        words += ", " + flagged % {"count": formats.whole(day.flagged)}
    level = "0" if day.share == 0 else next((name for least, name in _LEVELS if day.share >= least), "1")
    return Cell(level, percent(day.share), f"{when}: {percent(day.share)}, {words}")


def percent(share: float) -> str:
    """A share as a whole percentage that says 100 only when all of it is there, and 0 only when nothing is."""
    whole = round(share * 100)
    whole = min(whole, 99) if share < 1 else whole
    whole = max(whole, 1) if share > 0 else whole
    return f"{whole}\u00a0%"


def statement(found: Summary, year: int | None) -> str:
    """What the calendar shows, in words."""
    if found.share is None:
        return _("Nothing was expected in this time.")
    span = _("In %(year)s") % {"year": year} if year else _("In the last twelve months")
    text = _("%(span)s %(share)s of the expected values came.") % {"span": span, "share": percent(found.share)}
    if not found.empty:
        return text + " " + _("There was no day without values.")
    text += " " + ngettext("On %(count)s day there was none.", "On %(count)s days there was none.", found.empty) % {
        "count": formats.whole(found.empty)
    }
    if found.longest and found.longest[0] < found.longest[1]:
        text += " " + _("The longest time without values went from %(first)s to %(last)s.") % {
            "first": formats.day(found.longest[0]),
            "last": formats.day(found.longest[1]),
        }
    return text


def _address(code: str, count: str, year: int | None) -> str:
    query = QueryDict(mutable=True)
    if count:
        query["count"] = count
    if year:
        query["year"] = str(year)
    return reverse("thing", args=[code]) + (f"?{query.urlencode()}" if query else "") + "#completeness"


def _streams(code: str, streams: Sequence[Stream], one: Stream | None, year: int | None) -> tuple[Choice, ...]:
    if len(streams) < 2:
        return ()
    all_of_them = Choice(_("all together"), _address(code, "", year), one is None)
    each = (
        Choice(pick(stream.name), _address(code, stream.code, year), one is not None and stream.code == one.code)
        for stream in streams
    )
    return (all_of_them, *each)


def _years(code: str, count: str, first: int, last: int, chosen: int | None) -> tuple[Choice, ...]:
    newest = Choice(_("last twelve months"), _address(code, count, None), chosen is None)
    shown = range(last, max(first, last - 9) - 1, -1)
    return (newest, *(Choice(str(year), _address(code, count, year), year == chosen) for year in shown))

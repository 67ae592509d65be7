"""Times in queries: instants, days (those of the town) and intervals, and what they mean for a column."""

from datetime import date, datetime, time, timedelta

from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.terms import Call, Column, Term, Value, every
from allmende.core.clock import from_us, parse_instant, town_zone

_OPEN = ("", "..")


def moment_column(holding: Holding) -> ColumnFacts | None:
    """The column that says when a feature was: the first one with times, else the first with dates."""
    for kind in ("datetime", "date"):
        for column in holding.columns:
            if column.type == kind:
                return column
    return None


def instant_of(text: str) -> datetime:
    """A time with its zone, or the first instant of a day of the town. Raises ValueError with words."""
    if len(text) <= 10:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"“{text}” is no date; write it like 2026-11-23.") from None
        return datetime.combine(day, time(), town_zone())
    return from_us(parse_instant(text.replace(" ", "+")))  # a plus in an address is read as a blank


def day_of(instant: datetime) -> date:
    """The day of the town."""
    return instant.astimezone(town_zone()).date()


def end_of_day(instant: datetime) -> datetime:
    """The last microsecond of the town's day."""
    following = datetime.combine(day_of(instant) + timedelta(days=1), time(), town_zone())
    return following - timedelta(microseconds=1)


def within(text: str, column: ColumnFacts | None) -> Term | None:
    """That the column lies in `datetime`: an instant, a day, or an interval `a/b` of which one side may be open; None
    where there is no column. Raises ValueError with words."""
    begin, slash, end = text.partition("/")
    if not slash:
        end = begin
    if begin in _OPEN and end in _OPEN:
        raise ValueError("An interval needs a begin or an end.")
    low = instant_of(begin) if begin not in _OPEN else None
    high = None
    if end not in _OPEN:
        high = instant_of(end)
        if len(end) <= 10:
            high = end_of_day(high)
    if low and high and low > high:
        raise ValueError("The interval ends before it begins.")
    if column is None:
        return None
    return every(*(_bound(column, name, instant) for name, instant in (("ge", low), ("le", high)) if instant))


def _bound(column: ColumnFacts, name: str, instant: datetime) -> Term:
    value = Value(day_of(instant) if column.type == "date" else instant)
    return Call(name, (Column(column.name), value))

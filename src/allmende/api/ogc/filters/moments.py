"""Temporal functions of a filter (21-065r2 § 7.8): relations of instants and closed intervals by their ends."""

from collections.abc import Callable
from typing import Any, NamedTuple

from allmende.api.ogc.filters.faults import FilterError
from allmende.api.ogc.filters.values import Scalars, Typed, alike, kind_name
from allmende.api.ogc.moments import end_of_day, instant_of
from allmende.catalogue.holdings.terms import Call, Term, Value, every


class Span(NamedTuple):
    """An instant (both ends the same) or an interval; an end that is None is open."""

    begin: Typed | None
    end: Typed | None
    interval: bool


def _lt(left: Typed | None, right: Typed | None, *, opened: bool) -> Term:
    """Whether one end lies before another. opened: the answer where one of them is open, that is without bound."""
    return Value(opened) if left is None or right is None else Call("lt", (left.term, right.term))


def _eq(left: Typed | None, right: Typed | None) -> Term:
    if left is None or right is None:
        return Value(left is None and right is None)
    return Call("eq", (left.term, right.term))


# An open begin lies before every begin but an open one, an open end after every end but an open one.
def _begins_before(a: Span, b: Span) -> Term:
    return _lt(a.begin, b.begin, opened=a.begin is None and b.begin is not None)


def _ends_before(a: Span, b: Span) -> Term:
    return _lt(a.end, b.end, opened=b.end is None and a.end is not None)


def _before(a: Span, b: Span) -> Term:
    return _lt(a.end, b.begin, opened=False)


def _meets(a: Span, b: Span) -> Term:
    return Value(False) if a.end is None or b.begin is None else _eq(a.end, b.begin)


def _disjoint(a: Span, b: Span) -> Term:
    return Call("or", (_before(a, b), _before(b, a)))


def _begin_within(a: Span, b: Span) -> Term:
    """Whether b begins before a ends."""
    return _lt(b.begin, a.end, opened=True)


Relation = Callable[[Span, Span], Term]
_ANY: dict[str, Relation] = {
    "t_before": _before,
    "t_after": lambda a, b: _before(b, a),
    "t_disjoint": _disjoint,
    "t_intersects": lambda a, b: Call("not", (_disjoint(a, b),)),
    "t_equals": lambda a, b: every(_eq(a.begin, b.begin), _eq(a.end, b.end)),
}
_INTERVALS: dict[str, Relation] = {
    "t_during": lambda a, b: every(_begins_before(b, a), _ends_before(a, b)),
    "t_contains": lambda a, b: every(_begins_before(a, b), _ends_before(b, a)),
    "t_starts": lambda a, b: every(_eq(a.begin, b.begin), _ends_before(a, b)),
    "t_startedby": lambda a, b: every(_eq(a.begin, b.begin), _ends_before(b, a)),
    "t_finishes": lambda a, b: every(_eq(a.end, b.end), _begins_before(b, a)),
    "t_finishedby": lambda a, b: every(_eq(a.end, b.end), _begins_before(a, b)),
    "t_meets": _meets,
    "t_metby": lambda a, b: _meets(b, a),
    "t_overlaps": lambda a, b: every(_begins_before(a, b), _begin_within(a, b), _ends_before(a, b)),
    "t_overlappedby": lambda a, b: every(_begins_before(b, a), _begin_within(b, a), _ends_before(b, a)),
}
FUNCTIONS = _ANY | _INTERVALS


def compared(name: str, left: Any, right: Any, scalars: Scalars) -> Term:
    """One of the functions. Raises FilterError."""
    a, b = _span(left, scalars), _span(right, scalars)
    if name in _INTERVALS and not (a.interval and b.interval):
        raise FilterError(f"{name.upper()} compares intervals only; write INTERVAL(…, …).", near=name)
    return FUNCTIONS[name](*_same_kind(a, b))


def _span(node: Any, scalars: Scalars) -> Span:
    if isinstance(node, dict) and "interval" in node:
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:
            raise FilterError("INTERVAL takes a begin and an end.", near="interval")
        begin, end = (_end(each, scalars) for each in ends)
        _in_order(begin, end)
        return Span(begin, end, True)
    instant = _end(node, scalars)
    if instant is None:
        raise FilterError("“..” stands within INTERVAL only.")
    return Span(instant, instant, False)


def _end(node: Any, scalars: Scalars) -> Typed | None:
    if node in ("..", ""):
        return None
    if isinstance(node, str):
        node = {"timestamp" if len(node) > 10 else "date": node}
    found = scalars.of(node)
    if found.kind not in ("date", "datetime"):
        raise FilterError(f"A date or time was expected, not {kind_name(found.kind)}.", near=found.near)
    return found


def _in_order(begin: Typed | None, end: Typed | None) -> None:
    if begin is None or end is None or not (begin.literal and end.literal) or begin.kind != end.kind:
        return
    if _value(begin) > _value(end):
        raise FilterError("The interval ends before it begins.", near=begin.near)


def _value(each: Typed) -> Any:
    assert isinstance(each.term, Value)
    return each.term.value


def _same_kind(a: Span, b: Span) -> tuple[Span, Span]:
    """Dates and times together: written dates become the first and last instant of their day, where a column holds
    times; written times become days, where it holds dates."""
    ends = [each for each in (*a[:2], *b[:2]) if each is not None]
    if len({each.kind for each in ends}) < 2:
        return a, b
    columns = {each.kind for each in ends if not each.literal}
    if len(columns) == 2:
        raise FilterError("A column of dates cannot be compared with one of times.", near=ends[0].near)
    model = Typed(Value(None), columns.pop() if columns else "datetime")
    return _cast(a, model), _cast(b, model)


def _cast(span: Span, model: Typed) -> Span:
    begin = alike(span.begin, model)[0] if span.begin else None
    end = span.end
    if end is not None and end.kind == "date" and model.kind == "datetime":
        # A date as an instant stays one where it stands for a whole day too: it then has two different ends.
        end = Typed(Value(end_of_day(instant_of(_value(end).isoformat()))), "datetime", end.near)
    elif end is not None:
        end = alike(end, model)[0]
    return Span(begin, end, span.interval)

"""What the operators and functions of a filter mean (18-088 § 9.3.3.5), for every dialect alike.

Logic has three values: what compares with null is unknown, and a row counts where the filter is true. A time that may
be an interval compares as intervals do: it is less than another if it ends before that begins.
"""

from collections.abc import Callable
from datetime import date, time

from allmende.api.sensorthings.compiling.operands import Dialect, Expression, Nothing, Open, Operand, Scalar, Span
from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import (
    Arithmetic,
    Call,
    Comparison,
    Duration,
    Interval,
    Literal,
    Logic,
    Membership,
    Negation,
    Node,
    Not,
    Path,
)
from allmende.core.clock import MAX_US, MIN_US, now, to_us

_FLIPPED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TEXTS = (Kind.STRING, Kind.ID)
_MOMENTS = (Kind.INSTANT, Kind.DATE, Kind.TIME_OF_DAY, Kind.DURATION)
_EPOCH = date(1970, 1, 1).toordinal()


class Compiler:
    """Compiles for one dialect. Raises Fault, with the position, for what the dialect cannot answer."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.call = dialect.call

    # Conditions

    def condition(self, node: Node) -> Expression:
        """A boolean expression."""
        known = self.dialect.whole(node)
        if known is not None:
            return known
        match node:
            case Logic(operator=operator, operands=operands):
                return self.call(operator, *(self.condition(operand) for operand in operands))
            case Not(operand=operand):
                return self.call("not", self.condition(operand))
            case Comparison(operator=operator, left=left, right=right):
                return self.compared(operator, self.operand(left), self.operand(right), node.at)
            case Membership(item=item, members=members):
                wanted = self.operand(item)
                same = [self.compared("eq", wanted, self.operand(member), node.at) for member in members]
                return self.call("or", *same) if len(same) > 1 else same[0]
            case Call(name=name) if name in _CONDITIONS:
                return _CONDITIONS[name](self, node)
            case _:
                return self._truth(self.operand(node), node.at)

    def _truth(self, operand: Operand, at: int) -> Expression:
        if isinstance(operand, Open):
            return operand.boolean
        if isinstance(operand, Scalar) and operand.kind == Kind.BOOLEAN:
            return operand.value
        raise Fault("This is not a condition.", at)

    def compared(self, operator: str, left: Operand, right: Operand, at: int) -> Expression:
        """left operator right."""
        if isinstance(left, Nothing) or isinstance(right, Nothing):
            return self._with_nothing(operator, left if isinstance(right, Nothing) else right)
        if isinstance(left, Open) and not isinstance(right, Open):
            return self._open(operator, left, right, at)
        if isinstance(right, Open) and not isinstance(left, Open):
            return self._open(_FLIPPED[operator], right, left, at)
        if isinstance(left, Open) and isinstance(right, Open):
            return self._both_open(operator, left, right)
        if isinstance(left, Span) or isinstance(right, Span):
            return self._spans(operator, self.span(left, at), self.span(right, at))
        assert isinstance(left, Scalar) and isinstance(right, Scalar)
        if (left.kind in _TEXTS) != (right.kind in _TEXTS):  # ids here are texts; other services have numbers
            return self.dialect.value(operator == "ne")
        return self.call(operator, left.value, right.value)

    def _with_nothing(self, operator: str, other: Operand) -> Expression:
        if operator not in ("eq", "ne"):
            return self.dialect.value(False)
        if isinstance(other, Nothing):
            return self.dialect.value(operator == "eq")
        if isinstance(other, Open):
            return other.present if operator == "ne" else self.call("not", other.present)
        value = other.begin if isinstance(other, Span) else other.value
        return self.call("is_null" if operator == "eq" else "is_not_null", value)

    def _open(self, operator: str, open_: Open, other: Scalar | Span | Nothing, at: int) -> Expression:
        """A JSON value against one of a known type. Of another type it is neither equal nor in any order, but it is
        not equal: `ne` holds for it."""
        if isinstance(other, Span):
            raise Fault("A value inside JSON cannot be compared with a time; compare it with a text.", at)
        assert isinstance(other, Scalar)
        typed = {Kind.NUMBER: open_.number, Kind.BOOLEAN: open_.boolean}.get(other.kind)
        if typed is None and other.kind in _TEXTS:
            typed = open_.text
        if typed is None:
            raise Fault(f"A value inside JSON cannot be compared with a {other.kind}.", at)
        compared = self.call(operator, typed, other.value)
        if operator != "ne":
            return compared
        return self.call("or", compared, self.call("and", open_.present, self.call("is_null", typed)))

    def _both_open(self, operator: str, left: Open, right: Open) -> Expression:
        numbers = self.call(operator, left.number, right.number)
        texts = self.call(operator, left.text, right.text)
        return self.call("or", numbers, texts)

    # Times

    def span(self, operand: Operand, at: int) -> Span:
        """A time as begin and end."""
        if isinstance(operand, Span):
            return operand
        if isinstance(operand, Scalar) and operand.kind == Kind.INSTANT:
            return Span(operand.value, operand.value)
        raise Fault("A time is needed here.", at)

    def _spans(self, operator: str, a: Span, b: Span) -> Expression:
        call = self.call
        if operator in ("eq", "ne"):
            same = call("and", call("eq", a.begin, b.begin), call("eq", a.end, b.end))
            return same if operator == "eq" else call("not", same)
        if operator in ("gt", "ge"):
            return self._spans(_FLIPPED[operator], b, a)
        before = self._before(a, b)
        if operator == "lt":
            return before
        # Less or equal: it begins no later and ends no later (so that an interval is also ≤ itself).
        return call("or", before, call("and", call("le", a.begin, b.begin), call("le", a.end, b.end)))

    def _before(self, a: Span, b: Span) -> Expression:
        """a ends before b begins. The end of an interval is not part of it, so it may touch what follows."""
        call = self.call
        apart = call("lt", a.end, b.begin)
        touching = call("and", call("eq", a.end, b.begin), call("lt", a.begin, a.end))
        return call("or", apart, touching)

    # Values

    def operand(self, node: Node) -> Operand:
        """A part of a filter as an operand."""
        match node:
            case Literal():
                return self._literal(node)
            case Path():
                return self.dialect.path(node)
            case Arithmetic():
                return self._arithmetic(node)
            case Negation(operand=inner):
                value = self.operand(inner)
                kind = value.kind if isinstance(value, Scalar) else Kind.NUMBER
                return Scalar(kind, self.call("neg", self.number(value, node.at)))
            case Call(name=name) if name in _VALUES:
                return _VALUES[name](self, node)
            case _:
                return Scalar(Kind.BOOLEAN, self.condition(node))

    def _literal(self, node: Literal) -> Operand:
        value, constant = node.value, self.dialect.value
        match value:
            case None:
                return Nothing()
            case Interval(start=start, end=end):
                return Span(constant(start), constant(end), always=True)
            case Duration(months=months, us=us):
                if months:
                    reason = "Months and years have no fixed length; only days or shorter units can stand here."
                    raise Fault(reason, node.at)
                return Scalar(Kind.DURATION, constant(us))
            case date():
                return Scalar(Kind.DATE, constant(value.toordinal() - _EPOCH))
            case time():
                us = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
                return Scalar(Kind.TIME_OF_DAY, constant(us))
            case bool() | int() | float() | str():
                return Scalar(node.kind, constant(value))
            case _:
                raise Fault("A geometry can only stand in a spatial function.", node.at)

    def _arithmetic(self, node: Arithmetic) -> Operand:
        """Numbers; and instants and durations, which are numbers of microseconds (§ 9.3.3.5.1)."""
        months = _months(node)
        if months is not None:
            left = self.operand(node.left if isinstance(node.right, Literal) else node.right)
            shift = -months if node.operator == "sub" else months
            moved = [self.call("months_later", part, self.dialect.value(shift)) for part in _parts(left)]
            return Span(*moved) if len(moved) > 1 else Scalar(Kind.INSTANT, moved[0])
        left, right = self.operand(node.left), self.operand(node.right)
        for span, other in ((left, right), (right, left)):
            if isinstance(span, Span) and isinstance(other, Scalar) and other.kind == Kind.DURATION:
                return Span(*(self.call(node.operator, part, other.value) for part in (span.begin, span.end)))
        a, b = self.number(left, node.left.at), self.number(right, node.right.at)
        return Scalar(node.kind, self.call(node.operator, a, b))

    def number(self, operand: Operand, at: int) -> Expression:
        """The operand as a number (of whatever unit)."""
        if isinstance(operand, Open):
            return operand.number
        if isinstance(operand, Span):
            return operand.begin
        if isinstance(operand, Scalar) and (operand.kind == Kind.NUMBER or operand.kind in _MOMENTS):
            return operand.value
        raise Fault("A number is needed here.", at)

    def text(self, node: Node) -> Expression:
        """The operand as a text."""
        operand = self.operand(node)
        if isinstance(operand, Open):
            return operand.anything
        if isinstance(operand, Scalar) and operand.kind in _TEXTS:
            return operand.value
        raise Fault("A text is needed here.", node.at)

    def moment(self, node: Node) -> Expression:
        """The operand as µs UTC; of an interval its begin."""
        operand = self.operand(node)
        if isinstance(operand, Span):
            return operand.begin
        if isinstance(operand, Scalar) and operand.kind == Kind.INSTANT:
            return operand.value
        if isinstance(operand, Scalar) and operand.kind == Kind.DATE:
            return self.call("mul", operand.value, self.dialect.value(86_400_000_000))
        if isinstance(operand, Scalar) and operand.kind == Kind.TIME_OF_DAY:
            return operand.value
        raise Fault("A time is needed here; a value inside JSON is a text.", node.at)


def _months(node: Arithmetic) -> int | None:
    """The months of a duration literal in a sum; None where there are none."""
    for side in (node.left, node.right):
        if isinstance(side, Literal) and isinstance(side.value, Duration) and side.value.months:
            if side.value.us:
                raise Fault("Write months and days as two durations.", side.at)
            return side.value.months
    return None


def _parts(operand: Operand) -> list[Expression]:
    if isinstance(operand, Span):
        return [operand.begin, operand.end]
    assert isinstance(operand, Scalar)
    return [operand.value]


# Functions that are conditions

_Condition = Callable[[Compiler, Call], Expression]


def _of_texts(name: str, *, swapped: bool = False) -> _Condition:
    def condition(compiler: Compiler, node: Call) -> Expression:
        texts = [compiler.text(argument) for argument in node.arguments]
        return compiler.call(name, *(reversed(texts) if swapped else texts))

    return condition


def _relation(relate: Callable[[Compiler, Span, Span], Expression]) -> _Condition:
    def condition(compiler: Compiler, node: Call) -> Expression:
        a, b = (compiler.span(compiler.operand(argument), argument.at) for argument in node.arguments)
        return relate(compiler, a, b)

    return condition


def _all(compiler: Compiler, *pairs: tuple[str, Expression, Expression]) -> Expression:
    return compiler.call("and", *(compiler.call(*pair) for pair in pairs))


_CONDITIONS: dict[str, _Condition] = {
    "substringof": _of_texts("contains", swapped=True),
    "contains": _of_texts("contains"),
    "startswith": _of_texts("startswith"),
    "endswith": _of_texts("endswith"),
    "before": _relation(lambda c, a, b: c._before(a, b)),
    "after": _relation(lambda c, a, b: c._before(b, a)),
    "meets": _relation(lambda c, a, b: c.call("or", c.call("eq", a.end, b.begin), c.call("eq", b.end, a.begin))),
    "during": _relation(lambda c, a, b: _all(c, ("le", b.begin, a.begin), ("le", a.end, b.end))),
    "overlaps": _relation(lambda c, a, b: _overlap(c, a, b)),
    "starts": _relation(lambda c, a, b: _all(c, ("eq", a.begin, b.begin), ("le", a.end, b.end))),
    "finishes": _relation(lambda c, a, b: _all(c, ("eq", a.end, b.end), ("ge", a.begin, b.begin))),
}


def _overlap(c: Compiler, a: Span, b: Span) -> Expression:
    """They have a time in common: neither is before the other."""
    return c.call("not", c.call("or", c._before(a, b), c._before(b, a)))


# Functions that are values

_Value = Callable[[Compiler, Call], Operand]


def _text_function(name: str, kind: Kind = Kind.STRING) -> _Value:
    return lambda c, node: Scalar(kind, c.call(name, *(c.text(argument) for argument in node.arguments)))


def _number_function(name: str) -> _Value:
    return lambda c, node: Scalar(
        Kind.NUMBER, c.call(name, *(c.number(c.operand(argument), argument.at) for argument in node.arguments))
    )


def _time_function(name: str, kind: Kind = Kind.NUMBER) -> _Value:
    return lambda c, node: Scalar(kind, c.call(name, c.moment(node.arguments[0])))


def _substring(c: Compiler, node: Call) -> Operand:
    text, *numbers = node.arguments
    parts = [c.number(c.operand(argument), argument.at) for argument in numbers]
    return Scalar(Kind.STRING, c.call("substring_of" if len(parts) == 2 else "substring", c.text(text), *parts))


def _constant(moment: Callable[[], int]) -> _Value:
    return lambda c, node: Scalar(Kind.INSTANT, c.dialect.value(moment()))


_VALUES: dict[str, _Value] = {
    "length": _text_function("length", Kind.NUMBER),
    "indexof": _text_function("indexof", Kind.NUMBER),
    "substring": _substring,
    "tolower": _text_function("tolower"),
    "toupper": _text_function("toupper"),
    "trim": _text_function("trim"),
    "concat": _text_function("concat"),
    **{part: _time_function(part) for part in ("year", "month", "day", "hour", "minute", "second")},
    "fractionalseconds": _time_function("fractionalseconds"),
    "date": _time_function("date", Kind.DATE),
    "time": _time_function("time", Kind.TIME_OF_DAY),
    "totaloffsetminutes": lambda c, node: Scalar(Kind.NUMBER, c.dialect.value(0)),  # times are kept in UTC
    "now": _constant(lambda: to_us(now())),
    "mindatetime": _constant(lambda: MIN_US),
    "maxdatetime": _constant(lambda: MAX_US),
    "round": _number_function("round"),
    "floor": _number_function("floor"),
    "ceiling": _number_function("ceiling"),
}

"""Builds the nodes of a tree, and refuses what makes no sense: wrong types, wrong numbers of arguments.

Types are those of the schema and of the literals; a value out of JSON (`result`, `properties/…`) fits any simple value.
"""

import re

from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.faults import Fault, guess, shown
from allmende.api.sensorthings.language.functions import FUNCTIONS, Function
from allmende.api.sensorthings.language.tree import (
    Arithmetic,
    Call,
    Comparison,
    Literal,
    Logic,
    Membership,
    Negation,
    Node,
    Not,
    Path,
    walk,
)

_MOMENTS = frozenset({Kind.INSTANT, Kind.INTERVAL, Kind.TIME})
_NUMBERS = frozenset({Kind.NUMBER, Kind.ANY, Kind.ID})
_INTERSECTIONS = re.compile(r"[TF012*]{9}", re.IGNORECASE)  # DE-9IM, OGC 06-103r4 § 6.1.14.2
_SIMPLE = frozenset({Kind.BOOLEAN, Kind.NUMBER, Kind.STRING, Kind.ID, Kind.ANY, Kind.DURATION, *_MOMENTS}) | {
    Kind.DATE,
    Kind.TIME_OF_DAY,
}

_ARITHMETIC = {
    "add": {
        **{(moment, Kind.DURATION): moment for moment in (*_MOMENTS, Kind.DATE, Kind.DURATION)},
        **{(Kind.DURATION, moment): moment for moment in (*_MOMENTS, Kind.DATE)},
    },
    "sub": {
        **{(moment, Kind.DURATION): moment for moment in (*_MOMENTS, Kind.DATE, Kind.DURATION)},
        **{(a, b): Kind.DURATION for a in (Kind.INSTANT, Kind.TIME) for b in (Kind.INSTANT, Kind.TIME)},
        (Kind.DATE, Kind.DATE): Kind.DURATION,
    },
    "mul": {
        **{(Kind.DURATION, factor): Kind.DURATION for factor in (Kind.NUMBER, Kind.ANY)},
        **{(factor, Kind.DURATION): Kind.DURATION for factor in (Kind.NUMBER, Kind.ANY)},
    },
    "div": {
        **{(Kind.DURATION, divisor): Kind.DURATION for divisor in (Kind.NUMBER, Kind.ANY)},
        (Kind.DURATION, Kind.DURATION): Kind.NUMBER,
    },
    "mod": {},
}


def condition(node: Node, what: str) -> Node:
    """The node, which must be true or false."""
    if node.kind not in (Kind.BOOLEAN, Kind.ANY):
        raise Fault(f"{what} must be true or false; this is {node.kind.words}.", node.at)
    return node


def logic(operator: str, operands: list[Node], at: int) -> Logic:
    """and, or."""
    return Logic(at, operator, tuple(condition(operand, f"What «{operator}» joins") for operand in operands))


def negated(operand: Node, at: int) -> Not:
    """not."""
    return Not(at, condition(operand, "What «not» turns around"))


def comparison(operator: str, left: Node, right: Node, at: int) -> Comparison:
    """eq, ne, gt, ge, lt, le.

    A date against a moment compares the moment's date, a time of day its time of day (UTC): such a side becomes a Call.
    """
    for kind, name in ((Kind.DATE, "date"), (Kind.TIME_OF_DAY, "time")):
        if left.kind == kind and right.kind in _MOMENTS:
            right = call(name, [right], right.at)
        elif right.kind == kind and left.kind in _MOMENTS:
            left = call(name, [left], left.at)
    _comparable(left, right, at)
    return Comparison(at, operator, left, right)


def membership(item: Node, members: list[Literal], at: int) -> Membership:
    """in."""
    for member in members:
        _comparable(item, member, member.at)
    return Membership(at, item, tuple(members))


def _comparable(left: Node, right: Node, at: int) -> None:
    a, b = left.kind, right.kind
    if (a == b and a in _SIMPLE) or Kind.NULL in (a, b) or (a in _MOMENTS and b in _MOMENTS):
        return
    if Kind.ANY in (a, b) and a in _SIMPLE and b in _SIMPLE:
        return
    if {a, b} in ({Kind.ID, Kind.STRING}, {Kind.ID, Kind.NUMBER}):
        return
    reason = f"{a.words} cannot be compared with {b.words}.{_hint(a, b)}"
    raise Fault(reason[0].upper() + reason[1:], at)


def _hint(a: Kind, b: Kind) -> str:
    both = {a, b}
    if Kind.STRING in both and both & (_MOMENTS | {Kind.DATE, Kind.TIME_OF_DAY, Kind.DURATION}):
        return " Times are written without quotes, durations as duration'PT1H'."
    if both == {Kind.STRING, Kind.NUMBER}:
        return " Text is written in single quotes, numbers without."
    if Kind.GEOMETRY in both:
        return " Use functions such as st_within, st_equals or geo.distance."
    if Kind.OBJECT in both:
        return " Name a member of it, such as properties/name."
    return ""


def arithmetic(operator: str, left: Node, right: Node, at: int) -> Arithmetic:
    """add, sub, mul, div, mod: of numbers; of moments, dates and durations as far as it means something."""
    a, b = left.kind, right.kind
    kind = Kind.NUMBER if a in _NUMBERS and b in _NUMBERS else _ARITHMETIC[operator].get((a, b))
    if kind is None:
        raise Fault(f"«{operator}» is not possible between {a.words} and {b.words}.", at)
    if operator in ("div", "mod") and isinstance(right, Literal) and right.value == 0:
        raise Fault("Division by zero.", right.at)
    return Arithmetic(at, kind, operator, left, right)


def minus(operand: Node, at: int) -> Negation:
    """The sign."""
    if operand.kind not in _NUMBERS and operand.kind != Kind.DURATION:
        raise Fault(f"Minus is not possible before {operand.kind.words}.", at)
    return Negation(at, Kind.DURATION if operand.kind == Kind.DURATION else Kind.NUMBER, operand)


def function(name: str, at: int) -> Function:
    """The function of that name, in whatever case. Raises Fault."""
    found = FUNCTIONS.get(name.lower())
    if found is None:
        hint = guess(name, FUNCTIONS, known=False)
        if name.endswith(("/any", "/all")):
            hint = " A path to many holds if it holds for any of them: write Datastreams/name eq 'x'."
        raise Fault(f"There is no function {shown(name)}.{hint}", at)
    return found


def call(name: str, arguments: list[Node], at: int) -> Call:
    """A function with its arguments."""
    found = function(name, at)
    most, least = len(found.arguments), found.least
    if not least <= len(arguments) <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}"
        plural = "" if wanted == "1" else "s"
        raise Fault(f"{found.name}() takes {wanted} argument{plural}, not {len(arguments)}.", at)
    for number, (argument, kinds) in enumerate(zip(arguments, found.arguments, strict=False), start=1):
        if argument.kind not in kinds:
            reason = f"{found.name}() cannot take {argument.kind.words} as argument {number}"
            raise Fault(f"{reason}; it takes {_list(kinds)}.", argument.at)
    if found.name == "st_relate":
        _pattern(arguments[2])
    if found.name == "contains":
        return Call(at, found.result, "substringof", (arguments[1], arguments[0]))
    return Call(at, found.result, found.name, tuple(arguments))


def _list(kinds: frozenset[Kind]) -> str:
    return " or ".join(sorted(kind.words for kind in kinds))


def _pattern(node: Node) -> None:
    if not isinstance(node, Literal) or not _INTERSECTIONS.fullmatch(str(node.value)):
        raise Fault("The pattern of st_relate is nine of the signs T, F, 0, 1, 2 and *.", node.at)


def sortable(node: Node) -> Node:
    """The node, which may be an order. JSON values and geometries as a whole are ordered by their text.

    That means little for `location` and `feature`, but the OGC's conformance suite asks for it.
    """
    if isinstance(node, Literal):
        raise Fault("A constant orders nothing.", node.at)
    if isinstance(node, Path) and node.kind == Kind.OBJECT and not node.leaf.open:
        raise Fault("Name one part to order by.", node.at)
    for part in walk(node):
        if isinstance(part, Path) and part.many:
            raise Fault("The order cannot follow a link to many: there is no single value to order by.", part.at)
    return node

"""A tiny language of our own for decoding values: arithmetic, comparisons, bits, bytes of a LoRaWAN payload.

    round((value - 32) / 1.8, 1)        u16be(0) / 100 if port == 2 else None        bits(u8(4), 0, 3)

Python's own parser reads it; only what stands in the tables below is let through, and becomes a tree of small
functions. There are no loops, no calls but of our functions and no large numbers, so evaluating always ends at once.
"""

import ast
import math
import operator
import struct
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as _

from allmende.core.said import SaidError

MOST_LETTERS, MOST_NODES, MOST_DEPTH = 500, 120, 20
LARGEST = 2**64
_LONGEST_TEXT = 1000


class WrongExpression(SaidError, ValueError):
    """The expression cannot be used; the text says where."""


class NotComputable(SaidError, ValueError):
    """The expression has no result for this message."""


class Scope(NamedTuple):
    """What an expression may look at. get: a path of the message → what is there, None where there is nothing."""

    value: Any = None
    data: bytes = b""
    port: int | None = None
    get: Callable[[str], Any] = lambda path: None


Result = float | int | bool | str | None
Node = Callable[[Scope], Any]

_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: lambda base, exponent: float(base) ** float(exponent),  # of floats: it overflows rather than grows
}
_BITS: dict[type, Callable[[int, int], int]] = {
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: lambda number, by: number << _shift(by),
    ast.RShift: lambda number, by: number >> _shift(by),
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NUMBERS: dict[str, Callable[..., Any]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": lambda number, digits=0: round(number, _digits(digits)),
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "int": int,
    "bits": lambda number, start, count: (_whole(number) >> _shift(start)) & ((1 << _shift(count)) - 1),
}
# name → struct format; all take the place of their first byte, from 0, or from the end where negative
_BYTES = {
    "u8": "B", "i8": "b", "u16be": ">H", "u16le": "<H", "i16be": ">h", "i16le": "<h", "u32be": ">I", "u32le": "<I",
    "i32be": ">i", "i32le": "<i", "f32be": ">f", "f32le": "<f",
}  # fmt: skip
_THREE_BYTES = {"u24be": ("big", False), "u24le": ("little", False), "i24be": ("big", True), "i24le": ("little", True)}
NAMES = ("value", "port", "size")
FUNCTIONS = (*_NUMBERS, "number", "get", *_BYTES, *_THREE_BYTES)


class Expression:
    """An expression made ready. Raises WrongExpression for anything that is not of the language."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MOST_LETTERS:
            raise WrongExpression(
                _("The expression is longer than %(most_letters)s letters."), most_letters=MOST_LETTERS
            )
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise WrongExpression(
                _("«%(text)s» cannot be read: %(error)s."), text=text, error=getattr(error, "msg", error)
            ) from None
        if sum(1 for _part in ast.walk(tree)) > MOST_NODES:
            raise WrongExpression(_("The expression has more than %(most_nodes)s parts."), most_nodes=MOST_NODES)
        self._run = _node(tree, 0)

    def __call__(self, scope: Scope) -> Result:
        """The result. Raises NotComputable."""
        try:
            return _checked(self._run(scope))
        except NotComputable:
            raise
        except ZeroDivisionError:
            raise NotComputable(_("«%(text)s» divides by zero."), text=self.text) from None
        except (ArithmeticError, TypeError, ValueError, RecursionError, struct.error) as error:
            raise NotComputable(
                _("«%(text)s» cannot be computed here: %(error)s."), text=self.text, error=error
            ) from None


def _node(tree: ast.AST, depth: int) -> Node:
    if depth > MOST_DEPTH:
        raise WrongExpression(_("The expression is nested more than %(most_depth)s deep."), most_depth=MOST_DEPTH)
    make = _MAKERS.get(type(tree))
    if make is None:
        raise WrongExpression(_("«%(tree)s» is not part of the language of expressions."), tree=ast.unparse(tree)[:60])
    return make(tree, depth + 1)


def _constant(tree: ast.Constant, depth: int) -> Node:
    value = tree.value
    if not isinstance(value, int | float | str | None) or (isinstance(value, str) and len(value) > _LONGEST_TEXT):
        raise WrongExpression(_("«%(value)s» is no number and no text."), value=str(value)[:40])
    _checked(value)
    return lambda scope: value


def _name(tree: ast.Name, depth: int) -> Node:
    if tree.id == "value":
        return lambda scope: scope.value
    if tree.id == "port":
        return lambda scope: scope.port
    if tree.id == "size":
        return lambda scope: len(scope.data)
    raise WrongExpression(
        _("«%(id)s» is not known; known are %(names)s and functions such as get()."), id=tree.id, names=", ".join(NAMES)
    )


def _binary(tree: ast.BinOp, depth: int) -> Node:
    left, right = _node(tree.left, depth), _node(tree.right, depth)
    if bits := _BITS.get(type(tree.op)):
        return lambda scope: _checked(bits(_whole(left(scope)), _whole(right(scope))))
    arithmetic = _ARITHMETIC.get(type(tree.op))
    if arithmetic is None:
        raise WrongExpression(_("«%(tree)s» uses an operator that is not known."), tree=ast.unparse(tree)[:60])
    return lambda scope: _checked(arithmetic(_number(left(scope)), _number(right(scope))))


def _unary(tree: ast.UnaryOp, depth: int) -> Node:
    operand = _node(tree.operand, depth)
    if isinstance(tree.op, ast.Not):
        return lambda scope: not operand(scope)
    if isinstance(tree.op, ast.Invert):
        return lambda scope: ~_whole(operand(scope))
    return (lambda scope: -_number(operand(scope))) if isinstance(tree.op, ast.USub) else operand


def _either(tree: ast.BoolOp, depth: int) -> Node:
    parts = [_node(part, depth) for part in tree.values]
    if isinstance(tree.op, ast.And):
        return lambda scope: all(part(scope) for part in parts)
    return lambda scope: any(part(scope) for part in parts)


def _comparison(tree: ast.Compare, depth: int) -> Node:
    steps = []
    for operation, part in zip(tree.ops, tree.comparators, strict=True):
        compare = _COMPARISONS.get(type(operation))
        if compare is None:
            raise WrongExpression(_("«%(tree)s» compares in a way that is not known."), tree=ast.unparse(tree)[:60])
        steps.append((compare, _node(part, depth)))
    first = _node(tree.left, depth)

    def run(scope: Scope) -> bool:
        left = first(scope)
        for compare, part in steps:
            right = part(scope)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _choice(tree: ast.IfExp, depth: int) -> Node:
    test, body, other = (_node(part, depth) for part in (tree.test, tree.body, tree.orelse))
    return lambda scope: body(scope) if test(scope) else other(scope)


def _call(tree: ast.Call, depth: int) -> Node:
    name = tree.func.id if isinstance(tree.func, ast.Name) else ""
    if name not in FUNCTIONS or tree.keywords:
        raise WrongExpression(_("«%(tree)s» calls something that is not known."), tree=ast.unparse(tree)[:60])
    if any(isinstance(part, ast.Starred) for part in tree.args) or not tree.args:
        raise WrongExpression(_("«%(tree)s» needs its arguments one by one."), tree=ast.unparse(tree)[:60])
    parts = [_node(part, depth) for part in tree.args]
    if name == "get":
        return _get(tree)
    if name == "number":
        return lambda scope: _from_text(parts[0](scope))
    if name in _NUMBERS:
        function = _NUMBERS[name]
        return lambda scope: _checked(function(*(_number(part(scope)) for part in parts)))
    if len(parts) != 1:
        raise WrongExpression(_("%(name)s() takes one number: the place of its first byte."), name=name)
    return _reader(name, parts[0])


def _get(tree: ast.Call) -> Node:
    """get("path") looks elsewhere in the message; the path is fixed, so that it can be checked beforehand."""
    first = tree.args[0]
    if len(tree.args) != 1 or not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        raise WrongExpression(_('get() takes one path in quotation marks, such as get("status.ok").'))
    path = first.value
    return lambda scope: scope.get(path)


def _reader(name: str, place: Node) -> Node:
    if name in _THREE_BYTES:
        order, signed = _THREE_BYTES[name]
        return lambda scope: int.from_bytes(_taken(scope, place, 3), order, signed=signed)  # type: ignore[arg-type]
    form = struct.Struct(_BYTES[name])
    return lambda scope: form.unpack(_taken(scope, place, form.size))[0]


def _taken(scope: Scope, place: Node, count: int) -> bytes:
    at = _whole(place(scope))
    start = at if at >= 0 else len(scope.data) + at
    if start < 0 or start + count > len(scope.data):
        raise NotComputable(
            _("The payload has %(size)s bytes; byte %(first)s to %(last)s is not there."),
            size=len(scope.data),
            first=at,
            last=at + count - 1,
        )
    return scope.data[start : start + count]


_MAKERS: Mapping[type, Callable[[Any, int], Node]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _either,
    ast.Compare: _comparison,
    ast.IfExp: _choice,
    ast.Call: _call,
}


def _number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return value
    if value is None:
        raise NotComputable(_("There is nothing where a number is needed."))
    raise NotComputable(_("There is “%(what)s” where a number is needed."), what=str(value)[:40])


def _whole(value: Any) -> int:
    number = _number(value)
    if isinstance(number, float) and not number.is_integer():
        raise NotComputable(_("%(number)s is no whole number."), number=number)
    return int(number)


def _shift(by: int) -> int:
    if not 0 <= _whole(by) <= 64:
        raise NotComputable(_("%(by)s is no number of bits from 0 to 64."), by=by)
    return int(by)


def _digits(digits: Any) -> int:
    if not -10 <= _whole(digits) <= 10:
        raise NotComputable(_("%(digits)s is no number of digits from -10 to 10."), digits=digits)
    return int(digits)


def _from_text(value: Any) -> float | None:
    """number("13,25"): also with a decimal comma; None stays None."""
    if value is None or isinstance(value, int | float):
        return value
    try:
        return float(str(value)[:_LONGEST_TEXT].strip().replace(",", "."))
    except ValueError:
        raise NotComputable(_("“%(value)s” is no number."), value=str(value)[:40]) from None


def _checked(value: Any) -> Any:
    """Keeps whole numbers small, so that no chain of multiplications grows without end."""
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        raise NotComputable(_("A number grew beyond %(largest)s."), largest=LARGEST)
    if isinstance(value, complex):
        raise NotComputable(_("The result is not a real number."))
    return value

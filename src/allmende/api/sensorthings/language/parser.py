"""Reads expressions by recursive descent.

`not` covers a whole comparison, as conformance suites ask: `not result lt 1` is `not (result lt 1)`. Operators,
functions and the words true, false, null may be written in any case; names of properties may not.
"""

import math
import re

from allmende.api.sensorthings.entities import EntityType, Kind
from allmende.api.sensorthings.language import checking, names, times, wkt
from allmende.api.sensorthings.language.faults import Fault, guess, shown
from allmende.api.sensorthings.language.lexer import Token, tokens
from allmende.api.sensorthings.language.tree import Literal, Node

DEEPEST = 50  # brackets, functions and negations inside each other
MOST_ARITHMETIC = 50  # operators in one option: each makes the tree one deeper
MOST_MEMBERS = 1000  # of a list after `in`

_OR, _AND, _COMPARISON, _SUM, _PRODUCT = range(5)
_RANKS = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("eq", "ne", "gt", "ge", "lt", "le", "in"), _COMPARISON),
    **dict.fromkeys(("add", "sub"), _SUM),
    **dict.fromkeys(("mul", "div", "mod"), _PRODUCT),
}
_CONSTANTS = {
    "true": (Kind.BOOLEAN, True),
    "false": (Kind.BOOLEAN, False),
    "null": (Kind.NULL, None),
}
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?(e[+-]?[0-9]{1,4})?", re.IGNORECASE)
_EXACT = 18  # digits that fit 64 bits; longer whole numbers are read as floating point


class Reader:
    """The tokens of one option, the entity type that names are looked up in, and counters.

    depth: brackets around this place; arithmetic: operators so far; expanded: links around this place;
    expansions: links expanded so far.
    """

    def __init__(self, text: str, root: EntityType) -> None:
        self.root = root
        self.ahead = iter(tokens(text))
        self.token: Token = next(self.ahead)
        self.depth = 0
        self.arithmetic = 0
        self.expanded = 0
        self.expansions = 0

    def advance(self) -> Token:
        """Steps over the next token and returns it."""
        passed = self.token
        self.token = next(self.ahead, passed)
        return passed

    def accept(self, sign: str) -> bool:
        """Steps over the sign if it comes next."""
        if self.token.text != sign or self.token.kind != "sign":
            return False
        self.advance()
        return True

    def expect(self, sign: str) -> None:
        """Steps over the sign. Raises Fault if something else comes."""
        if not self.accept(sign):
            raise self.unexpected(f"«{sign}»")

    def finish(self) -> None:
        """Raises Fault unless everything was read."""
        if self.token.kind != "end":
            raise self.unexpected("an operator or the end")

    def unexpected(self, wanted: str) -> Fault:
        """The fault of the next token."""
        found = shown(self.token.text) if self.token.text else "the end"
        hint = guess(self.token.text, _RANKS, known=False) if "operator" in wanted else ""
        return Fault(f"Here {wanted} was expected, but {found} comes.{hint}", self.token.at)

    def deeper(self, at: int) -> None:
        """Counts one more level of nesting."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Fault(f"More than {DEEPEST} levels are nested.", at)

    def condition(self) -> Node:
        """An expression that is true or false."""
        node = self.expression()
        if self.token.kind != "end" and self.token.text not in (";", ")"):
            raise self.unexpected("an operator or the end")
        return checking.condition(node, "The filter")

    def expression(self, least: int = _OR) -> Node:
        """An expression of operators that bind at least so tightly."""
        left = self.operand()
        compared = False
        while True:
            rank = _RANKS.get(self.token.text.lower(), -1) if self.token.kind == "word" else -1
            if rank < least:
                return left
            if rank == _COMPARISON and compared:
                raise Fault("Comparisons cannot follow each other; use brackets, or «and».", self.token.at)
            left, compared = self.binary(left, rank), rank == _COMPARISON

    def binary(self, left: Node, rank: int) -> Node:
        """What the next operator, which has that rank, makes of the node before it."""
        at, operator = self.token.at, self.token.text.lower()
        if rank <= _AND:
            operands = [left]
            while self.token.kind == "word" and self.token.text.lower() == operator:
                self.advance()
                operands.append(self.expression(rank + 1))
            return checking.logic(operator, operands, at)
        self.advance()
        if operator == "in":
            return checking.membership(left, self.members(), at)
        if rank == _COMPARISON:
            return checking.comparison(operator, left, self.expression(rank + 1), at)
        self.arithmetic += 1
        if self.arithmetic > MOST_ARITHMETIC:
            raise Fault(f"There are more than {MOST_ARITHMETIC} operators of arithmetic.", at)
        return checking.arithmetic(operator, left, self.expression(rank + 1), at)

    def members(self) -> list[Literal]:
        """The list after `in`."""
        self.expect("(")
        found: list[Literal] = []
        while not found or self.accept(","):
            member = self.operand()
            if not isinstance(member, Literal):
                raise Fault("The list after «in» holds plain values.", member.at)
            found.append(member)
            if len(found) > MOST_MEMBERS:
                raise Fault(f"The list after «in» has more than {MOST_MEMBERS} members.", member.at)
        self.expect(")")
        return found

    def operand(self) -> Node:
        """A literal, a path, a call, or something in brackets or behind `not` or minus."""
        token = self.advance()
        match token.kind:
            case "word":
                return self.word(token)
            case "number":
                return number(token.text, token.at)
            case "text":
                return Literal(token.at, Kind.STRING, token.text[1:-1].replace("''", "'"))
            case "prefixed":
                return prefixed(token.text, token.at)
            case "sign" if token.text in "(-":
                self.deeper(token.at)
                if token.text == "-":
                    node: Node = checking.minus(self.operand(), token.at)
                else:
                    node = self.expression()
                    self.expect(")")
                self.depth -= 1
                return node
        self.token = token
        raise self.unexpected("a value")

    def word(self, token: Token) -> Node:
        """What a word that stands where a value may stand means."""
        lowered = token.text.lower()
        if lowered == "not":
            self.deeper(token.at)
            node: Node = checking.negated(self.expression(_COMPARISON), token.at)
            self.depth -= 1
            return node
        if self.token.text == "(" and self.token.kind == "sign" and lowered not in _RANKS:
            return self.call(token)
        if lowered in _CONSTANTS:
            return Literal(token.at, *_CONSTANTS[lowered])
        if lowered in _RANKS:
            raise Fault(f"A value is missing before «{token.text}».", token.at)
        return names.path(token.text, token.at, self.root)

    def call(self, token: Token) -> Node:
        """A function with its arguments."""
        checking.function(token.text, token.at)
        self.deeper(token.at)
        self.advance()
        arguments: list[Node] = []
        if not self.accept(")"):
            arguments.append(self.expression())
            while self.accept(","):
                arguments.append(self.expression())
            self.expect(")")
        self.depth -= 1
        return checking.call(token.text, arguments, token.at)


def number(text: str, at: int) -> Literal:
    """The literal of a number or a time."""
    if times.is_time(text):
        return times.temporal(text, at)
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Fault(f"{shown(text)} is no number.", at)
    if match[1] is None and match[2] is None and len(text) <= _EXACT:
        return Literal(at, Kind.NUMBER, int(text))
    value = float(text)
    if not math.isfinite(value):
        raise Fault(f"The number {shown(text)} is too large.", at)
    return Literal(at, Kind.NUMBER, value)


def prefixed(text: str, at: int) -> Literal:
    """The literal of `duration'…'` or `geography'…'`."""
    prefix, _, rest = text.partition("'")
    inside, start = rest[:-1], at + len(prefix) + 1
    if prefix.lower() == "duration":
        return Literal(at, Kind.DURATION, times.duration(inside, start))
    return Literal(at, Kind.GEOMETRY, wkt.read(inside, start))

"""Conditions over observations as a tree, and the one place where such a tree becomes SQL.

Names of functions and columns come from the tables below and never from outside; every value is bound.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

# How an extra's JSON keeps what SensorThings knows beyond time, value and parameters (whose names stand beside these).
FINISH, RESULT_TIME, RESULT, RESULT_QUALITY, VALID_TIME, FEATURE = "@e", "@r", "@s", "@q", "@v", "@f"
ORIGIN = "@i"  # time and rank under which the observation came in, where its time was corrected later
RESERVED = frozenset({FINISH, RESULT_TIME, RESULT, RESULT_QUALITY, VALID_TIME, FEATURE, ORIGIN})


def _json(key: str, kind: str) -> str:
    return f"CAST(o.x ->> '$.\"{key}\"' AS {kind})"


COLUMNS = {
    "stream": "o.ds",
    "time": "o.t",
    "rank": "o.k",
    "value": "o.v",
    "quality": "o.q",
    "finish": f"coalesce({_json(FINISH, 'BIGINT')}, o.t)",
    "result_time": _json(RESULT_TIME, "BIGINT"),
    "valid_begin": f"CAST(o.x ->> '$.\"{VALID_TIME}\"[0]' AS BIGINT)",
    "valid_end": f"CAST(o.x ->> '$.\"{VALID_TIME}\"[1]' AS BIGINT)",
    "feature": _json(FEATURE, "BIGINT"),
    "extra": "o.x",
}

_DAY = 86_400_000_000


def _part(name: str) -> str:
    return f"CAST(date_part('{name}', make_timestamp({{0}})) AS BIGINT)"


FUNCTIONS: dict[str, str] = {
    "and": " AND ",
    "or": " OR ",
    "not": "(NOT {0})",
    "eq": "({0} = {1})",
    "ne": "({0} <> {1})",
    "gt": "({0} > {1})",
    "ge": "({0} >= {1})",
    "lt": "({0} < {1})",
    "le": "({0} <= {1})",
    "is_null": "({0} IS NULL)",
    "is_not_null": "({0} IS NOT NULL)",
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "div": "({0} / nullif({1}, 0))",
    "mod": "({0} % nullif({1}, 0))",
    "neg": "(- {0})",
    "coalesce": "coalesce({0}, {1})",
    "case": "CASE WHEN {0} THEN {1} ELSE {2} END",
    "number": "TRY_CAST({0} AS DOUBLE)",
    "text": "CAST({0} AS VARCHAR)",
    # A number as JSON writes it: 5 rather than 5.0, so that text functions see what clients see.
    "number_text": "CASE WHEN {0} = floor({0}) AND abs({0}) < 1e15 THEN CAST(CAST({0} AS BIGINT) AS VARCHAR) "
    "ELSE CAST({0} AS VARCHAR) END",
    "contains": "contains({0}, {1})",
    "startswith": "starts_with({0}, {1})",
    "endswith": "ends_with({0}, {1})",
    "length": "length({0})",
    "indexof": "(strpos({0}, {1}) - 1)",
    "substring": "substr({0}, CAST({1} AS BIGINT) + 1)",
    "substring_of": "substr({0}, CAST({1} AS BIGINT) + 1, greatest(CAST({2} AS BIGINT), 0))",
    "tolower": "lower({0})",
    "toupper": "upper({0})",
    "trim": "trim({0}, ' \t\n\r')",
    "concat": "({0} || {1})",
    "year": _part("year"),
    "month": _part("month"),
    "day": _part("day"),
    "hour": _part("hour"),
    "minute": _part("minute"),
    "second": _part("second"),
    "fractionalseconds": "((({0} % 1000000) + 1000000) % 1000000 / 1000000.0)",
    "date": f"CAST(floor({{0}} / {_DAY}.0) AS BIGINT)",  # days since 1970
    "time": f"((({{0}} % {_DAY}) + {_DAY}) % {_DAY})",  # µs since midnight
    "round": "round({0})",
    "floor": "floor({0})",
    "ceiling": "ceiling({0})",
    "least": "least({0}, {1})",
    "greatest": "greatest({0}, {1})",
    # What a JSON value is: the comparisons of open properties depend on it.
    "json_number": "CASE WHEN json_type({0}) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE') "
    "THEN CAST(({0} ->> '$') AS DOUBLE) END",
    "json_text": "CASE WHEN json_type({0}) = 'VARCHAR' THEN ({0} ->> '$') END",
    "json_boolean": "CASE WHEN json_type({0}) = 'BOOLEAN' THEN CAST(({0} ->> '$') AS BOOLEAN) END",
    "json_scalar_text": "CASE WHEN json_type({0}) NOT IN ('NULL', 'OBJECT', 'ARRAY') THEN ({0} ->> '$') END",
    "json_present": "({0} IS NOT NULL AND json_type({0}) <> 'NULL')",
    "months_later": "epoch_us(make_timestamp({0}) + to_months(CAST({1} AS INTEGER)))",
}


class Column(Struct, frozen=True, tag="column"):
    """A column of `COLUMNS`."""

    name: str


class Inside(Struct, frozen=True, tag="inside"):
    """A value inside the extra's JSON, as JSON; null where it is absent. path: names and places."""

    path: tuple[str | int, ...]


class Value(Struct, frozen=True, tag="value"):
    """A constant."""

    value: bool | int | float | str | None


class Call(Struct, frozen=True, tag="call"):
    """A function of `FUNCTIONS`; `and` and `or` take any number of terms."""

    name: str
    terms: tuple["Term", ...]


class Among(Struct, frozen=True, tag="among"):
    """Whether a whole number is one of many."""

    term: "Term"
    numbers: list[int]


class PerStream(Struct, frozen=True, tag="per_stream"):
    """A value that each Datastream has of its own; null for those that are not named."""

    streams: list[int]
    values: list[bool | int | float | str | None]


Term = Column | Inside | Value | Call | Among | PerStream


def every(*terms: Term) -> Term:
    """All of them hold."""
    return terms[0] if len(terms) == 1 else Call("and", terms)


class Sql:
    """Turns terms into SQL; collects the values to bind in order of their question marks. alias: rows are `o`."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def of(self, term: Term) -> str:
        """Raises KeyError for a name that is in neither table."""
        match term:
            case Column(name):
                return COLUMNS[name]
            case Value(value):
                return self._value(value)
            case Inside(path):
                self.values.append(_json_path(path))
                return "json_extract(o.x, ?)"
            case Among(inner, numbers):
                text = self.of(inner)
                self.values.append(numbers)
                return f"({text} IN (SELECT unnest(?::BIGINT[])))"
            case PerStream(streams, values):
                return self._per_stream(streams, values)
            case Call(name, terms):
                return self._call(name, terms)

    def _value(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        # Whole numbers are written out: with a bound one DuckDB skips fewer row groups by time.
        if isinstance(value, int) and abs(value) < 2**63:
            return f"({value:d})"
        self.values.append(float(value) if isinstance(value, int) else value)
        return "?"

    def _call(self, name: str, terms: tuple[Term, ...]) -> str:
        template = FUNCTIONS[name]
        parts = [self.of(term) for term in terms]
        if name in ("and", "or"):
            return f"({template.join(parts)})"
        if template.count("{0}") > 1 and "?" in parts[0]:
            # The values of a part that is written twice have to be bound twice.
            return self._repeated(template, terms, len(self.values) - sum(part.count("?") for part in parts))
        return template.format(*parts)

    def _repeated(self, template: str, terms: tuple[Term, ...], start: int) -> str:
        """Writes each place of the template by itself, so that texts and bound values stay in step."""
        del self.values[start:]
        pieces: list[str] = []
        for literal, place in _places(template):
            pieces.append(literal)
            if place is not None:
                pieces.append(self.of(terms[place]))
        return "".join(pieces)

    def _per_stream(self, streams: list[int], values: list[Any]) -> str:
        if all(value is None for value in values):
            return "NULL"
        kind = _sql_type(values)
        self.values += [streams, values]
        pairs = f"SELECT unnest(?::INTEGER[]) AS ds, unnest(?::{kind}[]) AS value"
        return f"(SELECT m.value FROM ({pairs}) m WHERE m.ds = o.ds)"


def _places(template: str) -> list[tuple[str, int | None]]:
    pieces: list[tuple[str, int | None]] = []
    rest = template
    while "{" in rest:
        literal, _, after = rest.partition("{")
        number, _, rest = after.partition("}")
        pieces.append((literal, int(number)))
    return [*pieces, (rest, None)]


def _sql_type(values: list[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return "BOOLEAN"
    if kinds <= {int}:
        return "BIGINT"
    return "DOUBLE" if kinds <= {int, float, bool} else "VARCHAR"


def _json_path(path: tuple[str | int, ...]) -> str:
    """A JSON path as DuckDB reads it; a name is quoted, and its quotes with it."""
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f'."{_escaped(part)}"' for part in path)


_escaped: Callable[[str], str] = lambda name: name.replace("\\", "\\\\").replace('"', '\\"')  # noqa: E731

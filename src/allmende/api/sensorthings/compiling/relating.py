"""The dialect of the relational database: Django expressions over the rows that an actor may see."""

from collections.abc import Callable
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    When,
)
from django.db.models import Value as Constant
from django.db.models.functions import Coalesce, Length, Lower, Trim, Upper
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from allmende.api.sensorthings.compiling.columns import COLUMNS, HOPS, Hop, Local, Moment, Place, Plain, Several, Within
from allmende.api.sensorthings.compiling.functions import InJson, Microseconds, Template, clock_part, months_later
from allmende.api.sensorthings.compiling.operands import Expression, Open, Operand, Scalar, Span
from allmende.api.sensorthings.entities import EntityType, Kind
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import Path

_DAY = 86_400_000_000
_TEXT, _NUMBER, _WHOLE, _TRUTH = TextField(), FloatField(), BigIntegerField(), BooleanField()


def _sql(field: Any, sqlite: str, postgresql: str = "") -> Callable[..., Expression]:
    return lambda *parts: Template(*parts, sqlite=sqlite, postgresql=postgresql, field=field)


def _either(*parts: Expression) -> Expression:
    whole = Q()
    for part in parts:
        whole |= Q(part)
    return whole


def _every(*parts: Expression) -> Expression:
    whole = Q()
    for part in parts:
        whole &= Q(part)
    return whole


FUNCTIONS: dict[str, Callable[..., Expression]] = {
    "and": _every,
    "or": _either,
    "not": lambda a: ~Q(a),
    "eq": Exact,
    "ne": _sql(_TRUTH, "({0} <> {1})"),
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
    "is_null": lambda a: IsNull(a, True),
    "is_not_null": lambda a: IsNull(a, False),
    "add": _sql(_NUMBER, "({0} + {1})"),
    "sub": _sql(_NUMBER, "({0} - {1})"),
    "mul": _sql(_NUMBER, "({0} * {1})"),
    "div": _sql(_NUMBER, "({0} * 1.0 / nullif({1}, 0))"),
    "mod": _sql(_NUMBER, "mod({0}, nullif({1}, 0))", "mod({0}::numeric, nullif({1}::numeric, 0))"),
    "neg": _sql(_NUMBER, "(- {0})"),
    "coalesce": Coalesce,
    "contains": _sql(_TRUTH, "(instr({0}, {1}) > 0)", "(strpos({0}, {1}) > 0)"),
    "startswith": _sql(_TRUTH, "(substr({0}, 1, length({1})) = {1})"),
    "endswith": _sql(
        _TRUTH,
        "(length({0}) >= length({1}) AND substr({0}, length({0}) - length({1}) + 1) = {1})",
        "(right({0}, length({1})) = {1} OR {1} = '')",
    ),
    "length": Length,
    "indexof": _sql(_WHOLE, "(instr({0}, {1}) - 1)", "(strpos({0}, {1}) - 1)"),
    "substring": _sql(_TEXT, "substr({0}, max({1}, 0) + 1)", "substr({0}, greatest({1}::int, 0) + 1)"),
    "substring_of": _sql(
        _TEXT,
        "substr({0}, max({1}, 0) + 1, max({2}, 0))",
        "substr({0}, greatest({1}::int, 0) + 1, greatest({2}::int, 0))",
    ),
    "tolower": Lower,
    "toupper": Upper,
    "trim": Trim,
    "concat": _sql(_TEXT, "({0} || {1})"),
    **{part: lambda a, part=part: clock_part(part, a) for part in ("year", "month", "day", "hour", "minute", "second")},
    "fractionalseconds": _sql(_NUMBER, "((({0} %% 1000000) + 1000000) %% 1000000 / 1000000.0)"),
    "date": _sql(_WHOLE, f"CAST(floor({{0}} / {_DAY}.0) AS INTEGER)", f"floor({{0}} / {_DAY}.0)::bigint"),
    "time": _sql(_WHOLE, f"((({{0}} %% {_DAY}) + {_DAY}) %% {_DAY})"),
    "round": _sql(_NUMBER, "round({0})", "round({0}::numeric)::double precision"),
    "floor": _sql(_NUMBER, "floor({0})"),
    "ceiling": _sql(_NUMBER, "ceiling({0})"),
    "months_later": months_later,
}


class DjangoDialect:
    """Writes expressions over `Base`, the rows of one entity type; links lead only to rows in the visible datasets.

    datasets: internal numbers of the datasets that the actor may see, None for all of them. language: of names.
    """

    def __init__(self, root: EntityType, datasets: list[int] | None, language: str) -> None:
        self.root, self.datasets, self.language = root, datasets, language

    def value(self, value: bool | int | float | str) -> Expression:
        """A constant."""
        field: Any = {bool: _TRUTH, int: _WHOLE, float: _NUMBER, str: _TEXT}[type(value)]
        return ExpressionWrapper(Constant(value), field) if isinstance(value, bool) else Constant(value, field)

    def call(self, name: str, *arguments: Expression) -> Expression:
        """A function or an operator."""
        return FUNCTIONS[name](*arguments)

    def path(self, path: Path) -> Operand:
        """A property, of the entity or of those that its links lead to and that the actor may see."""
        prefix, guards = self.way(path)
        column = COLUMNS[path.owner(self.root).name].get(path.leaf.name)
        if column is None:
            raise Fault(f"{path.leaf.name} cannot be asked for here.", path.at)

        def at(name: str) -> Expression:
            return _guarded(F(prefix + name), guards)

        match column:
            case Plain(name):
                return Scalar(path.kind if path.kind != Kind.ANY else Kind.STRING, at(name))
            case Local(name):
                return Scalar(Kind.STRING, self._local(at(name)))
            case Moment(name):
                return Scalar(Kind.INSTANT, Microseconds(at(name)))
            case Several(begin, end):
                return Span(at(begin), at(end))
            case Within(name, inside) if path.kind == Kind.STRING:
                return Scalar(Kind.STRING, InJson(at(name), (*inside, *path.below)))
            case Within(name, inside) if path.below or inside or path.kind == Kind.ANY:
                return _opened(at(name), (*inside, *path.below))
            case Place(name) if path.below:
                return _opened(at(name), path.below)
            case _:
                raise Fault(f"{path.leaf.name} cannot be compared as a whole.", path.at)

    def _local(self, column: Expression) -> Expression:
        """The variant of a text that `core.texts.pick` would choose."""
        order = dict.fromkeys((self.language, "de", "en", "easy"))
        parts = [Template(InJson(column, (variant,)), sqlite="nullif({0}, '')", field=_TEXT) for variant in order]
        return Coalesce(*parts, Constant(""), output_field=_TEXT)

    def way(self, path: Path) -> tuple[str, list[Q]]:
        """(the prefix of the columns at the end of a path's links, what must hold for each row on the way)."""
        prefix, owner, guards = "", self.root, []
        for navigation in path.hops:
            hop: Hop = HOPS[owner.name][navigation.name]
            prefix += hop.field + "__"
            conditions = {prefix + name: value for name, value in hop.only}
            if self.datasets is not None and hop.dataset:
                conditions[f"{prefix}{hop.dataset}__in"] = self.datasets
            if conditions:
                guards.append(Q(**conditions))
            owner = navigation.target
        return prefix, guards

    def whole(self, node: Any) -> Expression | None:
        """Nothing is answered in another way here; `EntityDialect` adds what is."""
        return None


def _guarded(column: Expression, guards: list[Q]) -> Expression:
    """Null for rows that the actor may not see: what is hidden can neither match nor count."""
    if not guards:
        return column
    condition = Q()
    for guard in guards:
        condition &= guard
    return Case(When(condition, then=column))


def _opened(column: Expression, path: tuple[str | int, ...]) -> Open:
    number, text, boolean, scalar, present = (
        InJson(column, path, wanted) for wanted in ("number", "text", "boolean", "scalar", "present")
    )
    return Open(number, text, boolean, scalar, present)


def matching(rows: QuerySet[Any], condition: Expression, base: QuerySet[Any]) -> QuerySet[Any]:
    """Those of the rows for which the condition holds. base: all rows of the table; asked apart, so that links to many
    make no row appear twice."""
    return rows.filter(Exists(base.filter(pk=OuterRef("pk")).filter(condition)))

"""Random trees and options, written as text and read again, are the same."""

from datetime import UTC, time
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmende.api.sensorthings.entities import ENTITY_TYPES, ID, EntityType, Kind
from allmende.api.sensorthings.language import checking, names, wkt, writing
from allmende.api.sensorthings.language.functions import FUNCTIONS
from allmende.api.sensorthings.language.options import Expand, Options, Order, Selection
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.language.tests.test_wkt import geometries
from allmende.api.sensorthings.language.tree import (
    Duration,
    Geography,
    Interval,
    Literal,
    Node,
    without_positions,
)
from allmende.core.clock import to_us

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=12)
steps = st.lists(
    st.one_of(st.integers(0, 99), st.from_regex(r"[a-zäöü_][a-z0-9_.:-]{0,6}|[0-9]{1,3}", fullmatch=True)), max_size=3
)
instants = st.datetimes(timezones=st.just(UTC)).map(to_us)
moments = frozenset({Kind.INSTANT, Kind.INTERVAL, Kind.TIME})


def durations(months: int, us: int, negative: bool) -> Duration:
    return Duration(-months, -us) if negative else Duration(months, us)


VALUES = {
    Kind.NULL: st.none(),
    Kind.BOOLEAN: st.booleans(),
    Kind.NUMBER: st.one_of(st.integers(-(10**16), 10**16), st.floats(allow_nan=False, allow_infinity=False)),
    Kind.STRING: texts,
    Kind.INSTANT: instants,
    Kind.INTERVAL: st.tuples(instants, instants).map(lambda ends: Interval(min(ends), max(ends))),
    Kind.DURATION: st.builds(durations, st.integers(0, 999), st.integers(0, 10**14), st.booleans()),
    Kind.DATE: st.dates(),
    Kind.TIME_OF_DAY: st.times().map(lambda clock: time(clock.hour, clock.minute, clock.second, clock.microsecond)),
    Kind.GEOMETRY: geometries.map(lambda geometry: Geography(wkt.written(geometry), geometry)),
}
LITERALS = {kind: values.map(lambda value, kind=kind: Literal(0, kind, value)) for kind, values in VALUES.items()}


@st.composite
def paths(draw: st.DrawFn, root: EntityType, kinds: frozenset[Kind], many: bool = True) -> Node | None:
    """A path to a property of one of the types, None where the links taken lead to no such."""
    entity, hops = root, []
    for _ in range(draw(st.integers(0, 3))):
        link = draw(st.sampled_from(list(entity.navigations.values())))
        if link.many and not many:
            break
        hops.append(link.name)
        entity = link.target
    leaf = draw(st.sampled_from([ID, *entity.properties.values()]))
    inside: list[str | int] = []
    if leaf.open and Kind.ANY in kinds:
        inside = draw(steps)
    elif leaf.parts and Kind.STRING in kinds:
        inside = ([draw(st.integers(0, 9))] if leaf.many else []) + [draw(st.sampled_from(leaf.parts))]
    if names.kind_below(leaf, tuple(inside), 0) not in kinds:
        return None
    return names.path("/".join([*hops, leaf.name]) + writing.below(tuple(inside)), 0, root)


@st.composite
def values(draw: st.DrawFn, root: EntityType, kinds: frozenset[Kind], depth: int = 3, many: bool = True) -> Node:
    """An expression of one of the types."""
    choice = draw(st.integers(0, 9))
    if choice >= 6:
        found = draw(paths(root, kinds, many))
        if found is not None:
            return found
    if choice >= 3 and depth > 0:
        fitting = [
            one for one in FUNCTIONS.values() if one.result in kinds and one.name not in ("contains", "st_relate")
        ]
        if fitting:
            function = draw(st.sampled_from(fitting))
            taken = function.arguments[: draw(st.integers(function.least, len(function.arguments)))]
            return checking.call(function.name, [draw(values(root, k, depth - 1, many)) for k in taken], 0)
    if choice >= 1 and depth > 0 and Kind.NUMBER in kinds:
        left, right = (draw(values(root, frozenset({Kind.NUMBER, Kind.ANY}), depth - 1, many)) for _ in range(2))
        if choice == 1:
            return checking.minus(left, 0)
        operator = draw(st.sampled_from(["add", "sub", "mul"]))
        return checking.arithmetic(operator, left, right, 0)
    if choice >= 1 and depth > 0 and Kind.INSTANT in kinds:
        left = draw(values(root, frozenset({Kind.INSTANT}), depth - 1, many))
        return checking.arithmetic(draw(st.sampled_from(["add", "sub"])), left, draw(LITERALS[Kind.DURATION]), 0)
    return draw(LITERALS[draw(st.sampled_from(sorted(kinds & LITERALS.keys()) or [Kind.NUMBER]))])


COMPARABLE = [
    frozenset({Kind.NUMBER, Kind.ANY}),
    frozenset({Kind.STRING, Kind.ANY}),
    frozenset({Kind.STRING, Kind.ID}),
    moments,
    frozenset({Kind.DURATION}),
    frozenset({Kind.DATE, Kind.INSTANT}),
    frozenset({Kind.TIME_OF_DAY, Kind.INSTANT}),
]


@st.composite
def conditions(draw: st.DrawFn, root: EntityType, depth: int = 4) -> Node:
    """An expression that is true or false."""
    choice = draw(st.integers(0, 7)) if depth > 0 else 5
    if choice <= 1:
        operands = draw(st.lists(conditions(root, depth - 1), min_size=2, max_size=4))
        return checking.logic(draw(st.sampled_from(["and", "or"])), operands, 0)
    if choice == 2:
        return checking.negated(draw(conditions(root, depth - 1)), 0)
    if choice == 3:
        return draw(values(root, frozenset({Kind.BOOLEAN})))
    kinds = draw(st.sampled_from(COMPARABLE))
    left = draw(values(root, kinds))
    if choice == 4 and left.kind in (Kind.NUMBER, Kind.STRING):
        return checking.membership(left, draw(st.lists(LITERALS[left.kind], min_size=1, max_size=4)), 0)
    operator = draw(st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]))
    return checking.comparison(operator, left, draw(values(root, kinds)), 0)


entities = st.sampled_from(list(ENTITY_TYPES.values()))
some = st.none() | st.integers(0, 10**17)
simple = frozenset({Kind.STRING, Kind.ID, Kind.ANY, Kind.INSTANT, Kind.TIME})


@st.composite
def orders(draw: st.DrawFn, root: EntityType) -> tuple[Order, ...]:
    keys = draw(st.lists(values(root, simple, 1, False), max_size=2))
    return tuple(Order(0, key, draw(st.booleans())) for key in keys if not isinstance(key, Literal))


@st.composite
def selections(draw: st.DrawFn, root: EntityType) -> tuple[Selection, ...]:
    items = draw(st.lists(st.sampled_from([ID, *root.properties.values(), *root.navigations.values()]), max_size=3))
    return tuple(Selection(0, item, tuple(draw(steps)) if getattr(item, "open", False) else ()) for item in items)


@st.composite
def requests(draw: st.DrawFn, root: EntityType, depth: int = 2) -> Options:
    """Options; those of expanded links at a lower depth."""
    links = draw(st.lists(st.sampled_from(list(root.navigations.values())), max_size=2, unique=True)) if depth else []
    top = depth == 2
    return Options(
        filter=draw(st.none() | conditions(root, 1)),
        orderby=draw(orders(root)),
        expand=tuple(Expand(0, link, draw(requests(link.target, depth - 1))) for link in links),
        select=draw(selections(root)),
        top=draw(some),
        skip=draw(some),
        count=draw(st.none() | st.booleans()),
        result_format=draw(st.sampled_from([None, "dataArray"])) if top else None,
        skiptoken=draw(st.sampled_from([None, "a.b~7"])) if top else None,
    )


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(entities.flatmap(lambda entity: st.tuples(st.just(entity), conditions(entity))))
def test_trees_come_back(drawn: tuple[EntityType, Node]):
    entity, tree = drawn
    read = parse_query("$filter=" + quote(writing.written(tree)), entity).filter
    assert without_positions(read) == without_positions(tree)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(entities.flatmap(lambda entity: st.tuples(st.just(entity), requests(entity))))
def test_options_come_back(drawn: tuple[EntityType, Options]):
    entity, options = drawn
    assert without_positions(parse_query(writing.query(options), entity)) == without_positions(options)

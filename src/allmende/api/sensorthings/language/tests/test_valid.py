"""What the standard, conformance suites and known clients send is read, and becomes the tree that it should."""

import pytest

from allmende.api.sensorthings.entities import (
    DATASTREAM,
    ENTITY_SETS,
    HISTORICAL_LOCATION,
    LOCATION,
    OBSERVATION,
    THING,
    EntityType,
    Kind,
)
from allmende.api.sensorthings.language.paths import parse_path
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.language.tests.valid import PATHS, encoded, valid
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
    without_positions,
)

NEW_YEAR = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
HOUR = 3_600_000_000


def filtered(text: str, entity: EntityType = OBSERVATION) -> Node:
    """The tree of a filter, without positions."""
    return without_positions(parse_query(f"$filter={encoded(text)}", entity).filter)


def number(value: float) -> Literal:
    return Literal(0, Kind.NUMBER, value)


def text(value: str) -> Literal:
    return Literal(0, Kind.STRING, value)


def instant(value: int) -> Literal:
    return Literal(0, Kind.INSTANT, value)


def path(name: str, root: EntityType = OBSERVATION, *below: str | int, kind: Kind | None = None) -> Path:
    *links, last = name.split("/")
    hops = []
    for link in links:
        hops.append(root.navigations[link])
        root = hops[-1].target
    leaf = root.properties[last]
    return Path(0, kind or leaf.kind, tuple(hops), leaf, below)


RESULT, PHENOMENON = path("result"), path("phenomenonTime")


@pytest.mark.parametrize(("entity_set", "query"), valid())
def test_valid_queries_are_read(entity_set: str, query: str):
    parse_query(encoded(query), ENTITY_SETS[entity_set])


def test_there_are_several_hundred():
    assert len(set(valid())) > 500


@pytest.mark.parametrize("address", PATHS)
def test_valid_paths_are_read_encoded_and_as_topics(address: str):
    assert parse_path(encoded(address, safe="/()$'")) == parse_path(address, encoded=False)
    assert parse_path(encoded(address, safe="/")) == parse_path(address, encoded=False)


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("result gt 5", Comparison(0, "gt", RESULT, number(5))),
        ("result gt '3'", Comparison(0, "gt", RESULT, text("3"))),
        ("result eq null", Comparison(0, "eq", RESULT, Literal(0, Kind.NULL, None))),
        ("result EQ True", Comparison(0, "eq", RESULT, Literal(0, Kind.BOOLEAN, True))),
        ("result eq 2.50", Comparison(0, "eq", RESULT, number(2.5))),
        ("result eq -1e-3", Comparison(0, "eq", RESULT, number(-0.001))),
        ("-result lt - 5", Comparison(0, "lt", Negation(0, Kind.NUMBER, RESULT), Negation(0, Kind.NUMBER, number(5)))),
        (
            "result eq 2 and result eq 1 or result eq 3",
            Logic(
                0,
                "or",
                (
                    Logic(
                        0,
                        "and",
                        (Comparison(0, "eq", RESULT, number(2)), Comparison(0, "eq", RESULT, number(1))),
                    ),
                    Comparison(0, "eq", RESULT, number(3)),
                ),
            ),
        ),
        (
            "not result lt 1 and not result gt 1",
            Logic(
                0,
                "and",
                (Not(0, Comparison(0, "lt", RESULT, number(1))), Not(0, Comparison(0, "gt", RESULT, number(1)))),
            ),
        ),
        (
            "result eq 1 or result eq 2 or result eq 3",
            Logic(0, "or", tuple(Comparison(0, "eq", RESULT, number(n)) for n in (1, 2, 3))),
        ),
        (
            "1 add result mul 2 sub -1 eq 4",
            Comparison(
                0,
                "eq",
                Arithmetic(
                    0,
                    Kind.NUMBER,
                    "sub",
                    Arithmetic(0, Kind.NUMBER, "add", number(1), Arithmetic(0, Kind.NUMBER, "mul", RESULT, number(2))),
                    number(-1),
                ),
                number(4),
            ),
        ),
        ("result in (1,2)", Membership(0, RESULT, (number(1), number(2)))),
        (
            "phenomenonTime ge 2026-01-01T01:00:00+01:00",
            Comparison(0, "ge", PHENOMENON, instant(NEW_YEAR)),
        ),
        (
            "phenomenonTime gt now() sub duration'P1M1DT1.5S'",
            Comparison(
                0,
                "gt",
                PHENOMENON,
                Arithmetic(
                    0,
                    Kind.INSTANT,
                    "sub",
                    Call(0, Kind.INSTANT, "now", ()),
                    Literal(0, Kind.DURATION, Duration(1, 24 * HOUR + 1_500_000)),
                ),
            ),
        ),
        (
            "during(resultTime,2026-01-01T00:00:00Z/PT1H)",
            Call(
                0,
                Kind.BOOLEAN,
                "during",
                (path("resultTime"), Literal(0, Kind.INTERVAL, Interval(NEW_YEAR, NEW_YEAR + HOUR))),
            ),
        ),
        (
            "time(resultTime) le validTime",
            Comparison(
                0,
                "le",
                Call(0, Kind.TIME_OF_DAY, "time", (path("resultTime"),)),
                Call(0, Kind.TIME_OF_DAY, "time", (path("validTime"),)),
            ),
        ),
        (
            "contains(parameters/note, 'x')",
            Call(
                0,
                Kind.BOOLEAN,
                "substringof",
                (text("x"), path("parameters", OBSERVATION, "note", kind=Kind.ANY)),
            ),
        ),
        (
            "Datastream/Thing/properties/a[0]/7 eq 'it''s'",
            Comparison(
                0,
                "eq",
                path("Datastream/Thing/properties", OBSERVATION, "a", 0, "7", kind=Kind.ANY),
                text("it's"),
            ),
        ),
    ],
)
def test_the_tree_of_a_filter(query: str, tree: Node):
    assert filtered(query) == tree


def test_a_geography_is_wkt_and_geojson():
    call = filtered("st_within(location, geography'srid=4326; polygon((0 0,4 0,4 4.5,0 0))')", LOCATION)
    value = call.arguments[1].value
    assert value.wkt == "POLYGON ((0.0 0.0, 4.0 0.0, 4.0 4.5, 0.0 0.0))"
    assert value.geojson == {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4.5], [0, 0]]]}


def test_positions_are_those_of_the_text():
    tree = parse_query("$filter=" + encoded("name eq 'ä' and  Datastreams/name eq 'b'"), THING).filter
    assert (tree.at, tree.operands[0].at, tree.operands[1].at) == (12, 5, 34)
    assert (tree.operands[1].left.at, tree.operands[1].right.at) == (17, 37)
    assert tree.operands[1].left.many
    assert tree.operands[1].left.owner(THING) is DATASTREAM


def test_links_in_the_wrong_number_are_understood_in_expressions():
    assert filtered("Datastreams/id eq 1").left.hops == (OBSERVATION.navigations["Datastream"],)
    order = parse_query("$orderby=Datastreams/id%20desc,phenomenonTime", OBSERVATION).orderby
    assert [(len(key.expression.hops), key.descending) for key in order] == [(1, True), (0, False)]


def test_the_id_has_two_names():
    assert filtered("id eq 'x'") == filtered("@iot.id eq 'x'")


def test_a_property_named_like_a_function():
    tree = filtered("time(time) gt 06:00", HISTORICAL_LOCATION)
    assert tree.left == Call(0, Kind.TIME_OF_DAY, "time", (path("time", HISTORICAL_LOCATION),))


def test_the_options_of_a_request():
    query = "$top=5&$skip=10&$count=true&$resultFormat=dataArray&$skiptoken=a.b&lang=de&x&lang=en"
    options = parse_query(query, OBSERVATION)
    assert (options.top, options.skip, options.count) == (5, 10, True)
    assert (options.result_format, options.skiptoken) == ("dataArray", "a.b")
    assert options.others == (("lang", "de"), ("x", ""), ("lang", "en"))
    assert (options.filter, options.select, options.expand, options.orderby) == (None, (), (), ())


def test_a_selection():
    selected = parse_query("$select=name,@iot.id,properties/a[0]/b,Datastreams,@iot.selfLink", THING).select
    assert [(one.item.name, one.below) for one in selected] == [
        ("name", ()),
        ("@iot.id", ()),
        ("properties", ("a", 0, "b")),
        ("Datastreams", ()),
        ("@iot.selfLink", ()),
    ]

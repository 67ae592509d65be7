# ruff: noqa: E501 -- a case stays on its line
"""Filters in CQL2 (21-065r2): each answers what the same question in Python does, in its text form and as JSON."""

import json
from datetime import UTC, date, datetime

import cql2
import pyproj
import pytest
import shapely
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allmende.api.ogc.crs import CRS84, crs_of
from allmende.api.ogc.filters import FilterError, read_filter
from allmende.catalogue.holdings.reading import Holding, Question, rows
from tests.ogc.layers import TREES, place, tree, trees

ROWS = [tree(k) | {"place": place(k)} for k in range(TREES)]


@pytest.fixture(scope="module")
def holding(tmp_path_factory) -> Holding:
    """The trees, in a folder of their own."""
    with override_settings(DATA_DIR=tmp_path_factory.mktemp("filters")):
        built = trees().built
        yield Holding(built.digest, built.columns, True, built.rows, built.key, built.bbox)


def met(holding: Holding, text: str, language: str = "cql2-text", crs=CRS84) -> list[int]:
    term = read_filter(text, language, holding, crs)
    return sorted(number // 3 for number in rows(holding, Question(where=term, limit=None))["umfang"].to_pylist())


def at(k: int, hour: int | None = None) -> datetime:
    found = ROWS[k]["geprueft"]
    return found if hour is None else found.replace(hour=hour)


SQUARE = "POLYGON((11.5795 50.9195,11.5815 50.9195,11.5815 50.9215,11.5795 50.9215,11.5795 50.9195))"
HERE = shapely.from_wkt(SQUARE)
EDGE = "POLYGON((11.581 50.919,11.584 50.919,11.584 50.9215,11.581 50.9215,11.581 50.919))"
ON_EDGE = shapely.from_wkt(EDGE)


def there(row, other, relation) -> bool:
    return row["place"] is not None and getattr(row["place"], relation)(other)


CASES = [
    # comparisons
    ("art = 'Linde'", lambda r: r["art"] == "Linde"),
    ("'Linde' = art", lambda r: r["art"] == "Linde"),
    ('"art" = \'Linde\'', lambda r: r["art"] == "Linde"),
    ("art <> 'Linde'", lambda r: r["art"] != "Linde"),
    ("art > 'Eiche'", lambda r: r["art"] > "Eiche"),
    ("umfang >= 150", lambda r: r["umfang"] >= 150),
    ("150 <= umfang", lambda r: r["umfang"] >= 150),
    ("umfang < 4.5", lambda r: r["umfang"] < 4.5),
    ("hoehe = 5.25", lambda r: r["hoehe"] == 5.25),
    ("hoehe <> 5.25", lambda r: r["hoehe"] not in (None, 5.25)),
    ("hoehe IS NULL", lambda r: r["hoehe"] is None),
    ("hoehe IS NOT NULL", lambda r: r["hoehe"] is not None),
    ("NOT hoehe IS NULL", lambda r: r["hoehe"] is not None),
    ("geometry IS NULL", lambda r: r["place"] is None),
    ("geometry IS NOT NULL", lambda r: r["place"] is not None),
    ("gesund = TRUE", lambda r: r["gesund"]),
    ("gesund", lambda r: r["gesund"]),
    ("NOT gesund", lambda r: not r["gesund"]),
    ("gesund <> true AND umfang < 10", lambda r: not r["gesund"] and r["umfang"] < 10),
    ("(umfang > 10) = FALSE", lambda r: r["umfang"] <= 10),
    ("TRUE", lambda r: True),
    ("FALSE", lambda r: False),
    ("bemerkung LIKE '%\"a\"%'", lambda r: r["bemerkung"] is not None),
    # logic
    ("art = 'Linde' OR art = 'Eiche' AND umfang > 200", lambda r: r["art"] == "Linde" or (r["art"] == "Eiche" and r["umfang"] > 200)),
    ("(art = 'Linde' OR art = 'Eiche') AND umfang > 200", lambda r: r["art"] in ("Linde", "Eiche") and r["umfang"] > 200),
    ("NOT (art = 'Linde' OR gesund)", lambda r: not (r["art"] == "Linde" or r["gesund"])),
    ("NOT hoehe > 10", lambda r: r["hoehe"] is not None and r["hoehe"] <= 10),
    (" AND ".join(["umfang > 100"] * 100), lambda r: r["umfang"] > 100),
    # advanced comparisons
    ("art LIKE 'L%'", lambda r: r["art"].startswith("L")),
    ("art LIKE '_i%'", lambda r: r["art"][1] == "i"),
    ("art NOT LIKE '%e'", lambda r: not r["art"].endswith("e")),
    ("nr LIKE 'B\\_%'", lambda r: False),
    ("nr LIKE 'way/0 %'", lambda r: r["nr"].startswith("way/0 ")),
    ("umfang BETWEEN 30 AND 60", lambda r: 30 <= r["umfang"] <= 60),
    ("umfang NOT BETWEEN 30 AND 60", lambda r: not 30 <= r["umfang"] <= 60),
    ("umfang between hoehe + 1 and hoehe * 2", lambda r: r["hoehe"] is not None and r["hoehe"] + 1 <= r["umfang"] <= r["hoehe"] * 2),
    ("gepflanzt BETWEEN DATE('1960-01-01') AND DATE('1961-12-31')", lambda r: date(1960, 1, 1) <= r["gepflanzt"] <= date(1961, 12, 31)),
    ("art IN ('Linde', 'Eiche')", lambda r: r["art"] in ("Linde", "Eiche")),
    ("art NOT IN ('Linde', 'Eiche')", lambda r: r["art"] not in ("Linde", "Eiche")),
    ("umfang IN (3, 6.0, 7.5)", lambda r: r["umfang"] in (3, 6)),
    ("gepflanzt IN (DATE('1950-07-20'), '1950-01-01')", lambda r: r["gepflanzt"] in (date(1950, 7, 20), date(1950, 1, 1))),
    # case and accents
    ("CASEI(art) = CASEI('LINDE')", lambda r: r["art"] == "Linde"),
    ("casei(art) LIKE casei('lIN%')", lambda r: r["art"] == "Linde"),
    ("CASEI(art) IN (CASEI('EICHE'), CASEI('lINDE'))", lambda r: r["art"] in ("Eiche", "Linde")),
    ("ACCENTI(nr) = ACCENTI('way/0 u')", lambda r: r["nr"] == "way/0 ü"),
    ("CASEI(ACCENTI(nr)) = casei(accenti('WAY/0 Ü'))", lambda r: r["nr"] == "way/0 ü"),
    ("CASEI(art) = 'nussbaum' OR casei(art) = casei('NUẞBAUM')", lambda r: r["art"] == "Nußbaum"),
    # arithmetic, property with property
    ("umfang * 2 - 3 = 27", lambda r: r["umfang"] * 2 - 3 == 27),
    ("umfang / 2 = 1.5", lambda r: r["umfang"] / 2 == 1.5),
    ("umfang % 7 = 3", lambda r: r["umfang"] % 7 == 3),
    ("umfang div 10 = 4", lambda r: r["umfang"] // 10 == 4),
    ("umfang ^ 2 < 100", lambda r: r["umfang"] ** 2 < 100),
    ("(umfang + hoehe) * 2 > 600", lambda r: r["hoehe"] is not None and (r["umfang"] + r["hoehe"]) * 2 > 600),
    ("umfang > -5", lambda r: True),
    ("-umfang > -5", lambda r: r["umfang"] < 5),
    ("umfang / 0 = 1", lambda r: False),
    ("umfang < hoehe", lambda r: r["hoehe"] is not None and r["umfang"] < r["hoehe"]),
    ("art = nr", lambda r: False),
    ("1 = 1", lambda r: True),
    # times
    ("gepflanzt = DATE('1950-07-20')", lambda r: r["gepflanzt"] == date(1950, 7, 20)),
    ("gepflanzt < '1951-01-01'", lambda r: r["gepflanzt"] < date(1951, 1, 1)),
    ("gepflanzt < TIMESTAMP('1951-01-01T12:00:00Z')", lambda r: r["gepflanzt"] < date(1951, 1, 1)),
    ("geprueft > TIMESTAMP('2026-06-01T00:00:00Z')", lambda r: r["geprueft"] > datetime(2026, 6, 1, tzinfo=UTC)),
    ("geprueft > '2026-06-01T02:00:00+02:00'", lambda r: r["geprueft"] > datetime(2026, 6, 1, tzinfo=UTC)),
    ("geprueft >= DATE('2026-06-01')", lambda r: r["geprueft"] >= datetime(2026, 5, 31, 22, tzinfo=UTC)),
    ("T_AFTER(geprueft, TIMESTAMP('2026-06-01T00:00:00Z'))", lambda r: r["geprueft"] > datetime(2026, 6, 1, tzinfo=UTC)),
    ("T_AFTER(geprueft, DATE('2026-06-01'))", lambda r: r["geprueft"] >= datetime(2026, 6, 1, 22, tzinfo=UTC)),
    ("T_BEFORE(gepflanzt, DATE('1951-01-01'))", lambda r: r["gepflanzt"] < date(1951, 1, 1)),
    ("T_EQUALS(gepflanzt, DATE('1950-07-20'))", lambda r: r["gepflanzt"] == date(1950, 7, 20)),
    ("T_INTERSECTS(gepflanzt, INTERVAL('1950-07-20','1951-02-05'))", lambda r: date(1950, 7, 20) <= r["gepflanzt"] <= date(1951, 2, 5)),
    ("T_INTERSECTS(geprueft, INTERVAL('2026-06-01','..'))", lambda r: r["geprueft"] >= datetime(2026, 5, 31, 22, tzinfo=UTC)),
    ("T_DISJOINT(gepflanzt, INTERVAL('..','1999-12-31'))", lambda r: r["gepflanzt"] > date(1999, 12, 31)),
    ("T_DURING(INTERVAL(gepflanzt, '2010-01-01'), INTERVAL('1999-12-31','2020-01-01'))", lambda r: r["gepflanzt"] > date(1999, 12, 31)),
    ("T_CONTAINS(INTERVAL('..','..'), INTERVAL(gepflanzt, gepflanzt))", lambda r: True),
    # places
    (f"S_INTERSECTS(geometry, {SQUARE})", lambda r: there(r, HERE, "intersects")),
    (f"S_INTERSECTS({SQUARE}, geometry)", lambda r: there(r, HERE, "intersects")),
    (f"S_WITHIN(geometry, {SQUARE})", lambda r: there(r, HERE, "within")),
    (f"S_WITHIN({SQUARE}, geometry)", lambda r: False),
    (f"S_CONTAINS({SQUARE}, geometry)", lambda r: there(r, HERE, "within")),
    (f"S_DISJOINT(geometry, {SQUARE})", lambda r: there(r, HERE, "disjoint")),
    (f"NOT S_INTERSECTS(geometry, {SQUARE})", lambda r: there(r, HERE, "disjoint")),
    (f"S_TOUCHES(geometry, {EDGE})", lambda r: there(r, ON_EDGE, "touches")),
    (f"S_INTERSECTS(geometry, {EDGE}) AND NOT S_WITHIN(geometry, {EDGE})", lambda r: there(r, ON_EDGE, "touches")),
    (f"S_CROSSES(geometry, {SQUARE}) OR S_OVERLAPS(geometry, {SQUARE})", lambda r: False),
    ("S_EQUALS(geometry, POINT(11.581 50.92))", lambda r: there(r, shapely.Point(11.581, 50.92), "equals")),
    ("S_INTERSECTS(geometry, BBOX(11.5795,50.9195,11.5815,50.9215))", lambda r: there(r, HERE, "intersects")),
    ("S_INTERSECTS(geometry, BBOX(11.5795,50.9195,0,11.5815,50.9215,9))", lambda r: there(r, HERE, "intersects")),
    ("S_INTERSECTS(geometry, BBOX(170,-90,-170,90))", lambda r: False),
    ("S_INTERSECTS(geometry, MULTIPOINT((11.58 50.92),(11.582 50.92)))", lambda r: r["umfang"] in (0, 6)),
    ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(11.58 50.92),LINESTRING(11 50,11 51)))", lambda r: r["umfang"] == 0),
    ("S_INTERSECTS(geometry, geometry)", lambda r: r["place"] is not None),
    ("S_DISJOINT(geometry, geometry)", lambda r: False),
    (f"S_CROSSES(LINESTRING(11.5 50.92,11.6 50.92),{SQUARE})", lambda r: True),
    (f"S_WITHIN({SQUARE},POINT(11.58 50.92))", lambda r: False),
    (f"S_INTERSECTS(geometry, {SQUARE}) AND art = 'Linde' OR umfang = 297", lambda r: (there(r, HERE, "intersects") and r["art"] == "Linde") or r["umfang"] == 297),
]  # fmt: skip


@pytest.mark.parametrize(("text", "holds"), CASES, ids=[text[:60] for text, _ in CASES])
def test_a_filter_answers_what_python_does(holding, text, holds):
    expected = [k for k, row in enumerate(ROWS) if holds(row)]
    assert met(holding, text) == expected
    assert met(holding, json.dumps(cql2.parse_text(text).to_json()), "cql2-json") == expected


def test_several_cases_are_true_and_false_for_some():
    counts = [sum(map(bool, map(holds, ROWS))) for _, holds in CASES]
    assert sum(0 < count < TREES for count in counts) > 60


INTERVALS = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_disjoint": lambda a, b: a[0] > b[1] or a[1] < b[0],
    "t_equals": lambda a, b: a == b,
    "t_intersects": lambda a, b: not (a[0] > b[1] or a[1] < b[0]),
    "t_contains": lambda a, b: a[0] < b[0] and b[1] < a[1],
    "t_during": lambda a, b: b[0] < a[0] and a[1] < b[1],
    "t_finishedby": lambda a, b: a[0] < b[0] and a[1] == b[1],
    "t_finishes": lambda a, b: a[0] > b[0] and a[1] == b[1],
    "t_meets": lambda a, b: a[1] == b[0],
    "t_metby": lambda a, b: a[0] == b[1],
    "t_overlappedby": lambda a, b: b[0] < a[0] < b[1] < a[1],
    "t_overlaps": lambda a, b: a[0] < b[0] < a[1] < b[1],
    "t_startedby": lambda a, b: a[0] == b[0] and b[1] < a[1],
    "t_starts": lambda a, b: a[0] == b[0] and a[1] < b[1],
}
SPANS = [(a, b) for a in range(1, 5) for b in range(a + 1, 6)]


@pytest.mark.parametrize("name", INTERVALS)
def test_each_relation_of_intervals(holding, name):
    for one in SPANS:
        for other in SPANS:
            for open_end in (None, 0, 1):
                left = [f"2026-01-0{end}" for end in one]
                ends = list(map(float, one))
                if open_end is not None:
                    left[open_end], ends[open_end] = "..", (float("-inf"), float("inf"))[open_end]
                right = [f"2026-01-0{end}" for end in other]
                text = f"{name}(INTERVAL('{left[0]}','{left[1]}'),INTERVAL('{right[0]}','{right[1]}'))"
                term = read_filter(text, "cql2-text", holding, CRS84)
                assert _constant(term) == INTERVALS[name](tuple(ends), other), text


def _constant(term) -> bool:
    """What a term without columns is worth."""
    from allmende.catalogue.holdings.terms import Value

    if isinstance(term, Value):
        return term.value
    found = [_constant(each) for each in term.arguments]
    names = {"and": all, "or": any, "not": lambda each: not each[0]}
    names |= {"lt": lambda each: each[0] < each[1], "eq": lambda each: each[0] == each[1]}
    return names[term.name](found)


@pytest.mark.parametrize("code", ["25832", "25833", "3857", "4326", "4258"])
def test_geometries_in_other_systems(holding, code):
    crs = crs_of(f"EPSG:{code}")
    change = pyproj.Transformer.from_crs("OGC:CRS84", crs.code, always_xy=not crs.latitude_first)
    moved = shapely.transform(HERE, change.transform, interleaved=False)
    assert met(holding, f"S_INTERSECTS(geometry, {moved.wkt})", crs=crs) == [0, 1, 10, 11]
    sides = [*change.transform(*HERE.bounds[:2]), *change.transform(*HERE.bounds[2:])]
    assert met(holding, f"S_WITHIN(geometry, BBOX({','.join(map(str, sides))}))", crs=crs) == [0, 1, 10, 11]


REFUSED = [
    ("", None, "empty"),
    ("art = 'Linde' AND", 17, "ends too early"),
    ("art == 'Linde'", 5, "cannot be read"),
    ("arte = 'Linde'", 0, "no property “arte”; there are: nr, art"),
    ("umfang > 1 AND arte = 'Linde'", 15, "no property “arte”"),
    ("umfang = 'thick'", 0, "cannot be compared"),
    ("art = 5", 0, "Write '5' in quotes"),
    ("art", 0, "A condition was expected"),
    ("umfang + 1", None, "A condition was expected"),
    ("art + 1 = 2", 0, "Only numbers"),
    ("CASEI(umfang) = 'x'", 6, "for texts"),
    ("umfang LIKE '1%'", 0, "LIKE compares texts"),
    ("art LIKE nr", 9, "must be written"),
    ("art LIKE 'x\\'", 10, "backslash"),
    ("art BETWEEN 'a' AND 'b'", 0, "numbers and times"),
    ("art = NULL", None, "IS NULL"),
    ("foo(art) = 1", 0, "no function “foo”"),
    ("A_CONTAINS(art, ('a','b'))", 0, "no lists"),
    ("geometry = 1", 0, "spatial functions only"),
    ("art = POINT(1 2)", None, "spatial functions only"),
    ("S_INTERSECTS(art, POINT(1 2))", 13, "no geometry"),
    ("S_INTERSECTS(geometry, art)", 23, "no geometry"),
    ("S_INTERSECTS(geometry)", 0, "two arguments"),
    ("S_INTERSECTS(geometry, POINT(50.92 111.58))", None, "swapped"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,1 1)))", None, "cannot be read"),
    ("S_INTERSECTS(geometry, POLYGON((0 0,2 2,2 0,0 2,0 0)))", None, "not valid: Self-intersection"),
    ("S_INTERSECTS(geometry, BBOX(3,3,1,1))", 23, "smaller numbers"),
    ("gepflanzt = DATE('1950-13-01')", 18, "no date"),
    ("geprueft = TIMESTAMP('1950-01-01T25:00:00Z')", 22, "not a date and time"),
    ("gepflanzt = geprueft", 0, "cannot be compared"),
    ("T_DURING(gepflanzt, INTERVAL('1950-01-01','..'))", 0, "intervals only"),
    ("T_AFTER(art, DATE('1950-01-01'))", 8, "A date or time was expected"),
    ("T_AFTER(gepflanzt, INTERVAL('1951-01-01','1950-01-01'))", 29, "ends before it begins"),
    ("umfang IN ('a')", 0, "cannot be compared"),
    ("umfang = 1e999", None, "too large"),
    ("(" * 60 + "gesund" + ")" * 60, 50, "nested"),
    ("(" * 19_000 + "gesund" + ")" * 19_000, 50, "nested"),
    ("NOT " * 9_000 + "gesund", 2000, "operators"),
    ("umfang = " + "-" * 20_000 + "1", 508, "operators"),
    ("umfang" + "<1" * 15_000, 1006, "operators"),
    ("NOT " * 300 + "gesund", None, "nested too deeply"),
    ("art = '" + "x" * 50_000 + "'", None, "characters"),
    ("art = 'a\0b'", 8, "zero byte"),
    ("art = 'x", 6, "cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "position", "words"), REFUSED, ids=[text[:40] for text, *_ in REFUSED])
def test_what_makes_no_sense_is_refused_with_words_and_the_place(holding, text, position, words):
    with pytest.raises(FilterError) as caught:
        read_filter(text, "cql2-text", holding, CRS84)
    assert words in caught.value.message
    assert caught.value.position == position


BAD_JSON = [
    "{",
    "[]",
    "null",
    "3",
    '"x"',
    "{}",
    '{"op":"="}',
    '{"op":"=","args":[{"property":"art"}]}',
    '{"op":"=","args":{"property":"art"}}',
    '{"op":"=","args":[{"property":3},"x"]}',
    '{"op":"=","args":[{"property":"art"},["x"]]}',
    '{"op":"and","args":[]}',
    '{"op":"and","args":"x"}',
    '{"op":["and"],"args":[]}',
    '{"op":"in","args":[{"property":"art"},[]]}',
    '{"op":"in","args":[{"property":"art"},"x"]}',
    '{"op":"like","args":[{"property":"art"},3]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point"}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":["a",1]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[[1,2]]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Cube","coordinates":[1,2]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,"3",4]}]}',
    '{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[1,2,3]}]}',
    '{"op":"t_after","args":[{"property":"gepflanzt"},{"date":3}]}',
    '{"op":"t_after","args":[{"property":"gepflanzt"},{"interval":["2020-01-01"]}]}',
    '{"op":"not","args":[' * 400 + "true" + "]}" * 400,
    "[" * 15_000 + "]" * 15_000,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_JSON, ids=[text[:60] for text in BAD_JSON])
def test_json_that_is_no_filter_is_refused(holding, text):
    with pytest.raises(FilterError):
        read_filter(text, "cql2-json", holding, CRS84)


WORDS = st.sampled_from(
    """art umfang hoehe gesund gepflanzt geprueft geometry nr = <> < > <= >= AND OR NOT IN LIKE BETWEEN IS NULL ( ) , +
    - * / % ^ div 'Linde' 'L%' 5 2.5 -3 TRUE FALSE CASEI( ACCENTI( S_INTERSECTS( S_TOUCHES( POINT(11.58 51)
    BBOX(11,50,12,51) T_AFTER( INTERVAL('2020-01-01','..') DATE('2020-01-01') TIMESTAMP('2020-01-01T00:00:00Z') 'ü' ' "
    \\ ; -- arte""".split()  # noqa: SIM905
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=40)))
def test_any_text_is_answered_or_refused(holding, text):
    try:
        met(holding, text)
    except FilterError as error:
        assert error.message
        assert error.position is None or 0 <= error.position <= len(text)


@st.composite
def filters(draw, depth: int = 3) -> str:
    """Filters that make sense."""
    if depth and draw(st.booleans()):
        kind = draw(st.sampled_from(["({}) AND ({})", "({}) OR ({})", "NOT ({})"]))
        return kind.format(*(draw(filters(depth=depth - 1)) for _ in range(kind.count("{}"))))
    return draw(st.sampled_from([text for text, _ in CASES if len(text) < 200]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters())
def test_a_filter_and_its_opposite_share_nothing(holding, text):
    one, other = met(holding, text), met(holding, f"NOT ({text})")
    assert set(one).isdisjoint(other)


# Over HTTP


def test_filters_over_http(numbers):
    text = "art = 'Linde' AND umfang < 60"
    assert numbers(filter=text) == numbers(filter=text, filter_lang="cql2-text") == [0, 5, 10, 15]
    as_json = json.dumps(cql2.parse_text(text).to_json())
    assert numbers(filter=as_json) == numbers(filter=as_json, filter_lang="cql2-json") == [0, 5, 10, 15]
    system = "http://www.opengis.net/def/crs/EPSG/0/4326"
    turned = "S_INTERSECTS(geometry,POLYGON((50.9195 11.5795,50.9195 11.5815,50.9215 11.5815,50.9215 11.5795,50.9195 11.5795)))"
    assert numbers(filter=turned, filter_crs=system) == [0, 1, 10, 11]


def test_refusals_over_http(refused):
    problem = refused(filter="umfang > 1 AND arte = 'x'")
    assert problem["code"] == "bad_query"
    assert (problem["option"], problem["position"], problem["near"]) == ("filter", 15, "arte")
    assert refused(filter="gesund", filter_lang="cql")["parameter"] == "filter-lang"
    assert refused(filter="(" * 10_000)["code"] == "bad_query"

"""Relations of geometries inside statements give what shapely gives for one pair after the other."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.catalogue.holdings.reading import Question, count, rows
from allmende.catalogue.holdings.spatial import RELATIONS, positions
from allmende.catalogue.holdings.terms import Call, InBox, Spatial
from allmende.catalogue.holdings.tests.conftest import grid, placed

SHAPES = [
    shapely.Point(1, 1),
    shapely.Point(5, 5),
    shapely.MultiPoint([(1, 1), (9, 9)]),
    shapely.LineString([(0, 0), (4, 4)]),
    shapely.LineString([(0, 2), (2, 2)]),
    shapely.MultiLineString([[(0, 0), (1, 0)], [(3, 3), (4, 3)]]),
    shapely.box(0, 0, 2, 2),
    shapely.box(1, 1, 3, 3),
    shapely.box(2, 2, 4, 4),
    shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (4, 3), (4, 4), (3, 4)]]),
    shapely.MultiPolygon([shapely.box(5, 5, 6, 6), shapely.box(7, 7, 8, 8)]),
    shapely.GeometryCollection([shapely.Point(1, 1), shapely.LineString([(2, 2), (3, 3)])]),
    None,
]
PLAIN = {"s_intersects": "intersects", "s_disjoint": "disjoint", "s_within": "within", "s_contains": "contains"}
PLAIN |= {"s_touches": "touches", "s_crosses": "crosses", "s_overlaps": "overlaps", "s_equals": "equals"}


def met(relation: str, holding, other) -> set[int]:
    where = Spatial(relation, shapely.to_wkb(other))
    return set(rows(holding, Question(where=where, limit=None))["number"].to_pylist())


@pytest.mark.parametrize("relation", RELATIONS)
def test_each_relation_of_each_pair_of_kinds(relation):
    holding = placed(SHAPES, number=list(range(len(SHAPES))))
    for other in SHAPES[:-1]:
        expected = {
            number
            for number, shape in enumerate(SHAPES)
            if shape is not None and getattr(shapely, PLAIN[relation])(shape, other)
        }
        assert met(relation, holding, other) == expected, other.wkt


@pytest.mark.parametrize("relation", RELATIONS)
def test_points_are_answered_without_objects_alike(relation):
    holding = grid(5)
    points = [shapely.Point(11.5 + k % 5 / 1000, 50.9 + k // 5 / 1000) for k in range(25)]
    other = shapely.Polygon([(11.5, 50.9), (11.503, 50.9), (11.5, 50.9035)])
    expected = {k for k, point in enumerate(points) if getattr(shapely, PLAIN[relation])(point, other)}
    assert met(relation, holding, other) == expected


def test_a_row_without_a_place_stands_in_no_relation_nor_in_its_opposite():
    holding = placed([None, shapely.Point(1, 1)], number=[0, 1])
    term = Spatial("s_intersects", shapely.to_wkb(shapely.box(5, 5, 6, 6)))
    assert count(holding, term) == 0
    assert count(holding, Call("not", (term,))) == 1


def test_areas_that_cross_themselves_are_answered():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    holding = placed([bow, shapely.box(0, 0, 1, 1)], number=[0, 1])
    for relation in RELATIONS:
        assert met(relation, holding, shapely.box(0.5, 0, 3, 3)) <= {0, 1}
    assert met("s_intersects", holding, shapely.box(0.5, 0, 3, 3)) == {0, 1}


def test_two_geometries_in_one_statement():
    holding = grid(4)
    west = Spatial("s_within", shapely.to_wkb(shapely.box(11.49, 50.8, 11.5015, 51)))
    south = Spatial("s_within", shapely.to_wkb(shapely.box(11.4, 50.89, 11.6, 50.9005)))
    assert count(holding, Call("and", (west, south))) == 2
    assert count(holding, Call("or", (west, south))) == 8 + 4 - 2


def test_boxes_that_hold_the_whole_row_and_those_that_meet_it():
    holding = placed([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 5, 5), None], number=[0, 1, 2])
    assert count(holding, InBox(0, 0, 3, 3)) == 2
    assert count(holding, InBox(0, 0, 3, 3, whole=True)) == 1
    assert count(holding, Call("is_null", (InBox(-180, -90, 180, 90),))) == 1


def test_boxes_across_the_date_line():
    holding = placed([shapely.Point(179.5, 0), shapely.Point(-179.5, 0), shapely.Point(0, 0)], number=[0, 1, 2])
    assert count(holding, InBox(179, -1, -179, 1)) == 2
    assert count(holding, InBox(179, -1, -179, 1, whole=True)) == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1))
def test_positions_are_read_from_wkb(places):
    import pyarrow as pa

    column = pa.array(list(shapely.to_wkb(shapely.points(places))), pa.binary())
    assert positions(column).tolist() == [list(place) for place in places]
    assert positions(column.slice(1)) is None or positions(column.slice(1)).tolist() == [list(p) for p in places[1:]]


def test_positions_of_anything_else_are_none():
    import pyarrow as pa

    for shapes in ([shapely.Point(1, 1), None], [shapely.LineString([(0, 0), (1, 1)])], [shapely.Point(1, 1, 1)]):
        assert positions(pa.array(list(shapely.to_wkb(shapes)), pa.binary())) is None

"""GeoJSON: good shapes pass, each fault is named with its place, and every shape has one point that lies on it."""

import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.core.geometry import GeometryError, check_geojson, parse_bbox, point, representative_point

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]
# A horseshoe, open above: its centroid lies outside of it.
HORSESHOE = [[0, 0], [10, 0], [10, 10], [9, 10], [9, 1], [1, 1], [1, 10], [0, 10], [0, 0]]

GOOD = [
    {"type": "Point", "coordinates": [11.586, 50.927]},
    {"type": "Point", "coordinates": [11, 50, 155.5]},
    {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]},
    {"type": "LineString", "coordinates": [[0, 0], [1, 1]]},
    {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]},
    {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
    {"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]},
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [0, 0]}]},
    {"type": "Feature", "geometry": {"type": "Point", "coordinates": [180, -90]}, "properties": None},
    {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {}}],
    },
]


@pytest.mark.parametrize("shape", GOOD, ids=lambda shape: shape["type"])
def test_good_shapes_pass(shape: dict):
    check_geojson(shape)


NESTED = {"type": "Point", "coordinates": [0, 0]}
for _ in range(10):
    NESTED = {"type": "GeometryCollection", "geometries": [NESTED]}

BAD = [
    (None, "a GeoJSON object was expected"),
    ([], "a GeoJSON object was expected"),
    ({}, "type: None is no GeoJSON type"),
    ({"type": "Circle"}, "type: 'Circle' is no GeoJSON type; use one of Point"),
    ({"type": ["Point"]}, r"type: \['Point'\] is no GeoJSON type"),
    ({"type": "Point"}, "coordinates: a position is"),
    ({"type": "Point", "coordinates": [1]}, "coordinates: a position is"),
    ({"type": "Point", "coordinates": [1, 2, 3, 4]}, "coordinates: a position is"),
    ({"type": "Point", "coordinates": "1,2"}, "coordinates: a position is"),
    ({"type": "Point", "coordinates": [1, "2"]}, r"coordinates\[1\]: '2' is not a finite number"),
    ({"type": "Point", "coordinates": [True, 2]}, r"coordinates\[0\]: True is not a finite number"),
    ({"type": "Point", "coordinates": [float("nan"), 2]}, r"coordinates\[0\]: nan is not a finite number"),
    ({"type": "Point", "coordinates": [1, float("inf")]}, r"coordinates\[1\]: inf is not a finite number"),
    ({"type": "Point", "coordinates": [181, 2]}, r"coordinates\[0\]: the longitude 181 is not between -180 and 180"),
    ({"type": "Point", "coordinates": [50, 91]}, r"coordinates\[1\]: the latitude 91 is not .* swapped\?"),
    ({"type": "Point", "coordinates": [120, 91]}, r"between -90 and 90\.$"),
    ({"type": "LineString", "coordinates": [[0, 0]]}, "coordinates: at least 2 positions expected"),
    ({"type": "LineString", "coordinates": [[0, 0], [200, 0]]}, r"coordinates\[1\]\[0\]: the longitude 200"),
    ({"type": "Polygon", "coordinates": []}, "coordinates: at least 1 ring expected"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]}, r"coordinates\[0\]: at least 4 positions"),
    ({"type": "Polygon", "coordinates": [SQUARE, HOLE[:-1]]}, r"coordinates\[1\]: the ring is not closed"),
    ({"type": "MultiPolygon", "coordinates": [[SQUARE], [[[0, 0]]]]}, r"coordinates\[1\]\[0\]: at least 4"),
    ({"type": "MultiPoint", "coordinates": []}, "coordinates: at least 1 part expected"),
    ({"type": "GeometryCollection", "geometries": []}, "geometries: a list with at least one member"),
    ({"type": "GeometryCollection", "geometries": [{"type": "Point"}]}, r"geometries\[0\]\.coordinates: a position"),
    ({"type": "Feature", "geometry": None}, "geometry: a place without geometry"),
    ({"type": "Feature", "geometry": {"type": "Feature"}}, "geometry.type: 'Feature' is no GeoJSON type"),
    ({"type": "FeatureCollection", "features": [3]}, r"features\[0\]: a GeoJSON object was expected"),
    (NESTED, "nested more than 8 deep"),
]


@pytest.mark.parametrize(("shape", "message"), BAD)
def test_each_fault_is_named_with_its_place(shape: object, message: str):
    with pytest.raises(GeometryError, match=message):
        check_geojson(shape)


def test_point_makes_points_on_the_earth_only():
    assert point(11.5, 50.9) == {"type": "Point", "coordinates": [11.5, 50.9]}
    with pytest.raises(GeometryError, match="swapped"):
        point(50.9, 111.5)


json_like = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["Point", "Polygon", "Feature", ""]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "coordinates", "geometry", "features"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_like)
def test_nothing_breaks_the_check_and_what_passes_has_a_point(shape: object):
    try:
        check_geojson(shape)
    except GeometryError:
        return
    longitude, latitude = representative_point(shape)
    assert abs(longitude) <= 180
    assert abs(latitude) <= 90


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"type": "Point", "coordinates": [1, 2, 300]}, (1, 2)),
        ({"type": "MultiPoint", "coordinates": [[5, 6], [7, 8]]}, (5, 6)),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 0], [4, 0]]}, (2, 0)),
        ({"type": "LineString", "coordinates": [[3, 3], [3, 3]]}, (3, 3)),
        ({"type": "MultiLineString", "coordinates": [[[0, 0], [1, 0]], [[0, 5], [8, 5]]]}, (4, 5)),
        ({"type": "Polygon", "coordinates": [SQUARE]}, (2, 2)),
        ({"type": "MultiPolygon", "coordinates": [[HOLE], [[[x + 20, y] for x, y in SQUARE]]]}, (22, 2)),
        ({"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [3, 1], [1, 1]]]}, (1, 1)),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}, (1, 2)),
        (
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "Point", "coordinates": [9, 9]}, {"type": "Polygon", "coordinates": [SQUARE]}],
            },
            (2, 2),
        ),
    ],
)
def test_the_point_of_a_shape(shape: dict, expected: tuple[float, float]):
    assert representative_point(shape) == pytest.approx(expected)


def inside(position: tuple[float, float], ring: list) -> bool:
    """Even-odd rule, written independently of the code under test."""
    x, y = position
    odd = False
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


def test_the_point_of_a_polygon_lies_inside_and_off_its_holes():
    for rings in ([HORSESHOE], [SQUARE, HOLE]):
        chosen = representative_point({"type": "Polygon", "coordinates": rings})
        assert inside(chosen, rings[0])
        assert not any(inside(chosen, hole) for hole in rings[1:])


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=3, max_size=3, unique=True))
def test_the_point_of_any_triangle_lies_inside(corners: list[tuple[int, int]]):
    (ax, ay), (bx, by), (cx, cy) = corners
    ring = [list(corner) for corner in (*corners, corners[0])]
    chosen = representative_point({"type": "Polygon", "coordinates": [ring]})
    if (bx - ax) * (cy - ay) != (cx - ax) * (by - ay):
        assert inside(chosen, ring)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("11.5,50.8,11.7,51", (11.5, 50.8, 11.7, 51)),
        (" 170, -10 ,-170, 10", (170, -10, -170, 10)),
        ("1,2,0,3,4,500", (1, 2, 3, 4)),
    ],
)
def test_boxes_are_read(text: str, box: tuple):
    assert parse_bbox(text) == box


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not a box"),
        ("1,2,3", "four .* finite numbers"),
        ("1,2,3,4,5", "four .* finite numbers"),
        ("a,b,c,d", "write west,south,east,north"),
        ("nan,0,1,1", "finite"),
        ("0,0,200,1", "not a box on the earth"),
        ("0,-91,1,1", "not a box on the earth"),
        ("0,5,1,4", "south"),
    ],
)
def test_other_boxes_are_refused(text: str, message: str):
    with pytest.raises(ValueError, match=message):
        parse_bbox(text)


def test_the_module_is_light():
    assert not {"shapely", "pyproj"} & set(vars(sys.modules["allmende.core.geometry"]))

"""Well-known text: every type of geometry, heights, and where a bad one is bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.wkt import read, written
from allmende.core.geometry import check_geojson

GOOD = {
    "POINT(8 52)": {"type": "Point", "coordinates": [8, 52]},
    " point ( +8.5 -52e-1 ) ": {"type": "Point", "coordinates": [8.5, -5.2]},
    "POINT(-122, 43)": {"type": "Point", "coordinates": [-122, 43]},
    "POINT Z (1 2 3)": {"type": "Point", "coordinates": [1, 2, 3]},
    "POINTZ(1 2 3)": {"type": "Point", "coordinates": [1, 2, 3]},
    "POINT(1 2 3)": {"type": "Point", "coordinates": [1, 2, 3]},
    "POINT(.5 5.)": {"type": "Point", "coordinates": [0.5, 5]},
    "SRID=4326;POINT(1 2)": {"type": "Point", "coordinates": [1, 2]},
    "LINESTRING(1 2,3 4 , 5 6)": {"type": "LineString", "coordinates": [[1, 2], [3, 4], [5, 6]]},
    "POLYGON((0 0,0 9,9 9,0 0),(1 1,1 2,2 2,1 1))": {
        "type": "Polygon",
        "coordinates": [[[0, 0], [0, 9], [9, 9], [0, 0]], [[1, 1], [1, 2], [2, 2], [1, 1]]],
    },
    "MULTIPOINT((1 2),(3 4))": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
    "MULTIPOINT(1 2,3 4)": {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
    "MULTILINESTRING((1 2,3 4),(5 6,7 8))": {
        "type": "MultiLineString",
        "coordinates": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]],
    },
    "MULTIPOLYGON(((0 0,0 1,1 1,0 0)))": {
        "type": "MultiPolygon",
        "coordinates": [[[[0, 0], [0, 1], [1, 1], [0, 0]]]],
    },
    "GEOMETRYCOLLECTION(POINT(1 2),GEOMETRYCOLLECTION(LINESTRING(1 2,3 4)))": {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [1, 2]},
            {
                "type": "GeometryCollection",
                "geometries": [{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}],
            },
        ],
    },
}


@pytest.mark.parametrize("text", GOOD)
def test_good_geometries(text: str):
    geography = read(text, 0)
    assert geography.geojson == GOOD[text]
    check_geojson(geography.geojson)
    again = read(geography.wkt, 0)
    assert again == geography


def test_frames_of_maps_that_are_zoomed_far_out():
    assert read("POLYGON((-400 -95,400 -95,400 95,-400 95,-400 -95))", 0).geojson["type"] == "Polygon"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "no geometry"),
        ("  ", 2, "no geometry"),
        ("POIN(1 2)", 0, "Did you mean «POINT»"),
        ("(1 2)", 0, "Begin with"),
        ("POINT", 5, "«(»"),
        ("POINT EMPTY", 6, "empty"),
        ("POINT M (1 2 3)", 0, "Measures"),
        ("POINTZM(1 2 3 4)", 0, "Measures"),
        ("POINT(1)", 6, "longitude and latitude"),
        ("POINT(1 2 3 4)", 6, "longitude and latitude"),
        ("POINT(1 2", 9, "«)»"),
        ("POINT(1 2) x", 11, "after the end"),
        ("POINT(1 2))", 10, "after the end"),
        ("POINT(a 2)", 6, "number"),
        ("POINT(1.2.3 4)", 6, "cannot stand"),
        ("POINT(1e999 4)", 6, "too large"),
        ("POINT(NaN 4)", 6, "number"),
        ("POINT(1;2)", 7, "cannot stand"),
        ("LINESTRING(1 2)", 10, "two positions"),
        ("LINESTRING(1 2,3 4 5)", 15, "height"),
        ("LINESTRING Z (1 2,3 4)", 14, "height"),
        ("LINESTRING(1 2,)", 15, "longitude"),
        ("POLYGON(1 2,3 4,5 6,1 2)", 8, "«(»"),
        ("POLYGON(())", 9, "longitude"),
        ("POLYGON((1 2,3 4,1 2))", 8, "four positions"),
        ("POLYGON((1 2,3 4,5 6,7 8))", 8, "not closed"),
        ("POLYGON((0 0,0 9,9 9,0 0),(1 1,1 2,2 2,1 1.1))", 26, "not closed"),
        ("SRID=3857;POINT(1 2)", 0, "SRID"),
        ("GEOMETRYCOLLECTION()", 19, "no geometry"),
        ("GEOMETRYCOLLECTION(" * 12 + "POINT(1 2)" + ")" * 12, 171, "nested"),
    ],
)
def test_bad_geometries(text: str, at: int, said: str):
    with pytest.raises(Fault) as caught:
        read(text, 100)
    assert caught.value.at == 100 + at
    assert said in caught.value.reason


positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list)
rings = st.lists(positions, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
geometries = st.recursive(
    st.one_of(
        st.builds(lambda c: {"type": "Point", "coordinates": c}, positions),
        st.builds(lambda c: {"type": "LineString", "coordinates": c}, st.lists(positions, min_size=2, max_size=5)),
        st.builds(lambda c: {"type": "Polygon", "coordinates": c}, st.lists(rings, min_size=1, max_size=3)),
        st.builds(lambda c: {"type": "MultiPoint", "coordinates": c}, st.lists(positions, min_size=1, max_size=3)),
        st.builds(
            lambda c: {"type": "MultiPolygon", "coordinates": c},
            st.lists(st.lists(rings, min_size=1, max_size=2), min_size=1, max_size=2),
        ),
    ),
    lambda inner: st.builds(
        lambda g: {"type": "GeometryCollection", "geometries": g}, st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=5,
)


@given(geometries)
def test_what_is_written_is_read(geometry: dict):
    assert read(written(geometry), 0).geojson == geometry


@given(st.text("POINTLESRGYMU()0123456789.,-+eZ \t", max_size=60))
def test_any_text_is_read_or_refused_in_its_place(text: str):
    try:
        read(text, 0)
    except Fault as fault:
        assert 0 <= fault.at <= len(text)

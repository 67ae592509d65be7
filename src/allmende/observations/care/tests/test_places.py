"""Rounding of places: a fixed grid, never further than its half diagonal; coordinates as people paste them."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.observations.care.places import parsed, rounded

LATITUDES, LONGITUDES = st.floats(-80, 80), st.floats(-179, 179)


def metres(a, b):
    return hypot((a[0] - b[0]) * cos(radians(a[1])), a[1] - b[1]) * 111_320


@given(lon=LONGITUDES, lat=LATITUDES)
@pytest.mark.parametrize(("precision", "cell"), [("250m", 250), ("1km", 1000)])
def test_nothing_moves_further_than_half_a_cell_and_rounding_again_moves_nothing(precision, cell, lon, lat):
    once = rounded(lon, lat, precision)
    assert metres((lon, lat), once) <= cell * 0.72
    assert rounded(*once, precision) == once


def test_all_places_of_a_cell_become_one():
    middle = rounded(11.5861, 50.9271, "250m")
    near = [(middle[0] + x / 10_000, middle[1] + y / 10_000) for x in range(-15, 16) for y in range(-10, 11)]
    assert {rounded(*place, "250m") for place in near} == {middle}


def test_exact_is_exact():
    assert rounded(11.58612345, 50.92712345, "exact") == (11.586123, 50.927123)


@pytest.mark.parametrize("place", [(181, 0), (0, 91), (float("nan"), 0), (0, float("inf"))])
def test_what_is_no_place(place):
    with pytest.raises(ValueError, match="no place"):
        rounded(*place, "250m")


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="5m"):
        rounded(11, 50, "5m")


@pytest.mark.parametrize("lat", [89.9999, -90, 90])
def test_the_poles_are_places_too(lat):
    lon, middle = rounded(13, lat, "1km")
    assert -90 <= middle <= 90
    assert lon == lon


@pytest.mark.parametrize(
    "text",
    [
        "50.7052, 10.9841",
        "50.7052,10.9841",
        "50.7052 10.9841",
        "50,7052 10,9841",
        "50,7052; 10,9841",
        " 50.7052°, 10.9841° ",
    ],
)
def test_places_as_people_paste_them(text):
    assert parsed(text) == (10.9841, 50.7052)


@pytest.mark.parametrize("text", ["", "50.7", "50.7, 10.9, 3", "hier", "95.0, 10.9", "50.7, 200", "50,7052"])
def test_what_cannot_be_read(text):
    with pytest.raises(ValueError):
        parsed(text)

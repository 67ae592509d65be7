"""The made-up map."""

import itertools

from allmende.core.geometry import check_geojson
from allmende.run.demo.ground import ground
from allmende.run.demo.town import CENTRE, RIVER


def test_it_is_good_geojson_and_always_the_same():
    found = ground()
    check_geojson(found)
    assert found == ground() and found["simulated"] is True


def test_every_kind_is_there_in_the_shape_that_the_map_draws():
    shapes = {}
    for feature in ground()["features"]:
        shapes.setdefault(feature["properties"]["kind"], set()).add(feature["geometry"]["type"])
    polygons, lines = (
        {kind for kind, each in shapes.items() if each == {shape}} for shape in ("Polygon", "LineString")
    )
    assert polygons == {"green", "water", "built"}
    assert lines == {"river", "boundary", "path", "rail", "street", "road"}


def test_names_and_extent():
    features = ground()["features"]
    names = {feature["properties"].get("name") for feature in features}
    assert {RIVER, "Altstadt", "Stadtpark", "Ulmenring"} <= names
    points = [
        point
        for feature in features
        for ring in (
            [feature["geometry"]["coordinates"]]
            if feature["geometry"]["type"] == "LineString"
            else feature["geometry"]["coordinates"]
        )
        for point in ring
    ]
    assert all(abs(x - CENTRE[0]) < 0.09 and abs(y - CENTRE[1]) < 0.06 for x, y in points)


def test_rings_run_counter_clockwise():
    for feature in ground()["features"]:
        if feature["geometry"]["type"] == "Polygon":
            [ring] = feature["geometry"]["coordinates"]
            assert ring[0] == ring[-1]
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) > 0

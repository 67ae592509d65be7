"""Vector tiles: read by a library, they hold what lies there, where it lies."""

import math

import mapbox_vector_tile
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import shape

from allmende.api.ogc.tiles import packing
from allmende.api.ogc.tiles.grid import EXTENT, Tile, limits
from allmende.api.ogc.tiles.shaping import shaped
from tests.ogc.layers import TREES, place, tree

TILES = "/collections/{}/tiles/WebMercatorQuad/{}/{}/{}"


def tile_at(z: int, lon: float, lat: float) -> Tile:
    n = 2**z
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return Tile(z, int((lon + 180) / 360 * n), int(y))


def read(data: bytes) -> dict:
    return mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})


def fetch(client, layer: str, tile: Tile, **parameters):
    return client.get(TILES.format(layer, tile.z, tile.y, tile.x), params=parameters or None)


def test_a_tile_holds_what_lies_in_it(client):
    tile = tile_at(14, 11.581, 50.921)
    answer = fetch(client, "trees", tile)
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    layer = read(answer.content)["trees"]
    assert layer["extent"] == EXTENT
    inside = tile.box()
    expected = {
        tree(k)["nr"]: tile.within(np.array([[place(k).x, place(k).y]]))[0]
        for k in range(TREES - 1)
        if inside.west <= place(k).x <= inside.east and inside.south <= place(k).y <= inside.north
    }
    found = {each["properties"]["nr"]: each["geometry"]["coordinates"] for each in layer["features"]}
    assert found.keys() == expected.keys() and len(found) > 50
    for name, at in expected.items():
        assert found[name] == pytest.approx(at, abs=1)


def test_properties_keep_their_types_and_nothing_stands_for_nothing(client):
    features = read(fetch(client, "trees", tile_at(14, 11.581, 50.921)).content)["trees"]["features"]
    found = {each["properties"]["nr"]: each["properties"] for each in features}
    assert found["B001"] == {
        "_id": "B001",
        "nr": "B001",
        "art": "Ahorn",
        "hoehe": 5.25,
        "umfang": 3,
        "gesund": False,
        "gepflanzt": "1950-07-20",
        "geprueft": "2026-03-02T09:00:00Z",
        "bemerkung": '{"a": 1}',
    }
    assert "hoehe" not in found["B003"]


def test_neighbouring_tiles_share_what_lies_at_their_seam(client):
    """So that symbols are not cut."""
    tile = tile_at(18, 11.581, 50.921)
    near = [fetch(client, "trees", tile._replace(x=tile.x + step)) for step in (-1, 0, 1)]
    assert any(answer.status_code == 200 for answer in near)
    buffered = tile.box()
    plain = tile.box(buffer=0)
    assert buffered.west < plain.west < plain.east < buffered.east
    assert buffered.south < plain.south < plain.north < buffered.north


def test_areas_and_lines_are_cut_and_valid(client):
    for z in (0, 5, 10, 13, 15, 17):
        tile = tile_at(z, 11.6045, 50.9545)
        answer = fetch(client, "town.districts", tile)
        if answer.status_code == 204:
            continue
        for feature in read(answer.content)["districts"]["features"]:
            area = shape(feature["geometry"])
            assert area.is_valid
            assert area.bounds[0] >= -80 and area.bounds[3] <= EXTENT + 80
    features = read(fetch(client, "town.districts", tile_at(13, 11.6045, 50.9545)).content)["districts"]["features"]
    ring = next(shape(each["geometry"]) for each in features if each["properties"]["name"] == "Ring")
    assert ring.geom_type == "Polygon" and len(ring.interiors) == 1
    lines = read(fetch(client, "town.ways", tile_at(13, 11.585, 50.925)).content)["ways"]["features"]
    assert lines[0]["geometry"]["type"] == "LineString"


def test_an_empty_tile_is_no_content(client):
    answer = fetch(client, "trees", Tile(14, 0, 0))
    assert answer.status_code == 204
    assert answer.content == b""


@pytest.mark.parametrize(
    "path", ["23/0/0", "0/0/1", "0/1/0", "1/2/0", "-1/0/0", "x/0/0", "1/1.5/0", "1/²/0", "9999999999999/0/0"]
)
def test_tiles_that_there_are_not(client, path):
    answer = client.get(f"/collections/trees/tiles/WebMercatorQuad/{path}")
    assert answer.status_code == 404
    assert client.get("/collections/trees/tiles/WorldCRS84Quad/0/0/0").status_code == 404


def test_caches_ask_by_tag_or_need_not_ask(client):
    tile = tile_at(14, 11.581, 50.921)
    first = fetch(client, "trees", tile)
    assert first.headers["cache-control"] == "public, no-cache"
    path = TILES.format("trees", tile.z, tile.y, tile.x)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    pinned = fetch(client, "trees", tile, version=1)
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert pinned.content == first.content
    assert fetch(client, "trees", tile, version=2).status_code == 404


def test_protected_tiles_are_for_those_who_may_see_them(client, layers):
    tile = tile_at(14, 11.585, 50.925)
    assert fetch(client, "secret", tile).status_code == 404
    headers = {"Authorization": f"Bearer {layers.seeds['insider']}"}
    answer = client.get(TILES.format("secret", tile.z, tile.y, tile.x), params={"version": 1}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"].startswith("private")
    for path in ("", "/WebMercatorQuad"):
        assert client.get(f"/collections/secret/tiles{path}").status_code == 404


def test_crowded_tiles_are_thinned_out(client):
    """20,164 points in one tile: at most one in each of 100 × 100 cells, and each says for how many it stands."""
    answer = fetch(client, "grid", Tile(7, *tile_at(7, 11.47, 50.87)[1:]))
    features = read(answer.content)["grid"]["features"]
    counts = [each["properties"]["_count"] for each in features]
    assert sum(counts) == 142 * 142
    assert len(features) < 200
    deeper = [fetch(client, "grid", Tile(13, *tile_at(13, 11.47, 50.87)[1:]))]
    assert all("_count" not in each["properties"] for each in read(deeper[0].content)["grid"]["features"])


def test_the_tileset_says_how_it_is_addressed(client, get):
    listed = get("/collections/trees/tiles")
    assert len(listed["tilesets"]) == 1
    tileset = get("/collections/trees/tiles/WebMercatorQuad")
    assert tileset["dataType"] == "vector"
    assert tileset["tileMatrixSetURI"].endswith("/WebMercatorQuad")
    (template,) = [each["href"] for each in tileset["links"] if each.get("templated")]
    tile = tile_at(14, 11.581, 50.921)
    address = template.replace("{tileMatrix}", "14").replace("{tileRow}", str(tile.y)).replace("{tileCol}", str(tile.x))
    assert "trees" in read(client.get(address).content)
    (limit,) = [each for each in tileset["tileMatrixSetLimits"] if each["tileMatrix"] == "14"]
    assert limit["minTileCol"] <= tile.x <= limit["maxTileCol"]
    assert limit["minTileRow"] <= tile.y <= limit["maxTileRow"]


def test_tilejson(client, get):
    document = get("/collections/trees/tiles/WebMercatorQuad", f="tilejson")
    assert document["tilejson"] == "3.0.0"
    assert document["vector_layers"][0]["fields"]["hoehe"] == "Number"
    assert document["bounds"] == [11.58, 50.92, 11.589, 50.929]
    assert document["attribution"] == "Stadt"
    tile = tile_at(14, 11.581, 50.921)
    address = document["tiles"][0].replace("{z}", "14").replace("{x}", str(tile.x)).replace("{y}", str(tile.y))
    answer = client.get(address)
    assert answer.headers["cache-control"].endswith("immutable")
    assert read(answer.content)


def test_limits_hold_the_box():
    found = limits((11.58, 50.92, 11.589, 50.929))
    assert [each["tileMatrix"] for each in found][:3] == ["0", "1", "2"]
    assert found[0] == {"tileMatrix": "0", "minTileRow": 0, "maxTileRow": 0, "minTileCol": 0, "maxTileCol": 0}
    assert limits((-180, -90, 180, 90), 1)[1]["maxTileRow"] == 1


# Shaping and packing


def packed(shapes, tile=None, **columns) -> list[dict]:
    tile = tile or Tile(0, 0, 0)
    table = pa.table({"_row": pa.array(range(len(shapes)), pa.int64()), **{k: pa.array(v) for k, v in columns.items()}})
    wkb = pa.array(list(shapely.to_wkb(np.array(shapes, dtype=object))), pa.binary())
    data = packing.layer("x", EXTENT, table, list(columns), shaped(wkb, tile))
    return read(data)["x"]["features"] if data else []


SHAPES = [
    shapely.Point(10, 20),
    shapely.MultiPoint([(10, 20), (30, -40)]),
    shapely.LineString([(0, 0), (40, 10), (80, -30)]),
    shapely.MultiLineString([[(0, 0), (40, 10)], [(50, 50), (60, 60), (90, 0)]]),
    shapely.box(0, 0, 40, 40),
    shapely.Polygon(
        shapely.box(0, 0, 60, 60).exterior, [shapely.box(10, 10, 20, 20).exterior, shapely.box(30, 30, 50, 50).exterior]
    ),
    shapely.MultiPolygon([shapely.box(-100, 0, -50, 40), shapely.box(50, 0, 100, 40)]),
]


def in_tile(each, tile):
    return shapely.transform(each, tile.within)


@pytest.mark.parametrize("each", SHAPES, ids=lambda each: each.geom_type)
def test_each_kind_of_geometry_arrives_as_it_was(each):
    (feature,) = packed([each], name=["ü" * 200])
    found, expected = shape(feature["geometry"]), in_tile(each, Tile(0, 0, 0))
    assert found.geom_type == each.geom_type
    assert found.hausdorff_distance(expected) <= 5
    assert feature["properties"] == {"name": "ü" * 200}
    if "Polygon" in each.geom_type:
        assert found.is_valid
        assert abs(found.area - expected.area) < 0.03 * expected.area


def test_all_kinds_in_one_layer():
    features = packed([*SHAPES, None, shapely.Point()], number=list(range(len(SHAPES) + 2)))
    assert sorted(each["properties"]["number"] for each in features) == list(range(len(SHAPES)))
    assert {each["properties"]["number"]: each["id"] for each in features} == {k: k for k in range(len(SHAPES))}


def test_areas_that_cross_themselves_and_specks_do_no_harm():
    bow = shapely.Polygon([(0, 0), (40, 40), (40, 0), (0, 40)])
    speck = shapely.box(10, 10, 10.0001, 10.0001)
    features = packed([bow, speck, shapely.LineString([(1, 1), (1.00001, 1)])], number=[0, 1, 2])
    assert [each["properties"]["number"] for each in features] == [0]
    assert shape(features[0]["geometry"]).is_valid


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=150)),
            st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(st.none(), st.booleans()),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_values_arrive(rows):
    kinds = {"text": pa.string(), "whole": pa.int64(), "real": pa.float64(), "truth": pa.bool_()}
    columns = {name: [row[at] for row in rows] for at, name in enumerate(kinds)}
    table = pa.table({"_row": range(len(rows)), **{name: pa.array(columns[name], kinds[name]) for name in kinds}})
    points = packing.Geometries(
        packing.POINT, np.arange(len(rows)), np.ones(len(rows), np.int64), np.full((len(rows), 2), 7)
    )
    features = read(packing.layer("x", EXTENT, table, list(kinds), [points]))["x"]["features"]
    for row, feature in zip(rows, features, strict=True):
        expected = {name: row[at] for at, name in enumerate(kinds) if row[at] is not None}
        found = feature["properties"]
        if "whole" in found and isinstance(found["whole"], str):  # beyond what a tile can hold: as a text
            found["whole"] = int(found["whole"])
        assert found == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 22), st.floats(-179.9, 179.9), st.floats(-84, 84))
def test_places_are_found_in_their_tile(z, lon, lat):
    tile = tile_at(z, lon, lat)
    x, y = tile.within(np.array([[lon, lat]]))[0]
    assert -1 <= x <= EXTENT + 1 and -1 <= y <= EXTENT + 1
    box = tile.box(buffer=1)
    assert box.west <= lon <= box.east and box.south <= lat <= box.north

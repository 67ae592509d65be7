"""GeoJSON as towns publish it, which is not always what the standard says."""

import gzip
import json
import random
from io import BytesIO

import pytest
import shapely

from allmende.catalogue.loaders.tests.tabled import Tabled, survives


def feature(geometry: object, identity: object = None, **properties: object) -> dict:
    made = {"type": "Feature", "properties": properties, "geometry": geometry}
    return made if identity is None else {"id": identity, **made}


def point(x: float = 11.58, y: float = 50.92) -> dict:
    return {"type": "Point", "coordinates": [x, y]}


def area(x: float = 11.5) -> dict:
    return {"type": "Polygon", "coordinates": [[[x, 50.9], [x + 0.1, 50.9], [x + 0.1, 51], [x, 51], [x, 50.9]]]}


FEATURES = [feature(point(11.58 + n / 100), f"way/{n}", name=f"Größe {n}", nr=n) for n in range(5)]


def collection(features: list, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False).encode()


SHAPES = {
    "collection": collection(FEATURES),
    "type at the end": json.dumps({"features": FEATURES, "type": "FeatureCollection"}).encode(),
    "script": b"var json_Baeume_1 = " + collection(FEATURES) + b";\n",
    "lines": b"\n".join(json.dumps(each).encode() for each in FEATURES),
    "records": b"".join(b"\x1e" + json.dumps(each).encode() + b"\n" for each in FEATURES),
    "one after another": b"\n".join(json.dumps(each, indent=1).encode() for each in FEATURES),
    "list": json.dumps(FEATURES).encode(),
    "packed": gzip.compress(collection(FEATURES)),
    "cp1252": collection(FEATURES).decode().encode("cp1252"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_features_in_many_shapes(shape: str):
    table = Tabled(SHAPES[shape])
    assert table.recipe.format == "geojson"
    assert table.types == {"id": "text", "name": "text", "nr": "integer"}
    assert table.column("id")[0] == "way/0" and table.column("name")[4] == "Größe 4"
    assert table.wkt()[1] == "POINT (11.59 50.92)"
    assert (table.recipe.where.kind, table.recipe.where.crs) == ("native", "OGC:CRS84")
    assert table.recipe.key == ("id",) and table.proposal["rows"] == 5


def test_a_single_feature_and_a_bare_geometry():
    assert Tabled(json.dumps(feature(area(), name="Park")).encode()).column("name") == ["Park"]
    table = Tabled(json.dumps(area()).encode())
    assert table.done["kinds"] == ["Polygon"] and table.done["kept"] == 1


@pytest.mark.parametrize(
    ("name", "crs", "x", "y"),
    [
        ("urn:ogc:def:crs:EPSG::4326", "OGC:CRS84", 11.58, 50.92),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84", 11.58, 50.92),
        ("EPSG:25832", "EPSG:25832", 681_234.5, 5_644_321.5),
        ("urn:ogc:def:crs:EPSG:6.9:31468", "EPSG:31468", 4_471_000.0, 5_643_000.0),
        ("http://www.opengis.net/def/crs/EPSG/0/25832", "EPSG:25832", 681_234.5, 5_644_321.5),
        ("", "EPSG:25832", 681_234.5, 5_644_321.5),
    ],
)
@pytest.mark.parametrize("last", [False, True])
def test_the_old_member_that_names_the_system(name: str, crs: str, x: float, y: float, last: bool):
    features = [feature(point(x + n, y), nr=n) for n in range(3)] if x > 180 else [feature(point(x, y), nr=1)]
    member = {"crs": {"type": "name", "properties": {"name": name}}} if name else {}
    parts = {"type": "FeatureCollection", **({} if last else member), "features": features, **(member if last else {})}
    table = Tabled(json.dumps(parts).encode())
    assert table.recipe.where.crs == crs
    assert 11 < table.shapes[0].x < 12 and 50 < table.shapes[0].y < 52
    assert table.of("crs")[0][1] == ("crs_of_format" if name else "crs_sized")


def test_latitude_first_is_turned_round():
    table = Tabled(collection([feature(point(50.9 + n / 100, 11.58), nr=n) for n in range(3)]))
    assert table.wkt()[0] == "POINT (11.58 50.9)"
    assert ("geometry", "place_swapped") in table.of("place")


def test_mixed_null_empty_crooked_and_broken_geometries():
    bow = {"type": "Polygon", "coordinates": [[[11, 50], [12, 51], [12, 50], [11, 51], [11, 50]]]}
    several = {"type": "GeometryCollection", "geometries": [point(), area()]}
    kinds = [point(), area(), None, {"type": "Point", "coordinates": []}, bow, several, {}]
    broken = [{"type": "Point", "coordinates": ["x", "y"]}, {"type": "Kreis", "coordinates": [1, 2]}, point(400, 3)]
    table = Tabled(collection([feature(each, nr=n) for n, each in enumerate([*kinds, *broken])]))
    assert table.column("nr") == [*range(7)]
    assert table.done["unplaced"] == 3 and table.done["invalid"] == 1
    assert table.done["kinds"] == ["GeometryCollection", "Point", "Polygon"]
    assert [(each["row"], each["code"]) for each in table.aside] == [
        (8, "place_unknown"),
        (9, "place_unknown"),
        (10, "place_off_earth"),
    ]


def test_a_geometry_in_hexadecimal_among_the_properties_stays_a_text():
    hexes = [shapely.to_wkb(shapely.Point(11 + n, 50), hex=True) for n in range(3)]
    table = Tabled(collection([feature(point(), the_geom=cell, nr=n) for n, cell in enumerate(hexes)]))
    assert table.recipe.where.kind == "native" and table.column("the_geom") == hexes
    bare = Tabled(collection([feature(None, the_geom=cell, nr=n) for n, cell in enumerate(hexes)]), where=["the_geom"])
    assert bare.recipe.where.kind == "wkb" and bare.wkt()[1] == "POINT (12 50)"


def test_ids_in_both_places_and_properties_within_properties():
    features = [feature(point(), 100 + n, id=n, addr={"city": "X", "nr": n}, tags=["a"]) for n in range(3)]
    for each in features:
        each["properties"]["geometry"] = "alt"
    table = Tabled(collection(features))
    assert table.types == {
        "feature_id": "integer",
        "id": "integer",
        "addr_city": "text",
        "addr_nr": "integer",
        "tags": "json",
        "properties_geometry": "text",
    }


def test_heights_are_let_go_of():
    table = Tabled(collection([feature({"type": "Point", "coordinates": [11.5, 50.9, 155.0]}, nr=1)]))
    assert table.wkt() == ["POINT (11.5 50.9)"]


def test_a_column_that_comes_late_is_loaded_all_the_same():
    features = [feature(point(), nr=n) for n in range(3000)]
    features[-1]["properties"]["spät"] = "x"
    assert Tabled(collection(features)).column("spaet")[-1] == "x"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (collection([]), "no_features"),
        (collection(FEATURES)[:-30], "json_cut_off"),
        (collection(FEATURES).replace(b'"nr": 3', b'"nr": x'), "json_broken"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, code: str):
    assert Tabled(content).refused == code


def test_next_month_with_other_properties():
    table = Tabled(SHAPES["collection"])
    table.read(BytesIO(collection([feature(point(), "way/9", nr=9)])), table.recipe)
    assert table.column("nr") == [9] and table.column("name") == [None]


@pytest.mark.parametrize("shape", SHAPES)
def test_broken_files_are_refused_in_words(shape: str):
    content, chance = SHAPES[shape], random.Random(3)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x")
    for _ in range(60):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x")

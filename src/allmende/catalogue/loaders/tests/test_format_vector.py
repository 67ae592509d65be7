"""Layers by GDAL: the same five trees in every format, with the dirt that towns' files have."""

import gzip
import io
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from allmende.catalogue.loaders.formats import gdal  # noqa: F401 - GDAL's settings come before GDAL
from allmende.catalogue.loaders.formats.descriptions import described
from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.loaders.tests.tabled import Tabled, survives

NAMES = [f"Größe {n}" for n in range(5)]
POINTS = [shapely.Point(11.58 + n / 100, 50.92) for n in range(5)]
AREA = shapely.Polygon([(11.5, 50.9), (11.6, 50.9), (11.6, 51), (11.5, 50.9)])


def written(path: Path, driver: str, shapes: list[Any] = POINTS, crs: str | None = "EPSG:4326", **options: Any) -> Path:
    """A file by GDAL itself, with the names and numbers of the trees."""
    from pyogrio.raw import write

    fields = {"name": np.array(NAMES, dtype=object)} | ({} if driver == "GPX" else {"nr": np.arange(5)})
    layer = options.pop("layer", "waypoints" if driver == "GPX" else "baeume")
    kinds = {each.geom_type for each in shapes}
    write(
        path,
        driver=driver,
        layer=layer,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=list(fields.values()),
        fields=list(fields),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        **options,
    )
    return path


def zipped(*paths: Path, folder: str = "") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, folder + path.name)
    return packed.getvalue()


def shapefile(folder: Path, without: tuple[str, ...] = (), **options: Any) -> bytes:
    written(folder / "baeume.shp", "ESRI Shapefile", **options)
    return zipped(*(each for each in sorted(folder.glob("baeume.*")) if each.suffix not in without), folder="daten/")


def made(driver: str, folder: Path) -> bytes:
    return written(folder / ("a.fgb" if driver == "FlatGeobuf" else f"a.{driver.lower()}"), driver).read_bytes()


FORMATS = {
    "GeoPackage": lambda folder: made("GPKG", folder),
    "GeoPackage in an archive": lambda folder: zipped(written(folder / "a.gpkg", "GPKG")),
    "FlatGeobuf": lambda folder: made("FlatGeobuf", folder),
    "KML": lambda folder: made("KML", folder),
    "KMZ": lambda folder: zipped(written(folder / "doc.kml", "KML")),
    "GML": lambda folder: made("GML", folder),
    "GML packed": lambda folder: gzip.compress(made("GML", folder)),
    "GPX": lambda folder: made("GPX", folder),
    "Shapefile": lambda folder: shapefile(folder, encoding="ISO-8859-1"),
    "Shapefile without .cpg": lambda folder: shapefile(folder, (".cpg",), encoding="ISO-8859-1"),
    "Shapefile in UTF-8": lambda folder: shapefile(folder, encoding="UTF-8"),
    "Shapefile in UTF-8 without .cpg": lambda folder: shapefile(folder, (".cpg",), encoding="UTF-8"),
}


@pytest.mark.parametrize("shape", FORMATS)
def test_the_same_layer_in_many_formats(shape: str, tmp_path: Path):
    table = Tabled(FORMATS[shape](tmp_path))
    assert not table.refused, table.words
    assert table.recipe.format == "vector" and sorted(table.column("name")) == NAMES
    assert set(table.types) - {"name", "nr", "id", "gml_id"} == set()
    assert "GPX" in shape or sorted(table.column("nr")) == [0, 1, 2, 3, 4]
    assert table.wkt()[table.column("name").index("Größe 1")] == "POINT (11.59 50.92)"
    assert table.recipe.where is not None and table.recipe.where.crs == "OGC:CRS84"
    assert table.proposal["rows"] == table.done["kept"] == 5


@pytest.mark.parametrize("shape", ["GeoPackage", "KMZ", "GML packed", "Shapefile in UTF-8 without .cpg"])
def test_it_is_read_in_the_sandbox(shape: str, tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(FORMATS[shape](tmp_path))
    with Tabling(path, tmp_path / "loading") as tabling:
        loaded = tabling.read(tabling.propose()[0].recipe)
        assert (loaded.spool.rows, loaded.kinds, loaded.unplaced) == (5, ("Point",), 0)
        loaded.close()


def test_a_shapefile_without_its_system_is_taken_by_the_size_of_its_numbers(tmp_path: Path):
    shapes = [shapely.Point(684_000 + n, 5_645_000) for n in range(5)]
    table = Tabled(shapefile(tmp_path, (".prj",), shapes=shapes, crs="EPSG:25832"))
    assert table.recipe.where.crs == "EPSG:25832" and table.of("crs")[0][1] == "crs_sized"
    assert 11.5 < table.shapes[0].x < 11.7
    known = Tabled(shapefile(tmp_path, shapes=shapes, crs="EPSG:25832"))
    assert known.of("crs")[0][1] == "crs_of_format" and known.shapes[0].equals_exact(table.shapes[0], 1e-9)


def test_a_shapefile_that_names_a_wrong_encoding(tmp_path: Path):
    written(tmp_path / "baeume.shp", "ESRI Shapefile", encoding="ISO-8859-1")
    (tmp_path / "baeume.cpg").write_text("UTF-8")
    table = Tabled(zipped(*sorted(tmp_path.glob("baeume.*"))))
    assert table.column("name") == NAMES and table.of("encoding") == [("cp1252", "encoding_dbf")]
    assert Tabled(zipped(*sorted(tmp_path.glob("baeume.*"))), encoding="cp850").column("name") != NAMES


def test_a_shapefile_alone_and_its_table_alone(tmp_path: Path):
    written(tmp_path / "a.shp", "ESRI Shapefile")
    assert Tabled((tmp_path / "a.shp").read_bytes()).refused == "shape_alone"
    assert survives(zipped(tmp_path / "a.shp"), "x") in ("vector_broken", "read")


def test_mixed_geometries_heights_and_rows_without_a_place(tmp_path: Path):
    shapes = [AREA, shapely.Point(11.5, 50.9, 155), shapely.MultiPoint([(11, 50), (12, 51)]), shapely.Point(), AREA]
    table = Tabled(written(tmp_path / "a.gpkg", "GPKG", shapes))
    assert table.done["kinds"] == ["MultiPoint", "Point", "Polygon"] and table.done["unplaced"] == 1
    assert table.wkt()[1] == "POINT (11.5 50.9)" and table.wkt()[3] is None


def test_areas_that_cross_themselves_are_counted(tmp_path: Path):
    bow = shapely.Polygon([(11, 50), (12, 51), (12, 50), (11, 51), (11, 50)])
    assert Tabled(written(tmp_path / "a.gpkg", "GPKG", [bow] * 5)).done["invalid"] == 5


def test_several_layers_and_the_one_that_is_meant(tmp_path: Path):
    path = written(tmp_path / "a.gpkg", "GPKG")
    written(path, "GPKG", layer="bänke", append=True)
    written(path, "GPKG", layer="layer_styles", append=True)
    table = Tabled(path)
    assert [each["recipe"]["title"] for each in table.tables] == ["baeume", "bänke"]
    assert ("layer_styles", "layer_styles") in table.of("ignored")
    assert Tabled(path, layer="bänke").recipe.options["layer"] == "bänke"
    assert Tabled(path, layer="wege").refused == "no_such_layer"


def test_next_months_file_may_name_its_layer_otherwise(tmp_path: Path):
    recipe = Tabled(written(tmp_path / "a.gpkg", "GPKG")).recipe
    table = Tabled(written(tmp_path / "b.gpkg", "GPKG", layer="baeume_2026_12"))
    with (tmp_path / "b.gpkg").open("rb", buffering=0) as source:
        table.read(source, recipe)
    assert table.done["kept"] == 5


PLACEMARKS = """<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Beete</name>
<Style id="a"><IconStyle><Icon><href>http://pictures.example/pin.png</href></Icon></IconStyle></Style>
<Placemark><name>A</name><styleUrl>#a</styleUrl><description><![CDATA[<img src="http://pictures.example/a.png"><table>
<tr><td>Fläche</td><td>12,5</td></tr><tr><td>Art</td><td>Rosen &amp; Gras</td></tr></table>]]></description>
<Point><coordinates>11.5,50.9,0</coordinates></Point></Placemark>
<Placemark><name>B</name><description><![CDATA[<b>Fläche</b>: 7,5<br>Art: Tulpen<br/>Im Schatten]]></description>
<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>11.5,50.9 11.6,50.9 11.6,51 11.5,50.9</coordinates>
</LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark></Document></kml>"""


def test_attributes_within_descriptions_become_columns_and_pictures_of_others_go():
    table = Tabled(PLACEMARKS.encode())
    assert table.types == {"name": "text", "description": "text", "flaeche": "number", "art": "text"}
    assert table.column("flaeche") == [12.5, 7.5] and table.column("art") == ["Rosen & Gras", "Tulpen"]
    assert table.column("description") == [None, "Im Schatten"]
    assert ("Fläche, Art", "kml_described") in table.of("header")
    assert not any(b"pictures.example" in str(row).encode() for row in table.table.to_pylist())


@pytest.mark.parametrize(
    ("html", "values", "rest"),
    [
        ("nur ein Satz: ohne Werte", {}, "nur ein Satz: ohne Werte"),
        ("a: 1<br>b: <br>c: x:y", {"a": "1", "b": "", "c": "x:y"}, ""),
        ("<dl><dt>a</dt><dd>1</dd></dl>", {}, "a\n1"),
        ("<script>alert(1)</script><b>a:</b> 1", {"a": "1"}, ""),
        ('<a href="https://town.example/x">mehr</a>', {}, "mehr (https://town.example/x)"),
        ("<table><tr><td>a</td><td>1</td></tr><tr><td>a</td><td>2</td></tr></table>", {"a": "1"}, "a: 2"),
    ],
)
def test_what_descriptions_hold(html: str, values: dict[str, str], rest: str):
    assert described(html) == (values, rest)


GPX = """<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Runde</name>
<trkseg><trkpt lat="50.92" lon="11.58"><ele>155</ele><time>2026-05-01T08:00:00Z</time></trkpt>
<trkpt lat="50.93" lon="11.59"><ele>157.5</ele><time>2026-05-01T08:05:00Z</time></trkpt></trkseg></trk></gpx>"""


def test_a_track_is_a_line_and_its_points():
    table = Tabled(GPX.encode())
    assert [each["recipe"]["title"] for each in table.tables] == ["tracks", "track_points"]
    assert table.wkt() == ["MULTILINESTRING ((11.58 50.92, 11.59 50.93))"]
    points = Tabled(GPX.encode(), number=1)
    assert points.column("ele") == [155.0, 157.5] and points.types["time"] == "datetime"


BOMB = '<!DOCTYPE kml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE])
def test_entities_are_refused_before_gdal_sees_them(declared: str):
    content = PLACEMARKS.replace('<?xml version="1.0"?>', '<?xml version="1.0"?>' + declared).encode()
    assert Tabled(content).refused == "xml_entities"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("doc.kml", content)
    assert Tabled(packed.getvalue()).refused == "xml_entities"


def test_a_file_without_features(tmp_path: Path):
    assert Tabled(b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>').refused == "no_features"


@pytest.mark.parametrize("shape", FORMATS)
def test_broken_files_are_refused_in_words(shape: str, tmp_path: Path):
    content, chance = FORMATS[shape](tmp_path), random.Random(5)
    rounds = 300 if os.environ.get("ALLMENDE_LONG") else 6
    for share in (0.1, 0.5, 0.9, 0.99):
        survives(content[: int(len(content) * share)], "x")
    for _ in range(rounds):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x")

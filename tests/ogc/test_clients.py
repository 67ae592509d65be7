"""Clients that others wrote read the layers: GDAL's tools and OWSLib."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from owslib.ogcapi.features import Features

from tests.ogc.layers import TREES, tree

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
needs_gdal = pytest.mark.skipif(
    not shutil.which("ogr2ogr"), reason="GDAL's tools are missing; make setup installs them"
)


def run(*command: str) -> str:
    # Tests of loaders in the same process have tamed GDAL for themselves; this one is the user's own.
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("GDAL_", "OGR_", "GML_", "CPL_"))
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=plain)
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr, done.stderr
    return done.stdout


@pytest.fixture
def service(layers) -> str:
    return f"OAPIF:{layers.url}/api/ogc"


@pytest.fixture
def fetched(service, tmp_path):
    """Features that ogr2ogr copied, by their number."""

    def fetched(layer: str, *options: str) -> list[dict]:
        target: Path = tmp_path / "copy.geojson"
        run("ogr2ogr", "-f", "GeoJSON", str(target), service, layer, *options)
        return json.loads(target.read_text())["features"]

    return fetched


@needs_gdal
def test_ogrinfo_lists_the_layers(service):
    said = run("ogrinfo", "-ro", service)
    for name in ("grid", "town.districts", "town.ways", "trees"):
        assert name in said
    assert "secret" not in said


@needs_gdal
def test_ogrinfo_knows_geometry_count_extent_and_fields(service):
    said = run("ogrinfo", "-ro", "-so", service, "trees")
    assert f"Feature Count: {TREES}" in said
    assert "(11.580000, 50.920000) - (11.589000, 50.929000)" in said
    for field in (
        "hoehe: Real",
        "umfang: Integer",
        "gepflanzt: Date",
        "geprueft: DateTime",
        "gesund: Integer(Boolean)",
    ):
        assert field in said, said


@needs_gdal
def test_ogr2ogr_copies_a_whole_layer_over_many_pages(fetched):
    found = fetched("trees", "-oo", "PAGE_SIZE=7")
    assert len(found) == TREES
    for each in found:
        k = each["properties"]["umfang"] // 3
        assert each["properties"]["art"] == tree(k)["art"]
        assert (each["geometry"] is None) == (k == 99)


@needs_gdal
def test_ogr2ogr_copies_a_large_layer_once(fetched):
    found = fetched("grid", "-oo", "PAGE_SIZE=5000")
    assert sorted(each["properties"]["number"] for each in found) == list(range(142 * 142))


@needs_gdal
def test_ogr2ogr_asks_for_a_box_and_for_a_condition(fetched):
    near = fetched("trees", "-spat", "11.5795", "50.9195", "11.5815", "50.9215")
    assert sorted(each["properties"]["umfang"] for each in near) == [0, 3, 30, 33]
    high = fetched("trees", "-where", "art = 'Linde' AND umfang < 60")
    assert sorted(each["properties"]["umfang"] for each in high) == [0, 15, 30, 45]


@needs_gdal
def test_ogr2ogr_copies_areas_and_lines(fetched):
    rings = {each["properties"]["name"]: each["geometry"] for each in fetched("town.districts")}
    assert rings.keys() == {"West", "Mitte", "Ost", "Ring"}
    assert len(rings["Ring"]["coordinates"]) == 2
    assert {each["geometry"]["type"] for each in fetched("town.ways")} == {"LineString", "MultiLineString"}


@pytest.fixture
def owslib(layers) -> Features:
    return Features(f"{layers.url}/api/ogc/")


def test_owslib_finds_collections_and_conformance(owslib):
    assert list(owslib.feature_collections()) == ["grid", "town.districts", "town.ways", "trees"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in owslib.conformance()["conformsTo"]
    assert owslib.collection("trees")["extent"]["spatial"]["bbox"]
    assert owslib.collection_queryables("trees")["properties"]["hoehe"]["type"] == "number"
    assert owslib.api()["openapi"].startswith("3.")


def test_owslib_reads_features(owslib):
    page = owslib.collection_items("trees", limit=3)
    assert (page["numberMatched"], page["numberReturned"]) == (TREES, 3)
    near = owslib.collection_items("trees", bbox=[11.5795, 50.9195, 11.5815, 50.9215])
    assert near["numberMatched"] == 4
    moment = owslib.collection_items("trees", datetime_="2026-03-02/2026-03-04")
    assert moment["numberMatched"] == 3
    found = owslib.collection_items("trees", filter="art = 'Linde' AND umfang < 60", **{"filter-lang": "cql2-text"})
    assert found["numberMatched"] == 4
    assert owslib.collection_item("trees", "B001")["properties"]["art"] == "Ahorn"


def test_owslib_follows_pages(owslib):
    found, offset = [], 0
    while True:
        page = owslib.collection_items("trees", limit=30, offset=offset)["features"]
        if not page:
            break
        found += [each["id"] for each in page]
        offset += len(page)
    assert len(found) == len(set(found)) == TREES

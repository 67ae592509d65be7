"""Parquet with every type that it knows, with and without geometries, whole and broken."""

import datetime as dt
import decimal
import io
import json
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import pytest
import shapely

from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.loaders.tests.tabled import Tabled, survives

POINTS = [shapely.to_wkb(shapely.Point(684_000 + n, 5_645_000)) for n in range(5)]
NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


def packed(table: pa.Table, geo: object = None, **options: Any) -> bytes:
    if geo is not None:
        table = table.replace_schema_metadata({"geo": geo if isinstance(geo, str) else json.dumps(geo)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def geo(**column: Any) -> dict[str, Any]:
    return {"version": "1.1.0", "primary_column": "geom", "columns": {"geom": {"encoding": "WKB", **column}}}


UTM = json.loads(pyproj.CRS.from_epsg(25832).to_json())
TREES = pa.table({"nr": pa.array(range(5)), "art": ["Ahorn", "Linde", None, "Eiche", "Ähre"], "geom": POINTS})


def test_types_are_those_of_the_file():
    table = Tabled(
        packed(
            pa.table(
                {
                    "ganz": pa.array([1, None, 3], pa.int16()),
                    "groß": pa.array([2**63, 2**64 - 1, 0], pa.uint64()),
                    "bruch": pa.array([1.5, None, float("nan")], pa.float32()),
                    "geld": pa.array([decimal.Decimal("1.50"), None, decimal.Decimal("2.25")], pa.decimal128(9, 2)),
                    "frei": [True, None, False],
                    "tag": pa.array([dt.date(2026, 5, 1)] * 3),
                    "wann": pa.array([NOON] * 3, pa.timestamp("ns", "UTC")),
                    "uhr": pa.array([NOON.replace(hour=14, tzinfo=None)] * 3, pa.timestamp("ms")),
                    "wort": pa.array(["a", "b", "a"]).dictionary_encode(),
                    "plz": ["07743", "07745", "07747"],
                    "liste": [[1, 2], [], None],
                    "ding": [{"a": 1, "b": "ü"}] * 3,
                    "bild": [b"\x89PNG"] * 3,
                    "nichts": pa.nulls(3),
                }
            )
        )
    )
    assert table.types == {
        "ganz": "integer",
        "gross": "text",
        "bruch": "number",
        "geld": "number",
        "frei": "boolean",
        "tag": "date",
        "wann": "datetime",
        "uhr": "datetime",
        "wort": "text",
        "plz": "text",
        "liste": "json",
        "ding": "json",
    }
    assert table.column("ganz") == [1, None, 3] and table.column("geld") == [1.5, None, 2.25]
    assert table.column("gross") == ["9223372036854775808", "18446744073709551615", "0"]
    assert table.column("wann")[0] == NOON and table.column("uhr")[0] == NOON  # the town's clock is two hours ahead
    assert json.loads(table.column("ding")[0]) == {"a": 1, "b": "ü"} and table.column("plz")[0] == "07743"
    assert table.proposal["rows"] == table.done["kept"] == 3 and not table.aside


@pytest.mark.parametrize(
    ("metadata", "crs", "why"),
    [
        (geo(crs=UTM), "EPSG:25832", "crs_of_format"),
        (geo(crs=None), "EPSG:25832", "crs_sized"),
        (None, "EPSG:25832", "crs_sized"),
        ("{broken", "EPSG:25832", "crs_sized"),
        ({"columns": {"geom": {"encoding": "point"}}}, "EPSG:25832", "crs_sized"),
    ],
)
def test_places(metadata: object, crs: str, why: str):
    table = Tabled(packed(TREES, metadata))
    assert table.recipe.where.crs == crs and table.of("crs")[0][1] == why
    assert 11.5 < table.shapes[0].x < 11.7 and table.recipe.key == ("nr",)
    assert table.types == {"nr": "integer", "art": "text"}


def test_without_a_system_geoparquet_means_degrees_and_boxes_are_left_out():
    points = [shapely.to_wkb(shapely.Point(11.58, 50.92))] * 5
    table = TREES.set_column(2, "geom", pa.array(points)).append_column("bbox", pa.array([{"xmin": 1.0}] * 5))
    read = Tabled(packed(table, geo(covering={"bbox": {"xmin": ["bbox", "xmin"]}})))
    assert read.recipe.where.crs == "OGC:CRS84" and read.of("ignored") == [("bbox", "column_geometry")]
    assert read.wkt()[0] == "POINT (11.58 50.92)"


def test_many_row_groups_come_in_a_flow_and_within_an_archive():
    content = packed(pa.table({"n": range(50_000), "t": ["x" * 20] * 50_000}), row_group_size=10_000)
    table = Tabled(content)
    assert table.done["kept"] == 50_000 and table.frames > 5 and table.column("n")[-1] == 49_999
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("daten.parquet", content)
    assert Tabled(archive.getvalue()).done["kept"] == 50_000


def test_it_is_read_in_the_sandbox(tmp_path: Path):
    (tmp_path / "a.parquet").write_bytes(packed(TREES, geo(crs=UTM)))
    with Tabling(tmp_path / "a.parquet", tmp_path / "loading") as tabling:
        loaded = tabling.read(tabling.propose()[0].recipe)
        assert (loaded.spool.rows, loaded.kinds) == (5, ("Point",))
        loaded.close()


def test_columns_of_one_name_and_none():
    twice = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4]), pa.array([5, 6])], names=["a", "a", ""])
    assert [each.source for each in Tabled(packed(twice)).recipe.fields] == ["a", "a 2", "column 3"]
    assert Tabled(packed(TREES.slice(0, 0))).refused == "no_rows"


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1", packed(TREES)[:-20], b"PAR1PAR1"])
def test_what_cannot_be_read_is_told(content: bytes):
    table = Tabled(content)
    assert table.refused == "parquet_broken" and table.words


def test_broken_files_are_refused_in_words():
    content, chance = packed(TREES, geo(crs=UTM)), random.Random(5)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x")
    for _ in range(5000 if os.environ.get("ALLMENDE_LONG") else 150):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x")

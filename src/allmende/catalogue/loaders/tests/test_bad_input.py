"""Files made to break a loader, or broken on the way: always a sentence, within seconds, in little memory."""

import gzip
import io
import os
import random
import resource
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from allmende.catalogue.loaders.tests.tabled import Tabled, survives

LONG = bool(os.environ.get("ALLMENDE_LONG"))
PLAIN = "Nr;Straße;Wert;Tag;lon;lat\n" + "".join(
    f'{n};"Weg {n}; links";{n},5;{n % 28 + 1:02}.05.2026;11,5{n};50,9{n}\n' for n in range(40)
)
TEXTS = {
    "utf-8": PLAIN.encode(),
    "cp1252": PLAIN.encode("cp1252"),
    "utf-16": PLAIN.encode("utf-16"),
    "packed": gzip.compress(PLAIN.encode()),
    "tabs": PLAIN.replace(";", "\t").encode(),
    "side by side": b"a;2020;2021;2022\n" + b"x;1;2;3\n" * 20,
}


@pytest.fixture(autouse=True)
def little_memory_and_time():
    """No test here may take long, or a gigabyte more than there was."""
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # KiB
    assert LONG or time.monotonic() - begun < 60


@pytest.mark.parametrize("shape", TEXTS)
def test_broken_texts(shape: str):
    content, chance = TEXTS[shape], random.Random(5)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x.csv")
    for _ in range(3000 if LONG else 40):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(broken))
            if chance.random() < 0.6:
                broken[place] = chance.randrange(256)
            elif chance.random() < 0.5:
                broken[place:place] = broken[place : place + chance.randrange(50)] * chance.choice([1, 2, 200])
            else:
                del broken[place : place + chance.randrange(20)]
        survives(bytes(broken), "x.csv")


def test_bytes_without_any_sense():
    chance = random.Random(7)
    heads = (
        b"",
        b"PK\x03\x04",
        b"\x1f\x8b\x08\0",
        b"PAR1",
        b"SQLite format 3\0",
        b"fgb\x03fgb\0",
        b"<",
        b"{",
        b"[",
        b"a;b\n",
    )
    for head in heads:
        for _ in range(200 if LONG else 5):
            survives(head + chance.randbytes(chance.randint(1, 3000)), "x")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x" * 8_000_000, "row_too_long"),
        (b"name\n" + b"x" * 8_000_000 + b"\n", "row_too_long"),
        (b"a;b\n1;" + b"x" * 8_000_000 + b"\n", "row_too_long"),
        (b'a;b\n1;"' + b"x\n" * 2_500_000, "quotation_mark"),
        (b";" * 5_000_000, "row_too_long"),
        (b";" * 5000 + b"\n1" + b";" * 5000, "too_many_columns"),
        (b",".join([b"Wert"] * 2001) + b"\n" + b",".join([b"1"] * 2001), "too_many_columns"),
        (b"\0" * 5_000_000, "nul_bytes"),
        (b"\n" * 5_000_000, "empty_file"),
        (b"", "empty_file"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not_data"),
        (b"\xef\xbb\xbf<!-- x --><!DOCTYPE svg PUBLIC 'a' 'b'><svg/>", "not_data"),
        (b"<!doctype html><html><body><table><tr><td>1</td></tr></table>", "not_data"),
        (b"\n\n<HTML><head><title>404</title></head></HTML>", "not_data"),
        (b"%PDF-1.7 x", "not_data"),
        (b"@prefix sh: <http://www.w3.org/ns/shacl#> .\na sh:NodeShape ;", "not_data"),
        (b"# Shapes\nPREFIX a: <http://town.example/>\n", "not_data"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, code: str):
    table = Tabled(content, name="daten.csv")
    assert table.refused == code and table.words


def test_two_hundred_columns_of_one_name_and_two_thousand_of_numbers():
    wide = ",".join(f"w{n}" for n in range(2000)) + "\n" + "\n".join(",".join(["11.5"] * 2000) for _ in range(3))
    assert len(Tabled(wide.encode()).types) == 2000
    same = ",".join(["Wert"] * 200) + "\n" + ",".join(["1"] * 200) + "\n"
    assert list(Tabled(same.encode()).types)[-1] == "wert_200"


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return packed.getvalue()


def _many() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}.csv", b"")
    return packed.getvalue()


def _lying() -> bytes:
    """An archive whose directory says that a file is small."""
    content = bytearray(zipped(a_csv=b"a;b\n" + b"1;2\n" * 30_000_000))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


def _gzip_bomb() -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    return b"".join(squeeze.compress(b"1;2;3\n" * 2**18) for _ in range(80)) + squeeze.flush()


BIG = b"<row>" * 2**18
BOMBS: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "zip": (lambda: zipped(a_csv=b"\0" * 200_000_000), ("zip_bomb",)),
    "zip that lies": (_lying, ("damaged_zip", "read", "csv")),
    "zip of many": (_many, ("zip_members",)),
    "zip in zip": (lambda: zipped(a_csv=zipped(a_csv=b"a;b\n1;2\n")), ("not_text", "zip_no_data")),
    "xlsx": (lambda: zipped(xl__workbook_xml=b"<a/>", xl__worksheets__sheet1_xml=BIG * 80), ("zip_bomb",)),
    "ods": (lambda: zipped(mimetype=b"x.opendocument.spreadsheet", content_xml=BIG * 80), ("zip_bomb",)),
    "kmz": (lambda: zipped(doc_kml=b"<kml>" + BIG * 80), ("zip_bomb",)),
    "shapefile": (lambda: zipped(a_shp=b"\0" * 100_000_000, a_dbf=b"\0" * 100), ("zip_bomb",)),
    "gtfs": (lambda: zipped(stops_txt=b"stop_id,x\n" * 20_000_000, trips_txt=b""), ("zip_bomb",)),
    "gzip": (_gzip_bomb, ("gzip_bomb",)),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(b"a;b\n1;2\n")), ("packed_twice",)),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs(kind: str):
    make, codes = BOMBS[kind]
    assert survives(make(), "daten.zip") in codes


def test_formulas_stay_texts():
    table = Tabled(b"Name;Wert\n=cmd|' /C calc'!A0;1\n+49 3641 1;2\n@SUM(1+1);3\n")
    assert table.column("name") == ["=cmd|' /C calc'!A0", "+49 3641 1", "@SUM(1+1)"]


def test_coordinates_out_of_range_and_crossed_areas():
    bow = '"POLYGON ((11 50, 12 51, 12 50, 11 51, 11 50))"'
    table = Tabled(("nr;form\n" + f"1;{bow}\n" * 98 + "2;POINT (1e300 5)\n" + "3;POINT (999 999)\n").encode())
    assert table.done["invalid"] == 98 and {each["code"] for each in table.aside} == {"place_off_earth"}

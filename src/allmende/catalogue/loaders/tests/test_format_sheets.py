"""Spreadsheets as offices send them: titles above, merged headings, notes below, none at all; and hostile ones."""

import datetime as dt
import random
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from allmende.catalogue.loaders.tests.tabled import Tabled, survives
from allmende.catalogue.loaders.tests.workbooks import ods, xlsx, zipped

DAY = dt.date(2022, 9, 27)
TREES = [
    [27000.0 + n, None, "Kontrolle", str(n), DAY, "Acer", 5646000.25 + n, 679500.5 + n, 1990.0 + n % 9, 12.0 + n]
    for n in range(40)
]
TREES[7][3] = "7,5"  # a house number with a letter would do as well
BENCHES = [
    ["Nr", "Standort", "Aufgestellt", "Sitzplätze", "Geprüft"],
    [1, "Markt", dt.date(2021, 4, 3), 3, True],
    [2, "Mühlweg", dt.date(2019, 10, 27), 2.5, False],
    [3, "Am Bach", dt.date(2020, 2, 29), 4, True],
]


@pytest.mark.parametrize("made", [xlsx, ods])
def test_a_plain_sheet(made):
    table = Tabled(made({"Bänke": BENCHES}), "baenke")
    assert table.types == {
        "nr": "integer",
        "standort": "text",
        "aufgestellt": "date",
        "sitzplaetze": "number",
        "geprueft": "boolean",
    }
    assert table.column("aufgestellt") == [row[2] for row in BENCHES[1:]]
    assert table.column("geprueft") == [True, False, True]
    assert table.recipe.title == "Bänke" and table.recipe.key == ("nr",)
    assert table.proposal["rows"] == table.done["rows"] == 3
    assert table.column("_line") == [2, 3, 4]


def test_an_old_workbook(files: Path):
    table = Tabled(files / "baenke.xls")
    assert table.column("standort") == ["Größer Platz", "Mühlweg", "Am Bach"]
    assert table.column("aufgestellt") == [dt.date(2021, 4, 3), dt.date(2019, 10, 27), dt.date(2020, 2, 29)]
    assert table.column("_line") == [4, 5, 6]
    assert table.of("ignored") == [("Verzeichnis der Bänke", "rows_above")]


def test_a_register_without_header_and_northing_first():
    table = Tabled(ods({"Kataster": TREES}))
    assert table.of("header") == [("–", "header_none")]
    assert table.recipe.where.columns == ("column 8", "column 7")
    assert table.recipe.where.crs == "EPSG:25832"
    assert table.of("place") == [("column 8 + column 7", "place_sized")]
    assert table.done["kept"] == 40
    assert table.types["column_4"] == "text" and table.types["column_9"] == "integer"
    assert ("column 4: text", "cells_text") in table.of("type")
    assert 11.5 < table.shapes[0].x < 11.6


def test_titles_above_and_notes_and_totals_below():
    rows = [
        ["Einwohner nach Bezirken"],
        ["Stand:", dt.date(2024, 12, 31)],
        [],
        ["Bezirk", "Nummer", "Einwohner", "Fläche"],
        ["Mitte", 1, 1200, 2.5],
        ["Nord", 2, 800, 3.25],
        [],
        ["Süd", 3, 950, 1.5],
        ["Insgesamt", None, 2950, 7.25],
        [],
        ["Quelle: eigene Zählung"],
        ["1) ohne Nebenwohnsitze"],
    ]
    table = Tabled(xlsx({"T1": rows}))
    assert list(table.types) == ["bezirk", "nummer", "einwohner", "flaeche"]
    assert table.column("einwohner") == [1200, 800, 950, 2950]
    assert table.column("_line") == [5, 6, 8, 9]
    assert table.of("total") == [("Insgesamt", "row_total")]
    assert ("Quelle: eigene Zählung", "rows_below") in table.of("ignored")
    assert [(each["row"], each["code"]) for each in table.aside] == [(11, "below_table"), (12, "below_table")]
    assert table.done["blank"] == 1
    assert table.done["rows"] == table.done["kept"] + table.done["blank"] + table.done["aside"]


def test_a_heading_over_two_rows_with_merged_cells_and_units_below():
    rows = [
        ["Haushalte und Einwohner der Stadtteile"],
        [None, "Einwohner", None, "Haushalte", None],
        ["Bezirk", 2023, 2024, 2023, 2024],
        [None, "Anzahl", "Anzahl", "in %", "in %"],
        ["Mitte", 1200, 1210, 40.5, 41],
        ["Nord", 800, 790, 30.5, 30],
    ]
    names = ["bezirk", "einwohner_2023_anzahl", "einwohner_2024_anzahl", "haushalte_2023_in_percent"]
    for content in (xlsx({"T": rows}, merged=["A1:E1", "B2:C2", "D2:E2"]), ods({"T": rows})):
        table = Tabled(content)
        assert list(table.types)[:4] == names
        assert table.column(names[1]) == [1200, 800]
        assert table.of("header")[0][1] == "header_series"


def test_years_and_days_as_headings():
    rows = [["Bezirk", dt.date(2020, 12, 31), dt.date(2021, 12, 31), "999"], ["Mitte", 5, 6, 0], ["Nord", 7, 8, 0]]
    table = Tabled(ods({"T": rows}), header=True)
    assert list(table.types) == ["bezirk", "c_2020_12_31", "c_2021_12_31", "c_999"]


def test_a_row_that_numbers_the_columns_is_part_of_the_heading():
    rows = [["Bezirk", "Frauen", "Männer"], [1, 2, 3], ["Mitte", 51, 49], ["Nord", 30, 28]]
    assert Tabled(xlsx({"T": rows})).column("frauen") == [51, 30]


def test_texts_that_are_numbers_with_a_comma():
    rows = [["Messstelle", "Wert", "Hausnummer"], *[[n, f"{n},5", str(n)] for n in range(20)]]
    rows[4][2] = "4a"
    table = Tabled(xlsx({"T": rows}))
    assert table.types == {"messstelle": "integer", "wert": "number", "hausnummer": "text"}
    assert table.column("wert")[:2] == [0.5, 1.5]
    assert ("Wert: ,", "cells_comma") in table.of("decimal")


def test_cells_that_show_an_error_are_empty():
    rows = [["Nr", "Wert"], [1, 2.5], [2, "#REF!"], [3, "#DIV/0!"], [4, 4.5]]
    assert Tabled(xlsx({"T": rows})).column("wert") == [2.5, None, None, 4.5]
    table = Tabled(ods({"T": rows}))
    assert table.column("wert") == [2.5, None, None, 4.5]
    assert table.of("sentinel") == [("Wert", "cell_errors")]


def test_several_sheets_empty_ones_and_hidden_ones():
    sheets = {"Leer": [], "Bänke": BENCHES, "Nur Text": [["Bitte lesen"]], "Intern": BENCHES}
    table = Tabled(xlsx(sheets, hidden=["Intern"]))
    assert [each["recipe"]["title"] for each in table.tables] == ["Bänke"]
    assert table.of("ignored") == [("Intern", "sheet_hidden")]
    assert Tabled(xlsx(sheets, hidden=["Intern"]), layer="Intern").done["kept"] == 3
    assert Tabled(xlsx(sheets), layer="Fehlt").refused == "no_such_layer"


def test_next_month_the_sheet_is_called_differently():
    table = Tabled(xlsx({"März": BENCHES}))
    table.read(BytesIO(xlsx({"Deckblatt": [], "April": [*BENCHES, [4, "Neu", DAY, 2, True]]})), table.recipe)
    assert table.done["kept"] == 4
    table.read(BytesIO(xlsx({"April": BENCHES, "Mai": BENCHES})), table.recipe)
    assert table.refused == "no_such_layer"


def test_many_columns_of_the_same_name():
    table = Tabled(xlsx({"T": [["Wert"] * 50, [*range(50)], [*range(50)]]}))
    assert len(table.types) == 50 and table.column("wert_50") == [49, 49]


def test_one_column():
    assert Tabled(xlsx({"T": [["Name"], ["Ahorn"], ["Linde"]]})).column("name") == ["Ahorn", "Linde"]


def test_nothing_to_load():
    assert Tabled(xlsx({"T": []})).refused == "no_table"
    assert Tabled(ods({"T": [["Nr", "Name"]]})).refused == "no_table"


@pytest.mark.parametrize("name", ["word/document.xml", "ppt/presentation.xml"])
def test_other_documents_are_named(name: str):
    told = Tabled(zipped({"[Content_Types].xml": "", name: ""})).words
    assert told.startswith("This is no file of data but a text document.")


def test_an_archive_that_bursts_is_refused_before_it_is_unpacked():
    content = b"<table/>" * (12 * 2**20)
    bomb = zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})
    assert Tabled(bomb).refused == "zip_bomb"


def test_an_archive_that_lies_about_its_size_is_refused():
    content = random.Random(1).randbytes(2**17) + bytes(100 * 2**20)
    packed = bytearray(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}))
    where = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4)
    packed[where + 24 : where + 28] = struct.pack("<I", 2**18)
    assert Tabled(bytes(packed)).refused == "damaged_zip"


def test_a_locked_archive():
    content = bytearray(xlsx({"T": BENCHES}))
    where = content.index(b"PK\x01\x02")
    content[where + 8] |= 1
    assert Tabled(bytes(content)).refused == "password"


@pytest.mark.parametrize("made", [xlsx, ods])
def test_broken_files_are_refused_in_words(made):
    content, chance = made({"T": BENCHES}), random.Random(7)
    for share in (0.1, 0.5, 0.9, 0.99):
        assert survives(content[: int(len(content) * share)], "t") != "read"
    for _ in range(60):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 20)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "t")


def test_broken_parts_are_refused_in_words(files: Path):
    chance = random.Random(11)
    with zipfile.ZipFile(BytesIO(xlsx({"T": BENCHES}))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(80):
        name = chance.choice(list(parts))
        broken = bytearray(parts[name])
        for _ in range(chance.randint(1, 10)):
            broken[chance.randrange(len(broken))] = chance.randrange(32, 127)
        survives(zipped({**parts, name: bytes(broken)}), "t")
    old = (files / "baenke.xls").read_bytes()
    for _ in range(80):
        broken = bytearray(old)
        for _ in range(chance.randint(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "t")

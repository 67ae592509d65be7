"""Headings that are dates, months, years or numbers; and the table turned so that each of them is a row."""

import datetime as dt
from io import BytesIO
from pathlib import Path

import pytest

from allmende.catalogue.loaders.dialect import dialect_of
from allmende.catalogue.loaders.series import counts, moments, series_in
from allmende.catalogue.loaders.tests.tabled import Tabled

HOUSEHOLDS = (
    "Bezirk,Nr,31.12.2021,31.12.2022,31.12.2023,31.12.2024\n"
    "Ulmenfurt (gesamt),0,30,32,34,\nNord,11,10,11,12,\nSüd,12,20,21,22,\n"
).encode()


@pytest.mark.parametrize(
    ("first", "below", "header"),
    [
        ("Bezirk;31.12.2021;31.12.2022", "Nord;1;2", True),
        ("Bezirk;2021;2022;2023", "Nord;10;11;12,5", True),
        ("Bezirk;2023;2022;2021", "Nord;10;11;12", True),
        ("Bezirk;2024-01;2024-02", "Nord;10;11", True),
        ("Bezirk;0;1;2;3", "Nord;10;11;17;9", True),
        ("31.12.2021;31.12.2022;31.12.2023", "5;6;7", True),
        ("Nord;2021;2022;2023", "Süd;2021;2022;2023", False),
        ("Nord;1;2;3", "Süd;1;2;3", False),
        ("2024-01-01;1", "2024-01-02;2", False),
        ("2024-01-01;2024-01-31;5", "2024-02-01;2024-02-29;6", False),
        ("2021;2022;2023", "5;6;7", False),  # numbers among numbers: nobody can tell
        ("Nord;7;3", "Süd;4;4", False),
    ],
)
def test_whether_dates_and_numbers_are_a_header(first: str, below: str, header: bool):
    found = dialect_of(f"{first}\n{below}\n{below}\n")
    assert found.header is header


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["2024-03-31", "2024-04-30"], "date"),
        (["31.03.2024", "30.04.2024"], "date"),
        (["03/2024", "04/2024", "05/2024"], "month"),
        (["2010", "2015", "2020"], "year"),
        (["2010", "2015", "2021"], ""),
        (["2010", "2010"], ""),
        (["31.03.2024", "30.03.2024", "31.03.2024"], ""),
        (["a", "2"], ""),
    ],
)
def test_what_goes_on(cells: list[str], kind: str):
    assert moments(cells)[0] == kind


def test_counting_and_too_few():
    assert counts(["0", "1", "2"]) and not counts(["2", "3", "4"]) and not counts(["0", "1"])
    assert series_in(["a", "2023", "2024"]) == ("", ())


def test_dates_side_by_side_load_wide_with_their_names():
    table = Tabled(HOUSEHOLDS)
    assert table.types == {
        "bezirk": "text",
        "nr": "integer",
        "c_31_12_2021": "integer",
        "c_31_12_2022": "integer",
        "c_31_12_2023": "integer",
    }
    assert [each.source for each in table.recipe.fields][2] == "31.12.2021" and table.recipe.key == ("nr",)
    assert ("31.12.2024", "column_empty") in table.of("ignored")
    assert table.of("rows") == [("each_line", "headings_series")] and table.instead("rows") == ["*"]
    assert table.of("total") == [("Ulmenfurt (gesamt)", "row_total")]


def test_each_date_may_become_a_row():
    table = Tabled(HOUSEHOLDS, path="*")
    assert table.types == {"bezirk": "text", "nr": "integer", "date": "date", "value": "integer"}
    assert table.recipe.key == ("nr", "date") and table.done["kept"] == 12
    assert table.column("nr")[:5] == [0, 0, 0, 0, 11] and table.column("value")[:5] == [30, 32, 34, None, 10]
    assert table.column("date")[4] == dt.date(2021, 12, 31)
    assert len(set(table.column("_line"))) == 12


def test_years_side_by_side_and_rows_that_do_not_fit():
    content = "Ort;2021;2022;2023\n" + "".join(f"Ort {n};{n};{n + 1};{n + 2}\n" for n in range(100))
    table = Tabled(content.replace("Ort 50;50;51", "Ort 50;50;viele").encode(), path="*")
    assert table.types["year"] == "integer" and table.done["kept"] == 299
    assert [(each["row"], each["cells"]) for each in table.aside] == [(52, ["Ort 50", "2022", "viele"])]
    mended = b"Ort;year;value\nOrt 50;2022;51\n"
    table.read(BytesIO(mended), table.recipe)
    assert table.column("value") == [51]


def test_next_years_file_has_one_more_heading():
    table = Tabled(HOUSEHOLDS, path="*")
    later = HOUSEHOLDS.replace(b"31.12.2024", b"31.12.2024,31.12.2025").replace(b",\n", b",1,2\n")
    table.read(BytesIO(later), table.recipe)
    assert table.done["kept"] == 15 and max(table.column("date")) == dt.date(2025, 12, 31)


def test_no_series_no_turning(files: Path):
    assert Tabled(b"a;b\nx;1\ny;2\n", path="*").refused == "no_series"


def test_two_hundred_columns_of_one_name():
    table = Tabled((",".join(["Wert"] * 200) + "\n" + ",".join(map(str, range(200))) + "\n").encode())
    assert [each.source for each in table.recipe.fields][:3] == ["Wert", "Wert 2", "Wert 3"]
    assert [each.name for each in table.recipe.fields][-1] == "wert_200" and table.column("wert_200") == [199]

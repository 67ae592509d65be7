"""Whole files by their recipe: what is kept, what is set aside, and why."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from allmende.catalogue.loaders.recipe import Recipe
from allmende.catalogue.loaders.tests.conftest import Parsed, sniffed


def recipe_of(path: Path, **hints) -> Recipe:
    return Recipe.from_json(sniffed(path, **hints)["recipe"])


def test_values_reach_their_series(files: Path):
    parsed = Parsed(files / "wetter_cp1252.csv")
    assert parsed.places == [("Höhenweg",), ("Mühlwiese",)]
    warm = parsed.series("Mühlwiese", column="Lufttemperatur [°C]")
    assert len(warm) == 40
    assert warm[0][0] == "2024-02-28T21:00:00"
    assert (warm[7][1], parsed.done["sentinels"][0]) == (-999.0, {"-999.0": 1})
    assert warm[4][0] == "2024-02-28T23:00:00"  # midnight of 29 February in town
    assert not parsed.aside and parsed.done["rows"] == 80


def test_a_wide_table_gives_a_series_per_column_and_empty_cells_give_none(files: Path):
    parsed = Parsed(files / "klima_tage.csv")
    assert len(parsed.series(column="Avg_Temperature_C")) == 59
    assert len(parsed.series(column="Avg_Humidity_%")) == 58
    assert parsed.done["no_value"] == 1
    assert parsed.series(column="Avg_Temperature_C")[0][0] == "2023-12-19T23:00:00"


def test_coordinates_and_names_of_places(files: Path):
    parsed = Parsed(files / "boden_bom.csv")
    assert parsed.places[:3] == [("a1", "30"), ("a1", "60"), ("a1", "90")]
    assert (parsed.told[0]["label"], parsed.told[0]["point"]) == ("Linde am Anger", [10.2001, 50.1001])


def test_date_and_clock_apart_without_a_header(files: Path):
    parsed = Parsed(files / "logger_ohne_kopf.csv")
    assert [time for time, _ in parsed.series()][:2] == ["2024-01-05T22:00:00", "2024-01-05T22:10:00"]


def test_every_row_that_does_not_fit_is_set_aside_with_number_and_reason(files: Path):
    parsed = Parsed(files / "verirrt.csv")
    assert parsed.reasons() == {
        4: "time_unknown",
        5: "number_unknown",
        6: "ragged",
        7: "ragged",
        9: "place_empty",
        10: "time_empty",
        12: "time_out_of_years",
        13: "time_without_zone",
        14: "number_unknown",
    }
    assert [each["field"] for each in parsed.aside][:2] == ["zeit", "wert"]
    assert [value for _, value in parsed.series("Steg")] == [1.5, 2.5, 8.5, 13.5, 14.5, 15.5, 16.5, 17.5, 18.5, 19.5]
    done = parsed.done
    assert (done["rows"], done["aside"], done["blank"], done["no_value"]) == (21, 9, 1, 1)
    assert done["rows"] == len(parsed.table) + done["aside"] + done["blank"] + done["no_value"]


def test_row_numbers_hold_over_blocks_and_ragged_rows(write: Callable[..., Path]):
    """Some 10 MB, so several blocks; every 1,000th row is ragged, every 777th has no number."""
    rows, expected = ["time,value,comment"], {}
    for number in range(2, 250_000):
        row = f"2024-01-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z,{number},{'x' * 15}"
        if number % 1000 == 0:
            row, expected[number] = row + ",more", "ragged"
        elif number % 777 == 0:
            row, expected[number] = row.replace(f"Z,{number},", "Z,oh,"), "number_unknown"
        rows.append(row)
    assert Parsed(write("\n".join(rows) + "\n")).reasons() == expected


def test_a_quoted_line_break_does_not_shift_the_numbers_of_rows(write: Callable[..., Path]):
    path = write(
        'time,value,note\n2024-01-01T00:00Z,1,"a\nb"\n2024-01-01T01:00Z,2,\n2024-01-01T02:00Z,3,\n'
        "2024-01-01T03:00Z,4,\n2024-01-01T04:00Z,5,\n2024-01-01T05:00Z,oh,\n"
    )
    assert Parsed(path).reasons() == {7: "number_unknown"}


def test_the_hour_shown_twice_is_told_apart_by_the_order_of_rows(files: Path):
    parsed = Parsed(files / "pegel_zeitumstellung.csv")
    october = [time[11:16] for time, _ in parsed.series() if time.startswith("2024-10-27")]
    assert october == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00"]
    assert parsed.done["twice"] == 4
    assert parsed.reasons() == {18: "time_in_gap"}


def test_the_two_passes_are_told_apart_for_each_place(write: Callable[..., Path]):
    rows = [f"2024-10-27 02:{minute:02d},{place},{n}" for n in (1, 2) for minute in (0, 30) for place in ("a", "b")]
    path = write("time,station,value\n2024-10-27 01:30,a,0\n2024-10-27 01:30,b,0\n" + "\n".join(rows) + "\n")
    parsed = Parsed(path)
    for place in ("a", "b"):
        assert [time[11:16] for time, _ in parsed.series(place)] == ["23:30", "00:00", "00:30", "01:00", "01:30"]


def test_winter_time_all_year(files: Path):
    parsed = Parsed(files / "pegel_winterzeit.csv")
    times = [time for time, _ in parsed.series()]
    assert len(set(times)) == 20 and times[0] == "2024-03-30T21:00:00" and not parsed.aside


def test_next_months_file_may_have_other_places_and_another_order_of_columns(files: Path, write: Callable[..., Path]):
    recipe = recipe_of(files / "parken_2024_03.csv")
    assert ("Neuer-Platz",) in Parsed(files / "parken_2024_04.csv", recipe).places
    turned = write("free,extra,place,timestamp_utc\n5,,Markt-Garage,2024-05-01T00:00:00+00:00\n")
    assert Parsed(turned, recipe).series("Markt-Garage") == [("2024-05-01T00:00:00", 5.0)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("timestamp_utc,place,belegt\n2024-05-01T00:00:00+00:00,Markt-Garage,5\n", "header_differs"),
        ("timestamp_utc;place;free\n2024-05-01T00:00:00+00:00;Markt-Garage;5\n", "wrong_delimiter"),
        ("", "empty_file"),
        ("timestamp_utc,place,free\n", "header_only"),
    ],
)
def test_a_file_that_does_not_fit_the_recipe(files: Path, write: Callable[..., Path], content: str, code: str):
    parsed = Parsed(write(content), recipe_of(files / "parken_2024_03.csv"))
    assert parsed.unreadable["code"] == code and not len(parsed.table)


def test_other_width_without_header(files: Path, write: Callable[..., Path]):
    parsed = Parsed(write("2024/01/05;00:00:00\n2024/01/05;00:10:00\n"), recipe_of(files / "logger_ohne_kopf.csv"))
    assert parsed.unreadable["code"] == "width_differs"


def test_a_missing_quotation_mark(write: Callable[..., Path]):
    rows = "".join(f"2024-01-{n % 28 + 1:02d}T00:00Z,{n},note\n" for n in range(300_000))
    parsed = Parsed(write("time,value,note\n" + rows[:2000] + '2024-01-01T00:00Z,1,"open\n' + rows[2000:]))
    assert parsed.unreadable["code"] in ("quotation_mark", "csv")


def test_letters_that_come_late_show_another_encoding(write: Callable[..., Path]):
    plain = "".join(f"2024-01-01T00:00Z,Steg,{n}\n" for n in range(200_000))
    path = write(("time,station,value\n" + plain + "2024-01-01T00:00Z,Brücke,1\n").encode("cp1252"))
    recipe = recipe_of(path)
    assert Parsed(path, recipe).unreadable["code"] == "wrong_encoding"
    assert ("Brücke",) in Parsed(path, recipe, encoding="cp1252").places


def test_a_packed_file_cut_off_keeps_only_what_was_asked_for(files: Path, write: Callable[..., Path]):
    content = gzip.compress((files / "parken_2024_03.csv").read_bytes() * 40)
    path = write(content[: len(content) // 2])
    recipe = recipe_of(files / "parken_2024_03.csv")
    assert Parsed(path, recipe).unreadable["code"] == "truncated_gzip"
    partial = Parsed(path, recipe, partial=True)
    assert partial.done["broken"]["code"] == "truncated_gzip" and 1000 < len(partial.table) < 40 * 595


def test_most_rows_ragged_ends_early(files: Path, write: Callable[..., Path]):
    recipe = replace(recipe_of(files / "parken_2024_03.csv"))
    head = "timestamp_utc,place,free\n" + "2024-05-01T00:00:00+00:00,Steg,5\n" * 300
    parsed = Parsed(write(head + "2024-05-01T00:00:00+00:00,Steg,5,too,much\n" * 100_000), recipe)
    assert parsed.unreadable["code"] == "most_misfit" and parsed.unreadable["params"]["rows"] < 60_000


def test_columns_of_ours_are_left_out(files: Path, write: Callable[..., Path]):
    path = write("time,value,allmende_row,allmende_field,allmende_problem\n2024-01-01T00:00Z,1.5,7,value,no\n")
    parsed = Parsed(path)
    assert [each.column for each in parsed.recipe.values] == ["value"] and len(parsed.table) == 1

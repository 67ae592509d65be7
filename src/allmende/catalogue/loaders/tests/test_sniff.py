"""What is proposed for the made-up files, and why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from allmende.catalogue.loaders.tests.conftest import said, sniffed


def value(found: dict, column: str) -> dict:
    return next(each for each in found["recipe"]["values"] if each["column"] == column)


def test_a_weather_file_from_a_german_spreadsheet(files: Path):
    found = sniffed(files / "wetter_cp1252.csv")
    assert said(found, "encoding") == [("cp1252", "encoding_cp1252")]
    assert said(found, "delimiter") == [("semicolon", "delimiter")]
    assert said(found, "decimal") == [(",", "decimal")]
    assert said(found, "time") == [("Zeitpunkt", "time_share")]
    assert said(found, "zone") == [("Europe/Berlin", "zone_town")]
    assert said(found, "places") == [("Meßstelle", "places")]
    assert said(found, "values") == [("Lufttemperatur [°C], Niederschlag (mm)", "values_numbers")]
    assert said(found, "sentinel") == [("Lufttemperatur [°C]: -999", "sentinel")]
    assert said(found, "ignored") == [("Bemerkung", "column_text")]
    assert found["recipe"]["time_format"] == "dmy"
    assert value(found, "Lufttemperatur [°C]")["interval"] == 1800


def test_change_only_counts(files: Path):
    found = sniffed(files / "parken_2024_03.csv")
    assert said(found, "zone") == [("UTC", "zone_suffix")]
    assert said(found, "holding") == [("free: until_next", "holding_changes")]
    assert found["recipe"]["zone"] == "offset"


def test_counts_at_every_hour_are_not_change_only(files: Path):
    found = sniffed(files / "zaehler_utf16.csv")
    assert said(found, "encoding") == [("utf-16-le", "encoding_bom")]
    assert said(found, "delimiter") == [("tab", "delimiter")]
    assert said(found, "holding") == [("Passanten: instant", "holding_all")]
    assert said(found, "interval") == [("Passanten: 3600", "interval_steady")]


def test_a_wide_table_of_days(files: Path):
    found = sniffed(files / "klima_tage.csv")
    assert said(found, "zone") == [("Europe/Berlin", "zone_days")]
    assert said(found, "places") == [("–", "places_none")]
    assert found["recipe"]["daily"]
    assert [each["column"] for each in found["recipe"]["values"]] == [
        "Avg_Temperature_C",
        "Avg_Humidity_%",
        "Avg_Wind_Speed_m/s",
    ]
    assert [each["sentinels"] for each in found["recipe"]["values"]] == [[], [], [-9999.0]]


def test_places_with_names_coordinates_and_depths(files: Path):
    found = sniffed(files / "boden_bom.csv")
    recipe = found["recipe"]
    assert (recipe["places"], recipe["label"], recipe["part"]) == (["device_id"], "name", "depth")
    assert (recipe["longitude"], recipe["latitude"]) == ("lon", "lat")
    assert [each["column"] for each in recipe["values"]] == ["soil water tension [kPa]"]
    assert said(found, "zone") == [("offset", "zone_own")]


def test_a_long_table_with_quantities(files: Path):
    recipe = sniffed(files / "luft_lang.csv")["recipe"]
    assert (recipe["places"], recipe["parameter"], recipe["unit"]) == (["station"], "parameter", "unit")


def test_a_logger_without_header_with_date_and_clock_apart(files: Path):
    found = sniffed(files / "logger_ohne_kopf.csv")
    assert said(found, "header") == [("–", "header_none")]
    assert found["recipe"]["time"] == ["column 1", "column 2"]
    assert found["recipe"]["time_format"] == "ymd"
    assert not found["recipe"]["daily"]


def test_whose_clock_is_told_from_the_hours_when_clocks_are_changed(files: Path):
    assert said(sniffed(files / "pegel_zeitumstellung.csv"), "zone") == [("Europe/Berlin", "zone_summer")]
    assert said(sniffed(files / "pegel_winterzeit.csv"), "zone") == [("+01:00", "zone_no_summer")]


def test_a_zone_in_the_heading(write: Callable[..., Path]):
    rows = "\n".join(f"2024-01-01 {hour:02d}:00;{hour}" for hour in range(24))
    assert said(sniffed(write(f"Zeit (UTC);wert\n{rows}\n")), "zone") == [("UTC", "zone_named")]
    assert said(sniffed(write(f"MEZ_Zeit;wert\n{rows}\n")), "zone") == [("+01:00", "zone_named")]


def test_day_or_month_first(write: Callable[..., Path]):
    either = "".join(f"0{n}/0{n + 1}/2024,{n}\n" for n in range(1, 8))
    assert said(sniffed(write("date,value\n" + either)), "time_format") == [("31/03/2024", "format_day_or_month")]
    found = sniffed(write("date,value\n" + either + "01/13/2024,8\n"))
    assert said(found, "time_format") == [("03/31/2024", "format_fits")]


def test_numbers_that_look_like_dates_are_none(write: Callable[..., Path]):
    rows = "".join(f"2024-01-{day:02d},20240{day % 9 + 1}15,1\n" for day in range(1, 29))
    assert said(sniffed(write("day,customer,count\n" + rows)), "time") == [("day", "time_share")]


def test_seconds_since_1970(write: Callable[..., Path]):
    found = sniffed(write("timestamp,value\n" + "".join(f"{1_704_067_200 + 60 * n},{n}\n" for n in range(30))))
    assert said(found, "zone") == [("UTC", "zone_counted")] and found["recipe"]["time_format"] == "seconds"


def test_a_second_text_is_a_place_only_where_it_tells_rows_apart(write: Callable[..., Path]):
    status = "".join(f"2024-01-01T{hour:02d}:00Z,Steg,{'ok' if hour % 3 else 'warn'},{hour}\n" for hour in range(24))
    recipe = sniffed(write("time,station,status,value\n" + status))["recipe"]
    assert recipe["places"] == ["station"]
    lanes = "".join(f"2024-01-01T{hour:02d}:00Z,Steg,{lane},{hour}\n" for hour in range(24) for lane in ("nord", "süd"))
    recipe = sniffed(write("time,station,richtung,value\n" + lanes))["recipe"]
    assert recipe["places"] == ["station", "richtung"]


def test_hints_win_and_are_told_so(files: Path):
    found = sniffed(files / "wetter_cp1252.csv", zone="UTC", values=["Niederschlag (mm)"], holding="interval")
    assert said(found, "zone") == [("UTC", "told")]
    assert said(found, "values") == [("Niederschlag (mm)", "told")]
    assert said(found, "holding") == [("Niederschlag (mm): interval", "told")]
    found = sniffed(files / "boden_bom.csv", ignore=["depth"], places=["name"])
    assert found["recipe"]["places"] == ["name"] and found["recipe"]["part"] == ""


@pytest.mark.parametrize(
    ("name", "hints", "code"),
    [
        ("nur_kopf.csv", {}, "header_only"),
        ("ohne_zeit.csv", {}, "no_time_column"),
        ("tage_nebeneinander.csv", {}, "dates_across"),
        ("wetter_cp1252.csv", {"delimiter": ","}, "wrong_delimiter"),
        ("wetter_cp1252.csv", {"encoding": "utf-8"}, "wrong_encoding"),
        ("wetter_cp1252.csv", {"encoding": "klingon"}, "unknown_encoding"),
        ("wetter_cp1252.csv", {"decimal": "."}, "no_value_column"),
        ("wetter_cp1252.csv", {"time": ["Bemerkung"]}, "time_not_readable"),
        ("wetter_cp1252.csv", {"values": ["Windstärke"]}, "hint_unknown"),
    ],
)
def test_why_a_file_cannot_be_read(files: Path, name: str, hints: dict, code: str):
    assert sniffed(files / name, **hints)["unreadable"]["code"] == code


def test_the_first_rows_are_shown(files: Path):
    preview = sniffed(files / "klima_tage.csv")["preview"]
    assert len(preview) == 5 and preview[0]["Date"] == "2023-12-20"


def test_votes_are_events_and_no_series(write: Callable[..., Path]):
    """Each voter has votes at several times, but what a vote is about would be lost."""
    rows = "".join(
        f"2026-05-01T10:{voter:02d}:{item:02d}Z,{item},{voter},{item % 3 - 1}\n"
        for voter in range(30)
        for item in range(9)
    )
    assert not sniffed(write("time,comment-id,voter-id,vote\n" + rows))["observing"]
    assert sniffed(
        write("time,voter-id,vote\n" + "".join(f"2026-05-01T1{n}:00Z,{v},{n}\n" for v in (1, 2) for n in range(9)))
    )["observing"]

"""`allmende load` from a file to the store: what is said, kept, set aside; and that loading twice adds nothing."""

import argparse
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.loaders.recipes import known_recipe
from allmende.catalogue.queries import get_dataset
from allmende.connectors import loading
from allmende.core import audit
from allmende.observations import queries, services
from allmende.observations.queries import visible_datastreams
from allmende.observations.stores import WritesRefused
from allmende.run import load

pytestmark = pytest.mark.usefixtures("store", "db")

FILES = Path(__file__).parents[4] / "tests" / "files"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command; returns its exit code and what it said. A path without a folder is one of tests/files."""
    monkeypatch.setenv("LANG", "C.UTF-8")

    def run(*arguments: str | Path) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        load.add_arguments(parser)
        given = [str(each if not isinstance(each, Path) or each.is_absolute() else FILES / each) for each in arguments]
        code = load.run(parser.parse_args(given))
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def count() -> int:
    ids = list(visible_datastreams(SYSTEM).values_list("id", flat=True))
    return sum(extent.count for extent in queries.extents(ids).values())


def stream(name: str, thing: str) -> queries.Datastream:
    return visible_datastreams(SYSTEM).get(name__de=name, thing__name__de=thing)


def test_a_file_and_the_same_again(run: Run):
    code, said = run(Path("parken_2024_03.csv"), "--yes")
    assert code == 0
    assert "every time ends in +00:00" in said and "only changes are recorded" in said
    assert "Values: 595, places: 3, datastreams: 3, in parken" in said
    assert "New: 595. There already, or named twice: 0" in said
    assert count() == 595
    free = stream("Freie Parkplätze", "Nord-Platz")
    assert (free.holding, free.unit, free.minimum) == ("until_next", "{spaces}", 0.0)

    code, said = run(Path("parken_2024_03.csv"), "--yes")
    assert code == 0 and "New: 0. There already, or named twice: 595" in said
    assert count() == 595 and visible_datastreams(SYSTEM).count() == 3


def test_next_months_file_loads_by_itself(run: Run):
    run(Path("parken_2024_03.csv"), "--yes")
    code, said = run(Path("parken_2024_04.csv"))
    assert code == 0
    assert "read by the recipe kept with the dataset parken" in said
    assert stream("Freie Parkplätze", "Neuer-Platz").holding == "until_next"
    actions = {entry.action for entry in audit.history("dataset", get_dataset(SYSTEM, "parken").code)}
    assert actions == {"dataset.registered", "dataset.recipe_kept"}


def test_nobody_to_ask_and_no_yes(run: Run):
    code, said = run(Path("parken_2024_03.csv"))
    assert code == 2 and "add --yes" in said
    assert count() == 0 and not visible_datastreams(SYSTEM).exists()


def test_a_wide_table_of_days(run: Run):
    code, said = run(Path("klima_tage.csv"), "--dataset", "klima", "--yes")
    assert code == 0 and "no value: 1." in said and "«no value»: 1." in said
    warm, wind = stream("Lufttemperatur", "Klima tage"), stream("Windgeschwindigkeit", "Klima tage")
    assert (warm.unit, warm.expected_interval, warm.properties) == ("Cel", 86400, {"resolution": "day"})
    assert wind.sentinels == [-9999.0]
    values = queries.series(wind.id, None, None)["value"].to_pylist()
    assert len(values) == 59 and values.count(None) == 1
    assert get_dataset(ANONYMOUS, "klima").title["de"] == "Klima"


def test_places_with_coordinates_and_depths(run: Run):
    assert run(Path("boden_bom.csv"), "--yes")[0] == 0
    streams = visible_datastreams(SYSTEM).filter(thing__name__de="Linde am Anger")
    assert sorted(each.name["de"] for each in streams) == [
        "Bodenwasserspannung, depth 30",
        "Bodenwasserspannung, depth 60",
        "Bodenwasserspannung, depth 90",
    ]
    assert (streams[0].thing.longitude, streams[0].thing.latitude) == (10.2001, 50.1001)


def test_a_long_table_with_quantities_and_units(run: Run):
    assert run(Path("luft_lang.csv"), "--yes")[0] == 0
    units = {each.name["en"]: each.unit for each in visible_datastreams(SYSTEM).filter(thing__name__de="Nordring")}
    assert units == {"Nitrogen dioxide": "ug/m3", "Particulate matter PM10": "ug/m3", "Air temperature": "Cel"}


def test_rows_set_aside_mended_and_sent_again(run: Run):
    code, said = run(Path("verirrt.csv"), "--dataset", "steg", "--yes")
    assert code == 3 and "Rows that do not fit: 9." in said
    aside = settings.DATA_DIR / "loading" / "verirrt.set-aside.csv"
    assert str(aside) in said and count() == 10

    aside.write_text(aside.read_text().replace("01-32", "01-02").replace("viel", "3.75"))
    code, said = run(aside, "--dataset", "steg")
    assert code == 3 and count() == 14  # the two mended, and the two that only had too few or too many cells
    assert (settings.DATA_DIR / "loading" / "verirrt.set-aside-2.csv").exists()


def test_nothing_is_left_of_a_file_that_cannot_be_read(run: Run, tmp_path: Path):
    packed = tmp_path / "parken.csv.gz"
    packed.write_bytes(gzip.compress((FILES / "parken_2024_03.csv").read_bytes())[:-2000])
    code, said = run(packed, "--yes")
    assert code == 1 and "ends in the middle" in said and "Nothing of this file was kept" in said
    assert count() == 0 and not visible_datastreams(SYSTEM).exists()
    assert not list((settings.DATA_DIR / "loading").iterdir())

    code, said = run(packed, "--yes", "--partial")
    assert code == 3 and "the file is not whole" in said and 0 < count() < 595


def test_several_files_of_which_one_is_bad(run: Run, tmp_path: Path):
    code, said = run(Path("parken_2024_03.csv"), Path("nur_kopf.csv"), tmp_path / "missing.csv", "--yes")
    assert code == 1
    assert "no rows" in said and "No such file" in said
    assert count() == 595


def test_hints(run: Run):
    code, said = run(Path("pegel_winterzeit.csv"), "--yes", "--zone", "Europe/Berlin", "--holding", "interval")
    assert code == 3 and "you said so" in said
    assert visible_datastreams(SYSTEM).get().holding == "interval"
    recipe = known_recipe(get_dataset(SYSTEM, "pegel-winterzeit"), "pegel-winterzeit")
    assert recipe is not None and recipe.zone == "Europe/Berlin"
    code, said = run(Path("pegel_winterzeit.csv"), "--yes", "--anew")
    assert code == 0 and "this clock is never changed" in said


def test_where_files_cannot_be_read_without_a_network_it_is_said(run: Run, monkeypatch: pytest.MonkeyPatch):
    assert "cut off from the network" not in run(Path("parken_2024_03.csv"), "--yes")[1]
    monkeypatch.setattr("allmende.core.sandbox.Sandbox.network_isolated", False)
    code, said = run(Path("parken_2024_03.csv"))
    assert code == 0 and "cut off from the network" in said


def test_a_zone_that_does_not_exist_is_told(run: Run):
    code, said = run(Path("pegel_winterzeit.csv"), "--yes", "--zone", "Atlantis")
    assert code == 1 and "Atlantis" in said


def test_a_store_that_stops_in_between_says_what_is_on_disk(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading, "PORTION", 50_000)
    rows = 200_000
    path = tmp_path / "viel.csv"
    with path.open("w") as file:
        file.write("time,value\n")
        file.writelines(
            f"2024-01-{n // 86400 + 1:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{n % 97}\n"
            for n in range(rows)
        )
    keep, calls = services.append_table, []

    def once(*arguments, **options):
        calls.append(1)
        if len(calls) > 1:
            raise WritesRefused("The disk is full.")
        return keep(*arguments, **options)

    monkeypatch.setattr(services, "append_table", once)
    code, said = run(path, "--yes")
    assert code == 1 and "The disk is full." in said
    written = count()
    assert f"{written} values are on disk" in said and 0 < written < rows

    monkeypatch.setattr(services, "append_table", keep)
    code, said = run(path, "--yes")
    assert code == 0 and f"New: {rows - written}. There already, or named twice: {written}." in said
    assert count() == rows


def test_numbers_that_mean_no_value_further_on(run: Run, tmp_path: Path):
    path = tmp_path / "spaet.csv"
    with path.open("w") as file:
        file.write("time,value\n")
        file.writelines(
            f"2024-01-{n // 86400 + 1:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,"
            f"{-9999 if n == 150_000 else n % 97}\n"
            for n in range(160_000)
        )
    code, said = run(path, "--yes")
    assert code == 0 and "-9999 came further on (1)" in said
    assert visible_datastreams(SYSTEM).get().sentinels == [-9999.0]


REAL = Path(__file__).parents[5] / "shared" / "data"


@pytest.mark.skipif(not REAL.exists(), reason="the real files are not beside the checkout")
@pytest.mark.slow
def test_real_files_load(run: Run):
    """Change-only counts of several years, and a wide table of days (see the notes on them for their dirt)."""
    code, said = run(REAL / "parking" / "jena_parking_2020_2026.csv.gz", "--yes")
    assert code == 0 and "Values: 1806996, places: 40, datastreams: 40, in jena-parking" in said
    code, said = run(REAL / "climate" / "jena_bgc_daily_means_2009_2016.csv", "--yes")
    assert code == 0 and "Values: 8763, places: 1, datastreams: 3" in said
    code, said = run(REAL / "parking" / "jena_parking_2020_2026.csv.gz")
    assert code == 0 and "New: 0. There already, or named twice: 1806996" in said

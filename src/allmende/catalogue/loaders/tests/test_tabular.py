"""Files with the dirt of real ones become tables: types, keys, places, and what is set aside."""

import gzip
from dataclasses import replace
from pathlib import Path

import pytest
import shapely

from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.tabling import LoadedTable, TableProposal, Tabling
from allmende.catalogue.loaders.tabular.recipe import TableHints, TableRecipe, column_names


def write(folder: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def proposed(path: Path, **hints) -> TableProposal:
    with Tabling(path, path.parent / "loading") as tabling:
        return tabling.propose(TableHints(**hints))[0]


def loaded(path: Path, recipe: TableRecipe) -> LoadedTable:
    with Tabling(path, path.parent / "loading") as tabling:
        return tabling.read(recipe)


def table(path: Path, **hints):
    """The whole table as rows, by what is proposed."""
    found = loaded(path, proposed(path, **hints).recipe)
    rows = found.spool.reader().read_all().to_pylist()
    found.close()
    return rows


def types(proposal: TableProposal) -> dict[str, str]:
    return {each.name: each.type for each in proposal.recipe.used()}


TREES = """Baum-Nr;Art;gepflanzt;Höhe in m;Fällung;PLZ;Rechtswert;Hochwert
B1;Linde;01.11.1996;12,5;WAHR;07743;679542,67;5646041,58
B2;Ahorn;15.03.2004;8,0;FALSCH;07745;679600,00;5646100,00
B3;Eiche;;7,25;0;07747;679700,00;5646200,00
"""


def test_a_german_export_is_understood(tmp_path):
    found = proposed(write(tmp_path, TREES))
    assert types(found) == {
        "baum_nr": "text",
        "art": "text",
        "gepflanzt": "date",
        "hoehe_in_m": "number",
        "faellung": "boolean",
        "plz": "text",  # a code with a leading zero is no number
        "rechtswert": "number",
        "hochwert": "number",
    }
    assert found.recipe.key == ("baum_nr",)
    assert found.recipe.where is not None and found.recipe.where.crs == "EPSG:25832"
    rows = table(tmp_path / "file.csv")
    assert [row["hoehe_in_m"] for row in rows] == [12.5, 8.0, 7.25]
    assert rows[2]["gepflanzt"] is None and rows[2]["faellung"] is False
    point = shapely.from_wkb(rows[0]["geometry"])
    assert (round(point.x, 3), round(point.y, 3)) == (11.555, 50.938)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_encodings(tmp_path, encoding):
    rows = table(write(tmp_path, "Straße;Länge\nHölderlinweg;3,5\nÄußere Allee;4,5\n", encoding=encoding))
    assert [row["strasse"] for row in rows] == ["Hölderlinweg", "Äußere Allee"]


def test_northing_first_without_any_heading_is_told_by_the_numbers(tmp_path):
    lines = [f"{27000 + n};Linde;5646041.{n}3;2;679542.{n}8" for n in range(30)]
    found = proposed(write(tmp_path, "\n".join(lines) + "\n"))
    where = found.recipe.where
    assert where is not None and where.columns == ("column 5", "column 3") and where.crs == "EPSG:25832"


def test_columns_that_are_named_the_wrong_way_round_are_turned(tmp_path):
    found = proposed(write(tmp_path, "id,lat,lon\n1,11.58,50.93\n2,11.59,50.92\n"))
    assert found.recipe.where is not None and found.recipe.where.columns == ("lat", "lon")
    assert any(each.why.code == "place_swapped" for each in found.said)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ('"POINT (11.58 50.93)"', "wkt"),
        ('"{""type"":""Point"",""coordinates"":[11.58,50.93]}"', "geojson"),
        ("0101000000295C8FC2F5282740D7A3703D0A774940", "wkb"),
        ('"50.9300, 11.5800"', "latlon"),
    ],
)
def test_one_cell_may_hold_the_place(tmp_path, cell, kind):
    rows = table(write(tmp_path, f"nr,ort\n1,{cell}\n2,{cell}\n"))
    found = proposed(tmp_path / "file.csv")
    assert found.recipe.where is not None and found.recipe.where.kind == kind
    point = shapely.from_wkb(rows[0]["geometry"])
    assert (round(point.x, 2), round(point.y, 2)) == (11.58, 50.93)


def test_of_several_encodings_of_a_place_the_fullest_is_taken(tmp_path):
    text = "id,rechtswert,hochwert,geom\n1,679542.6,5646041.5,POINT (679542.6 5646041.5)\n2,,,POINT (679600 5646100)\n"
    found = proposed(write(tmp_path, text))
    assert found.recipe.where is not None and found.recipe.where.columns == ("geom",)
    assert found.recipe.where.crs == "EPSG:25832"


def test_rows_that_do_not_fit_are_set_aside_with_their_number_and_reason(tmp_path):
    lines = [f"{n};{n * 2}" for n in range(1, 200)]
    lines[120] = "121;ca. 240"
    lines[150] = "151;302;zu viel"
    path = write(tmp_path, "wert;doppelt\n" + "\n".join(lines) + "\n")
    found = loaded(path, proposed(path).recipe)
    assert (found.spool.rows, found.aside.count) == (197, 2)
    found.close()
    text = found.aside.path.read_text()
    assert "ca. 240" in text and ";122;doppelt;" in text


def test_a_mended_file_of_rows_set_aside_loads(tmp_path):
    path = write(
        tmp_path, "id;wert;allmende_row;allmende_field;allmende_problem\n7;8;12;wert;this is no number\n9;1;1;a;b\n"
    )
    assert [row["wert"] for row in table(path)] == [8, 1]
    assert "allmende_row" not in types(proposed(path))


def test_whole_numbers_that_turn_out_to_be_fractions_far_down_are_not_lost(tmp_path):
    lines = [f"{n},{n}" for n in range(400_000)] + ["400000,0.5", "400001,12345678901234567890"]
    path = write(tmp_path, "id,wert\n" + "\n".join(lines) + "\n", name="long.csv")
    packed = tmp_path / "long.csv.gz"  # packed, so that only its beginning is looked at beforehand
    packed.write_bytes(gzip.compress(path.read_bytes()))
    recipe = proposed(packed).recipe
    assert types(proposed(packed))["wert"] == "integer"
    found = loaded(packed, recipe)
    rows = found.spool.reader().read_all()
    assert rows.num_rows == 400_002 and found.aside.count == 0
    assert rows["wert"][400_000].as_py() == 0.5 and rows["wert"][7].as_py() == 7.0
    found.close()


def test_sentinels_are_proposed_and_counted(tmp_path):
    lines = [f"2024-01-{n:02d},{n / 3:.2f}" for n in range(1, 29)]
    lines[4] = "2024-01-05,-9999"
    path = write(tmp_path, "tag,temperatur\n" + "\n".join(lines) + "\n")
    found = loaded(path, proposed(path).recipe)
    assert found.nothing == {"temperatur": 1}
    assert found.spool.reader().read_all()["temperatur"].null_count == 1
    found.close()


def test_hints_win_over_guesses(tmp_path):
    path = write(tmp_path, "nummer,plz,wert\n1,7743,3\n2,7745,4\n")
    found = proposed(path, types={"plz": "text"}, ignore=("wert",), key=("plz",), withhold=("nummer",))
    assert types(found) == {"nummer": "integer", "plz": "text"}
    assert found.recipe.key == ("plz",)
    assert [each.withheld for each in found.recipe.used()] == [True, False]


def test_places_can_be_refused_and_named(tmp_path):
    path = write(tmp_path, "a,b,x,y\n11.58,50.93,11.60,50.95\n11.59,50.92,11.61,50.96\n")
    assert proposed(path, where=("-",)).recipe.where is None
    where = proposed(path, where=("a", "b")).recipe.where
    assert where is not None and where.columns == ("a", "b")


def test_no_place_is_no_reason_to_lose_a_row(tmp_path):
    path = write(tmp_path, "id,lon,lat\n1,11.58,50.93\n2,,\n3,0,0\n4,11.59,50.93\n")
    found = loaded(path, proposed(path).recipe)
    assert (found.spool.rows, found.unplaced) == (4, 2)
    found.close()


def test_a_place_off_the_earth_is_set_aside(tmp_path):
    rows = "".join(f"{n},11.5{n},50.9{n}\n" for n in range(1, 40))
    path = write(tmp_path, f"id,lon,lat\n{rows}99,11.5,500.9\n")
    found = loaded(path, proposed(path).recipe)
    found.close()
    assert found.aside.count == 1 and "outside the earth" in found.aside.path.read_text()


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty_file"), ("nur ein Satz ohne Spalten", "no_columns"), ("a;b;c\n", "header_only")],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, text, code):
    with pytest.raises(Unreadable) as caught:
        proposed(write(tmp_path, text))
    assert caught.value.said.code == code


def test_a_recipe_for_another_file_says_what_is_missing(tmp_path):
    recipe = proposed(write(tmp_path, TREES)).recipe
    other = write(tmp_path, TREES.replace("Art;", "Gattung;"), name="other.csv")
    with pytest.raises(Unreadable) as caught:
        loaded(other, recipe)
    assert caught.value.said.params["missing"] == "Art"


def test_new_columns_of_next_months_file_are_told(tmp_path):
    recipe = proposed(write(tmp_path, "id;wert\n1;2\n2;3\n")).recipe
    found = loaded(write(tmp_path, "id;wert;neu\n1;2;x\n2;3;y\n", name="next.csv"), recipe)
    assert found.more == ("neu",)
    found.close()


def test_a_trial_shows_the_first_rows_as_they_would_be(tmp_path):
    path = write(tmp_path, TREES)
    with Tabling(path, tmp_path / "loading") as tabling:
        trial = tabling.trial(tabling.propose()[0].recipe)
    assert trial.rows[0]["gepflanzt"] == "1996-11-01" and trial.tried == 3
    assert trial.places[0] == pytest.approx([11.5555, 50.938], abs=0.001)


def test_headings_become_names():
    headings = ["Straße & Nr.", "PM2.5 (µg/m³)", "2024", "", "id", "ID", "geometry", "phenomenonTime"]
    names = column_names(headings)
    assert names == ["strasse_nr", "pm2_5_ug_m3", "c_2024", "column_4", "id", "id_2", "geometry_2", "phenomenon_time"]


def test_a_recipe_goes_round_as_json(tmp_path):
    recipe = proposed(write(tmp_path, TREES)).recipe
    assert TableRecipe.from_json(recipe.to_json()) == recipe
    with pytest.raises(ValueError, match="version"):
        TableRecipe.from_json({**recipe.to_json(), "version": 99})
    doubled = replace(recipe, fields=(recipe.fields[0], recipe.fields[0]))
    with pytest.raises(ValueError, match="same name"):
        TableRecipe.from_json(doubled.to_json())

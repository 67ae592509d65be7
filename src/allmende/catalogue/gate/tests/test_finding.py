"""What the gate finds, and what it must not take for something: cells that name people, places, groups, counts."""

import pytest
from django.utils import translation

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.gate.disclosure import alike
from allmende.catalogue.gate.verdict import Verdict
from allmende.catalogue.gate.words import shown
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.models import Table
from allmende.catalogue.queries import readable
from allmende.catalogue.services import (
    NotPublishable,
    examine_version,
    publish_version,
    register_dataset,
    say_people,
    set_remedies,
)
from allmende.catalogue.services.versioning import side_of
from allmende.catalogue.tests.contents import load

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def draft(folder, text, slug="some", **hints):
    version = load(folder, register_dataset(SYSTEM, slug, slug), text, **hints)
    assert version is not None
    return version


def examined(version) -> Verdict:
    return next(iter(examine_version(SYSTEM, version).values()))


def codes(verdict: Verdict) -> set[str]:
    return {each.code for each in verdict.findings}


def column(folder, cells, **types) -> Verdict:
    """The verdict on a column of texts."""
    rows = "".join(f"{n};{cell}\n" for n, cell in enumerate(cells))
    return examined(draft(folder, f"nr;bemerkung\n{rows}", types={"bemerkung": "text"}))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["Auskunft: a.b-c@amt.musterstadt.example", "Linde", "Ahorn"], "identifier_mail"),
        (["GB82WEST12345698765432", "", ""], "identifier_iban"),
        (["DE89370400440532013000", "Linde", "Ahorn"], "identifier_iban"),
        (["+49 3641 490815", "0049 3641 490815", "Tel.: 03641/490815"], "identifier_phone"),
        (["86 095 742 719", "Linde", "Ahorn"], "identifier_tax_number"),
        (["J-AB 123", "EF-X 1", "WE-RT 4567H"], "identifier_plate"),
        (["Sabine Muster", "Muster, Thomas", "Dr. Ayse Beispiel"], "identifier_name"),
        (["Frau Muster hat angerufen", "Linde gefällt", "Herr Dr. Beispiel bittet um Rückruf"], "identifier_name"),
    ],
)
def test_found(tmp_path, cells, code):
    assert code in codes(column(tmp_path, cells))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["Baum @ Ecke", "a@b", "@home"], "identifier_mail"),
        (["DE89370400440532013001", "DE12 ABCD", "XX00 0000 0000 0000 0000"], "identifier_iban"),
        (["5646041.58", "2026-03-01 08:00", "07743", "1.234.567"], "identifier_phone"),
        (["86095742710", "12345678901", "00000000000", "11111111111"], "identifier_tax_number"),
        (["DIN 18040", "A 4", "Haus B", "EPSG:25832", "PM 10"], "identifier_plate"),
        (["Karl-Marx-Straße 3", "Ernst-Haeckel-Platz", "Otto-Schule", "Paul-Apotheke"], "identifier_name"),
        (["Rotbuche", "Linde", "Roteiche", "Max. 3 m"], "identifier_name"),
    ],
)
def test_not_taken_for_it(tmp_path, cells, code):
    assert code not in codes(column(tmp_path, cells))


def people(rows: list[str], head: str = "alter;plz;diagnose") -> str:
    return f"nr;{head}\n" + "".join(f"{n};{row}\n" for n, row in enumerate(rows))


def test_nobody_learns_what_is_sensitive_from_groups_that_differ_or_say_nothing(tmp_path):
    same, mixed, nothing = ["30;07743;A"] * 6, ["40;07743;A"] * 5 + ["40;07743;B"], ["50;07745;"] * 6
    part = side_of(draft(tmp_path, people(same + mixed + nothing)).parts.get())
    assert alike(part.source(), ("alter", "plz"), ("diagnose",)).poor == 1
    partly = side_of(draft(tmp_path, people(["30;07743;A"] * 5 + ["30;07743;"]), "other").parts.get())
    assert alike(partly.source(), ("alter", "plz"), ("diagnose",)).poor == 0


def test_one_sensitive_column_of_two_is_enough(tmp_path):
    rows = [f"30;07743;A;{n}" for n in range(6)]
    verdict = examined(draft(tmp_path, people(rows, "alter;plz;diagnose;einkommen")))
    assert "all_the_same" in codes(verdict)


def test_columns_that_tell_people_apart_are_found_without_their_names(tmp_path):
    rows = "".join(f"{n};{'ABC'[n % 3]};{'XY'[n % 2]}\n" for n in range(30)) + "30;A;Z\n"
    version = draft(tmp_path, "nr;gruppe;kurs\n" + rows)
    assert "few_alike" not in codes(examined(version))
    say_people(SYSTEM, Table.objects.get(), True)
    version.refresh_from_db()
    found = next(each for each in examined(version).findings if each.code == "few_alike")
    assert set(found.columns) == {"gruppe", "kurs"} and found.params["unique"] == 1


def placed(where: list[str]) -> str:
    return "nr;alter;lon;lat\n" + "".join(f"{n};30;{each}\n" for n, each in enumerate(where))


def test_places_that_many_share_tell_of_nobody(tmp_path):
    home = ["11,5;50,9"] * 6
    shared = draft(tmp_path, placed(home), withhold=("lon", "lat"))
    assert codes(examined(shared)).isdisjoint({"precise_place", "precise_column"})
    alone = draft(tmp_path, placed([*home, "11,51237;50,93214"]), "other", withhold=("lon", "lat"))
    [found] = [each for each in examined(alone).findings if each.code == "precise_place"]
    assert found.count == 1 and found.weight == "stop"


def test_a_grid_helps_only_where_enough_people_are_in_a_cell(tmp_path):
    near = [f"11,5812{n};50,9312{n}" for n in range(6)]
    version = draft(tmp_path, placed([*near, "11,70001;50,98001"]), withhold=("lon", "lat"))
    set_remedies(SYSTEM, Table.objects.get(), [{"kind": "grid", "metres": 1000}])
    [found] = [each for each in examined(version).findings if each.code == "precise_place"]
    assert found.count == 1


def test_columns_with_coordinates_are_looked_at_besides(tmp_path):
    version = draft(tmp_path, placed([f"11,5812{n};50,9312{n}" for n in range(8)]))
    set_remedies(SYSTEM, Table.objects.get(), [{"kind": "grid", "metres": 1000}])
    found = {each.columns for each in examined(version).findings if each.code == "precise_column"}
    assert found == {("lon",), ("lat",)}


SIDE_BY_SIDE = "ortsteil;maennlich;weiblich;insgesamt\nNord;3;20;23\nSued;25;40;65\nWest;60;70;130\ngesamt;88;130;218\n"
BELOW = "ortsteil;geschlecht;anzahl\n" + "".join(
    f"{place};{kind};{number}\n"
    for place, numbers in {"Nord": (3, 20), "Sued": (25, 40), "West": (60, 70), "gesamt": (88, 130)}.items()
    for kind, number in zip(("m", "w", "insgesamt"), (*numbers, sum(numbers)), strict=True)
)


def rows_of(slug: str = "some") -> list[dict]:
    return reading.rows(readable(ANONYMOUS, slug).holding, Question()).to_pylist()


@pytest.mark.parametrize("text", [SIDE_BY_SIDE, BELOW])
def test_small_cells_are_hidden_together_with_others(tmp_path, text):
    version = draft(tmp_path, text)
    [found] = [each for each in examined(version).findings if each.code == "small_counts"]
    assert found.count == 1 and found.params["emptied"] == 4
    [one] = [each for each in shown(examined(version), {}) if each.offers]
    assert (
        one.offers[0].words
        == "Leave small numbers empty (1), and others with them (3), so that no total gives them away"
    )
    set_remedies(SYSTEM, Table.objects.get(), [one.offers[0].remedy])
    version.refresh_from_db()
    assert codes(examined(version)) == set()
    publish_version(SYSTEM, version)
    names = ("maennlich", "weiblich", "insgesamt") if text is SIDE_BY_SIDE else ("anzahl",)
    cells = [row[name] for row in rows_of() for name in names]
    assert sum(cell is None for cell in cells) == 4 and 3 not in cells and 218 in cells


@pytest.mark.parametrize("text", [SIDE_BY_SIDE, BELOW])
def test_small_cells_alone_are_given_away(tmp_path, text):
    version = draft(tmp_path, text)
    names = ("maennlich", "weiblich", "insgesamt") if text is SIDE_BY_SIDE else ("anzahl",)
    hidden = [{"kind": "hide_small", "column": name} for name in names]
    set_remedies(SYSTEM, Table.objects.get(), hidden)
    version.refresh_from_db()
    [found] = [each for each in examined(version).findings if each.code == "reckonable"]
    assert found.count == 1 and found.weight == "stop"
    with pytest.raises(NotPublishable):
        publish_version(SYSTEM, version)


def test_numbers_that_are_missing_anyway_are_only_pointed_at(tmp_path):
    verdict = examined(draft(tmp_path, SIDE_BY_SIDE.replace("Nord;3;", "Nord;;")))
    [found] = [each for each in verdict.findings if each.code == "reckonable"]
    assert found.weight == "warn" and not verdict.stops


def test_years_are_tables_of_their_own(tmp_path):
    head, *lines = SIDE_BY_SIDE.splitlines()
    both = [f"{year};{line}" for year in (2024, 2025) for line in lines]
    version = draft(tmp_path, "\n".join([f"jahr;{head}", *both, ""]))
    [found] = [each for each in examined(version).findings if each.code == "small_counts"]
    assert found.params["build"]["apart"] == ["jahr"] and found.params["emptied"] == 8


def test_next_year_is_built_otherwise(tmp_path):
    version = draft(tmp_path, SIDE_BY_SIDE)
    [found] = [each for each in examined(version).findings if each.code == "small_counts"]
    remedy = {"kind": "cells", **found.params["build"]}
    set_remedies(SYSTEM, Table.objects.get(), [remedy])
    publish_version(SYSTEM, version)
    twice = load(tmp_path, version.dataset, SIDE_BY_SIDE + "Nord;1;2;3\n", name="trees.csv")
    assert twice is not None and "remedy_unfit" in codes(examined(twice))
    with pytest.raises(NotPublishable, match="does not fit"):
        publish_version(SYSTEM, twice)


def test_trees_are_no_table_of_counts(tmp_path):
    version = draft(tmp_path, "art;hoehe;anzahl\nLinde;3;2\nEiche;4;7\n")
    assert codes(examined(version)) == {"small_counts"}
    assert examined(version).findings[0].remedies == ("hide_small",)

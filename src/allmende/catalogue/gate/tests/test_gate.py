"""The gate: what names somebody is found, what gives somebody away is counted, remedies help, two people may go on."""

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.gate.identifiers import _iban, _tax_number, masked
from allmende.catalogue.gate.remedies import check
from allmende.catalogue.gate.verdict import Verdict
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.files import path_of
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.models import Table
from allmende.catalogue.queries import readable
from allmende.catalogue.services import (
    NotPublishable,
    approve_override,
    ask_override,
    examine_version,
    publish_version,
    register_dataset,
    say_people,
    set_remedies,
)
from allmende.catalogue.tests.contents import TREES, load
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def draft(folder, text, slug="some", **hints):
    version = load(folder, register_dataset(SYSTEM, slug, slug), text, **hints)
    assert version is not None
    return version


def codes(verdict: Verdict) -> dict[str, tuple[str, ...]]:
    return {each.code: each.columns for each in verdict.findings}


def examined(version) -> Verdict:
    return next(iter(examine_version(SYSTEM, version).values()))


PEOPLE = "nr;plz;alter;geschlecht;diagnose\n" + "".join(
    f"{n};0774{n % 2};{30 + n % 2};{'mw'[n % 2]};{'AB'[n % 3 == 0]}\n" for n in range(20)
)


def test_trees_pass(tmp_path):
    version = draft(tmp_path, TREES, withhold=("pate",))
    verdict = examined(version)
    assert not verdict.stops and not verdict.people
    assert publish_version(SYSTEM, version).state == "published"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("kontakt@beispiel.example", "identifier_mail"),
        ("DE89 3704 0044 0532 0130 00", "identifier_iban"),
        ("03641 49-0815", "identifier_phone"),
        ("86095742719", "identifier_tax_number"),
        ("65070649C103", "identifier_insurance_number"),
    ],
)
def test_what_reaches_somebody_stops_the_publication(tmp_path, cell, code):
    rows = "".join(f"{n};Linde {n};\n" for n in range(1, 9))
    version = draft(tmp_path, f"nr;art;bemerkung\n9;Linde;{cell}\n{rows}", types={"bemerkung": "text"})
    verdict = examined(version)
    assert codes(verdict)[code] == ("bemerkung",) and verdict.stops
    assert cell not in str(verdict.to_json())  # the verdict does not spread what it found
    with pytest.raises(NotPublishable):
        publish_version(SYSTEM, version)
    assert version.parts.get().published == ""


@pytest.mark.parametrize(
    "cell",
    [
        "DE89 3704 0044 0532 0130 01",
        "12345678901",
        "Baum 1 @ Ecke",
        "2024-01-02 08:15",
        "5646041.58",
        "0101000020E864000001234567",
    ],
)
def test_what_only_looks_like_it_does_not(tmp_path, cell):
    rows = "".join(f"{n};Linde {n};\n" for n in range(1, 9))
    version = draft(tmp_path, f"nr;art;bemerkung\n9;Linde;{cell}\n{rows}", types={"bemerkung": "text"})
    assert not examined(version).stops


def test_a_column_of_names_is_known_by_its_cells(tmp_path):
    version = draft(tmp_path, "nr;wer\n1;Sabine M.\n2;Thomas K.\n3;Ayse B.\n4;Jonas\n")
    verdict = examined(version)
    assert codes(verdict)["identifier_name"] == ("wer",) and verdict.people and verdict.people_why == "wer"


def test_who_answers_for_a_row_is_not_published(tmp_path):
    version = draft(tmp_path, "nr;vorhaben;Ansprechpartner\n1;Platz;Amt 61\n2;Weg;Amt 66\n")
    verdict = examined(version)
    assert codes(verdict)["names_somebody"] == ("ansprechpartner",) and verdict.stops and not verdict.people


def test_people_who_are_alike_are_fine_and_who_is_unlike_all_others_is_not(tmp_path):
    version = draft(tmp_path, PEOPLE)
    assert examined(version).people and not examined(version).stops
    unlike = draft(tmp_path, PEOPLE + "99;07749;87;w;A\n", "other")
    verdict = examined(unlike)
    assert codes(verdict)["few_alike"] == ("plz", "alter", "geschlecht")
    finding = next(each for each in verdict.findings if each.code == "few_alike")
    assert finding.count == 1 and finding.params["unique"] == 1 and verdict.stops


def test_suppressing_takes_out_who_is_unlike_others(tmp_path):
    version = draft(tmp_path, PEOPLE + "99;07749;87;w;A\n")
    table = Table.objects.get()
    set_remedies(SYSTEM, table, [{"kind": "suppress", "columns": ["plz", "alter", "geschlecht"]}])
    publish_version(SYSTEM, version)
    holding = readable(ANONYMOUS, "some").holding
    assert holding.rows == 20
    assert "87" not in {each.most for each in holding.columns}


def test_all_who_are_alike_share_what_is_sensitive(tmp_path):
    same = "".join(f"{n};07743;30;m;Grippe\n" for n in range(6))
    verdict = examined(draft(tmp_path, "nr;plz;alter;geschlecht;diagnose\n" + same))
    assert "all_the_same" in codes(verdict)


def test_coarsening(tmp_path):
    text = "nr;geburtsdatum;alter;plz\n" + "".join(f"{n};01.02.19{50 + n};{30 + n};0774{n}\n" for n in range(10))
    version = draft(tmp_path, text)
    table = Table.objects.get()
    remedies = [
        {"kind": "year", "column": "geburtsdatum"},
        {"kind": "bin", "column": "alter", "width": 10},
        {"kind": "digits", "column": "plz", "keep": 3},
    ]
    set_remedies(SYSTEM, table, remedies)
    ask_override(SYSTEM, version, "test")
    version.refresh_from_db()
    version.override = {**version.override, "approved_by": "somebody"}
    version.save()
    publish_version(SYSTEM, version)
    rows = reading.rows(readable(ANONYMOUS, "some").holding, Question()).to_pylist()
    assert rows[0]["geburtsdatum"] == 1950 and rows[0]["alter"] == 30 and rows[0]["plz"] == "077"


def test_places_of_people_become_the_middle_of_a_cell(tmp_path):
    text = "nr;alter;lon;lat\n" + "".join(f"{n};{30 + n % 2};11,5812{n};50,9312{n}\n" for n in range(10))
    version = draft(tmp_path, text)
    table = Table.objects.get()
    assert "precise_place" in codes(examined(version))
    set_remedies(SYSTEM, table, [{"kind": "grid", "metres": 500}, {"kind": "withhold", "column": "lon"}])
    set_remedies(SYSTEM, table, [*table.remedies, {"kind": "withhold", "column": "lat"}])
    assert "precise_place" not in codes(examined(version))
    publish_version(SYSTEM, version)
    found = readable(ANONYMOUS, "some")
    places = set(reading.rows(found.holding, Question())["geometry"].to_pylist())
    assert len(places) == 1
    west, south, east, north = found.part.geometry["bbox"]
    assert (west, south) == (east, north) and abs(west - 11.58125) < 0.01


def test_small_counts_are_hidden(tmp_path):
    version = draft(tmp_path, "ortsteil,anzahl\nNord,120\nSued,3\nWest,0\nOst,44\n")
    table = Table.objects.get()
    assert codes(examined(version))["small_counts"] == ("anzahl",)
    set_remedies(SYSTEM, table, [{"kind": "hide_small", "column": "anzahl"}])
    publish_version(SYSTEM, version)
    rows = reading.rows(readable(ANONYMOUS, "some").holding, Question())
    assert rows["anzahl"].to_pylist() == [120, None, 0, 44]


def test_somebody_may_say_that_rows_are_not_about_people(tmp_path):
    version = draft(tmp_path, "nr;alter;lon;lat\n1;250;11,58;50,93\n2;300;11,59;50,94\n")
    assert examined(version).stops
    say_people(SYSTEM, Table.objects.get(), False)
    version.refresh_from_db()
    assert not examined(version).stops


def test_two_people_may_publish_it_all_the_same(tmp_path, cast: Cast):
    version = draft(tmp_path, "nr;mail\n1;amt@beispiel.example\n2;\n")
    with pytest.raises(NotPublishable):
        ask_override(cast.steward.actor, version, "  ")
    version = ask_override(cast.steward.actor, version, "The address of an office")
    with pytest.raises(NotPublishable):
        approve_override(cast.steward.actor, version)
    with pytest.raises(NotPublishable):
        publish_version(cast.steward.actor, version)
    version = approve_override(cast.administrator.actor, version)
    assert publish_version(cast.steward.actor, version).state == "published"


def test_what_was_approved_is_forgotten_when_the_table_is_treated_otherwise(tmp_path, cast: Cast):
    version = ask_override(cast.steward.actor, draft(tmp_path, "nr;mail\n1;amt@beispiel.example\n2;\n"), "because")
    set_remedies(SYSTEM, Table.objects.get(), [{"kind": "withhold", "column": "nr"}])
    version.refresh_from_db()
    assert version.override == {}


def test_what_is_not_open_needs_no_gate(tmp_path):
    dataset = register_dataset(SYSTEM, "inner", "Inner", access_class="protected", legal_ground="Art. 6 DSGVO")
    version = load(tmp_path, dataset, "nr;mail\n1;amt@beispiel.example\n2;\n")
    assert version is not None and publish_version(SYSTEM, version).state == "published"


def test_the_readers_file_says_nothing_finer_than_its_rows(tmp_path):
    version = draft(tmp_path, TREES, withhold=("pate",))
    set_remedies(SYSTEM, Table.objects.get(), [{"kind": "year", "column": "gepflanzt"}])
    publish_version(SYSTEM, version)
    found = readable(ANONYMOUS, "some")
    facts = next(each for each in found.holding.columns if each.name == "gepflanzt")
    assert (facts.type, facts.least, facts.most) == ("integer", "1996", "2021")
    assert b"Pate A" not in path_of(found.holding.digest).read_bytes()


@pytest.mark.parametrize(
    "remedy",
    [
        {"kind": "nothing"},
        {"kind": "bin", "column": "a", "width": 3},
        {"kind": "grid", "metres": 1},
        {"kind": "digits", "column": "a", "keep": 0},
        {"kind": "year", "column": "b"},
        {"kind": "suppress", "columns": []},
    ],
)
def test_what_is_no_remedy_is_refused(remedy):
    with pytest.raises(ValueError):
        check(remedy, [ColumnFacts("a", "a", "text")])


def test_check_digits():
    assert _iban("GB82 WEST 1234 5698 7654 32") and not _iban("GB82 WEST 1234 5698 7654 33")
    assert _tax_number("47036892816") and not _tax_number("47036892817") and not _tax_number("12345678901")
    assert masked("amt@beispiel.example") == "a··@········.······e"

"""The index follows what changes, in the same transaction, and takes whatever is typed."""

import pytest
from django.db import transaction

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue.models import Dataset
from allmende.catalogue.queries import current_version
from allmende.catalogue.search.excerpts import excerpt, marked
from allmende.catalogue.search.facets import narrow
from allmende.catalogue.search.finding import find
from allmende.catalogue.search.indexing import REVISION, catch_up
from allmende.catalogue.search.suggesting import suggest
from allmende.catalogue.search.tables import SearchEntry, SearchKey, SearchPosting, SearchTerm
from allmende.catalogue.services import change_dataset, describe_column, register_dataset, withdraw_version
from allmende.catalogue.tests.contents import published


def test_a_change_is_found_at_once_and_what_was_is_not(db):
    made = register_dataset(SYSTEM, "a", "Wasserturm")
    change_dataset(SYSTEM, made, title="Sternwarte")
    assert find(ANONYMOUS, "Sternwarten").numbers == (made.pk,) and find(ANONYMOUS, "Wasserturm").numbers == ()
    assert not SearchTerm.objects.filter(word="wasserturm").exists()


def test_what_is_rolled_back_was_never_indexed(db):
    with pytest.raises(RuntimeError), transaction.atomic():
        register_dataset(SYSTEM, "a", "Wasserturm")
        raise RuntimeError
    assert find(SYSTEM, "Wasserturm").numbers == () and not SearchTerm.objects.exists()


def test_columns_follow_the_version_and_its_dictionary(db, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    made = published(tmp_path)
    column = made.tables.get().dictionary.get(name="gepflanzt")
    assert find(ANONYMOUS, "gepflanzt").numbers == (made.pk,)
    describe_column(SYSTEM, column, title="Pflanzjahr", description="Im Herbst")
    assert find(ANONYMOUS, "Pflanzjahre").numbers == find(ANONYMOUS, "Herbst").numbers == (made.pk,)
    describe_column(SYSTEM, column, withheld=True)
    assert find(ANONYMOUS, "Pflanzjahr").numbers == ()
    assert find(ANONYMOUS, "hoehe").numbers == find(ANONYMOUS, "Höhen").numbers == (made.pk,)
    version = current_version(made)
    assert version is not None
    withdraw_version(SYSTEM, version, "Fehler")
    assert find(ANONYMOUS, "Höhe").numbers == () and not SearchTerm.objects.filter(word="hohe").exists()


def test_a_removed_dataset_leaves_nothing(db):
    made = register_dataset(SYSTEM, "a", "Wasserturm")
    Dataset.objects.get(pk=made.pk).delete()
    assert find(SYSTEM, "Wasserturm").numbers == () and suggest(SYSTEM, "Wasser") == []
    assert not SearchPosting.objects.exists() and not SearchEntry.objects.exists()
    catch_up(anew=True)
    assert not SearchTerm.objects.exists() and not SearchKey.objects.exists()


def test_catching_up_with_an_index_of_another_revision(db):
    made = [register_dataset(SYSTEM, f"a{number}", f"Turm {number}") for number in range(3)]
    SearchEntry.objects.filter(dataset=made[0]).update(revision=REVISION + 1)
    SearchPosting.objects.filter(dataset=made[0]).delete()
    SearchEntry.objects.filter(dataset=made[1]).delete()
    assert catch_up() == 2 and catch_up() == 0
    assert set(find(ANONYMOUS, "Türme").numbers) == {each.pk for each in made}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "'",
        '"',
        "\\",
        "%",
        "_",
        "a%b_c",
        "' OR 1=1 --",
        '"Turm" AND NOT (',
        "Turm\0Turm",
        "\0",
        "der die das und",
        "x" * 10_000,
        "Turm " * 2_000,
        "-" * 300,
        "🌳🌳",
        "Türme\u202e\u200b",
        "塔",
        "ß",
        "a-b-c-d-e-f-g-h-i-j-k",
        "\ud7ff\uffff\U0010ffff",
    ],
)
def test_whatever_is_typed(db, text: str):
    made = register_dataset(SYSTEM, "a", "Turm")
    for answer in (find(ANONYMOUS, text).numbers, find(SYSTEM, text).numbers):
        assert set(answer) <= {made.pk}
    assert len(suggest(ANONYMOUS, text)) <= 8


def test_operators_are_words_like_others(db):
    made = register_dataset(SYSTEM, "a", "Turm")
    assert find(ANONYMOUS, '"Turm*"').numbers == find(ANONYMOUS, "Turm\0Türme").numbers == (made.pk,)


def test_the_title_counts_most(db):
    order = ("title", "keyword", "description", "place")
    texts = {"title": "Leuchtturm", "description": "Ein Leuchtturm", "place": "Leuchtturm"}
    made = {}
    for name in reversed(order):
        given = {"keywords": ["Leuchtturm"]} if name == "keyword" else {}
        title = texts["title"] if name == "title" else "Anderes"
        given |= {name: texts[name]} if name in ("description", "place") else {}
        made[register_dataset(SYSTEM, f"of-{name}", title, **given).pk] = name
    assert [made[number] for number in find(ANONYMOUS, "Leuchtturm").numbers] == list(order)


def test_counts_under_the_other_filters_and_orders(db):
    one = register_dataset(SYSTEM, "one", "Äpfel", themes=["ENVI", "TRAN"], place="Nord")
    two = register_dataset(SYSTEM, "two", "Birnen", themes=["ENVI"], place="Nord")
    three = register_dataset(SYSTEM, "three", "Zwetschgen", themes=["TRAN"], place="Süd")
    found = narrow(ANONYMOUS, None, {"theme": ["ENVI"]}, {}, "title", "de")
    assert found.numbers == [one.pk, two.pk]
    assert found.counts["theme"] == {"ENVI": 2, "TRAN": 2} and found.counts["place"] == {"Nord": 2}
    either = narrow(
        ANONYMOUS,
        None,
        {"place": ["Nord", "Süd"], "kind": ["series"]},
        {("kind", "series"): [2, three.pk]},
        "newest",
        "de",
    )
    assert three.pk in either.numbers and one.pk not in either.numbers
    assert narrow(ANONYMOUS, None, {}, {}, "newest", "de").numbers == [three.pk, two.pk, one.pk]


def test_words_are_marked_and_nothing_else_changes():
    text = "<b>Bäume</b> an der Straße"
    pieces = marked(text, {"baume", "strasse"})
    assert [each.text for each in pieces if each.marked] == ["Bäume", "Straße"]
    assert "".join(each.text for each in pieces) == text
    long = excerpt("Vorher " * 100 + "Linde " + "nachher " * 100, {"linde"})
    assert [each.text for each in long if each.marked] == ["Linde"]
    assert len("".join(each.text for each in long)) < 240

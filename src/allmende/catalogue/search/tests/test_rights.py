"""A word that stands only in what somebody may not read is not there for them: not found, counted, offered or meant."""

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM, Actor
from allmende.catalogue.queries import Dataset
from allmende.catalogue.search.facets import narrow
from allmende.catalogue.search.finding import find
from allmende.catalogue.search.suggesting import similar_words, suggest
from allmende.catalogue.services import change_dataset, register_dataset
from allmende.catalogue.tests.contents import TREES, load, published
from tests.cast import Cast

WITHHELD = {"access_class": "protected", "legal_ground": "Art. 6 DSGVO"}


@pytest.fixture
def secret(db, tmp_path, settings, cast: Cast) -> Dataset:
    """Protected, with a canary in its title, a keyword, the description and the name of a column."""
    settings.DATA_DIR = tmp_path
    register_dataset(SYSTEM, "parks", "Kanarische Parks", themes=["ENVI"])
    made = published(tmp_path, "zebrafink", TREES.replace("pate", "wellensittich"))
    change_dataset(
        SYSTEM,
        made,
        title="Kanarienvogel im Rathaus",
        description="Nachtigallen und andere",
        keywords=["Papageienhaltung"],
        place="Vogelsbergen",
        themes=["AGRI"],
        owner=cast.office.id,
        **WITHHELD,
    )
    return made


CANARIES = ("Kanarienvogel", "Nachtigall", "Papageienhaltung", "Vogelsbergen", "Wellensittich", "Zebrafink")


def everything(actor: Actor, text: str) -> str:
    """All that search says about a text."""
    found = find(actor, text)
    counts = narrow(actor, found, {}, {}, "best", "de")
    said = [*suggest(actor, text), *similar_words(actor, text)]
    return f"{found.numbers} {found.instead} {counts.numbers} {counts.counts} {[each.text for each in said]}".casefold()


@pytest.mark.parametrize("canary", CANARIES)
def test_a_stranger_finds_nothing_of_it(secret: Dataset, cast: Cast, canary: str):
    wrong = canary[:3] + canary[4] + canary[3] + canary[5:]
    for actor in (ANONYMOUS, cast.resident.actor, cast.provider.actor):
        for text in (canary, canary[:5], canary[:-2], canary[3:], wrong):
            said = everything(actor, text)
            assert (
                canary.casefold()[:-1] not in said
                and "rathaus" not in said
                and secret.pk not in find(actor, text).numbers
            )
        for text in (f"{canary} Parks", f"{wrong} Kanarische"):  # what they typed themselves is repeated to them
            found = find(actor, text)
            assert secret.pk not in found.numbers and found.instead == "" and found.loosely


@pytest.mark.parametrize("canary", CANARIES)
def test_its_office_does(secret: Dataset, cast: Cast, canary: str):
    for actor in (cast.clerk.actor, SYSTEM):
        for text in (canary, canary[:-2]):
            assert find(actor, text).numbers == (secret.pk,)


def test_counts_are_of_what_one_sees(secret: Dataset, cast: Cast):
    assert narrow(ANONYMOUS, None, {}, {}, "newest", "de").counts["theme"] == {"ENVI": 1}
    assert narrow(SYSTEM, None, {}, {}, "newest", "de").counts["theme"] == {"ENVI": 1, "AGRI": 1}
    assert narrow(ANONYMOUS, None, {}, {}, "newest", "de").counts["access"] == {"open": 1}


def test_words_of_what_is_hidden_do_not_split_what_is_seen(db):
    """Otherwise somebody could learn which words stand in what they may not read."""
    open_one = register_dataset(SYSTEM, "one", "Quarzuhrenliste")
    assert find(ANONYMOUS, "uhr").numbers == ()
    register_dataset(SYSTEM, "two", "Quarz und Liste", **WITHHELD)
    assert find(ANONYMOUS, "uhr").numbers == ()
    assert find(SYSTEM, "uhr").numbers == (open_one.pk,)


def test_drafts_and_withheld_columns_are_not_found(db, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    made = register_dataset(SYSTEM, "trees", "Bäume")
    load(tmp_path, made)
    assert find(SYSTEM, "gepflanzt").numbers == ()
    other = published(tmp_path, "more")
    assert find(ANONYMOUS, "gepflanzt").numbers == (other.pk,)


def test_closing_a_dataset_takes_effect_at_once(db):
    made = register_dataset(SYSTEM, "trees", "Kanarienbäume")
    assert find(ANONYMOUS, "Kanarienbaum").numbers == (made.pk,)
    change_dataset(SYSTEM, made, **WITHHELD)
    assert find(ANONYMOUS, "Kanarienbaum").numbers == () and suggest(ANONYMOUS, "Kanarien") == []

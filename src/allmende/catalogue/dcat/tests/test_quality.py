"""Metadata quality: the published points, each with a reason, and what is described better never scores worse."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from allmende.catalogue.dcat.addresses import Addresses
from allmende.catalogue.dcat.facts import DatasetFacts, TownFacts
from allmende.catalogue.dcat.quality import RATINGS, assess
from allmende.catalogue.dcat.quality_words import DIMENSIONS, WORDS
from allmende.catalogue.dcat.tests.made import BARE_TOWN, TOWN, WHEN, datasets, full_dataset

# As the methodology publishes them: points of each dimension, and the sum.
PUBLISHED = {"findability": 100, "accessibility": 100, "interoperability": 110, "reusability": 75, "contextuality": 20}
BARE = DatasetFacts("set-aaaaaaaaaa", "bare", {"de": "Nackt"}, WHEN, WHEN)


def points(dataset: DatasetFacts, town: TownFacts = TOWN) -> dict[str, int]:
    return {check.key: check.points for check in assess(town, dataset).checks}


def test_the_points_are_the_published_ones():
    found = assess(TOWN, full_dataset())
    assert {key: most for key, (_, _, most) in found.dimensions().items()} == PUBLISHED
    assert found.most == 405 == sum(PUBLISHED.values())
    assert [least for least, _, _ in RATINGS] == [351, 221, 121, 0]


def test_a_full_dataset_is_excellent_and_says_what_still_lacks():
    plain = replace(full_dataset(), tables=tuple(replace(table, placed=False) for table in full_dataset().tables))
    found = assess(TOWN, plain)
    assert [check.key for check in found.gains()] == ["size"]
    assert (found.points, found.rating[0]) == (401, "excellent")  # Parquet alone of four files has a known size
    placed = assess(TOWN, full_dataset())
    assert {check.key for check in placed.gains()} == {"size", "download_url", "download_reached"}
    assert placed.rating[0] == "excellent"


def test_a_bare_dataset_earns_what_the_house_does_by_itself():
    found = assess(BARE_TOWN, BARE)
    assert points(BARE, BARE_TOWN) == {check.key: 0 for check in found.checks} | {
        "valid": 30, "access_rights": 10, "access_rights_listed": 5, "issued": 5, "modified": 5
    }  # fmt: skip
    assert found.rating[0] == "bad"
    reasons = {check.key: check.reason["en"] for check in found.checks}
    assert reasons["format"] == reasons["access_url"] == "There are no data to be had yet."


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"keywords": ()}, {"keywords": 30}),
        ({"keywords": (" ",)}, {"keywords": 30}),
        ({"themes": ("NONE",)}, {"themes": 30}),
        ({"begins": None, "ends": None}, {"time": 20}),
        ({"licence": ""}, {"licence": 20, "licence_listed": 10}),
        ({"licence": "https://example.org/own"}, {"licence_listed": 10}),
        ({"contact_name": "", "contact_email": ""}, {"contact": 20}),
        ({"attribution": ""}, {"rights": 5}),
        ({"access": "shared"}, {"access_url": 50, "download_reached": 25}),
        ({"place": "", "place_uri": ""}, {}),  # the coordinates say it
    ],
)
def test_what_is_missing_costs_its_points_and_no_others(change: dict, lost: dict[str, int]):
    before, after = points(full_dataset()), points(full_dataset(**change))
    assert {key: before[key] - after[key] for key in before if before[key] != after[key]} == lost


def test_where_nobody_is_named_there_is_no_publisher():
    assert points(full_dataset(owner=None))["publisher"] == 10
    assert points(full_dataset(owner=None), TownFacts(Addresses("http://x")))["publisher"] == 0


@settings(deadline=None, max_examples=200)
@given(datasets())
def test_every_check_has_its_words(made: DatasetFacts):
    found = assess(TOWN, made)
    assert 0 <= found.points <= 405
    for check in found.checks:
        assert 0 <= check.points <= check.most
        assert check.dimension in DIMENSIONS
        for text in (check.name, check.reason, *([check.gain] if check.points < check.most else [])):
            assert text["de"] and text["en"], check.key


def test_no_word_is_for_nothing():
    assert {check.key for check in assess(TOWN, BARE).checks} | {"distributions", "public"} == set(WORDS)

"""Tables for very many readers: what is remembered never shows what somebody may not see, or what is no more."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.queries import UnknownDataset, readable_remembered, visible_datasets
from allmende.catalogue.services import add_version, change_dataset, publish_version, register_dataset, withdraw_version
from tests.cast import Cast
from tests.ogc.layers import published, trees


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.DATA_DIR = tmp_path


def seen(actor, slug: str, version: int | None = None) -> list[int] | None:
    """The numbers of the versions that come, None where the dataset is unknown."""
    try:
        return [each.version.number for each in readable_remembered(actor, slug, version)]
    except UnknownDataset:
        return None


def test_everybody_sees_what_the_filter_of_datasets_says(cast: Cast):
    guarded = {"owner": cast.office.pk, "legal_ground": "Test"}
    published("open-set", trees())
    published("shared-set", trees(), access_class="shared", shared_with=[cast.school.pk], **guarded)
    published("protected-set", trees(), access_class="protected", **guarded)
    for member in [*cast, *cast]:
        allowed = set(visible_datasets(member.actor).values_list("slug", flat=True))
        for slug in ("open-set", "shared-set", "protected-set"):
            assert seen(member.actor, slug) == ([1] if slug in allowed else None), (member.name, slug)
            assert seen(member.actor, slug, 1) == ([1] if slug in allowed else None)


def test_a_right_that_ends_ends_at_once(cast: Cast):
    dataset = published("trees", trees())
    assert seen(cast.anonymous.actor, "trees") == [1]
    change_dataset(SYSTEM, dataset, access_class="protected", legal_ground="Test")
    assert seen(cast.anonymous.actor, "trees") is None
    assert seen(cast.anonymous.actor, dataset.code) is None


def test_the_newest_published_version_comes(db):
    dataset = published("trees", trees())
    draft = add_version(SYSTEM, dataset, [trees(10)])
    assert seen(SYSTEM, "trees") == [1]
    assert seen(SYSTEM, "trees", 2) == []
    publish_version(SYSTEM, draft)
    assert seen(SYSTEM, "trees") == [2]
    assert seen(SYSTEM, "trees", 1) == [1]
    draft.refresh_from_db()
    withdraw_version(SYSTEM, draft, "wrong")
    assert seen(SYSTEM, "trees") == [1]
    assert seen(SYSTEM, "trees", 2) == []
    assert seen(SYSTEM, "trees", 7) == []


def test_it_takes_one_query(db, django_assert_num_queries):
    published("trees", trees())
    readable_remembered(SYSTEM, "trees")
    with django_assert_num_queries(1):
        (found,) = readable_remembered(SYSTEM, "trees")
        assert (found.dataset.slug, found.name, found.holding.rows) == ("trees", "trees", 100)
        assert found.dataset.title and found.dataset.licence == "" and not found.dataset.simulated


def test_slugs_that_look_like_codes_and_codes(db):
    dataset = published("trees", trees())
    assert seen(SYSTEM, dataset.code) == [1]
    published("set-0123456789", trees())
    assert seen(SYSTEM, "set-0123456789") == [1]
    assert seen(SYSTEM, "") is None
    register_dataset(SYSTEM, "empty", "Empty")
    assert seen(SYSTEM, "empty") == []

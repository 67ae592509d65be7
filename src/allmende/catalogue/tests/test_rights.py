"""Who sees and manages which dataset: the whole matrix of cast × class, in the query and in `can` alike."""

from dataclasses import replace

import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM, Actor
from allmende.accounts.permissions import can
from allmende.catalogue.models import AccessClass, Dataset, DatasetShare
from allmende.catalogue.queries import UnknownDataset, get_dataset, visible_datasets
from tests.cast import Cast

OPEN, SHARED, LENT, PROTECTED, ORPHAN = "open", "shared", "lent", "protected", "orphan"


@pytest.fixture
def holdings(cast: Cast) -> dict[str, Dataset]:
    """One dataset of each class owned by the office; `lent` is shared with the school, `orphan` has no owner."""
    made = {
        name: Dataset.objects.create(slug=name, title={"de": name}, access_class=access_class, owner=owner)
        for name, access_class, owner in [
            (OPEN, AccessClass.OPEN, cast.office),
            (SHARED, AccessClass.SHARED, cast.office),
            (LENT, AccessClass.SHARED, cast.office),
            (PROTECTED, AccessClass.PROTECTED, cast.office),
            (ORPHAN, AccessClass.PROTECTED, None),
        ]
    }
    DatasetShare.objects.create(dataset=made[LENT], organisation=cast.school)
    return made


def actors(cast: Cast) -> dict[str, Actor]:
    office, school = cast.office.id, cast.school.id
    return {member.name: member.actor for member in cast} | {
        "system": SYSTEM,
        "office moderator": Actor(kind="person", organisation_roles=frozenset({("moderator", office)})),
        "office steward": Actor(kind="person", organisation_roles=frozenset({("steward", office)})),
        "school steward": Actor(kind="person", organisation_roles=frozenset({("steward", school)})),
        "town clerk": Actor(kind="person", roles=frozenset({"clerk"})),
        "office writer": Actor(
            kind="token",
            scopes=frozenset({"observations:write"}),
            organisation_roles=frozenset({("integrator", office)}),
        ),
        "office reader": Actor(
            kind="token",
            scopes=frozenset({"observations:read"}),
            organisation_roles=frozenset({("integrator", office)}),
        ),
        "office harvester": Actor(
            kind="token",
            scopes=frozenset({"catalogue:read", "catalogue:manage"}),
            organisation_roles=frozenset({("integrator", office)}),
        ),
    }


READS = {
    "anonymous": {OPEN},
    "resident": {OPEN},
    "moderator": {OPEN},
    "clerk": {OPEN, SHARED, LENT, PROTECTED},  # of the office
    "steward": {OPEN, SHARED, LENT},  # of the whole town
    "provider": {OPEN, LENT},  # of the school
    "administrator": {OPEN, SHARED, LENT, PROTECTED, ORPHAN},
    "system": {OPEN, SHARED, LENT, PROTECTED, ORPHAN},
    "sensor": {OPEN},
    "office moderator": {OPEN, SHARED, LENT},
    "office steward": {OPEN, SHARED, LENT, PROTECTED},
    "school steward": {OPEN, LENT},
    "town clerk": {OPEN},
    "office writer": {OPEN},
    "office reader": {OPEN, SHARED, LENT},
    "office harvester": {OPEN, SHARED, LENT},
}
MANAGES = {
    "steward": {OPEN, SHARED, LENT},
    "administrator": {OPEN, SHARED, LENT, PROTECTED, ORPHAN},
    "system": {OPEN, SHARED, LENT, PROTECTED, ORPHAN},
    "office steward": {OPEN, SHARED, LENT, PROTECTED},
    "office harvester": {OPEN, SHARED, LENT, PROTECTED},
}


def test_reading(cast: Cast, holdings: dict[str, Dataset]):
    seen = {name: {d.slug for d in visible_datasets(actor)} for name, actor in actors(cast).items()}
    assert seen == READS


def test_can_agrees_with_the_query(cast: Cast, holdings: dict[str, Dataset]):
    for name, actor in actors(cast).items():
        assert can(actor, "catalogue:read")
        for slug, dataset in holdings.items():
            assert can(actor, "catalogue:read", dataset) == (slug in READS[name]), (name, slug)


def test_managing(cast: Cast, holdings: dict[str, Dataset]):
    for name, actor in actors(cast).items():
        managed = {slug for slug, dataset in holdings.items() if can(actor, "catalogue:manage", dataset)}
        assert managed == MANAGES.get(name, set()), name


def test_who_may_try_to_manage_at_all(cast: Cast):
    trying = {name for name, actor in actors(cast).items() if can(actor, "catalogue:manage")}
    assert trying == set(MANAGES) | {"school steward"}


def test_a_token_for_certain_datasets_sees_no_others(cast: Cast, holdings: dict[str, Dataset]):
    reader = replace(actors(cast)["office reader"], datasets=frozenset({holdings[SHARED].code}))
    assert {d.slug for d in visible_datasets(reader)} == {SHARED}
    manager = replace(actors(cast)["office harvester"], datasets=frozenset({holdings[SHARED].code}))
    assert can(manager, "catalogue:manage", holdings[SHARED])
    assert not can(manager, "catalogue:manage", holdings[OPEN])


def test_a_token_reads_what_is_protected_only_for_its_owner_and_by_name(cast: Cast, holdings: dict[str, Dataset]):
    code = frozenset({holdings[PROTECTED].code})
    assert get_dataset(replace(actors(cast)["office reader"], datasets=code), PROTECTED) == holdings[PROTECTED]
    stranger = Actor(kind="token", scopes=frozenset({"observations:read"}), datasets=code)
    writer = replace(actors(cast)["office writer"], datasets=code)
    for nobody in (stranger, writer):
        assert not visible_datasets(nobody).exists()


def test_a_shared_dataset_appears_once(cast: Cast, holdings: dict[str, Dataset]):
    DatasetShare.objects.create(dataset=holdings[LENT], organisation=cast.office)
    both = Actor(kind="person", organisation_roles=frozenset({("clerk", cast.office.id), ("provider", cast.school.id)}))
    assert [d.slug for d in visible_datasets(both)].count(LENT) == 1


def test_the_filter_is_one_query(cast: Cast, holdings: dict[str, Dataset], django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [dataset.owner and dataset.owner.code for dataset in visible_datasets(cast.clerk.actor)]


def test_unseen_and_unknown_are_not_told_apart(cast: Cast, holdings: dict[str, Dataset]):
    messages = []
    for asked in (PROTECTED, holdings[PROTECTED].code, "no-such-thing"):
        with pytest.raises(UnknownDataset) as caught:
            get_dataset(ANONYMOUS, asked)
        messages.append(str(caught.value).replace(asked, "X"))
    assert len(set(messages)) == 1


def test_by_slug_or_code_or_a_slug_that_looks_like_a_code(cast: Cast, holdings: dict[str, Dataset]):
    assert get_dataset(ANONYMOUS, OPEN) == get_dataset(ANONYMOUS, holdings[OPEN].code) == holdings[OPEN]
    odd = Dataset.objects.create(slug="abc-0123456789", title={"de": "odd"})
    assert get_dataset(ANONYMOUS, "abc-0123456789") == odd

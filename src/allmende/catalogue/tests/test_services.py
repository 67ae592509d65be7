"""Registering and changing datasets: idempotent, checked, written down, told."""

import pytest
from django.core.exceptions import ValidationError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.models import Dataset
from allmende.catalogue.queries import get_dataset, shared_with, visible_datasets
from allmende.catalogue.services import change_dataset, register_dataset
from allmende.core import audit, kinds
from allmende.core.models import Event
from tests.cast import Cast, Member


def events() -> list[str]:
    return list(Event.objects.order_by("id").values_list("name", flat=True))


def test_registered_once_and_returned_as_it_is(steward: Member):
    made = register_dataset(steward.actor, "trees", "Bäume", description={"de": "Alle Bäume", "en": "All trees"})
    again = register_dataset(steward.actor, "trees", "Another title")
    assert (again.code, again.title) == (made.code, {"de": "Bäume", "en": "Bäume"})
    assert Dataset.objects.count() == 1
    assert events() == ["dataset.registered"]
    [entry] = audit.history("dataset", made.code)
    assert (entry.action, entry.actor_code) == ("dataset.registered", steward.actor.code)
    assert entry.details is not None and entry.details["slug"] == "trees"
    assert audit.verify() == []


def test_who_may_not(cast: Cast):
    for nobody in (ANONYMOUS, cast.resident.actor, cast.clerk.actor, cast.sensor.actor):
        with pytest.raises(Denied):
            register_dataset(nobody, "trees", "Bäume")
    assert not Dataset.objects.exists() and events() == []


def test_an_existing_one_is_not_handed_to_who_may_not_manage_it(cast: Cast):
    register_dataset(SYSTEM, "cases", "Fälle", access_class="protected", legal_ground="Art. 6 DSGVO")
    with pytest.raises(Denied):
        register_dataset(cast.steward.actor, "cases", "Fälle")


def test_what_is_withheld_needs_a_reason(db):
    with pytest.raises(ValidationError) as caught:
        register_dataset(SYSTEM, "cases", "Fälle", access_class="protected")
    assert "legal_ground" in caught.value.message_dict
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("slug", "details", "field"),
    [
        ("not a slug", {}, "slug"),
        ("trees", {"title": {}}, "title"),
        ("trees", {"title": {"fr": "arbres"}}, "title"),
        ("trees", {"access_class": "secret"}, "access_class"),
        ("trees", {"contact_email": "nobody"}, "contact_email"),
    ],
)
def test_fields_that_do_not_fit(db, slug: str, details: dict, field: str):
    with pytest.raises(ValidationError) as caught:
        register_dataset(SYSTEM, slug, details.pop("title", "Bäume"), **details)
    assert field in caught.value.message_dict


def test_a_change_says_what_it_was_and_is(steward: Member):
    made = register_dataset(steward.actor, "trees", "Bäume")
    change_dataset(steward.actor, made, title={"de": "Stadtbäume", "en": "Town trees"}, retention_days=30)
    newest, _ = audit.history("dataset", made.code)
    assert newest.details == {
        "title": {"from": {"de": "Bäume", "en": "Bäume"}, "to": {"de": "Stadtbäume", "en": "Town trees"}},
        "retention_days": {"from": None, "to": 30},
    }
    assert get_dataset(ANONYMOUS, "trees").title["en"] == "Town trees"
    assert events() == ["dataset.registered", "dataset.changed"]


def test_no_change_leaves_no_trace(steward: Member):
    made = register_dataset(steward.actor, "trees", "Bäume")
    change_dataset(steward.actor, made, title="Bäume", shared_with=())
    assert events() == ["dataset.registered"]


def test_closing_a_dataset_takes_effect_at_once(cast: Cast):
    made = register_dataset(SYSTEM, "trees", "Bäume", owner=cast.office.id)
    change_dataset(
        cast.steward.actor, made, access_class="shared", legal_ground="Vertrag", shared_with=[cast.school.id]
    )
    assert shared_with(made) == [cast.school.id]
    assert visible_datasets(cast.provider.actor).exists() and not visible_datasets(cast.resident.actor).exists()
    change_dataset(cast.steward.actor, made, shared_with=[cast.office.id])
    assert not visible_datasets(cast.provider.actor).exists()
    newest = audit.history("dataset", made.code)[0]
    assert newest.details == {"shared_with": {"from": [cast.school.id], "to": [cast.office.id]}}


def test_a_change_is_denied_to_others_and_undone_with_its_traces(cast: Cast):
    made = register_dataset(SYSTEM, "trees", "Bäume", owner=cast.office.id)
    with pytest.raises(Denied):
        change_dataset(cast.provider.actor, made, title="Mine")
    with pytest.raises(ValidationError):
        change_dataset(SYSTEM, made, access_class="protected")
    made.refresh_from_db()
    assert (made.title["de"], made.access_class) == ("Bäume", "open")
    assert events() == ["dataset.registered"]


def test_search_and_titles_follow_the_rights(cast: Cast):
    made = register_dataset(
        SYSTEM, "oaks", {"de": "Eichen", "en": "Oaks"}, access_class="protected", legal_ground="BNatSchG"
    )
    kind = kinds.get("dataset")
    assert kind.title(made.code, SYSTEM) == "Eichen"
    assert kind.title(made.code, ANONYMOUS) is None
    assert [hit.code for hit in kind.search("oak", SYSTEM, 5)] == [made.code]
    assert kind.search("oak", ANONYMOUS, 5) == []
    assert kind.url(made.code) == f"datasets/{made.code}/"

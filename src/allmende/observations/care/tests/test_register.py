"""The public register: the same for everybody; what a dataset says and a thing says otherwise; what is not named."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.services import change_dataset
from allmende.core.signals import BATTERY_LEVEL
from allmende.observations.care.register import describe, entries, entry, said, unnamed
from allmende.observations.services import register_datastream, register_thing


def test_open_things_are_named_and_others_counted(town):
    [one] = entries()
    assert (one.code, one.name["de"], one.owner_name["de"]) == (town.open_thing.code, "Station open", "Umweltamt")
    assert one.quantities == ({"de": "Lufttemperatur", "en": "Air temperature"},)
    assert (one.personal, one.images, one.sound) == ("", None, None)
    assert one.point == (11.58, 50.92)
    [rest] = unnamed()
    assert (rest.count, rest.owner_name["de"], rest.purpose) == (2, "Umweltamt", {})
    assert entry(town.protected_thing.code) is None
    assert entry("thg-0000000000") is None


def test_a_thing_says_otherwise_than_its_dataset(town):
    change_dataset(
        SYSTEM, town.open_dataset, purpose={"de": "Wetter"}, contact_email="a@example.org", retention_days=30
    )
    describe(
        SYSTEM,
        said(dataset=town.open_dataset),
        legal_ground={"de": "§ 1 Wettergesetz"},
        personal_data="none",
        images=False,
        sound=False,
    )
    found = entry(town.open_thing.code)
    assert found.purpose == {"de": "Wetter"}
    assert (found.legal_ground, found.personal, found.images) == ({"de": "§ 1 Wettergesetz"}, "none", False)
    assert (found.contact, found.retention_days) == ("a@example.org", 30)
    describe(
        SYSTEM, said(thing=town.open_thing), images=True, personal_data="anonymised", contact_email="b@example.org"
    )
    found = entry(town.open_thing.code)
    assert (found.personal, found.images, found.sound) == ("anonymised", True, False)
    assert found.contact == "b@example.org"
    assert found.legal_ground == {"de": "§ 1 Wettergesetz"}
    assert entries() == [found]


def test_the_purpose_of_what_is_not_named_is_told_where_the_office_allows_it(town):
    change_dataset(SYSTEM, town.protected_dataset, purpose={"de": "Schutz der Brunnen"})
    describe(SYSTEM, said(dataset=town.protected_dataset), name_purpose=True, personal_data="none")
    rows = {row.count: row for row in unnamed()}
    assert len(unnamed()) == 2
    told = next(row for row in unnamed() if row.purpose)
    assert (told.purpose["de"], told.personal, told.legal_ground) == ("Schutz der Brunnen", "none", {"de": "§ 1 Test"})
    assert set(rows) == {1}


def test_who_looks_makes_no_difference_and_retired_ones_are_not_counted(town):
    town.protected_thing.properties = {"retired": "2026-01-01"}
    town.protected_thing.save()
    assert [row.count for row in unnamed()] == [1]


def test_a_battery_is_not_what_is_measured(town):
    register_datastream(
        SYSTEM,
        thing=town.open_thing,
        name="Batterie",
        observed_property=(BATTERY_LEVEL.definition, BATTERY_LEVEL.name),
        unit="%",
    )
    assert len(entry(town.open_thing.code).quantities) == 1


def test_only_who_manages_the_dataset_describes(town, resident, steward):
    with pytest.raises(Denied):
        describe(resident.actor, said(thing=town.open_thing), personal_data="none")
    with pytest.raises(Denied):
        describe(steward.actor, said(dataset=town.protected_dataset), personal_data="none")
    describe(steward.actor, said(thing=town.open_thing), personal_data="none")


def test_questions_do_not_grow_with_the_register(town, django_assert_num_queries):
    for number in range(20):
        register_thing(SYSTEM, dataset=town.open_dataset, name=f"T{number}")
    with django_assert_num_queries(4):
        assert len(entries()) == 21

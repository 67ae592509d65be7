"""Organisations, people and roles: each granted once, by administrators only, told to the trail and to the outbox."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import override

from allmende.accounts import queries, services
from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.models import Organisation, Person, RoleGrant
from allmende.accounts.permissions import Denied
from allmende.core import audit
from allmende.core.models import Event
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def told(kind: str, code: str) -> list[str]:
    """What the audit trail says of a thing, oldest first."""
    return [entry.action for entry in reversed(audit.history(kind, code))]


@pytest.mark.parametrize("within", [False, True])
def test_the_database_grants_a_role_once(cast: Cast, within: bool):
    grant = {"person": cast.resident.person, "role": "clerk", "organisation": cast.office if within else None}
    RoleGrant.objects.create(**grant)
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(**grant)


def test_the_same_role_may_be_held_in_several_places(cast: Cast):
    for organisation in (None, cast.office, cast.school):
        services.grant_role(SYSTEM, cast.resident.person.code, "steward", organisation)
    actor = queries.actor_of_person(cast.resident.person)
    assert actor.roles == {"steward"}
    assert actor.organisation_roles == {("steward", cast.office.id), ("steward", cast.school.id)}


def test_granting_twice_changes_and_tells_nothing(cast: Cast):
    code = cast.resident.person.code
    first = services.grant_role(cast.administrator.actor, code, "moderator")
    again = services.grant_role(cast.administrator.actor, code, "moderator")
    assert first == again == queries.actor_of_person(cast.resident.person)
    assert told("person", code) == ["person.registered", "role.granted"]
    assert Event.objects.filter(name="role.granted", payload__person=code).count() == 1


def test_withdrawing_takes_it_back(cast: Cast):
    code = cast.moderator.person.code
    actor = services.withdraw_role(cast.administrator.actor, code, "moderator")
    assert actor.roles == frozenset()
    services.withdraw_role(cast.administrator.actor, code, "moderator")
    assert told("person", code) == ["person.registered", "role.granted", "role.withdrawn"]


def test_an_administrator_enters_the_back_room_and_leaves_it_with_the_role(cast: Cast):
    code = cast.resident.person.code
    services.grant_role(SYSTEM, code, "administrator")
    person = Person.objects.get(code=code)
    assert (person.is_staff, person.is_superuser) == (True, True)
    services.withdraw_role(SYSTEM, code, "administrator")
    person.refresh_from_db()
    assert (person.is_staff, person.is_superuser) == (False, False)


def test_the_last_administrator_stays(cast: Cast):
    with pytest.raises(ValidationError, match="last administrator"):
        services.withdraw_role(SYSTEM, cast.administrator.person.code, "administrator")
    assert queries.actor_of_person(cast.administrator.person).holds("administrator")
    assert told("person", cast.administrator.person.code)[-1] == "role.granted"


@pytest.mark.parametrize(("role", "within"), [("king", False), ("", False), ("administrator", True)])
def test_roles_that_do_not_exist_are_refused(cast: Cast, role: str, within: bool):
    with pytest.raises(ValidationError) as caught:
        services.grant_role(SYSTEM, cast.resident.person.code, role, cast.office if within else None)
    assert "role" in caught.value.message_dict


def test_only_administrators_arrange_people_and_organisations(cast: Cast):
    for member in cast:
        if member.name == "administrator":
            continue
        for attempt in (
            lambda who: services.grant_role(who, cast.resident.person.code, "steward"),
            lambda who: services.withdraw_role(who, cast.steward.person.code, "steward"),
            lambda who: services.create_organisation(who, "Bund"),
            lambda who: services.register_organisation(who, "office", "Amt"),
            lambda who: services.register_person(who, "new@example.org", PASSWORD),
        ):
            with pytest.raises(Denied):
                attempt(member.actor)
    assert Organisation.objects.count() == 2
    assert queries.actor_of_person(cast.steward.person).roles == {"steward"}


def test_an_organisation_is_created_with_trail_and_event(cast: Cast):
    made = services.create_organisation(cast.administrator.actor, {"de": "Werkhof", "en": "Depot"}, key="depot")
    assert str(made) == "Depot"
    assert told("organisation", made.code) == ["organisation.created"]
    assert audit.history("organisation", made.code)[0].actor_code == cast.administrator.person.code
    assert Event.objects.filter(name="organisation.created", payload__organisation=made.code).exists()
    assert queries.get_organisation("depot") == queries.get_organisation(made.code) == made


@pytest.mark.parametrize("asked", ["", "nowhere"])
def test_an_unknown_organisation_is_a_lookup_error(cast: Cast, asked: str):
    services.create_organisation(SYSTEM, "Ohne Schlüssel")
    with pytest.raises(queries.UnknownOrganisation):
        queries.get_organisation(asked)


def test_registering_an_organisation_again_returns_it_as_it_is(db: None):
    first = services.register_organisation(SYSTEM, "depot", "Werkhof", sector="administration")
    again = services.register_organisation(SYSTEM, "depot", "Other name")
    assert again == first
    assert again.name == {"de": "Werkhof", "en": "Werkhof"}
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "more", "field"),
    [
        ({"fr": "Dépôt"}, {}, "name"),
        ("Depot", {"key": "no blanks"}, "key"),
        ("Depot", {"homepage": "not an address"}, "homepage"),
    ],
)
def test_organisations_that_will_not_do_are_refused(db: None, name: object, more: dict, field: str):
    with pytest.raises(ValidationError) as caught:
        services.create_organisation(SYSTEM, name, **more)
    assert field in caught.value.message_dict
    assert not Organisation.objects.exists()


def test_two_organisations_do_not_share_a_key_but_many_have_none(db: None):
    for _ in range(2):
        services.create_organisation(SYSTEM, "Verein")
    services.create_organisation(SYSTEM, "Werkhof", key="depot")
    with pytest.raises(ValidationError):
        services.create_organisation(SYSTEM, "Bauhof", key="depot")
    with pytest.raises(ValidationError, match="needs a key"):
        services.register_organisation(SYSTEM, "", "Bauhof")


def test_a_person_is_registered_once_with_a_confirmed_address(db: None):
    first = services.register_person(SYSTEM, " New@Example.ORG ", PASSWORD, display_name="New", language="en")
    again = services.register_person(SYSTEM, "new@example.org", "another password altogether")
    assert first == again
    person = Person.objects.get()
    assert (person.email, person.language, str(person)) == ("new@example.org", "en", "New")
    assert person.check_password(PASSWORD)
    assert EmailAddress.objects.get().verified
    assert told("person", person.code) == ["person.registered"]


def test_addresses_know_no_case_whoever_writes_them(db: None):
    Person.objects.create_user("One@Example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="ONE@example.ORG")
    assert Person.objects.get_by_natural_key("oNe@example.org").email == "one@example.org"


@pytest.mark.parametrize(
    ("email", "password", "language"),
    [
        ("nobody", PASSWORD, "de"),
        ("a@example.org", "short", "de"),
        ("a@example.org", "password123", "de"),
        ("somebody.long@example.org", "somebody.long", "de"),
        ("a@example.org", PASSWORD, "fr"),
    ],
)
def test_people_who_will_not_do_are_refused(db: None, email: str, password: str, language: str):
    with pytest.raises(ValidationError):
        services.register_person(SYSTEM, email, password, language=language)
    assert not Person.objects.exists()


def test_the_command_line_makes_administrators(db: None):
    actor = services.create_administrator("boss@example.org", PASSWORD)
    assert actor.holds("administrator")
    person = Person.objects.get()
    assert person.is_staff
    assert services.create_administrator("boss@example.org", "a quite different one") == actor
    person.refresh_from_db()
    assert person.check_password("a quite different one")
    assert told("person", person.code) == ["person.registered", "role.granted", "person.password_set"]


def test_an_administrator_with_a_bad_password_is_not_half_made(db: None):
    with pytest.raises(ValidationError):
        services.create_administrator("boss@example.org", "123")
    assert not Person.objects.exists()
    assert audit.head()[0] == 0


def test_people_change_their_own_name_and_language(cast: Cast):
    services.change_self(cast.resident.actor, display_name=" Res I. Dent ", language="en")
    services.change_self(cast.resident.actor, language="en")
    person = Person.objects.get(code=cast.resident.person.code)
    assert (person.display_name, person.language) == ("Res I. Dent", "en")
    assert told("person", person.code) == ["person.registered", "person.changed"]
    assert queries.language_of(cast.resident.actor) == "en"
    assert queries.display_names([person.code, "per-none"]) == {person.code: "Res I. Dent"}


def test_only_people_have_themselves_to_change(cast: Cast):
    for nobody in (ANONYMOUS, cast.sensor.actor):
        with pytest.raises(Denied):
            services.change_self(nobody, language="en")
        assert queries.language_of(nobody) is None
    with pytest.raises(ValidationError):
        services.change_self(cast.resident.actor, language="xx")
    with pytest.raises(ValidationError):
        services.change_self(cast.resident.actor, display_name="n" * 81)

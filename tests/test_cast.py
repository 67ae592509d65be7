"""The standing cast is what its description says."""

from django.conf import settings

from allmende.accounts.actors import Actor
from tests.cast import Cast, Member


def test_everybody_is_there_and_is_who_they_are(cast: Cast):
    assert {member.name: member.actor.kind for member in cast} == {
        "anonymous": "anonymous",
        "resident": "person",
        "moderator": "person",
        "clerk": "person",
        "steward": "person",
        "provider": "person",
        "administrator": "person",
        "sensor": "token",
    }


def test_roles_are_town_wide_or_within_an_organisation(cast: Cast):
    assert cast.steward.actor.roles == {"steward"}
    assert cast.clerk.actor.roles == frozenset()
    assert cast.clerk.actor.organisation_roles == {("clerk", cast.office.id)}
    assert cast.provider.actor.organisations() == {cast.school.id}
    assert cast.resident.actor == Actor(kind="person", code=cast.resident.person.code)


def test_the_sensor_shows_its_token(sensor: Member):
    assert sensor.headers == {"Authorization": f"Bearer {sensor.secret}"}
    assert sensor.actor.scopes == {"observations:write", "observations:read"}


def test_tests_keep_to_a_folder_of_their_own():
    assert "allmende-tests-" in str(settings.DATA_DIR)

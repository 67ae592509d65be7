"""The standing cast: the same few people and one sensor in every test, known to everyone, built once per test, and only
who is used in it.

Use a member (`steward`, `sensor`, …) or all of them (`cast`). A member is a Member: `.actor` for services and queries,
`.person` for signing in, `.secret` for a bearer header.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import pytest
from django.test import Client
from django.utils import translation

from allmende.accounts import memory, queries, services
from allmende.accounts.actors import ANONYMOUS, SYSTEM, Actor
from allmende.accounts.models import Organisation, Person, Role
from allmende.core.models import Event

PASSWORD = "correct horse battery staple"
SENSOR_SCOPES = ("observations:write", "observations:read")


@dataclass(frozen=True)
class Member:
    """One of the cast; person is None for machines and strangers, secret is empty for people."""

    name: str
    actor: Actor
    person: Person | None = None
    secret: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The request headers by which a machine shows who it is; empty for everybody else."""
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


Arrived = Callable[[Member], Member]


@dataclass(frozen=True)
class Cast:
    """Everybody; iterate to walk a matrix of rights."""

    anonymous: Member
    resident: Member
    moderator: Member
    clerk: Member
    steward: Member
    provider: Member
    administrator: Member
    sensor: Member
    office: Organisation
    school: Organisation

    def __iter__(self):
        return (value for field in fields(self) if isinstance(value := getattr(self, field.name), Member))


def _person(name: str, role: Role | None = None, organisation: Organisation | None = None) -> Member:
    email = f"{name}@example.org"
    actor = services.register_person(SYSTEM, email, PASSWORD, display_name=name.title())
    if role:
        actor = services.grant_role(SYSTEM, actor.code, role, organisation)
    return Member(name, actor, Person.objects.get(email=email))


def _sensor() -> Member:
    _, secret = services.create_token(SYSTEM, "sensor", SENSOR_SCOPES)
    actor = queries.actor_of_token(secret)
    assert actor is not None
    return Member("sensor", actor, secret=secret)


@pytest.fixture(autouse=True)
def as_new() -> None:
    """Nothing stays in the process from the test before: neither its people and tokens nor the language of its page."""
    memory.forget()
    translation.deactivate()


@pytest.fixture
def arrived(db: None) -> Arrived:
    """Says of a member that they have arrived. That is no news; what a test waits for is."""

    def arrived(member: Member) -> Member:
        Event.objects.all().delete()
        return member

    return arrived


@pytest.fixture
def environment_office(db: None) -> Organisation:
    name = {"de": "Umweltamt", "en": "Environment office"}
    return services.create_organisation(SYSTEM, name, key="office", sector="administration")


@pytest.fixture
def evening_school(db: None) -> Organisation:
    return services.create_organisation(SYSTEM, "Volkshochschule", key="school", sector="education")


@pytest.fixture
def anonymous() -> Member:
    return Member("anonymous", ANONYMOUS)


@pytest.fixture
def resident(arrived: Arrived) -> Member:
    return arrived(_person("resident"))


@pytest.fixture
def moderator(arrived: Arrived) -> Member:
    return arrived(_person("moderator", Role.MODERATOR))


@pytest.fixture
def clerk(arrived: Arrived, environment_office: Organisation) -> Member:
    return arrived(_person("clerk", Role.CLERK, environment_office))


@pytest.fixture
def steward(arrived: Arrived) -> Member:
    return arrived(_person("steward", Role.STEWARD))


@pytest.fixture
def provider(arrived: Arrived, evening_school: Organisation) -> Member:
    return arrived(_person("provider", Role.PROVIDER, evening_school))


@pytest.fixture
def administrator(arrived: Arrived) -> Member:
    return arrived(_person("administrator", Role.ADMINISTRATOR))


@pytest.fixture
def sensor(arrived: Arrived) -> Member:
    return arrived(_sensor())


@pytest.fixture
def cast(
    anonymous: Member,
    resident: Member,
    moderator: Member,
    clerk: Member,
    steward: Member,
    provider: Member,
    administrator: Member,
    sensor: Member,
    environment_office: Organisation,
    evening_school: Organisation,
) -> Cast:
    """Everybody at once. The clerk works in the office, the provider is a school; the other roles are town-wide."""
    return Cast(
        anonymous=anonymous,
        resident=resident,
        moderator=moderator,
        clerk=clerk,
        steward=steward,
        provider=provider,
        administrator=administrator,
        sensor=sensor,
        office=environment_office,
        school=evening_school,
    )


@pytest.fixture
def signed_in(client: Client):
    """A function that signs a member in and returns the browser: `signed_in(steward).get("/de/")`."""

    def sign_in(member: Member) -> Client:
        assert member.person is not None, f"{member.name} has no account"
        client.force_login(member.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in

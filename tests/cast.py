"""The standing cast: the same few people and one sensor in every test, known to everyone, built once per test.

Use a member (`steward`, `sensor`, …) or all of them (`cast`). A member is a Member: `.actor` for services and queries,
`.person` for signing in, `.secret` for a bearer header.
"""

from dataclasses import dataclass, fields
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone

from allmende.accounts import queries
from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.models import Organisation, Person, Role, RoleGrant, Token
from allmende.core.texts import same

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
    person = Person.objects.create_user(f"{name}@example.org", PASSWORD, display_name=name.title())
    if role is Role.ADMINISTRATOR:
        person.is_staff = person.is_superuser = True
        person.save()
    if role:
        RoleGrant.objects.create(person=person, role=role, organisation=organisation)
    return Member(name, queries.actor_of_person(person), person)


def _sensor() -> Member:
    secret = "alm_" + "s" * 32
    Token.objects.create(
        name="sensor",
        secret_hash=sha256(secret.encode()).hexdigest(),
        scopes=list(SENSOR_SCOPES),
        expires=timezone.now() + timedelta(days=365),
    )
    actor = queries.actor_of_token(secret)
    assert actor is not None
    return Member("sensor", actor, secret=secret)


@pytest.fixture
def cast(db) -> Cast:
    """Everybody at once. The clerk works in the office, the provider is a school; the other roles are town-wide."""
    office = Organisation.objects.create(name={"de": "Umweltamt", "en": "Environment office"}, sector="administration")
    school = Organisation.objects.create(name=same("Volkshochschule"), sector="education")
    return Cast(
        anonymous=Member("anonymous", ANONYMOUS),
        resident=_person("resident"),
        moderator=_person("moderator", Role.MODERATOR),
        clerk=_person("clerk", Role.CLERK, office),
        steward=_person("steward", Role.STEWARD),
        provider=_person("provider", Role.PROVIDER, school),
        administrator=_person("administrator", Role.ADMINISTRATOR),
        sensor=_sensor(),
        office=office,
        school=school,
    )


@pytest.fixture
def anonymous() -> Member:
    return Member("anonymous", ANONYMOUS)


@pytest.fixture
def resident(cast: Cast) -> Member:
    return cast.resident


@pytest.fixture
def moderator(cast: Cast) -> Member:
    return cast.moderator


@pytest.fixture
def clerk(cast: Cast) -> Member:
    return cast.clerk


@pytest.fixture
def steward(cast: Cast) -> Member:
    return cast.steward


@pytest.fixture
def provider(cast: Cast) -> Member:
    return cast.provider


@pytest.fixture
def administrator(cast: Cast) -> Member:
    return cast.administrator


@pytest.fixture
def sensor(cast: Cast) -> Member:
    return cast.sensor


@pytest.fixture
def signed_in(client: Client):
    """A function that signs a member in and returns the browser: `signed_in(steward).get("/de/")`."""

    def sign_in(member: Member) -> Client:
        assert member.person is not None, f"{member.name} has no account"
        client.force_login(member.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in

"""The back room: what the administrator changes there stands in the trail; trail and secrets cannot be touched."""

import pytest
from django.test import Client
from django.urls import reverse

from allmende.accounts import queries, services
from allmende.accounts.actors import SYSTEM
from allmende.accounts.models import Person, Token
from allmende.core import audit, clock
from allmende.core.models import AuditEntry, Event
from tests.cast import Cast


@pytest.fixture
def office(cast: Cast, signed_in) -> Client:
    """The administrator's browser."""
    return signed_in(cast.administrator)


def grants(*rows: dict) -> dict[str, object]:
    """The form fields of a person's roles."""
    fields: dict[str, object] = {"grants-TOTAL_FORMS": len(rows), "grants-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        fields |= {f"grants-{number}-{name}": value for name, value in row.items()}
    return fields


def test_only_the_administrator_enters(cast: Cast, client: Client):
    for member in cast:
        if member.person is not None:
            client.force_login(member.person, backend="allauth.account.auth_backends.AuthenticationBackend")
            expected = 200 if member.name == "administrator" else 403
            assert client.get(reverse("admin:index")).status_code == expected, member.name


@pytest.mark.parametrize(
    "model",
    ["accounts_person", "accounts_organisation", "accounts_token", "core_auditentry", "core_event", "core_link"],
)
def test_every_list_opens(office: Client, model: str):
    assert office.get(reverse(f"admin:{model}_changelist")).status_code == 200


def test_changing_a_person_and_their_roles_stands_in_the_trail(office: Client, cast: Cast):
    person = cast.resident.person
    fields = {"email": person.email, "display_name": "Somebody", "language": "en", "is_active": "on"}
    answer = office.post(
        reverse("admin:accounts_person_change", args=[person.pk]),
        fields | grants({"role": "administrator", "organisation": ""}),
    )
    assert answer.status_code == 302
    person.refresh_from_db()
    assert (person.display_name, person.language, person.is_staff) == ("Somebody", "en", True)
    assert queries.actor_of_person(person).holds("administrator")
    newest = audit.history("person", person.code)[0]
    assert (newest.action, newest.actor_code) == ("person.changed", cast.administrator.person.code)
    assert audit.verify() == []


def test_people_are_not_made_in_the_back_room(office: Client):
    assert office.get(reverse("admin:accounts_person_add")).status_code == 403


def test_a_person_is_deleted_the_trail_stays(office: Client, cast: Cast):
    person = cast.resident.person
    office.post(reverse("admin:accounts_person_delete", args=[person.pk]), {"post": "yes"})
    assert not Person.objects.filter(pk=person.pk).exists()
    assert audit.history("person", person.code)[0].action == "person.deleted"


def test_an_organisation_is_added_with_an_entry(office: Client):
    office.post(
        reverse("admin:accounts_organisation_add"), {"name": '{"de": "Verein", "en": "Club"}', "key": "", "sector": ""}
    )
    entry = AuditEntry.objects.order_by("-number")[0]
    assert (entry.kind, entry.action) == ("organisation", "organisation.added")


def test_the_secret_hash_is_never_shown(office: Client, cast: Cast):
    token = Token.objects.get()
    page = office.get(reverse("admin:accounts_token_change", args=[token.pk])).content.decode()
    assert token.code in page or token.name in page
    assert token.secret_hash not in page


def test_tokens_are_revoked_in_the_back_room(office: Client, cast: Cast):
    token = Token.objects.get()
    office.post(reverse("admin:accounts_token_changelist"), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked is not None
    assert queries.actor_of_token(cast.sensor.secret) is None


def test_nobody_edits_the_trail(office: Client):
    services.create_organisation(SYSTEM, "Werkhof")
    number = audit.head()[0]
    change, delete = (reverse(f"admin:core_auditentry_{what}", args=[number]) for what in ("change", "delete"))
    assert office.post(change, {"actor_code": "per-other"}).status_code == 403
    assert office.post(delete, {"post": "yes"}).status_code == 403
    assert audit.head()[0] == number
    assert audit.verify() == []


def test_a_dead_event_is_revived(office: Client):
    moment = clock.now()
    event = Event.objects.create(name="x.y", payload={}, created=moment, due=moment, done=True, error="stuck")
    office.post(reverse("admin:core_event_changelist"), {"action": "revive", "_selected_action": [event.pk]})
    event.refresh_from_db()
    assert (event.done, event.error) == (False, "")

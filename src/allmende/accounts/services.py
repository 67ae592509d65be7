"""Writes of accounts, each with its permission, audit entry and event in one transaction. The only door for writing."""

from collections.abc import Mapping

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts import memory
from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.models import Organisation, Person, Role, RoleGrant
from allmende.accounts.permissions import require
from allmende.accounts.queries import actor_of_person
from allmende.accounts.tokens import create_token, revoke_token
from allmende.core import audit, outbox
from allmende.core.texts import same

__all__ = [
    "change_self",
    "create_administrator",
    "create_organisation",
    "create_token",
    "follow_roles",
    "grant_role",
    "register_organisation",
    "register_person",
    "revoke_token",
    "withdraw_role",
]

LANGUAGES = ("de", "en")


def create_organisation(
    actor: Actor, name: dict[str, str] | str, *, key: str = "", sector: str = "", homepage: str = ""
) -> Organisation:
    """A new office, club, school or firm. Raises Denied, or ValidationError (also when the key is taken)."""
    require(actor, "accounts:manage")
    words = same(name) if isinstance(name, str) else dict(name)
    organisation = Organisation(name=words, key=key, sector=sector, homepage=homepage)
    with transaction.atomic():
        organisation.full_clean()
        organisation.save()
        _tell(actor, "organisation.created", "organisation", organisation.code, {"name": words, "key": key})
    return organisation


def register_organisation(
    actor: Actor, key: str, name: dict[str, str] | str, *, sector: str = "", homepage: str = ""
) -> Organisation:
    """The organisation with this key, made if there is none yet; an existing one is returned as it is."""
    require(actor, "accounts:manage")
    if not key:
        raise ValidationError({"key": _("An organisation that a set-up registers needs a key.")})
    found = Organisation.objects.filter(key=key).first()
    return found or create_organisation(actor, name, key=key, sector=sector, homepage=homepage)


def register_person(actor: Actor, email: str, password: str, *, display_name: str = "", language: str = "de") -> Actor:
    """The account with this address, made (with a confirmed address) if there is none yet; else as it is.

    Raises Denied, or ValidationError for an address, password or language that will not do.
    """
    require(actor, "accounts:manage")
    email = email.strip().lower()
    with transaction.atomic():
        found = Person.objects.filter(email=email).first()
        if found is None:
            validate_email(email)
            _check_language(language)
            person = Person(email=email, display_name=display_name, language=language)
            validate_password(password, person)
            person.set_password(password)
            person.full_clean(exclude=["password"])
            person.save()
            EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
            _tell(actor, "person.registered", "person", person.code, {})
            found = person
    return actor_of_person(found)


def create_administrator(email: str, password: str) -> Actor:
    """An administrator with this address and password, from the command line; a known person is given both.

    Raises ValidationError for an address or password that will not do.
    """
    with transaction.atomic():
        made = register_person(SYSTEM, email, password)
        person = Person.objects.get(email=email.strip().lower())
        if not person.check_password(password):
            validate_password(password, person)
            person.set_password(password)
            person.save(update_fields=["password", "changed"])
            _tell(SYSTEM, "person.password_set", "person", person.code, {})
        return grant_role(SYSTEM, made.code, Role.ADMINISTRATOR)


def grant_role(actor: Actor, person: str, role: str, organisation: Organisation | None = None) -> Actor:
    """Gives a person (their code) a role, for the whole town or within an organisation; twice changes nothing.

    Returns the person as they now act. Raises Denied, ValidationError for an unknown role, or Person.DoesNotExist.
    """
    require(actor, "accounts:manage")
    _check_role(role, organisation)
    with transaction.atomic():
        held = Person.objects.select_for_update().get(code=person)
        _grant, fresh = RoleGrant.objects.get_or_create(person=held, role=role, organisation=organisation)
        if fresh:
            follow_roles(held)
            _tell(actor, "role.granted", "person", held.code, _role(role, organisation))
    return actor_of_person(held)


def withdraw_role(actor: Actor, person: str, role: str, organisation: Organisation | None = None) -> Actor:
    """Takes a role away again; the last administrator stays. Returns the person as they now act. See grant_role."""
    require(actor, "accounts:manage")
    with transaction.atomic():
        held = Person.objects.select_for_update().get(code=person)
        grants = RoleGrant.objects.filter(role=role, organisation=organisation)
        if grants.filter(person=held).delete()[0]:
            if role == Role.ADMINISTRATOR and not grants.exists():
                raise ValidationError(_("This is the last administrator; make another one first."))
            follow_roles(held)
            _tell(actor, "role.withdrawn", "person", held.code, _role(role, organisation))
    return actor_of_person(held)


def change_self(actor: Actor, *, display_name: str | None = None, language: str | None = None) -> None:
    """Changes what a person says about themself; None leaves it. Raises Denied, or ValidationError."""
    require(actor, "accounts:self", actor.code)
    with transaction.atomic():
        person = Person.objects.select_for_update().get(code=actor.code)
        before = (person.display_name, person.language)
        if display_name is not None:
            person.display_name = display_name.strip()
        if language is not None:
            _check_language(language)
            person.language = language
        if (person.display_name, person.language) == before:
            return
        person.full_clean(exclude=["password"])
        person.save(update_fields=["display_name", "language", "changed"])
        said = {"display_name": person.display_name, "language": person.language}
        _tell(actor, "person.changed", "person", person.code, said)


def follow_roles(person: Person) -> None:
    """Django's own flags follow the role, so that the two cannot say different things."""
    administers = RoleGrant.objects.filter(person=person, role=Role.ADMINISTRATOR, organisation=None).exists()
    person.is_staff = person.is_superuser = administers
    person.save(update_fields=["is_staff", "is_superuser", "changed"])


def _check_role(role: str, organisation: Organisation | None) -> None:
    if role not in Role.values:
        raise ValidationError({"role": _("There is no role '%(role)s'.") % {"role": role}})
    if role == Role.ADMINISTRATOR and organisation is not None:
        raise ValidationError({"role": _("An administrator is one for the whole town.")})


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ValidationError({"language": _("The languages are: %(all)s.") % {"all": ", ".join(LANGUAGES)}})


def _role(role: str, organisation: Organisation | None) -> dict[str, str | None]:
    return {"role": str(role), "organisation": organisation.code if organisation else None}


def _tell(actor: Actor, event: str, kind: str, code: str, details: Mapping[str, object]) -> None:
    """Audit entry and event of a change, in the transaction of the change; rights remembered in memory are dropped."""
    transaction.on_commit(memory.forget)
    outbox.publish(event, {kind: code})
    audit.record(actor.kind, actor.code, event, kind, code, dict(details))

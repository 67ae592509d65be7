"""What we add to allauth's sign-up: the language that was read, an audit entry and an event."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language

from allmende.accounts.models import Person
from allmende.core import audit, outbox


class AccountAdapter(DefaultAccountAdapter):
    """Used by allauth (ACCOUNT_ADAPTER)."""

    def save_user(self, request: HttpRequest, user: Person, form: Any, commit: bool = True) -> Person:
        """A person has signed up: keeps the language of the page on which they did."""
        user.language = (get_language() or "de")[:2]
        with transaction.atomic():
            person: Person = super().save_user(request, user, form, commit=commit)
            if commit:
                outbox.publish("person.registered", {"person": person.code})
                audit.record("person", person.code, "person.registered", "person", person.code, {})
        return person

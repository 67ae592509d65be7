"""The administrator's back room for accounts. Every change made there stands in the audit trail, as elsewhere."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from allmende.accounts import memory, services
from allmende.accounts.models import Organisation, Person, RoleGrant, Token
from allmende.accounts.tokens import revoke_token
from allmende.core.admin import Audited, ReadOnly


class GrantInline(admin.TabularInline):
    """The roles of a person, within the person's page."""

    model = RoleGrant
    extra = 0


@admin.register(Person)
class PersonAdmin(Audited):
    """People: their names, whether the account is open, their roles. Passwords and second factors are their own."""

    KIND = "person"
    list_display = ("email", "display_name", "is_active", "is_staff", "created")
    list_filter = ("is_active", "grants__role")
    search_fields = ("email", "display_name", "code")
    fields = ("code", "email", "display_name", "language", "is_active", "is_staff", "last_login", "created")
    readonly_fields = ("code", "is_staff", "last_login", "created")
    inlines = (GrantInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up, or `allmende` makes them: a form here would leave the address without its confirmation."""
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """After the roles were saved: Django's own flags follow them."""
        super().save_related(request, form, formsets, change)
        services.follow_roles(form.instance)
        memory.forget()


@admin.register(Organisation)
class OrganisationAdmin(Audited):
    """Offices, clubs, schools and firms."""

    KIND = "organisation"
    list_display = ("__str__", "key", "sector", "homepage")
    search_fields = ("name", "key", "code")
    fields = ("code", "name", "key", "sector", "homepage")
    readonly_fields = ("code",)


@admin.register(Token)
class TokenAdmin(ReadOnly):
    """Machine tokens, to look at and to revoke; made on the command line or by people for themselves."""

    list_display = ("name", "organisation", "created_by", "expires", "last_used", "revoked")
    list_filter = ("revoked",)
    search_fields = ("name", "code")
    exclude = ("secret_hash",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke the chosen tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: Any) -> None:
        """Ends the chosen tokens now."""
        for token in chosen:
            revoke_token(request.actor, token)  # type: ignore[attr-defined]

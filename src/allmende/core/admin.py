"""The back room for core: dead events to revive, the audit trail to read; and the bases of other rooms' pages there."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from allmende.core import audit, outbox
from allmende.core.models import AuditEntry, Event, Link


class Audited(admin.ModelAdmin):
    """A page of the back room whose every change stands in the audit trail. KIND: the kind of its things."""

    KIND: ClassVar[str] = ""

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """Called by Django inside the transaction of the change; so are the next two."""
        self._record(request, "added", obj, message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        """See log_addition."""
        self._record(request, "changed", obj, message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> Any:
        """See log_addition."""
        for obj in queryset:
            self._record(request, "deleted", obj, "")
        return super().log_deletions(request, queryset)  # type: ignore[arg-type]

    def _record(self, request: HttpRequest, what: str, obj: Model, message: Any) -> None:
        actor = request.actor  # type: ignore[attr-defined]
        code = getattr(obj, "code", obj.pk)
        audit.record(actor.kind, actor.code, f"{self.KIND}.{what}", self.KIND, str(code), {"back_room": message})


class ReadOnly(admin.ModelAdmin):
    """A page of the back room on which nothing is typed; what can be done there are its actions."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody."""
        return False


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    """Who changed what, when."""

    list_display = ("number", "time", "action", "kind", "code", "actor_kind", "actor_code")
    list_filter = ("action", "kind")
    search_fields = ("code", "actor_code")
    ordering = ("-number",)


@admin.register(Event)
class EventAdmin(ReadOnly):
    """What waits in the outbox, and what was given up."""

    list_display = ("id", "name", "created", "attempts", "done", "due")
    list_filter = ("done", "name")
    ordering = ("-id",)
    actions = ("revive",)

    @admin.action(description=_("Deliver the chosen dead events again"), permissions=["view"])
    def revive(self, request: HttpRequest, chosen: QuerySet[Event]) -> None:
        """Puts dead events back into the queue."""
        for event in chosen:
            outbox.revive(event.pk)


@admin.register(Link)
class LinkAdmin(ReadOnly):
    """Which things are joined, and by whom."""

    list_display = ("a_kind", "a_code", "predicate", "b_kind", "b_code", "stated", "stated_by", "created")
    list_filter = ("predicate", "stated")
    search_fields = ("a_code", "b_code")

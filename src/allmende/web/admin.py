"""The back room for web: the reports of readers, to look at and to tick off. Texts are edited on their own pages."""

from django.contrib import admin
from django.http import HttpRequest

from allmende.core.admin import Audited
from allmende.web.models import Feedback


@admin.register(Feedback)
class FeedbackAdmin(Audited):
    """Barriers, mistakes and ideas, the open ones first."""

    KIND = "feedback"
    list_display = ("code", "kind", "created", "page", "done")
    list_filter = ("done", "kind")
    search_fields = ("code", "message")
    ordering = ("done", "-id")
    fields = ("code", "kind", "message", "page", "email", "language", "created", "done")
    readonly_fields = ("code", "kind", "message", "page", "email", "language", "created")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Reports come from readers."""
        return False

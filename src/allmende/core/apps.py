"""Core as a Django app: its tables are the outbox, links and the audit trail."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "allmende.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

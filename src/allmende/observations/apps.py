"""The Django app of the room `observations`."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    name = "allmende.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"

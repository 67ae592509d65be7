"""The Django app of the room `connectors`."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "allmende.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

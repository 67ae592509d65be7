"""The Django app of the room `connectors`."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "allmende.connectors"
    label = "connectors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Makes connectors known to links and search."""
        from allmende.connectors import kinds  # noqa: PLC0415 - tables exist only now

        kinds.register()

"""The Django app of the room `observations`."""

from django.apps import AppConfig


class ObservationsConfig(AppConfig):
    name = "allmende.observations"
    label = "observations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allmende.observations import kinds, remembered, rights, streams  # noqa: PLC0415 - tables exist only now

        rights.register()
        kinds.register()
        streams.watch()
        remembered.watch()

"""The Django app of the room `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "allmende.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allmende.web import kinds, rights  # noqa: PLC0415 - tables are not ready before this

        rights.register()
        kinds.register()

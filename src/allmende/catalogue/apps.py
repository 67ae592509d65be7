"""The Django app of the room `catalogue`; registers its rules and kinds when Django is ready."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allmende.catalogue import kinds, rights  # noqa: PLC0415 - models need Django to be ready

        rights.register()
        kinds.register()

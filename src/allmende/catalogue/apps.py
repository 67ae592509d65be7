"""The Django app of the room `catalogue`."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "allmende.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"

"""The Django app of the room `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "allmende.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

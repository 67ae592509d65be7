"""The Django app of the room `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "allmende.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

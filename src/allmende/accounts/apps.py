"""The Django app of the room `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "allmende.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out  # noqa: PLC0415 - the apps are loaded only now

        from allmende.accounts import memory, rights  # noqa: PLC0415 - the tables exist only now

        rights.register()
        # A browser that signed out is nobody on the data plane at once, not after the memory's ten seconds.
        user_logged_out.connect(lambda **_: memory.sessions.forget(), weak=False, dispatch_uid="allmende.memory")

"""Who may do what with accounts: the rules of this room, registered when Django starts."""

from typing import Any

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import administrator, rule


def oneself(actor: Actor, thing: Any) -> bool:
    """A person about their own account and tokens (thing: a person's code, or None); the system about any."""
    if actor.kind == "system":
        return True
    return actor.kind == "person" and (thing is None or thing == actor.code)


def in_person(actor: Actor, thing: Any) -> bool:
    """An administrator in the flesh: no token enters the back room."""
    return actor.kind == "person" and actor.holds("administrator")


def register() -> None:
    """Called once when the app is ready."""
    rule("accounts:self", oneself)
    rule("accounts:manage", administrator)
    rule("admin:enter", in_person)

"""The registry of kinds: what sorts of things the house has, how each is named, addressed, shown and searched.

Each room registers its kinds in `AppConfig.ready()`; links, search and the audit trail know things only through here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allmende.core.texts import pick

if TYPE_CHECKING:
    from django.utils.functional import Promise

# Core knows no actors; whatever a room passes as the actor comes back to that room's own functions.
Actor = Any


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search: kind and code of the thing, its title, one quiet line, and how well it fits (0 to 1)."""

    kind: str
    code: str
    title: str
    line: str = ""
    weight: float = 0.5


def _nothing(text: str, actor: Actor, limit: int) -> list[Hit]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing. name: `dataset`; label: translated name, one of many ("Datensatz"); the rest are functions:

    url(code) → path without the language, such as `data/…`; title(code, actor) → text, or None when the actor may not
    see the thing or there is none; search(text, actor, limit) → hits that the actor may see.
    """

    name: str
    label: "str | Promise | dict[str, str]"
    url: Callable[[str], str]
    title: Callable[[str, Actor], str | None]
    search: Callable[[str, Actor, int], list[Hit]] = _nothing

    def label_in(self, language: str | None = None) -> str:
        """The kind's name for people."""
        return pick(self.label, language) if isinstance(self.label, dict) else str(self.label)


class UnknownKind(LookupError):
    """No room has registered a kind of this name."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Makes a kind known. Raises ValueError when the name is taken."""
    if kind.name in _kinds:
        raise ValueError(f"The kind {kind.name} is registered already.")
    _kinds[kind.name] = kind


def get(name: str) -> Kind:
    """The kind of that name. Raises UnknownKind."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKind(f"There is no kind of thing named '{name}'.") from None


def all() -> tuple[Kind, ...]:  # noqa: A001 - read as kinds.all()
    """Every kind, in the order of registration: the order of the layers, from the catalogue up."""
    return tuple(_kinds.values())


def search(text: str, actor: Actor, limit: int = 20) -> list[Hit]:
    """The best hits of all kinds that the actor may see, best first; limit: how many of each kind and in all."""
    if not text.strip():
        return []
    hits = [hit for kind in _kinds.values() for hit in kind.search(text, actor, limit)]
    return sorted(hits, key=lambda hit: -hit.weight)[:limit]

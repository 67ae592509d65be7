"""Sentences with gaps, kept as they were written in the source and told in the reader's language later.

What happens far from any reader (a message that does not fit, a server that does not answer) is noted as a Said; a page
tells it in German or English, a log or an API in English. Texts are marked by `gettext_noop`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext

_LONGEST = 500
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Said:
    """text: English, with gaps such as %(name)s where there are params; params: numbers, texts, or other Saids."""

    text: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def here(self) -> str:
        """In the reader's language."""
        told = {name: value.here() if isinstance(value, Said) else value for name, value in self.params.items()}
        text = gettext(self.text)
        return text % told if told else text

    def to_json(self) -> dict[str, Any]:
        """Plain data that every database takes."""
        params = {
            name: value.to_json() if isinstance(value, Said) else _plain(value) for name, value in self.params.items()
        }
        return {"text": self.text, "params": params} if params else {"text": _plain(self.text)}

    @classmethod
    def from_json(cls, plain: dict[str, Any], depth: int = 0) -> Self:
        """The reverse; a parameter that is a mapping is another Said."""
        params = plain.get("params") or {}
        inner = {
            name: cls.from_json(value, depth + 1) if isinstance(value, dict) and depth < _DEEPEST else value
            for name, value in params.items()
        }
        return cls(str(plain.get("text", "")), inner)


class SaidError(Exception):
    """A fault that can be told in the reader's language. `raise Fault(_("There is no %(what)s."), what=…)`."""

    def __init__(self, text: str, /, **params: Any) -> None:
        self.said = Said(text, params)
        super().__init__(str(self.said))

    @classmethod
    def of_all(cls, said: Sequence["Said"]) -> Self:
        """A fault that says several things."""
        gaps = {f"problem_{number}": each for number, each in enumerate(said)}
        return cls(" ".join(f"%({name})s" for name in gaps), **gaps)

    @classmethod
    def of(cls, error: BaseException) -> Self:
        """The same fault as another sort of fault; of one that cannot be told, its own words."""
        said = said_of(error)
        return cls(said.text, **said.params)


def said_of(error: BaseException) -> Said:
    """What a fault says; the words of one that is not ours are taken as they are."""
    if isinstance(error, SaidError):
        return error.said
    return Said("%(problem)s", {"problem": str(error) or type(error).__name__})


def told(said: Iterable[dict[str, Any]]) -> str:
    """Several sentences that were kept as plain data, in the reader's language."""
    return " ".join(Said.from_json(each).here() for each in said if isinstance(each, dict))


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value).replace("\0", "\ufffd")[:_LONGEST]

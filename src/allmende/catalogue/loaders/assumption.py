"""One thing that was guessed about a file: what it is about, what was taken, why, and what it could be instead."""

import re
from dataclasses import dataclass
from typing import Any, Self

from allmende.catalogue.loaders.said import Said


@dataclass(frozen=True, slots=True)
class Assumption:
    """topic: what is assumed (see words.TOPICS); value: as shown; why: evidence; instead: what one may say."""

    topic: str
    value: str
    why: Said
    instead: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"topic": self.topic, "value": self.value, "why": self.why.to_json(), "instead": list(self.instead)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(plain["topic"], plain["value"], Said.from_json(plain["why"]), tuple(plain["instead"]))


def tokens(name: str) -> frozenset[str]:
    """The words of a column's name, in lower case: `Mess_Datum`, `phenomenonTime` and `PM2.5 (µg/m³)` come apart."""
    spaced = re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", " ", name)
    return frozenset(word for word in re.split(r"[^0-9a-zäöüßµ]+", spaced.lower()) if word)

"""Canaries: words and numbers that stand in one protected place each, and in nothing else."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MARK = "qzvogel"
_WORD = re.compile(MARK + r"\d{3}", re.IGNORECASE)


@dataclass
class Aviary:
    """places: what each canary was planted in, by the canary. Words have the mark and three digits; numbers are whole,
    nine digits that begin with 7391 and end with 7."""

    places: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(101))

    def word(self, place: str) -> str:
        """A new word for this place."""
        word = f"{MARK}{next(self._numbers)}"
        self.places[word] = place
        return word

    def number(self, place: str) -> int:
        """A new number for this place."""
        number = 739_100_007 + 10 * next(self._numbers)
        self.places[str(number)] = place
        return number


def seen_in(text: str, others: list[str]) -> set[str]:
    """The canaries in a text, also inside of longer words and digits. others: those that are no words."""
    found = {word.lower() for word in _WORD.findall(text)}
    return found | {other for other in others if other in text}

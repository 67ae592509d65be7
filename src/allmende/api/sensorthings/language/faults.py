"""What is wrong with a query, and where: the one error that text from outside can provoke here."""

import difflib
from collections.abc import Iterable

_NEAR = 24  # characters of the text that are shown from the fault on
_LONGEST_GUESSED = 40  # comparing names takes time that grows with the square of their length


class Fault(Exception):
    """Inside this package: a fault at a position of the text that is being read; becomes a QueryError."""

    def __init__(self, reason: str, at: int, *, unsupported: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.at, self.unsupported = reason, at, unsupported


class QueryError(Exception):
    """A query or a resource path that cannot be read.

    option: the option such as `$filter`, `path` for the resource path, `query` for the query string as a whole.
    position: in code points from 0, within the decoded text of that option. near: the text from there on.
    unsupported: an option that this service does not have (18-088 § 9.3.3 recommends 501 for it).
    """

    def __init__(self, reason: str, option: str, position: int, text: str, *, unsupported: bool = False) -> None:
        self.option, self.text, self.unsupported = option, text, unsupported
        self.position = max(0, min(position, len(text)))
        self.reason = printable(reason)
        rest = text[self.position : self.position + _NEAR]
        self.near = printable(rest) + ("…" if len(text) > self.position + _NEAR else "")
        place = f"near «{self.near}»" if rest else "at its end"
        super().__init__(f"{printable(option)}, position {self.position}, {place}: {self.reason}")

    @property
    def message(self) -> str:
        """The whole sentence for the caller."""
        return str(self)

    @classmethod
    def of(cls, fault: Fault, option: str, text: str) -> "QueryError":
        """The error for a fault in the text of an option."""
        return cls(fault.reason, option, fault.at, text, unsupported=fault.unsupported)


def printable(text: str) -> str:
    """The text without what cannot be shown or encoded: control characters, lone surrogates."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def guess(name: str, names: Iterable[str], *, known: bool = True) -> str:
    """` Did you mean «…»?` if one of the names is close to the one given; else, with `known`, all of them."""
    names = list(names)
    folded = {candidate.casefold(): candidate for candidate in names}
    if len(name) <= _LONGEST_GUESSED:
        for close in difflib.get_close_matches(name.casefold(), folded, 1, 0.7):
            return f" Did you mean «{folded[close]}»?"
    return f" Known here: {', '.join(names)}." if names and known else ""


def shown(name: str) -> str:
    """A name from outside, in quotes, cut if it is long."""
    return f"«{name[:_LONGEST_GUESSED]}{'…' if len(name) > _LONGEST_GUESSED else ''}»"

"""Splits the text of an option into tokens."""

import re
from typing import NamedTuple

from allmende.api.sensorthings.language.faults import Fault, shown

LONGEST = 16_000  # code points of one option; no honest query comes near


class Token(NamedTuple):
    """kind: word (a name, a path or a keyword), text ('…'), prefixed (geography'…'), number (also times), option ($…),
    sign, or end."""

    kind: str
    text: str
    at: int


# Times and numbers are one token of whatever stands together: the sign between numbers is always a word (`sub`), so
# that + and - inside a run can belong to a zone or an exponent only.
_TOKENS = re.compile(
    r"""
    (?P<space>[ \t\r\n]+)
  | (?P<prefixed>(?:duration|geography|geometry)'[^']*(?:''[^']*)*')
  | (?P<text>'[^']*(?:''[^']*)*')
  | (?P<number>[+-]?[0-9][\w.:+-]*(?:/[+-]?[0-9p][\w.:+-]*)?|[+-]?p[0-9t][\w.]*/[0-9][\w.:+-]*)
  | (?P<word>(?:[^\W\d]|@)[\w.@:-]*(?:\[[0-9]{1,9}\]|/[\w@][\w.@:-]*)*)
  | (?P<option>\$\w*)
  | (?P<sign>[(),;=/-])
  | (?P<wrong>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_OLD = frozenset({"datetime", "datetimeoffset", "date", "time", "timeofday", "guid"})  # prefixes of OData before 4


def tokens(text: str) -> list[Token]:
    """The tokens of an option, and an `end`. Raises Fault."""
    if len(text) > LONGEST:
        raise Fault(f"The option is longer than {LONGEST} characters.", LONGEST)
    found: list[Token] = []
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or ""
        if kind == "wrong":
            raise _wrong(match[0], match.start())
        if kind == "text" and found and found[-1].text.lower() in _OLD and _touches(found[-1], match.start()):
            raise Fault(f"OData 4 writes no {shown(found[-1].text)} before a value; write it bare.", found[-1].at)
        if kind != "space":
            found.append(Token(kind, match[0], match.start()))
    found.append(Token("end", "", len(text)))
    return found


def _touches(token: Token, at: int) -> bool:
    return token.at + len(token.text) == at


def _wrong(letter: str, at: int) -> Fault:
    if letter == "'":
        return Fault("The text that begins here has no closing quote; a quote inside a text is doubled.", at)
    if letter == '"':
        return Fault("Text is written in single quotes.", at)
    return Fault(f"{shown(letter)} cannot stand here.", at)

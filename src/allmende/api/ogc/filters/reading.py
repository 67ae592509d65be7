"""From what stands in the query to a condition: guards, parses, translates, and says where a fault is."""

import re
from typing import Any

import cql2
import msgspec

from allmende.api.ogc.crs import Crs
from allmende.api.ogc.filters.faults import FilterError
from allmende.api.ogc.filters.translating import Translator
from allmende.catalogue.holdings.reading import Holding
from allmende.catalogue.holdings.terms import Term

LANGUAGES = ("cql2-text", "cql2-json")
LONGEST = 40_000  # characters
# The parser is a recursive one that ends the process where it runs out of stack: at 2,000 brackets, 2,000 comparisons
# after one another or 8,000 signs (measured). These bounds stay far below, and above what people write.
_DEEPEST, _MOST_OPERATORS = 50, 500
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[()]|[<>=]+|[-+*/%^]|\bnot\b|\bdiv\b", re.IGNORECASE)
_NUMBER_SIGN = re.compile(r"[-+]\s*[0-9.]")
_PLACE = re.compile(r"--> (\d+):(\d+)")


def read_filter(text: str, language: str, holding: Holding, crs: Crs) -> Term:
    """The condition. language: one of LANGUAGES; crs: of the filter's geometries. Raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(f"The filter has more than {LONGEST:,} characters.")
    try:
        tree = _from_text(text) if language == "cql2-text" else _from_json(text)
        return Translator(holding, crs).condition(tree)
    except RecursionError:
        raise FilterError("The filter is nested too deeply.") from None
    except FilterError as error:
        if error.position is None and error.near:
            found = re.search(rf"(?<![\w.]){re.escape(error.near)}(?![\w.])", text, re.IGNORECASE)
            error.position = found.start() if found else None
        raise


def _from_text(text: str) -> Any:
    if not text.strip():
        raise FilterError("The filter is empty.")
    if "\0" in text:
        raise FilterError("The filter contains a zero byte.", position=text.index("\0"))
    _guard(text)
    try:
        return cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        raise _unreadable(text, str(error)) from None
    except Exception as error:  # what geometries are made of is refused with a plain Exception
        raise FilterError(f"{error}.") from None


def _guard(text: str) -> None:
    depth = operators = 0
    for found in _TOKEN.finditer(text):
        word = found.group().lower()
        if word == "(":
            depth += 1
        elif word == ")":
            depth -= 1
        elif word[0] not in "'\"" and not _NUMBER_SIGN.match(text, found.start()):
            operators += 1
        if depth > _DEEPEST:
            raise FilterError(f"Brackets are nested more than {_DEEPEST} deep.", position=found.start(), near="(")
        if operators > _MOST_OPERATORS:
            raise FilterError(f"The filter has more than {_MOST_OPERATORS} operators.", position=found.start())


def _unreadable(text: str, said: str) -> FilterError:
    """With the place that the parser names, and what it expected there in people's words."""
    place = _PLACE.search(said)
    if place is None:
        return FilterError("The filter cannot be read as CQL2.")
    lines = text.split("\n")
    line, column = int(place[1]) - 1, int(place[2]) - 1
    position = sum(len(each) + 1 for each in lines[:line]) + column
    near = text[position : position + 20]
    if not near.strip():
        return FilterError("The filter ends too early: something is missing.", position=position)
    return FilterError(f"The filter cannot be read from “{near}” on.", position=position, near=near)


def _from_json(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        place = re.search(r"\(byte (\d+)\)", str(error))
        raise FilterError(f"The filter is no JSON: {error}.", position=int(place[1]) if place else None) from None

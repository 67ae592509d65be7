"""Cells that name or reach a person: mail addresses, phone numbers, bank accounts, tax numbers, plates, names.

Candidates are found by DuckDB over whole columns (its expressions take time in proportion to the text, whatever the
text is); those with a check digit are then checked. Examples are masked: a verdict must not spread what it found.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from allmende.catalogue.gate.names import FIRST_NAMES
from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.engine import cursor, quoted

_MANY = 5_000  # different cells that are checked one by one


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of identifier. pattern: RE2, of what a cell must contain; check: whether a match really is one."""

    name: str
    pattern: str
    check: Callable[[str], bool] = lambda _: True
    share: float = 0.0  # of the filled cells that must match before it counts


def _iban(text: str) -> bool:
    """ISO 13616: modulo 97."""
    plain = re.sub(r"\s", "", text).upper()
    if not 15 <= len(plain) <= 34:
        return False
    digits = "".join(str(int(letter, 36)) for letter in plain[4:] + plain[:4] if letter.isalnum())
    return int(digits) % 97 == 1


def _tax_number(text: str) -> bool:
    """The German tax identification number: eleven digits, the last a check digit (ISO 7064, Mod 11,10)."""
    digits = [int(each) for each in re.sub(r"\D", "", text)]
    if len(digits) != 11 or digits[0] == 0:
        return False
    most = max(digits[:10].count(each) for each in set(digits[:10]))
    if most not in (2, 3):
        return False
    product = 10
    for digit in digits[:10]:
        total = (digit + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == digits[10]


def _phone(text: str) -> bool:
    """Digits enough for a number with its area, and written like one."""
    return 7 <= len(re.sub(r"\D", "", text)) <= 15


KINDS = (
    Kind("mail", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    Kind("iban", r"\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b", _iban),
    # Not within other numbers or codes: at the beginning, behind a mark, or behind a word.
    Kind(
        "phone",
        r"(?:^|[^\w\s]\s*|[A-Za-zÄÖÜäöü]{3,}[.:]*\s+)"
        r"((\+\d{1,3}|\b00[1-9]\d?|\b0[1-9]\d{1,4})[\s/().-]{0,3}\d[\d\s/().-]{4,}\d)(?:\W|$)",
        _phone,
        0.05,
    ),
    Kind("tax_number", r"\b[1-9]\d{10}\b|\b\d{2} \d{3} \d{3} \d{3}\b", _tax_number),
    Kind("plate", r"\b[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} ?\d{1,4}[EH]?\b", share=0.2),
    # Somebody is named, whoever it is; but theatres play Frau Holle.
    Kind("name", r"\b(?:Frau|Herrn?|Familie|Fr\.|Hr\.) (?:(?:Dr|Prof)\. ?)*[A-ZÄÖÜ][a-zäöüß]+", share=0.05),
    Kind("insurance_number", r"\b\d{2}[0-3]\d[01]\d\d{2}[A-Z]\d{3}\b"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Identifiers in a column. count: cells; example: masked."""

    column: str
    kind: str
    count: int
    example: str


def identifiers(source: str, columns: tuple[ColumnFacts, ...]) -> list[Found]:
    """What is found in the texts (and whole numbers) of a file. source: what stands behind FROM."""
    found = []
    for column in columns:
        if column.type in ("text", "json", "integer"):
            found += [each for kind in KINDS if (each := _in_column(source, column, kind))]
        told = any(each.column == column.name and each.kind == "name" for each in found)
        if column.type == "text" and not told and (named := _names(source, column)):
            found.append(named)
    return found


def _in_column(source: str, column: ColumnFacts, kind: Kind) -> Found | None:
    cell = f"CAST({quoted(column.name)} AS VARCHAR)"
    with cursor() as connection:
        rows = connection.execute(
            f"SELECT regexp_extract({cell}, ?), count(*) FROM {source} WHERE regexp_matches({cell}, ?) "
            f"GROUP BY 1 ORDER BY 2 DESC LIMIT {_MANY}",
            [kind.pattern, kind.pattern],
        ).fetchall()
        filled = connection.execute(f"SELECT count({quoted(column.name)}) FROM {source}").fetchone()
    good = [(text, count) for text, count in rows if kind.check(text)]
    total = sum(count for _, count in good)
    if not good or total < kind.share * (filled[0] if filled else 0):
        return None
    return Found(column.name, kind.name, total, masked(good[0][0]))


def _names(source: str, column: ColumnFacts) -> Found | None:
    """First names standing alone or with another word, in so many cells that the column is one of people."""
    cell = quoted(column.name)
    with cursor() as connection:
        rows = connection.execute(
            f"SELECT {cell}, count(*) FROM {source} WHERE length({cell}) < 60 GROUP BY 1 ORDER BY 2 DESC LIMIT {_MANY}"
        ).fetchall()
    named = [(text, count) for text, count in rows if text and _is_name(text)]
    cells, all_cells = sum(count for _, count in named), sum(count for _, count in rows)
    if len(named) < 3 or cells < 0.3 * all_cells:
        return None
    return Found(column.name, "name", cells, masked(named[0][0]))


# Ends of words for what is called after people, and is none.
_NO_PERSON = re.compile(
    r"(straße|strasse|str|weg|platz|allee|gasse|ufer|brücke|park|schule|gymnasium|kita|kindergarten|haus|"
    r"kirche|kapelle|klinik|apotheke|denkmal|brunnen|stiftung|verein|gmbh|halle|theater|museum|siedlung)$",
    re.IGNORECASE,
)


def _is_name(text: str) -> bool:
    if any(_NO_PERSON.search(word) for word in re.findall(r"\w+", text)):
        return False
    words = re.findall(r"[A-Za-zÄÖÜäöüß]+", text)
    return 1 <= len(words) <= 4 and any(word.casefold() in FIRST_NAMES for word in words[:3])


def masked(text: str) -> str:
    """Enough to find it again, not enough to use it."""
    return "".join(
        letter if place in (0, len(text) - 1) or not letter.isalnum() else "·" for place, letter in enumerate(text)
    )

"""How a delimited text is written: encoding, what separates the cells, where the table begins, whether it has a header.

Works on the beginning of a file. Each guess comes with its evidence; a hint of the caller is checked, not only obeyed.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from allmende.catalogue.loaders.headline import MOST_COLUMNS, unique_names
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.series import counts, moments

DELIMITERS = (",", ";", "\t", "|")
_LINES = 200
_CLEARLY = 0.6  # a delimiter is wrong that cuts so much worse than another
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TYPED = re.compile(
    r"\s*([+-]?(\d{1,3}(\.\d{3})+|\d*)([.,]\d+)?([eE][+-]?\d+)?|\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{2,4}.*"
    r"|\d{4}/\d\d/\d\d.*|\d{1,2}:\d\d(:\d\d)?)\s*"
)


csv.field_size_limit(2**24)  # what is cut here is no longer than the beginning of a file


@dataclass(frozen=True, slots=True)
class Dialect:
    """skip: lines before the table; columns: names from the header, or invented ones where it has none."""

    delimiter: str
    skip: int
    header: bool
    columns: tuple[str, ...]
    why_delimiter: Said
    why_header: Said


def encoding_of(head: bytes) -> tuple[str, Said]:
    """(codec, evidence) for the beginning of a file. Raises Unreadable for UTF-32 and for bytes that are no text."""
    for mark, codec in _BOMS:
        if head.startswith(mark):
            if codec == "utf-32":
                raise Unreadable("not_text", what="text in UTF-32, which is not read here")
            return codec, Said.of("encoding_bom")
    if codec_ := _wide(head):
        return codec_, Said.of("encoding_wide")
    if (where := head.find(b"\0")) >= 0:
        raise Unreadable("nul_bytes", offset=where)
    if head.isascii():
        return "utf-8", Said.of("encoding_ascii")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as problem:
        return "cp1252", _foreign(head, problem.start)
    return "utf-8", Said.of("encoding_utf8")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every other byte is zero, always at the same side."""
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half >= 4 and odd > 0.7 * half and not even:
        return "utf-16-le"
    return "utf-16-be" if half >= 4 and even > 0.7 * half and not odd else None


def _foreign(head: bytes, where: int) -> Said:
    begin = max(head.rfind(mark, 0, where) for mark in (b"\n", b",", b";", b"\t", b" ")) + 1
    word = re.split(rb"[\n\r,;\t ]", head[begin : begin + 40])[0]
    return Said.of("encoding_cp1252", byte=f"{head[where]:02X}", word=word.decode("cp1252", "replace"))


def dialect_of(text: str, delimiter: str | None = None, header: bool | None = None) -> Dialect:
    """The dialect of the text at the beginning of a file. Raises Unreadable where there is no table in it."""
    lines = text.splitlines()[:_LINES]
    if not any(line.strip() for line in lines):
        raise Unreadable("empty_file")
    if lines[0].lstrip()[:1] in ("{", "[", "<"):
        raise Unreadable("not_delimited", begins=lines[0].strip()[:60])
    found = {each: _shape(lines, each) for each in (*DELIMITERS, *([delimiter] if delimiter else []))}
    best = max(found, key=lambda each: found[each])
    if delimiter and found[delimiter][0] < _CLEARLY * found[best][0]:
        columns, line = found[best][1], lines[0][:80]
        raise Unreadable("wrong_delimiter", told=delimiter, found=best, columns=columns, line=line)
    best = delimiter or best
    width = found[best][1]
    if width < 2:
        raise Unreadable("no_columns", line=lines[0][:80])
    if width > MOST_COLUMNS:
        raise Unreadable("too_many_columns", count=width, limit=MOST_COLUMNS)
    rows = list(csv.reader(lines, delimiter=best))
    skip = next(place for place, row in enumerate(rows) if len(row) == width)
    rest = [row for row in rows[skip + 1 :] if any(cell.strip() for cell in row)]
    has_header, why = _header(rows[skip], rest) if header is None else (header, Said.of("told"))
    if has_header and not rest and len(lines) < _LINES:
        raise Unreadable("header_only", columns=", ".join(rows[skip]))
    names = unique_names(rows[skip]) if has_header else tuple(f"column {n}" for n in range(1, width + 1))
    even = round(100 * sum(len(row) == width for row in rows if row) / sum(bool(row) for row in rows))
    told = Said.of("told") if delimiter else Said.of("delimiter", share=even, columns=width)
    return Dialect(best, skip, has_header, names, told, why)


def _shape(lines: Sequence[str], delimiter: str) -> tuple[float, int, float]:
    """(share of lines with the usual number of cells, that number, share of cells that are numbers or times).

    The first counts most; of two that cut equally well the one that leaves cells which mean something wins.
    """
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    widths = Counter(len(row) for row in rows)
    width, count = max(widths.items(), key=lambda pair: (pair[1] * (pair[0] > 1), pair[0]))
    cells = [cell for row in rows if len(row) == width for cell in row if cell]
    typed = sum(_TYPED.fullmatch(cell) is not None for cell in cells) / max(len(cells), 1)
    return (count / len(rows) * (0.3 + typed) / 1.3 if width > 1 else 0.0, width, typed)


def _header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> tuple[bool, Said]:
    """A header holds no number and no time where the rows below do."""
    below = [any(_typed(row[place]) for row in rest if place < len(row)) for place in range(len(first))]
    above = [_typed(cell) for cell in first]
    if not rest:
        return not any(above), Said.of("header_alone")
    if any(above):
        typed = [cell.strip() for cell in first if _typed(cell)]
        if _series_over(first, above, rest):
            return True, Said.of("header_series", first=typed[0], last=typed[-1])
        return False, Said.of("header_none", cell=typed[0])
    return True, Said.of("header_words", typed=sum(below))


def _typed(cell: str) -> bool:
    return bool(cell.strip()) and _TYPED.fullmatch(cell) is not None


def _series_over(first: Sequence[str], typed: Sequence[bool], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers or dates of the first row are headings: they go on from one to the next, other cells beside
    them are words, and no row below does the same."""
    places = [place for place, each in enumerate(typed) if each]
    kind = moments(cells := [first[place] for place in places])[0]
    if len(places) < 2 or not (kind or counts(cells)):
        return False
    below = [[row[place] for place in places if place < len(row)] for row in rest[:20]]
    if any(moments(row)[0] == kind if kind else counts(row) for row in below):
        return False
    return kind == "date" or any(cell.strip() and not each for cell, each in zip(first, typed, strict=True))

"""Participatory budgets in Pabulib's format (.pb): three tables one below the other, each under its name."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from allmende.catalogue.loaders.formats import Found, delimited
from allmende.catalogue.loaders.formats.delimited import Delimited
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.source import Caps, Unpacked
from allmende.catalogue.loaders.tabular.recipe import TableHints

SECTIONS = ("META", "PROJECTS", "VOTES")
_LARGEST = 256 * 2**20  # bytes; the largest known has some ten millions
_LISTS = frozenset({"vote", "points", "category", "target"})  # with commas between
_KEYS = {"META": ("key",), "PROJECTS": ("project_id",), "VOTES": ("voter_id",)}


def is_so(text: str) -> bool:
    """Whether the beginning of a text is of this format."""
    lines = [line.strip() for line in text.splitlines()[:2]]
    return len(lines) == 2 and lines[0] == "META" and lines[1].split(";")[:2] == ["key", "value"]


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The tables: what the budget is, its projects, its votes. Raises Unreadable."""
    parts = _parts(source)
    if hints.layer and hints.layer.upper() not in parts:
        raise Unreadable("no_such_layer", name=hints.layer, layers=", ".join(map(str.lower, parts)))
    wanted = [hints.layer.upper()] if hints.layer else list(parts)
    tables = []
    for name in wanted:
        options = {"section": name, "header": True, "delimiter": ";", "encoding": hints.encoding}
        table = opened(source, options)
        key = _KEYS[name] if set(_KEYS[name]) <= set(table.columns) else ()
        types = {heading: "text" for heading in table.columns if heading.endswith("_id") or heading in _LISTS}
        tables.append(Found(name.lower(), options, types=types, key=key))
    return tables


def opened(source: BinaryIO, options: dict[str, Any]) -> Delimited:
    """One of the tables. options: section; header, delimiter, encoding as of delimited text. Raises Unreadable."""
    name, parts = options.get("section", ""), _parts(source)
    if name not in parts:
        raise Unreadable("no_such_layer", name=name.lower(), layers=", ".join(map(str.lower, parts)))
    content, before = parts[name]
    table = delimited.opened(cast(BinaryIO, io.BytesIO(content)), options)
    table.misfits = _Below(table.misfits.first, before)
    return table


class _Below(Misfits):
    """Misfits of a table that stands below others. before: lines above it."""

    def __init__(self, first: int, before: int) -> None:
        super().__init__(first)
        self._before = before

    def numbers(self, start: int, count: int) -> npt.NDArray[np.int64]:
        return super().numbers(start, count) + self._before

    def taken(self) -> Iterator[list[dict[str, Any]]]:
        for some in super().taken():
            yield [{**each, "row": each["row"] + self._before} for each in some]


def _parts(source: BinaryIO) -> dict[str, tuple[bytes, int]]:
    """(text, number of lines before it) by section."""
    pieces, size = [], 0
    for piece in Unpacked(source, Caps()):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST:
            raise Unreadable("too_large", limit=_LARGEST)
    parts: dict[str, tuple[bytes, int]] = {}
    name, lines, begun = "", list[bytes](), 0
    for number, line in enumerate([*b"".join(pieces).splitlines(keepends=True), b"\n"], 1):
        word = line.strip().removeprefix(b"\xef\xbb\xbf").decode("ascii", "replace")
        if word in SECTIONS and word not in parts:
            if lines:
                parts[name] = (b"".join(lines), begun)
            name, lines, begun = word, [], number
        else:
            lines.append(line)
    if name and any(line.strip() for line in lines):
        parts[name] = (b"".join(lines[:-1]), begun)
    parts.pop("", None)
    return parts

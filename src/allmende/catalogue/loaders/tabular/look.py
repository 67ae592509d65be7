"""Looks at a file and proposes for each table in it how to read it. Runs in the sandbox."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.columns import OURS
from allmende.catalogue.loaders.formats import GEOMETRY, Found
from allmende.catalogue.loaders.formats.long import Long
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.series import series_in
from allmende.catalogue.loaders.tabular import kinds
from allmende.catalogue.loaders.tabular.convert import Years
from allmende.catalogue.loaders.tabular.guess import Guessed, guess
from allmende.catalogue.loaders.tabular.places import Placed, find_place
from allmende.catalogue.loaders.tabular.recipe import Field, TableHints, TableRecipe, column_names
from allmende.catalogue.loaders.tabular.systems import NONE
from allmende.catalogue.loaders.tabular.words import KEYS, TOTALS

EACH_HEADING = "*"  # said instead of a path: each heading of a series becomes a row
_SIDE_BY_SIDE = frozenset({"delimited", "sheets"})
_PREVIEW = 8
_LONGEST_KEY = 80  # characters of a cell that may tell a row from others
_LONGEST = 200  # characters of a cell that a preview shows


def look(
    source: BinaryIO, name: str, hints: dict[str, Any], town_zone: str, earliest: int, latest: int
) -> Iterator[bytes]:
    """One frame of JSON: {"tables": [{"recipe", "said", "preview", "rows"}]}, or {"unreadable"}."""
    try:
        told, years = TableHints.from_json(hints), Years(earliest, latest)
        tables = [_table(source, kind, each, told, town_zone, years) for kind, each in kinds.found(source, name, told)]
        answer: dict[str, Any] = {"tables": tables}
    except Unreadable as problem:
        answer = {"unreadable": problem.said.to_json()}
    yield json.dumps(answer).encode()


def _table(
    source: BinaryIO, kind: str, found: Found, hints: TableHints, town_zone: str, years: Years
) -> dict[str, Any]:
    options, said_rows = dict(found.options), []
    if kind in _SIDE_BY_SIDE and hints.path == EACH_HEADING:
        options["long"] = True
        said_rows.append(Assumption("rows", "each_heading", Said.of("told"), ("-",)))
    raw = kinds.opened(source, kind, options)
    sample = raw.sample()
    if kind in _SIDE_BY_SIDE and not said_rows:
        said_rows = _series(raw.columns)
    for name in (*(each for each in hints.key if each != NONE), *hints.ignore, *hints.types, *hints.withhold):
        if name not in sample.column_names:
            raise Unreadable("hint_unknown", name=name, columns=", ".join(sample.column_names))
    attributes = sample.drop_columns([GEOMETRY]) if GEOMETRY in sample.column_names else sample
    guessed = guess(attributes, hints, town_zone, years, found)
    placed = find_place(sample, guessed, hints, found.crs)
    fields = _without(guessed, placed)
    free = [each for each in fields if each.source not in placed.uses]
    key, said_key = _known_key(found, free, hints) or (
        _long_key(raw, free, hints) if isinstance(raw, Long) else _key(attributes, free, hints)
    )
    recipe = TableRecipe(
        format=kind,
        options=options,
        fields=fields,
        table=column_names([found.name])[0].replace("_", "-"),
        title=found.name,
        where=placed.where,
        key=key,
    )
    if kind == "delimited":
        said_rows += _totals(attributes)
    said = [*found.said, *said_rows, *guessed.said, *placed.said, *said_key]
    return {
        "recipe": recipe.to_json(),
        "said": [each.to_json() for each in said],
        "preview": [_shown(row) for row in sample.slice(0, _PREVIEW).to_pylist()],
        "rows": found.rows,
    }


def _series(headings: tuple[str, ...]) -> list[Assumption]:
    """Told where dates or years stand side by side, so that somebody may want a row for each."""
    heads = series_in(headings)[1]
    if not heads:
        return []
    why = Said.of("headings_series", first=heads[0], last=heads[-1], count=len(heads))
    return [Assumption("rows", "each_line", why, (EACH_HEADING,))]


def _totals(sample: pa.Table) -> list[Assumption]:
    """Told of rows of the beginning whose first cell of text says that they sum up others."""
    for column in sample.columns[:3]:
        cells = column.slice(0, 500).to_pylist() if pa.types.is_string(column.type) else []
        found = [(row, cell) for row, cell in enumerate(cells, 2) if cell and TOTALS.fullmatch(cell)]
        if found:
            return [Assumption("total", cell.strip(), Said.of("row_total", row=row)) for row, cell in found[:3]]
    return []


def _without(guessed: Guessed, placed: Placed) -> tuple[Field, ...]:
    """The fields without our own of a set-aside file, and without a cell that is nothing but the geometry."""
    bulky = placed.uses if placed.where and placed.where.kind in ("wkt", "wkb", "geojson") else frozenset()
    return tuple(
        replace(each, use=False) if each.source.startswith(OURS) or each.source in bulky else each
        for each in guessed.fields
    )


def _key(sample: pa.Table, fields: list[Field], hints: TableHints) -> tuple[tuple[str, ...], list[Assumption]]:
    """The column whose cells are all there and all different, named like one that is meant so."""
    by_source = {each.source: each for each in fields if each.use}
    if hints.key == (NONE,):
        return (), [Assumption("key", "–", Said.of("told"))]
    if hints.key:
        names = tuple(by_source[source].name for source in hints.key if source in by_source)
        return names, [Assumption("key", " + ".join(hints.key), Said.of("told"))]
    others = [
        source for source, each in by_source.items() if each.type in ("integer", "text") and _unique(sample[source])
    ]
    named = [source for source in others if _named(source)]
    if not (named or others):
        return (), [Assumption("key", "–", Said.of("key_none"))]
    if not named:
        return (), [Assumption("key", "–", Said.of("key_unnamed"), tuple(others[:5]))]
    why = Said.of("key_unique", rows=sample.num_rows)
    instead = tuple(each for each in [*named[1:], *others] if each != named[0])[:5]
    return (by_source[named[0]].name,), [Assumption("key", named[0], why, tuple(dict.fromkeys(instead)))]


def _known_key(found: Found, fields: list[Field], hints: TableHints) -> tuple[tuple[str, ...], list[Assumption]] | None:
    """The key that the format prescribes, where its columns are there."""
    names = {each.source: each.name for each in fields if each.use}
    if hints.key or not found.key or not set(found.key) <= set(names):
        return None
    key = tuple(names[source] for source in found.key)
    return key, [Assumption("key", " + ".join(found.key), Said.of("key_format"))]


def _long_key(raw: Long, fields: list[Field], hints: TableHints) -> tuple[tuple[str, ...], list[Assumption]]:
    """The key of the rows as they stand in the file, and what the headings say."""
    if hints.key or raw.is_long:
        return _key(raw.sample(), fields, hints)
    wide = raw.wide()
    key, said = _key(wide, [each for each in fields if each.source in wide.column_names], hints)
    when = tuple(each.name for each in fields if each.use and each.source == raw.when)
    return ((*key, *when) if key else ()), said


def _named(heading: str) -> bool:
    return heading.lower() in KEYS or not tokens(heading).isdisjoint(KEYS) or heading.lower().endswith(("_id", "_nr"))


def _unique(column: pa.ChunkedArray) -> bool:
    if column.null_count or not len(column):
        return False
    if pa.types.is_string(column.type) and pc.any(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py():
        return False
    if pa.types.is_string(column.type) and pc.max(pc.utf8_length(column)).as_py() > _LONGEST_KEY:
        return False
    return bool(pc.count_distinct(column).as_py() == len(column))


def _shown(row: dict[str, Any]) -> dict[str, str]:
    """A row of the preview, as text."""
    return {name: _text(cell) for name, cell in row.items()}


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bytes):
        return "…"
    text = str(cell)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

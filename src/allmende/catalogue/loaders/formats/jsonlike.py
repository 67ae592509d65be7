"""JSON that holds a table in one of the usual ways: a list of objects, an object with such a list in it, objects line
by line or simply one after another, objects keyed by an id, lists side by side. Streamed: memory stays flat, but for
lists side by side and for a single row."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Protocol

import msgspec
import pyarrow as pa

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import Found
from allmende.catalogue.loaders.formats.jsonpaths import Place, places_in, route_to, streamed
from allmende.catalogue.loaders.formats.jsonrows import Cells, Columns, cell_of, rows_in, rows_of
from allmende.catalogue.loaders.formats.jsontext import JsonText, guarded
from allmende.catalogue.loaders.formats.rowwise import LONGEST, batches_of, schema_of
from allmende.catalogue.loaders.headline import MOST_COLUMNS
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.recipe import TableHints

SCANNED = 32 * 2**20  # bytes of text in which columns are looked for when a file is proposed,
_GLANCED = 4 * 2**20  # and when it is read with a recipe, which knows most of them
SAMPLE = 20_000  # rows
_TOO_WIDE = 500  # columns from which on objects within objects stay JSON
_BROKEN = ("truncated_gzip", "damaged_gzip")


class Text(Protocol):
    """What rows come from. consumed: bytes of the file; unpacked: bytes of text so far."""

    encoding: str

    @property
    def consumed(self) -> int: ...

    @property
    def unpacked(self) -> int: ...


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The table that is likeliest meant, or the one at hints.path; before it the series of numbers within its rows.
    Raises Unreadable."""
    text = JsonText(source, hints.encoding)
    values, lines = values_of(text)
    if hints.path:
        chosen, others = [Place(_path(hints.path), "told", 0)], []
    else:
        places = places_in(values)
        count = next(number for number, each in enumerate(places, 1) if each.kind != "series")
        chosen, others = places[:count], places[count:]
    instead = tuple(each.shown for each in others[:8] if each.shown)
    return [_found(text, each, instead, lines, hints.encoding) for each in chosen]


def _found(text: JsonText, place: Place, instead: tuple[str, ...], lines: bool, encoding: str) -> Found:
    kind = "lines" if lines and place.kind == "several" else place.kind
    why = Said.of("told") if kind == "told" else Said.of(f"json_{kind}", count=place.count)
    said = [*text.said(), Assumption("rows", place.shown or "–", why, instead)]
    options: dict[str, Any] = {"path": place.shown, "encoding": encoding, "deep": True}
    columns, whole = scanned(Rows(text, options), text, SCANNED)
    if len(columns.names) > _TOO_WIDE:
        options["deep"] = False
        said.append(Assumption("type", "JSON", Said.of("json_wide", count=len(columns.names))))
        columns, whole = scanned(Rows(text, options), text, SCANNED)
    if not columns.rows or not columns.names:
        raise Unreadable("json_no_rows")
    if len(columns.names) > MOST_COLUMNS:
        raise Unreadable("too_many_columns", count=len(columns.names), limit=MOST_COLUMNS)
    quoted, nothing, strange = columns.strange()
    options |= {"columns": columns.names, "quoted": quoted}
    name = next((part for part in reversed(place.path) if part != "*"), "table")
    rows = columns.rows if whole else None
    return Found(name, options, said + strange, rows=rows, nothing=nothing, types=columns.types(SAMPLE))


def opened(source: BinaryIO, options: dict[str, Any]) -> "JsonTable":
    """The table at a path. options: path, encoding, deep, columns and quoted as found. Raises Unreadable."""
    return JsonTable(source, options)


def _path(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.strip().lstrip("$").replace("[*]", "").split(".") if part)


def values_of(text: JsonText) -> tuple[list[Any], bool]:
    """(values of the beginning, whether each has a line)."""
    lines = [line for line in text.head.split("\n") if line.strip()][:3]
    if len(lines) > 1:
        try:
            if all(isinstance(json.loads(line), dict | list) for line in lines[:-1]):
                return [json.loads(line) for line in lines[:-1]] + [{}], True
        except RecursionError:
            raise Unreadable("json_deep") from None
        except ValueError:
            pass
    values = text.values
    if not values:
        next(guarded(streamed(route_to((), [{}], text), text)), None)  # tells what is wrong
        raise Unreadable("json_no_rows")
    return values, False


def scanned(rows: Iterable[Cells], text: Text, most: int) -> tuple[Columns, bool]:
    """(the columns, whether all rows were looked at). rows: of the text; most: bytes of it."""
    columns = Columns()
    for cells in rows:
        columns.take(cells)
        if columns.rows % 64 == 0 and (text.unpacked > most or len(columns.names) > 10 * MOST_COLUMNS):
            return columns, False
    return columns, True


class Rows:
    """The rows of a text as cells, from the beginning whenever asked for; lines that are no JSON are set aside."""

    def __init__(self, text: JsonText, options: dict[str, Any], misfits: Misfits | None = None) -> None:
        self._text, self._options, self._misfits = text, options, misfits
        values, self._lines = values_of(text)
        self._route = None if self._lines else route_to(_path(options.get("path", "")), values, text)

    def __iter__(self) -> Iterator[Cells]:
        return guarded(self._by_line() if self._route is None else self._by_route())

    def _by_route(self) -> Iterator[Cells]:
        assert self._route is not None
        route, deep = self._route, self._options.get("deep", True)
        for key, value in streamed(route, self._text):
            if route.by == "value":
                yield from rows_of(value, route.level, deep)
            else:
                yield from rows_in(value, route.rest, route.level, key, deep)

    def _by_line(self) -> Iterator[Cells]:
        path, deep = _path(self._options.get("path", "")), self._options.get("deep", True)
        for value in by_line(self._text, self._misfits):
            yield from rows_in(value, path, "", None, deep)


def by_line(text: JsonText, misfits: Misfits | None) -> Iterator[Any]:
    """The values of a text with one in each line. Raises Unreadable where most lines have none."""
    text.rewind()
    number = wrong = 0
    for line in text.lines(LONGEST):
        if not line.strip():
            continue
        number += 1
        try:
            yield decoded_line(line)
        except UnicodeDecodeError:
            raise Unreadable("wrong_encoding", encoding="utf-8") from None
        except ValueError:
            wrong += 1
            if wrong > max(20, number / 2):
                raise Unreadable("json_broken", row=number, problem="") from None
            if misfits is not None:
                misfits.leave_out(number, "json_line", [line.decode("utf-8", "replace")])


def decoded_line(line: bytes) -> Any:
    """The value in a line, by the quick reader where it is as the standard says. Raises ValueError."""
    try:
        return msgspec.json.decode(line)
    except msgspec.DecodeError:
        return json.loads(line)


class JsonTable:
    """Rows of a table in JSON; see formats.Raw. late: columns that came only after the beginning, and how often: they
    are not among the columns. broken: why the file ended early. Formats that are JSON too say what their rows are."""

    delimiter = ","

    def __init__(self, source: BinaryIO, options: dict[str, Any]) -> None:
        self.options = options
        self.text = self._read(source)
        self.encoding = self.text.encoding
        self.misfits = Misfits(0)
        self.late: Counter[str] = Counter()
        self.broken: Said | None = None
        columns, _ = scanned(self.rows(), self.text, _GLANCED)
        known = options.get("columns", [])
        alike = sum(name in known for name in columns.names) >= len(columns.names) / 2
        self.columns = tuple(dict.fromkeys([*known, *columns.names] if alike else columns.names))
        self._quoted = frozenset(options.get("quoted", ()))

    def _read(self, source: BinaryIO) -> Text:
        return JsonText(source, self.options.get("encoding", ""))

    def rows(self, misfits: Misfits | None = None) -> Iterable[Cells]:
        """The rows from the beginning."""
        assert isinstance(self.text, JsonText)
        return Rows(self.text, self.options, misfits)

    @property
    def consumed(self) -> int:
        return self.text.consumed

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, as columns of text."""
        return batches_of(self._cells(self.rows(self.misfits)), schema_of(self.columns))

    def sample(self) -> pa.Table:
        """Rows from the beginning."""
        rows = itertools.islice(self.rows(), SAMPLE)
        schema = schema_of(self.columns)
        sample = pa.Table.from_batches(list(batches_of(self._cells(rows), schema)), schema).combine_chunks()
        self.late.clear()
        return sample

    def _cells(self, rows: Iterable[Cells]) -> Iterator[list[str | None]]:
        quoted = [name in self._quoted for name in self.columns]
        known = frozenset(self.columns)
        try:
            for cells in rows:
                if not known.issuperset(cells):
                    self.late.update(name for name in cells if name not in known)
                row = list(map(cells.get, self.columns))
                for place, cell in enumerate(row):
                    if cell.__class__ is not str or quoted[place]:
                        row[place] = cell_of(cell, quoted[place])
                yield row
        except Unreadable as problem:
            if not self.options.get("partial") or problem.said.code not in _BROKEN:
                raise
            self.broken = problem.said

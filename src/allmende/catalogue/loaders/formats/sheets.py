"""Spreadsheets: XLSX, XLSM, XLSB, XLS and ODS, by calamine. One table per sheet that has one; all cells become text.

The whole workbook is in memory, which calamine keeps small (40,000 rows of 28 cells: 150 MB); archives are measured
before, so that none bursts.
"""

import io
import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import Found, archive
from allmende.catalogue.loaders.formats.rowwise import Cells, batches_of, schema_of, text_of
from allmende.catalogue.loaders.formats.titles import LOOKED_AT, Range, Title, there, title_of
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.numbers import MISSING
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.source import Caps
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.loaders.tabular.words import TOTALS

_CAPS = Caps(unpacked=4 * 2**30)
_SAMPLE = 10_000  # rows from the top, and as many from further on
_TOLD = 5  # of a kind, so many are named
_ERRORS = re.compile(r"#(REF|BEZUG|DIV/0|VALUE|WERT|NAME|NUM|ZAHL|NULL|N/A|NV|CALC|SPILL|ÜBERLAUF)[!?]?|Err:5\d\d")
_POINT = re.compile(r"\s*[+-]?\d+(\.\d+)?([eE][+-]?\d+)?\s*")
_COMMA = re.compile(r"\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*")
_COMMAS = 0.1  # so many of the different texts of a column must have one
_NOTHING = frozenset(MISSING)


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The tables of all sheets that are filled and can be seen, or the one that is asked for. Raises Unreadable."""
    book = _Book.of(source)
    wanted = [hints.layer] if hints.layer else [name for name in book.names if name not in book.hidden]
    tables = []
    for name in wanted:
        if (table := book.table(name, hints.header)) is not None:
            options: dict[str, Any] = {"sheet": name, "header": hints.header, "commas": []}
            tables.append(Found(name, options, _said(table), rows=table.count))
            _texts(table, tables[-1])
    if not tables:
        raise Unreadable("no_table")
    if book.hidden and not hints.layer:
        why = Said.of("sheet_hidden")
        tables[0].said.extend(Assumption("ignored", name, why, (name,)) for name in book.hidden[:_TOLD])
    return tables


def opened(source: BinaryIO, options: dict[str, Any]) -> "Sheet":
    """The table of a sheet. options: sheet (its name; a workbook with one table only may call it differently),
    header, commas (columns of texts that are numbers with a comma). Raises Unreadable."""
    book = _Book.of(source)
    name = options.get("sheet", "")
    if name not in book.names:
        visible = [each for each in book.names if each not in book.hidden and book.table(each, options.get("header"))]
        if len(visible) != 1:
            raise Unreadable("no_such_layer", name=name, layers=", ".join(book.names))
        name = visible[0]
    table = book.table(name, options.get("header"))
    if table is None:
        raise Unreadable("no_table")
    return Sheet(table, book.size, options.get("commas", ()))


def _calamine(call: Any) -> Any:
    """What calamine gives; whatever it stumbles over, also in a panic, is a file that cannot be read."""
    try:
        return call()
    except (KeyboardInterrupt, SystemExit, MemoryError, Unreadable):
        raise
    except PasswordError:
        raise Unreadable("password") from None
    except BaseException as problem:  # a panic of Rust is no Exception
        raise Unreadable("sheet_broken", problem=str(problem).split("\n")[0][:120]) from None


@dataclass(slots=True)
class _Table:
    """What a walk through a sheet shows. end: place after the last row; count: of its rows; notes: rows below it;
    totals, errors: what is worth telling; texts: the different ones of each column; more_texts: how many more there are
    than other cells."""

    sheet: CalamineSheet
    title: Title
    end: int
    count: int = 0
    notes: list[tuple[int, Cells]] = field(default_factory=list)
    totals: list[tuple[int, str]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    texts: dict[int, set[str]] = field(default_factory=dict)
    more_texts: Counter[int] = field(default_factory=Counter)

    def take(self, place: int, row: list[Any]) -> None:
        """A row that belongs to the table."""
        self.count += 1
        self.end = place + 1
        first = next(cell for cell in row if cell != "")
        if first.__class__ is str and TOTALS.fullmatch(first):
            self.totals.append((place + 1, first.strip()))
        for number, cell in enumerate(row):
            if cell.__class__ is not str:
                self.more_texts[number] -= 1
            elif cell and not cell.isspace():
                self.more_texts[number] += 1
                self.texts[number].add(cell)
                if cell[0] in "#E" and _ERRORS.fullmatch(cell):
                    self.errors[self.title.columns[number]] += 1


def _table(sheet: CalamineSheet, header: bool | None) -> _Table | None:
    """None for a sheet with nothing but a heading or a line of text."""
    rows = _calamine(lambda: list(itertools.islice(sheet.iter_rows(), (sheet.start or (0, 0))[0] + LOOKED_AT)))
    if not any(any(map(there, row)) for row in rows):
        return None
    title = title_of(rows, sheet.width, header, _merged(sheet))
    table = _Table(sheet, title, title.first, texts={number: set() for number in range(sheet.width)})
    tail: list[tuple[int, list[Any]]] = []
    for place, row in enumerate(itertools.islice(sheet.iter_rows(), title.first, None), title.first):
        filled = len(row) - row.count("")
        if filled == 1 and sheet.width > 2:
            tail.append((place, row))
        elif filled:
            for each in [*tail, (place, row)]:
                table.take(*each)
            tail = []
    if not table.count:  # narrow or sparse: every row is one of the table
        for each in tail:
            table.take(*each)
        return table if tail else None
    table.notes = [(place, [text_of(cell) for cell in row]) for place, row in tail]
    return table


def _merged(sheet: CalamineSheet) -> list[Range]:
    """Merged areas in the columns of the table."""
    left = (sheet.start or (0, 0))[1]
    return [((a[0], a[1] - left), (b[0], b[1] - left)) for a, b in sheet.merged_cell_ranges or ()]


class _Book:
    """A workbook; the one that was opened last is kept, since looking and reading follow each other."""

    _last: tuple[Any, "_Book"] | None = None

    def __init__(self, source: BinaryIO) -> None:
        source.seek(0)
        if source.read(4) == archive.ZIP:
            archive.measured(archive.looked_through(source, _CAPS), source)
        self.size = source.seek(0, io.SEEK_END)
        source.seek(0)
        self._book = _calamine(lambda: CalamineWorkbook.from_filelike(source))
        sheets = [each for each in self._book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        self.names = [each.name for each in sheets]
        self._tables: dict[tuple[str, bool | None], _Table | None] = {}
        self.hidden = [each.name for each in sheets if each.visible != SheetVisibleEnum.Visible]

    @classmethod
    def of(cls, source: BinaryIO) -> "_Book":
        try:
            status = os.fstat(source.fileno())
            key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        except (OSError, AttributeError):
            return cls(source)
        if cls._last is None or cls._last[0] != key:
            cls._last = None
            cls._last = (key, cls(source))
        return cls._last[1]

    def table(self, name: str, header: bool | None) -> _Table | None:
        """The table of a sheet; None where it has none. Raises Unreadable where there is no such sheet."""
        if name not in self.names:
            raise Unreadable("no_such_layer", name=name, layers=", ".join(self.names))
        if (name, header) not in self._tables:
            sheet = _calamine(lambda: self._book.get_sheet_by_name(name))
            self._tables[name, header] = _table(sheet, header) if sheet.height else None
        return self._tables[name, header]


def _texts(table: _Table, found: Found) -> None:
    """What is known of columns whose cells are texts by what the sheet says, although most look like numbers: with a
    comma all over they are numbers (the sheet's own have a point here), with others among them they are none."""
    for number, name in enumerate(table.title.columns):
        texts = table.texts[number] - _NOTHING
        others = {text for text in texts if not _POINT.fullmatch(text)}
        if not others or table.more_texts[number] <= 0:
            continue
        if all(map(_COMMA.fullmatch, others)) and len(others) >= _COMMAS * len(texts):
            found.options["commas"].append(name)
            found.said.append(Assumption("decimal", f"{name}: ,", Said.of("cells_comma", cell=min(others, key=len))))
        elif len(others) < len(texts) / 2:
            found.types[name] = "text"
            why = Said.of("cells_text", cell=min(others, key=len)[:60])
            found.said.append(Assumption("type", f"{name}: text", why, ("number",)))


def _said(table: _Table) -> list[Assumption]:
    title = table.title
    shown = ", ".join(title.columns[:12]) if title.header else "–"
    said = [Assumption("header", shown, title.why)]
    if title.above:
        said.append(Assumption("ignored", " / ".join(title.above)[:200], Said.of("rows_above")))
    for number, words in table.totals[:_TOLD]:
        said.append(Assumption("total", words, Said.of("row_total", row=number)))
    if table.notes:
        words = next(str(cell) for cell in table.notes[0][1] if cell)
        said.append(Assumption("ignored", words[:100], Said.of("rows_below", count=len(table.notes))))
    for name, count in table.errors.most_common(_TOLD):
        said.append(Assumption("sentinel", name, Said.of("cell_errors", count=count)))
    return said


class Sheet:
    """Rows of a sheet; see formats.Raw. What stands below the table is set aside."""

    delimiter = ","
    encoding = "utf-8"

    def __init__(self, table: _Table, size: int, commas: Iterable[str]) -> None:
        self._table, self._size = table, size
        self.columns = table.title.columns
        self._commas = [number for number, name in enumerate(self.columns) if name in commas]
        self.misfits = Misfits(table.title.first)
        self._done = 0

    @property
    def consumed(self) -> int:
        return self._size * self._done // max(self._table.end, 1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows of the table, as columns of text; cells that hold an error are empty."""
        yield from batches_of(self._cells(), schema_of(self.columns))
        for place, row in self._table.notes:
            self.misfits.leave_out(place + 1, "below_table", [str(cell or "") for cell in row])

    def sample(self) -> pa.Table:
        """Rows from the top, and some from all over the rest."""
        step = max(1, (self._table.end - self._table.title.first - _SAMPLE) // _SAMPLE)
        rows = (row for number, row in enumerate(self._cells()) if number < _SAMPLE or number % step == 0)
        batches = list(batches_of(itertools.islice(rows, 2 * _SAMPLE), schema_of(self.columns)))
        return pa.Table.from_batches(batches, schema_of(self.columns)).combine_chunks()

    def _cells(self) -> Iterator[Cells]:
        first, end = self._table.title.first, self._table.end
        for place, cells in enumerate(itertools.islice(self._table.sheet.iter_rows(), first, end), first):
            self._done = place
            row = [text_of(cell) for cell in cells]
            if self._table.errors:
                row = [None if cell and cell[0] in "#E" and _ERRORS.fullmatch(cell) else cell for cell in row]
            for number in self._commas:
                if (cell := row[number]) and _COMMA.fullmatch(cell):
                    row[number] = cell.replace(".", "").replace(",", ".") if "," in cell else cell
            yield row

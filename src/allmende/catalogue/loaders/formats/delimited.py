"""Delimited text: CSV and TSV in every usual dress, plain or packed with gzip. All columns are text."""

import codecs
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.dialect import Dialect, dialect_of, encoding_of
from allmende.catalogue.loaders.formats import Found
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sniff import SAMPLE, beginning, decoded
from allmende.catalogue.loaders.source import Caps, Unpacked, Utf8
from allmende.catalogue.loaders.table import open_table
from allmende.catalogue.loaders.tabular.recipe import TableHints

_HEAD = 2**18
_FURTHER = 8  # places of an unpacked file that are looked at beyond its beginning,
_PIECE = 2**18  # bytes each
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The one table of a text. Raises Unreadable."""
    head, unpacked, whole = _head(source, Caps())
    said = []
    if unpacked.packed:
        said.append(Assumption("compression", "gzip", Said.of("gzip")))
    encoding, why = (hints.encoding, Said.of("told")) if hints.encoding else encoding_of(head)
    said.append(Assumption("encoding", encoding, why, ("cp1252",) if why.code == "encoding_ascii" else ()))
    dialect = dialect_of(_lines(head, encoding, whole), hints.delimiter or None, hints.header)
    shown = _NAMES.get(dialect.delimiter, dialect.delimiter)
    said.append(Assumption("delimiter", shown, dialect.why_delimiter))
    said.append(Assumption("header", ", ".join(dialect.columns[:12]) if dialect.header else "–", dialect.why_header))
    options = {"delimiter": dialect.delimiter, "header": dialect.header, "encoding": hints.encoding}
    return [Found("table", options, said)]


def opened(source: BinaryIO, options: dict[str, Any]) -> "Delimited":
    """The table. options: delimiter, header, encoding (empty: as the file shows), partial."""
    return Delimited(source, options)


class Delimited:
    """Rows of a text; see formats.Raw."""

    def __init__(self, source: BinaryIO, options: dict[str, Any]) -> None:
        self._source, self._caps = source, Caps()
        head, unpacked, whole = _head(source, self._caps)
        self.encoding = options.get("encoding") or encoding_of(head)[0]
        self._packed, self._partial = unpacked.packed, bool(options.get("partial"))
        self.dialect = dialect_of(
            _lines(head, self.encoding, whole), options.get("delimiter") or None, options.get("header")
        )
        self.columns, self.delimiter = self.dialect.columns, self.dialect.delimiter
        self.misfits = Misfits(self.dialect.skip + self.dialect.header)
        self._unpacked: Unpacked | None = None
        self._rows = 0

    @property
    def consumed(self) -> int:
        return self._unpacked.consumed if self._unpacked else 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, as columns of text. Raises Unreadable."""
        self._unpacked = Unpacked(self._source, self._caps)
        stream = Utf8(self._unpacked, self.encoding, self._caps, partial=self._partial)
        try:
            for batch in open_table(pa.PythonFile(stream, "r"), self.dialect, self.columns, self.misfits.ragged):
                self._rows += batch.num_rows
                yield batch
        except pa.ArrowInvalid as problem:
            raise self._reason(str(problem)) from None

    def sample(self) -> pa.Table:
        """Rows of the beginning; of a file that is not packed also of some places further on."""
        head, _, whole = beginning(self._source, self._caps, SAMPLE)
        parts = [self._cut(_lines(head, self.encoding, whole), self.dialect)]
        if not whole and not self._packed and not self.encoding.startswith("utf-16"):
            further = Dialect(self.delimiter, 0, False, self.columns, Said(""), Said(""))
            parts += [self._cut(text, further) for text in self._further()]
        return pa.concat_tables(parts).combine_chunks()

    def _further(self) -> Iterator[str]:
        """Whole lines from places spread over the file; where one lies in a quoted cell its rows are ragged or odd, so
        that they are a few among many."""
        size = self._source.seek(0, io.SEEK_END)
        for number in range(1, _FURTHER + 1):
            self._source.seek(SAMPLE + (size - SAMPLE) * number // (_FURTHER + 1))
            piece = self._source.read(_PIECE)
            lines = piece[piece.find(b"\n") + 1 : piece.rfind(b"\n") + 1]
            text = codecs.decode(lines, self.encoding, "replace")
            if text.strip() and text.count('"') % 2 == 0:
                yield text
        self._source.seek(0)

    def _cut(self, text: str, dialect: Dialect) -> pa.Table:
        try:
            return open_table(pa.BufferReader(text.encode()), dialect, self.columns, lambda row: "skip").read_all()
        except pa.ArrowInvalid:
            if not dialect.skip and not dialect.header and dialect is not self.dialect:
                return pa.table({name: pa.array([], pa.string()) for name in self.columns})
            raise Unreadable("quotation_mark", row=dialect.skip + 1) from None

    def _reason(self, problem: str) -> Unreadable:
        if self.misfits.hopeless:
            rows = self._rows + self.misfits.ragged_rows
            return Unreadable("most_misfit", aside=self.misfits.count, rows=rows, first="–")
        if "UTF8" in problem or "UTF-8" in problem:
            return Unreadable("wrong_encoding", encoding=self.encoding)
        if "straddling" in problem:
            return Unreadable("quotation_mark", row=self._rows + self.misfits.first)
        return Unreadable("csv", problem=problem.split("\n")[0], row=self._rows + self.misfits.first)


def _head(source: BinaryIO, caps: Caps) -> tuple[bytes, Unpacked, bool]:
    """See sniff.beginning; so much that there are some lines. Raises Unreadable where a line does not end."""
    head, unpacked, whole = beginning(source, caps, _HEAD)
    if whole or _ends(head) > 2:
        return head, unpacked, whole
    head, unpacked, whole = beginning(source, caps, caps.row + _HEAD)
    if not whole and _ends(head) < 2:
        raise Unreadable("row_too_long", limit=caps.row)
    return head, unpacked, whole


def _ends(head: bytes) -> int:
    return head.count(b"\n") or head.count(b"\r")


def _lines(head: bytes, encoding: str, whole: bool) -> str:
    """The whole lines of the beginning."""
    text = decoded(head, encoding, whole)
    return text if whole else text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text

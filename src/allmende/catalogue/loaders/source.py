"""The bytes of a file on their way to the CSV reader: unpacked, guarded, as UTF-8. Memory stays flat.

Guards: gzip bombs (by ratio and in all), files cut off, NUL bytes, rows without an end, other formats than text.
"""

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from allmende.catalogue.loaders.said import Said, Unreadable

GZIP = b"\x1f\x8b"
_PIECE = 1 << 20
_SIGNATURES = (
    (b"PK\x03\x04", "a ZIP archive, as spreadsheets are (XLSX, ODS)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True, slots=True)
class Caps:
    """How much a file may unfold to. ratio counts only beyond `harmless` bytes; row: the longest row in bytes."""

    unpacked: int = 50 * 2**30
    ratio: int = 300
    harmless: int = 64 * 2**20
    row: int = 2 * 2**20


class Unpacked:
    """Pieces of a file, out of their gzip wrapping where there is one. consumed: bytes of the file read so far."""

    def __init__(self, raw: BinaryIO, caps: Caps) -> None:
        raw.seek(0)
        self._raw, self._caps = raw, caps
        self.consumed = self.unpacked = 0
        head = raw.read(16)
        raw.seek(0)
        if not head:
            raise Unreadable("empty_file")
        for signature, what in _SIGNATURES:
            if head.startswith(signature):
                raise Unreadable("not_text", what=what)
        self.packed = head.startswith(GZIP)

    def __iter__(self) -> Iterator[bytes]:
        pieces = self._inflated() if self.packed else self._pieces()
        for piece in pieces:
            self.unpacked += len(piece)
            if self.packed:
                self._measure()
            yield piece

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._raw.read(_PIECE):
            self.consumed += len(piece)
            yield piece

    def _inflated(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(31)
        for piece in self._pieces():
            while piece:
                try:
                    yield inflate.decompress(piece, _PIECE)
                except zlib.error:
                    raise Unreadable("damaged_gzip", unpacked=self.unpacked) from None
                piece = inflate.unconsumed_tail
                if inflate.eof:
                    piece = inflate.unused_data.lstrip(b"\0")  # several members, or padding
                    inflate = zlib.decompressobj(31) if piece else inflate
        while not inflate.eof and (rest := inflate.decompress(b"", _PIECE)):
            yield rest
        if not inflate.eof:
            raise Unreadable("truncated_gzip", unpacked=self.unpacked, size=self.consumed)

    def _measure(self) -> None:
        caps = self._caps
        if self.unpacked > caps.unpacked:
            raise Unreadable("too_large", limit=caps.unpacked)
        if self.unpacked > caps.harmless and self.unpacked > caps.ratio * self.consumed:
            raise Unreadable("gzip_bomb", unpacked=self.unpacked, size=self.consumed, ratio=caps.ratio)


def transcoded(pieces: Unpacked, encoding: str) -> Iterator[bytes]:
    """The pieces as UTF-8 without a byte order mark; of a file in UTF-8 they are not looked into."""
    wide, plain = encoding.startswith("utf-16"), encoding == "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)()
    first = True
    for piece in pieces:
        if not wide and (where := piece.find(b"\0")) >= 0:
            raise Unreadable("nul_bytes", offset=pieces.unpacked - len(piece) + where)
        try:
            text = piece if plain else decoder.decode(piece).encode()
        except UnicodeDecodeError:
            raise Unreadable("wrong_encoding", encoding=encoding) from None
        yield text.removeprefix(codecs.BOM_UTF8) if first else text
        first = False


class Utf8:
    """What pyarrow reads from: whole lines of UTF-8. broken: why the file ended early, where partial allows that."""

    closed = False

    def __init__(self, unpacked: Unpacked, encoding: str, caps: Caps, *, partial: bool = False) -> None:
        self.unpacked = unpacked
        self._encoding, self._caps, self._partial = encoding, caps, partial
        self._lines = self._whole_lines(transcoded(unpacked, encoding))
        self._rest = memoryview(b"")
        self.broken: Said | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most size of them; empty at the end. Raises Unreadable."""
        if not self._rest:
            self._rest = memoryview(next(self._lines, b""))
        size = len(self._rest) if size < 0 else size
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._rest = memoryview(b"")

    def _whole_lines(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Regroups pieces so that each ends with a line; the last may lack its newline, unless the file broke off."""
        carried = b""
        try:
            for piece in pieces:
                cut = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
                if cut:
                    yield carried + piece[:cut]
                carried = piece[cut:] if cut else carried + piece
                if len(carried) > self._caps.row:
                    raise Unreadable("row_too_long", limit=self._caps.row)
        except Unreadable as problem:
            if not self._partial or problem.said.code not in ("truncated_gzip", "damaged_gzip"):
                raise
            self.broken = problem.said
            return
        if carried:
            yield carried

"""ZIP archives, which many formats are inside: looked through and measured before anything is unpacked from them.

What the directory says of sizes is believed only after the first look; `Member` gives out no more than it promised, and
`measured` unpacks once to see, for readers that trust nobody's limits.
"""

import io
import struct
import zipfile
import zlib
from typing import Any, BinaryIO, cast

from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.source import Caps

ZIP = b"PK\x03\x04"
_MOST_MEMBERS = 10_000
_PIECE = 1 << 20
_HARMLESS = 64 * 2**10  # packed bytes: they cannot unfold to more than a thousand times as many
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)
_NOISE = ("__macosx/", "thumbs.db", ".ds_store", "desktop.ini")


def looked_through(source: BinaryIO, caps: Caps | None = None) -> zipfile.ZipFile:
    """The archive. Raises Unreadable for one that is damaged, locked by a password, or made to burst."""
    caps = caps or Caps()
    source.seek(0)
    try:
        archive = zipfile.ZipFile(source)
        members = archive.infolist()
    except _BROKEN as problem:
        raise Unreadable("damaged_zip", problem=str(problem)[:100]) from None
    if len(members) > _MOST_MEMBERS:
        raise Unreadable("zip_members", count=len(members), limit=_MOST_MEMBERS)
    unpacked, packed = sum(each.file_size for each in members), sum(each.compress_size for each in members)
    if unpacked > caps.unpacked:
        raise Unreadable("too_large", limit=caps.unpacked)
    if unpacked > caps.harmless and unpacked > caps.ratio * max(packed, 1):
        raise Unreadable("zip_bomb", size=packed, unpacked=unpacked, ratio=caps.ratio)
    if any(each.flag_bits & 1 for each in members):
        raise Unreadable("password")
    return archive


def names(archive: zipfile.ZipFile) -> list[str]:
    """The files in it that somebody put there, in the order of the archive."""
    found = [each.filename for each in archive.infolist() if not each.is_dir()]
    return [name for name in found if not any(noise in name.lower() for noise in _NOISE)]


def beginning_of(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    """The first bytes of a file in it; none where it is not there, or broken."""
    try:
        with archive.open(name) as member:
            return member.read(size)
    except _BROKEN:
        return b""


def measured(archive: zipfile.ZipFile, source: BinaryIO) -> None:
    """Unpacks every member once, keeping nothing. Raises Unreadable where one is larger than the directory says."""
    for info in archive.infolist():
        if info.compress_size <= _HARMLESS or info.compress_type != zipfile.ZIP_DEFLATED:
            continue
        source.seek(info.header_offset)
        head = source.read(30)
        if len(head) < 30 or head[:4] != ZIP:
            raise Unreadable("damaged_zip", problem=info.filename[:60])
        source.seek(info.header_offset + 30 + sum(struct.unpack("<HH", head[26:30])))
        if _inflated(source, info.compress_size, info.file_size) != info.file_size:
            raise Unreadable("damaged_zip", problem=info.filename[:60])
    source.seek(0)


def _inflated(source: BinaryIO, packed: int, promised: int) -> int:
    """Bytes that come out, counted until they are more than promised."""
    inflate, count = zlib.decompressobj(-15), 0
    try:
        while packed > 0 and (piece := source.read(min(_PIECE, packed))):
            packed -= len(piece)
            while piece and count <= promised:
                count += len(inflate.decompress(piece, _PIECE))
                piece = inflate.unconsumed_tail
        return count + len(inflate.flush()) if count <= promised else count
    except zlib.error:
        return -1


def member(source: BinaryIO, name: str) -> BinaryIO:
    """A file of the archive, as if it lay alone. Raises Unreadable."""
    return cast(BinaryIO, Member(source, name))


class Member(io.RawIOBase):
    """A file of an archive, read like one on disk; going back unpacks it anew."""

    def __init__(self, source: BinaryIO, name: str) -> None:
        self._archive = looked_through(source)
        try:
            self._size = self._archive.getinfo(name).file_size
            self._member = self._archive.open(name)
        except _BROKEN:
            raise Unreadable("damaged_zip", problem=name[:60]) from None
        self.name = name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._guarded(self._member.read, len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._guarded(self._member.seek, offset, whence))

    def tell(self) -> int:
        return self._member.tell()

    def _guarded(self, call: Any, *arguments: int) -> Any:
        try:
            return call(*arguments)
        except _BROKEN:
            raise Unreadable("damaged_zip", problem=str(self.name)[:60]) from None

"""JSON as a stream of UTF-8 for ijson, also within JavaScript or gzip; and every error as a sentence."""

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, TypeVar

import ijson
from ijson.common import ObjectBuilder

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.dialect import encoding_of
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sniff import beginning, decoded
from allmende.catalogue.loaders.source import Caps, Unpacked, transcoded

SCRIPT = re.compile(
    r"(?:\s|//[^\n]*\n|/\*.*?\*/)*(?:export\s+default\s+|(?:(?:var|let|const)\s+)?[\w$.\[\]\"']{1,200}\s*[=(]\s*)(?=[\[{])",
    re.DOTALL,
)
HEAD = 2**19
_TAIL = 256  # bytes at the end in which JavaScript may close what it opened
_DEEPEST = 200  # levels of lists and objects
_LONGEST_TOKEN = 8 * 2**20  # bytes
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)  # possessive: what is not closed costs no second look
_PARTED = re.compile(rb"[\[\]{},:\s]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_RS = 0x1E  # before each record of RFC 8142

Row = TypeVar("Row")


class JsonText:
    """What ijson reads from. head: the beginning as text, without what is no JSON; whole: whether that is all; script:
    whether JavaScript stands around it; packed: with gzip. Raises Unreadable."""

    def __init__(self, source: BinaryIO, encoding: str = "") -> None:
        self._source, self._caps = source, Caps()
        head, unpacked, self.whole = beginning(source, self._caps, HEAD)
        self.packed = unpacked.packed
        self.why = Said.of("told") if encoding else encoding_of(head)[1]
        self.encoding = encoding or encoding_of(head)[0]
        text = decoded(head, self.encoding, self.whole)
        script = SCRIPT.match(text)
        self.script, start = script is not None, script.end() if script else 0
        self._skip = len(text[:start].encode("utf-8", "replace"))
        self.head = text[start:].replace(chr(_RS), " ")
        self._marked = chr(_RS) in text[:16]
        self._values: list[Any] | None = None
        self.rewind()

    @property
    def values(self) -> list[Any]:
        """What the beginning holds; see partial."""
        if self._values is None:
            self._values = partial(self.head)
        return self._values

    def rewind(self) -> None:
        """Begins anew."""
        self._unpacked = Unpacked(self._source, self._caps)
        self._pieces = self._cleaned(transcoded(self._unpacked, self.encoding))
        self._rest = memoryview(b"")
        self._depth = _Depth()

    @property
    def consumed(self) -> int:
        """Bytes of the file so far."""
        return self._unpacked.consumed

    @property
    def unpacked(self) -> int:
        """Bytes of text so far."""
        return self._unpacked.unpacked

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most size of them; empty at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        size = len(self._rest) if size < 0 else size
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        self._depth.take(piece)
        return piece

    def lines(self, longest: int) -> Iterator[bytes]:
        """Line by line, without their ends. Raises Unreadable for one that is too long."""
        carried = b""
        for piece in self._pieces:
            *lines, carried = (carried + piece).split(b"\n")
            yield from lines
            if len(carried) > longest:
                raise Unreadable("row_too_long", limit=longest)
        if carried:
            yield carried

    def said(self) -> list[Assumption]:
        """What is worth telling of the text itself."""
        said = [Assumption("compression", "gzip", Said.of("gzip"))] if self.packed else []
        if self.encoding != "utf-8":
            said.append(Assumption("encoding", self.encoding, self.why, ("utf-8",)))
        if self.script:
            said.append(Assumption("ignored", "JavaScript", Said.of("json_script")))
        return said

    def _cleaned(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        kept, skip = b"", self._skip
        for piece in pieces:
            cut = min(skip, len(piece))
            skip -= cut
            whole = kept + piece[cut:].replace(b"\x1e", b" ") if self._marked else kept + piece[cut:]
            kept = whole[max(len(whole) - _TAIL, 0) :] if self.script else b""
            yield whole[: len(whole) - len(kept)]
        yield kept.rstrip(b"); \t\r\n")


class _Depth:
    """Watches how deeply a text is nested and how long a string goes on: ijson keeps the path of each level, which
    100,000 levels make 25 GB, and looks at what has no end yet again from its beginning with each piece."""

    def __init__(self) -> None:
        self._depth, self._open, self._run = 0, b"", 0

    def take(self, piece: bytes) -> None:
        """The next piece. Raises Unreadable."""
        was_open = self._open
        bare = _STRING.sub(b"", was_open + piece)
        quote = bare.find(b'"')
        self._open = b""
        if quote >= 0:  # a string that goes on in the next piece
            bare, slashes = bare[:quote], len(piece) - len(piece.rstrip(b"\\"))
            self._open = b'"\\' if slashes % 2 else b'"'
        goes_on = (quote == 0 and was_open) or (quote < 0 and len(bare) == len(piece) and not _PARTED.search(bare))
        self._run = self._run + len(piece) if goes_on else 0
        if self._run > _LONGEST_TOKEN:
            raise Unreadable("row_too_long", limit=_LONGEST_TOKEN)
        brackets, rounds = bare.translate(None, _NO_BRACKETS), 0
        while brackets != (fewer := brackets.replace(b"{}", b"").replace(b"[]", b"")):
            brackets, rounds = fewer, rounds + 1
            if rounds > _DEEPEST:
                raise Unreadable("json_deep")
        closed = brackets.count(b"]") + brackets.count(b"}")
        self._depth = max(self._depth - closed, 0) + len(brackets) - closed
        if self._depth > _DEEPEST:
            raise Unreadable("json_deep")


def partial(text: str) -> list[Any]:
    """The values at the beginning of a text; the last as far as it goes."""
    values: list[Any] = []
    builder, depth = ObjectBuilder(), 0
    try:
        for event, value in ijson.basic_parse(
            io.BytesIO(text.encode("utf-8", "replace")), use_float=True, multiple_values=True
        ):
            builder.event(event, value)
            depth += event.startswith("start_") - event.startswith("end_")
            if depth == 0:
                values.append(builder.value)
                builder = ObjectBuilder()
    except (ijson.JSONError, ValueError, ArithmeticError):
        pass  # cut off, or broken: reading the whole will tell where
    if depth and hasattr(builder, "value"):
        values.append(builder.value)
    return values


def guarded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; what goes wrong while they are read is told with its place. Raises Unreadable."""
    count = 0
    try:
        for row in rows:
            count += 1
            yield row
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("json_deep") from None
    except ijson.IncompleteJSONError as problem:
        raise _broken(problem, count, "json_cut_off") from None
    except (ijson.JSONError, ValueError, ArithmeticError, TypeError) as problem:
        raise _broken(problem, count, "json_broken") from None


def _broken(problem: Exception, count: int, code: str) -> Unreadable:
    words = str(problem).strip().split("\n")[0][:100]
    if "UTF8" in words or "UTF-8" in words:
        return Unreadable("wrong_encoding", encoding="utf-8")
    if "lexical" in words or ("parse error" in words and "premature" not in words):
        code = "json_broken"
    return Unreadable(code, row=count + 1, problem=words)

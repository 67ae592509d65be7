"""XML as a stream of elements, by expat: memory stays flat, entities are refused, every error is a sentence."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol
from xml.parsers import expat

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.dialect import encoding_of
from allmende.catalogue.loaders.formats.markup import forbid_entities
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.sniff import beginning
from allmende.catalogue.loaders.source import Caps, Unpacked

_HEAD = 2**18
_PIECE = 2**16
_LONGEST_TAG = 4 * 2**20  # bytes; expat looks at what has no end yet again with each piece
_DEEPEST = 200
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]+)["']""")
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance "  # attributes that speak of the schema, not of the thing
_CODES = expat.errors.codes
_ENDS_EARLY = {_CODES[expat.errors.XML_ERROR_NO_ELEMENTS], _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]}
_BAD_BYTES = {_CODES[expat.errors.XML_ERROR_INVALID_TOKEN], _CODES[expat.errors.XML_ERROR_PARTIAL_CHAR]}


class Listener(Protocol):
    """What is told of the elements. Names come without their namespaces."""

    def begin(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self) -> None: ...

    def text(self, text: str) -> None: ...

    def taken(self) -> Iterator[Any]:
        """What has come together since it was asked last."""
        ...


class XmlText:
    """A file of XML. packed: whether it is, with gzip; encoding: as it says, or as it is all the same. Raises
    Unreadable."""

    def __init__(self, source: BinaryIO, encoding: str = "") -> None:
        self._source, self._caps = source, Caps()
        head, unpacked, _ = beginning(source, self._caps, _HEAD)
        self.packed = unpacked.packed
        declared = _DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
        self._says = declared.group(1).decode().lower() if declared else "utf-8"
        found, self._why = encoding_of(head)
        self._wrong = not encoding and self._says in ("utf-8", "us-ascii") and found == "cp1252"
        self._told = encoding or ("cp1252" if self._wrong else "")
        self.encoding = self._told or self._says
        self._unpacked = unpacked

    @property
    def consumed(self) -> int:
        """Bytes of the file so far."""
        return self._unpacked.consumed

    @property
    def unpacked(self) -> int:
        """Bytes of text so far."""
        return self._unpacked.unpacked

    def said(self) -> list[Assumption]:
        """What is worth telling of the text itself."""
        said = [Assumption("compression", "gzip", Said.of("gzip"))] if self.packed else []
        if self._wrong:
            said.append(Assumption("encoding", "cp1252", self._why, ("utf-8",)))
        return said

    def heard(self, listener: Listener) -> Iterator[Any]:
        """What the listener makes of the elements, from the beginning. Raises Unreadable."""
        self._unpacked = Unpacked(self._source, self._caps)
        parser, fed, piece = self._parser(listener), 0, b""
        try:
            for whole in self._unpacked:
                for start in range(0, len(whole), _PIECE):
                    piece = whole[start : start + _PIECE]
                    parser.Parse(piece, False)
                    fed += len(piece)
                    if fed - parser.CurrentByteIndex > _LONGEST_TAG:
                        raise Unreadable("row_too_long", limit=_LONGEST_TAG)
                    yield from listener.taken()
            parser.Parse(b"", True)
            yield from listener.taken()
        except expat.ExpatError as problem:
            raise self._broken(problem, piece) from None
        except (UnicodeError, LookupError, ValueError) as problem:
            raise Unreadable("xml_broken", row=1, problem=str(problem)[:100]) from None

    def _parser(self, listener: Listener) -> expat.XMLParserType:
        try:
            parser = expat.ParserCreate(self._told or None, " ")
        except (LookupError, ValueError):
            raise Unreadable("unknown_encoding", encoding=self._told) from None
        parser.buffer_text = True
        forbid_entities(parser)
        depth = 0

        def begin(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _DEEPEST:
                raise Unreadable("xml_deep")
            if attributes:
                attributes = {_bare(key): each for key, each in attributes.items() if not key.startswith(_INSTANCE)}
            listener.begin(_bare(name), attributes)

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            listener.end()

        parser.StartElementHandler, parser.EndElementHandler = begin, end
        parser.CharacterDataHandler = listener.text
        return parser

    def _broken(self, problem: expat.ExpatError, piece: bytes) -> Unreadable:
        if problem.code in _BAD_BYTES and self.encoding in ("utf-8", "us-ascii") and not _is_utf8(piece):
            return Unreadable("wrong_encoding", encoding="utf-8")
        words = expat.errors.messages.get(problem.code, "")
        code = "xml_cut_off" if problem.code in _ENDS_EARLY else "xml_broken"
        return Unreadable(code, row=problem.lineno, problem=words)


def _bare(name: str) -> str:
    return name.rpartition(" ")[2]


def _is_utf8(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError as problem:
        return problem.start > len(piece) - 4 or problem.end < 4  # a character that is cut in two
    return True

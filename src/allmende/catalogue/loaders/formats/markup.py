"""XML that nobody should trust: what declares entities is refused before any library unfolds them."""

from collections.abc import Iterable
from xml.parsers import expat

from allmende.catalogue.loaders.said import Unreadable

HEAD = 2**20  # bytes in which the first element must begin


class _Begun(Exception):
    """The first element is there: nothing can be declared any more."""


def without_entities(head: Iterable[bytes]) -> None:
    """Raises Unreadable where the beginning of a text declares entities, or declares on and on. What is no XML at all
    is left for others to tell."""
    parser = expat.ParserCreate()
    forbid_entities(parser)

    def begin(name: str, attributes: dict[str, str]) -> None:
        raise _Begun

    parser.StartElementHandler = begin
    size = 0
    try:
        for piece in head:
            parser.Parse(piece[: HEAD - size], False)
            size += len(piece)
            if size >= HEAD:
                raise Unreadable("xml_entities")
    except (_Begun, expat.ExpatError):
        return


def forbid_entities(parser: expat.XMLParserType) -> None:
    """Lets a parser refuse declarations of entities, which can stand for gigabytes or for other files."""

    def refuse(*declared: object) -> None:
        raise Unreadable("xml_entities")

    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse

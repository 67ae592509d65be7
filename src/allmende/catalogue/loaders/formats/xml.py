"""XML as a table: the element that repeats is the row. Streamed, so that memory stays flat but for a single row."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.formats import Found
from allmende.catalogue.loaders.formats.jsonlike import SAMPLE, SCANNED, JsonTable, scanned
from allmende.catalogue.loaders.formats.jsonpaths import Place, best_of
from allmende.catalogue.loaders.formats.jsonrows import Cells
from allmende.catalogue.loaders.formats.xmlrows import Paths, RowsOf
from allmende.catalogue.loaders.formats.xmltext import XmlText
from allmende.catalogue.loaders.headline import MOST_COLUMNS
from allmende.catalogue.loaders.misfits import Misfits
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.tabular.recipe import TableHints

_LOOKED_THROUGH = 8 * 2**20  # bytes of text in which repeating elements are looked for
_DRAWN = frozenset({"svg", "html"})


def found(source: BinaryIO, hints: TableHints) -> list[Found]:
    """The table of the element that is likeliest the row, or of the one at hints.path. Raises Unreadable."""
    text = XmlText(source, hints.encoding)
    paths = _paths(text)
    place, others = _chosen(paths, hints.path)
    kind = "told" if hints.path else "xml_one" if place.kind == "one" else "xml_rows"
    said = [*text.said(), Assumption("rows", shown(place), Said.of(kind, count=place.count), tuple(map(shown, others)))]
    options: dict[str, Any] = {"path": shown(place), "encoding": hints.encoding}
    columns, whole = scanned(_rows(text, options), text, SCANNED)
    if not columns.rows or not columns.names or (place.kind == "one" and not paths.says_something):
        raise Unreadable("xml_no_rows")
    if len(columns.names) > MOST_COLUMNS:
        raise Unreadable("too_many_columns", count=len(columns.names), limit=MOST_COLUMNS)
    options["columns"] = columns.names
    rows = columns.rows if whole else None
    return [Found(place.path[-1], options, said, rows=rows, types=columns.types(SAMPLE))]


def opened(source: BinaryIO, options: dict[str, Any]) -> "XmlTable":
    """The table of an element. options: path, encoding, columns as found. Raises Unreadable."""
    table = XmlTable(source, options)
    if next(iter(table.rows()), None) is None:
        raise Unreadable("xml_no_path", path=options.get("path", ""), found=_repeating(source))
    return table


def _repeating(source: BinaryIO) -> str:
    return ", ".join(map(shown, _paths(XmlText(source)).places()[:8]))


def shown(place: Place) -> str:
    """The path as people write it."""
    return "/".join(place.path)


def _paths(text: XmlText) -> Paths:
    paths = Paths()
    for _ in text.heard(paths):
        if text.unpacked > _LOOKED_THROUGH:
            break
    if paths.root.lower() in _DRAWN:
        raise Unreadable("not_data", what="a picture" if paths.root.lower() == "svg" else "a web page")
    if paths.root == "Workbook":
        raise Unreadable("excel_xml")
    return paths


def _chosen(paths: Paths, wanted: str) -> tuple[Place, list[Place]]:
    places = paths.places()
    if wanted:
        told = paths.at(wanted)
        if told is None:
            raise Unreadable("xml_no_path", path=wanted, found=", ".join(map(shown, places[:8])))
        return told, [each for each in places if each.path != told.path][:8]
    best = best_of(places)
    return best, sorted((each for each in places if each is not best), key=lambda each: -each.count)[:8]


def _rows(text: XmlText, options: dict[str, Any]) -> Iterator[Cells]:
    return text.heard(RowsOf(tuple(options.get("path", "").split("/"))))


class XmlTable(JsonTable):
    """Rows of a table in XML; see formats.Raw."""

    def _read(self, source: BinaryIO) -> XmlText:
        return XmlText(source, self.options.get("encoding", ""))

    def rows(self, misfits: Misfits | None = None) -> Iterable[Cells]:
        """The rows from the beginning."""
        assert isinstance(self.text, XmlText)
        return _rows(self.text, self.options)

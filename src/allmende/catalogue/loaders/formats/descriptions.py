"""Attributes that are hidden in HTML, as KML has them in its descriptions: rows of tables, or lines `name: value`."""

import re
from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "li", "tr", "table", "h1", "h2", "h3", "h4", "hr", "ul", "dl", "dd"})
_CELLS = frozenset({"td", "th", "dt"})
_NAMES = frozenset({"b", "strong", "th"})
_SILENT = frozenset({"script", "style", "head", "title"})
_LINE = re.compile(r"\s*([^\W\d_][^:<>]{0,60}?)\s*:(?:\s+(.*)|\s*)$", re.DOTALL)


class _Reader(HTMLParser):
    """Lines of text, with rows of tables as lists of cells; addresses of links that their text does not say."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[list[str], bool]] = [([""], False)]  # cells, whether the first is marked as a name
        self._silent = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _CELLS:
            cells = self.lines[-1][0]
            if cells != [""]:
                cells.append("")
        elif tag in _BREAKS:
            self.lines.append(([""], False))
        if tag in _NAMES and not self.lines[-1][0][-1].strip() and len(self.lines[-1][0]) == 1:
            self.lines[-1] = (self.lines[-1][0], True)
        if tag == "a":
            self._link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._link:
            cells = self.lines[-1][0]
            if self._link.startswith("http") and self._link not in cells[-1]:
                cells[-1] += f" ({self._link})" if cells[-1].strip() else self._link
            self._link = ""
        elif tag in _BREAKS:
            self.lines.append(([""], False))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1][0][-1] += data


def described(html: str) -> tuple[dict[str, str], str]:
    """(values by name, the rest of the text without markup) of a description. Lines `name: value` count where the name
    is marked as one, or where there are several."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [([" ".join(cell.split()) for cell in cells], named) for cells, named in reader.lines]
    lines = [(cells, named) for cells, named in lines if any(cells)]
    plain = sum(len(cells) == 1 and _LINE.match(cells[0]) is not None for cells, _ in lines)
    values: dict[str, str] = {}
    rest = []
    for cells, named in lines:
        line = _LINE.match(cells[0]) if len(cells) == 1 and (named or plain > 1) else None
        if len(cells) == 2 and cells[0]:
            name, value = cells[0].rstrip(": "), cells[1]
        elif line:
            name, value = line.group(1), line.group(2) or ""
        else:
            rest.append(" ".join(cell for cell in cells if cell))
            continue
        if name in values:
            rest.append(f"{name}: {value}")
        else:
            values[name] = value
    return values, "\n".join(rest)

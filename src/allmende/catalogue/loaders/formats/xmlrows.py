"""Elements of XML as rows of cells: attributes and the texts of children become columns, children that repeat become
lists; what the elements around a row say once is said in each row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allmende.catalogue.loaders.formats.jsonpaths import Place
from allmende.catalogue.loaders.formats.jsonrows import Cells
from allmende.catalogue.loaders.formats.rowwise import LONGEST
from allmende.catalogue.loaders.said import Unreadable

Path = tuple[str, ...]
_TEXT = ""  # under which an element keeps its own text
_MOST_PATHS = 5000
_NONE: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Element:
    """An element that is open. cells: attributes, texts of children, elements within as dicts, lists of those."""

    name: str
    cells: dict[str, Any]
    attributes: frozenset[str]
    parts: list[str] = field(default_factory=list)
    listed: tuple[str, ...] = ()  # names of children that came more than once

    def value(self) -> Any:
        """Text where there is nothing else."""
        text = "".join(self.parts).strip() or None
        if not self.cells:
            return text
        if text:
            self.cells[_TEXT] = text
        return self.cells

    def put(self, name: str, value: Any) -> None:
        """A child's value; from its second coming on it is a list, beside an attribute it gets a name of its own."""
        while name in self.attributes:
            name += " 2"
        if name not in self.cells:
            self.cells[name] = value
        elif name in self.listed:
            self.cells[name].append(value)
        else:
            self.cells[name] = [self.cells[name], value]
            self.listed += (name,)


class RowsOf:
    """Hears the rows at a path; see xmltext.Listener."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._matched = self._depth = self._size = 0  # depth of the path that fits so far, of all, characters of a row
        self._row: list[_Element] = []
        self._around: list[Cells] = []  # what each element on the way says
        self._beside: _Element | None = None  # a child of one on the way, perhaps of text only
        self._rows: list[Cells] = []

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._row:
            self._open(name, attributes)
        elif self._matched == self._depth - 1 and self._matched < len(self._path) and name == self._path[self._matched]:
            self._matched += 1
            self._beside = None
            if self._matched == len(self._path):
                self._size = 0
                self._open(name, attributes)
            else:
                self._around.append({f"{name}.{key}": value for key, value in attributes.items()})
        elif self._matched == self._depth - 1:
            self._beside = _Element(name, {}, _NONE)
        else:
            self._beside = None

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._grow(sum(map(len, attributes.values())) + len(name))
        self._row.append(_Element(name, dict(attributes), frozenset(attributes) if attributes else _NONE))

    def end(self) -> None:
        self._depth -= 1
        if self._row:
            element = self._row.pop()
            if self._row:
                self._row[-1].put(element.name, element.value())
                return
            self._matched -= 1
            self._rows.append(self._finished(element))
        elif self._beside is not None:
            text = "".join(self._beside.parts).strip()
            if self._around and text:
                name = f"{self._path[len(self._around) - 1]}.{self._beside.name}"
                self._around[-1][name] = None if name in self._around[-1] else text  # what repeats says nothing once
            self._beside = None
        elif self._depth < self._matched:
            self._matched -= 1
            self._around.pop()

    def text(self, text: str) -> None:
        if self._row:
            self._grow(len(text))
            self._row[-1].parts.append(text)
        elif self._beside is not None and len(self._beside.parts) < 100:
            self._beside.parts.append(text)

    def taken(self) -> Iterator[Cells]:
        rows, self._rows = self._rows, []
        return iter(rows)

    def _grow(self, size: int) -> None:
        self._size += size + 1
        if self._size > LONGEST:
            raise Unreadable("row_too_long", limit=LONGEST)

    def _finished(self, element: _Element) -> Cells:
        cells: Cells = {}
        value = element.value()
        _flatten(value if isinstance(value, dict) else {_TEXT: value}, element.name, True, cells)
        for around in self._around:
            for name, each in around.items():
                if each is not None:
                    cells.setdefault(name, each)
        return cells


def _flatten(value: dict[str, Any], name: str, top: bool, into: Cells) -> None:
    for key, each in value.items():
        inner = name if key == _TEXT else key if top else f"{name}.{key}"
        if isinstance(each, dict):
            _flatten(each, inner, False, into)
        else:
            into[inner] = [_listed(item) for item in each] if isinstance(each, list) else each


def _listed(value: Any) -> Any:
    """A value within a list, as JSON has it."""
    if isinstance(value, list):
        return [_listed(each) for each in value]
    if isinstance(value, dict):
        return {key or "value": _listed(each) for key, each in value.items()}
    return value


class Paths:
    """Hears which elements repeat; see xmltext.Listener. root: the outermost element; says_something: whether there
    are texts or attributes at all."""

    def __init__(self) -> None:
        self.root = ""
        self.says_something = False
        self._open: list[tuple[Path, Counter[str]]] = []
        self._counts: Counter[Path] = Counter()
        self._repeats: set[Path] = set()
        self._wide: set[Path] = set()  # with attributes, or with others within

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        around = self._open[-1][0] if self._open else ()
        path = (*around, name)
        if self._open:
            self._wide.add(around)
            self._open[-1][1][name] += 1
            if self._open[-1][1][name] > 1:
                self._repeats.add(path)
        else:
            self.root = name
        if attributes:
            self._wide.add(path)
            self.says_something = True
        if path in self._counts or len(self._counts) < _MOST_PATHS:
            self._counts[path] += 1
        self._open.append((path, Counter()))

    def end(self) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self.says_something = self.says_something or not text.isspace()

    def taken(self) -> Iterator[None]:
        return iter((None,))

    def places(self) -> list[Place]:
        """Elements that could be the rows: those that come again within one element; without any the outermost."""
        found = [self._place(path) for path in self._counts if path in self._repeats]
        wide = [each for each in found if each.path in self._wide]
        return (wide or found) or [Place((self.root,), "one", 0, 1)]

    def at(self, text: str) -> Place | None:
        """The path that somebody names, whole or by its end."""
        wanted = tuple(part for part in text.strip().lstrip("$").replace(".", "/").split("/") if part)
        named = tuple(part for part in text.strip().split("/") if part)
        for path in self._counts:
            if path in (wanted, named):
                return self._place(path)
        ends = [path for path in self._counts if path[-len(named) :] == named or path[-len(wanted) :] == wanted]
        return self._place(min(ends, key=len)) if ends and named else None

    def _place(self, path: Path) -> Place:
        lists = sum(path[:number] in self._repeats for number in range(1, len(path) + 1))
        return Place(path, "told", lists, self._counts[path])

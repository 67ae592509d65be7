"""What each column of a table of observations is for: a place, a value, a description of a place, or nothing needed."""

import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.assumption import Assumption, tokens
from allmende.catalogue.loaders.numbers import MISSING, is_number, read_numbers
from allmende.catalogue.loaders.recipe import Hints
from allmende.catalogue.loaders.said import Said, Unreadable
from allmende.catalogue.loaders.vocabulary import IDS, LABELS, LATITUDES, LONGITUDES, PARAMETERS, UNITS

OURS = "allmende_"  # the columns of a set-aside file that tell what was wrong

_NUMERIC = 0.8  # so many of the filled cells must be numbers
_FILLED = 0.5  # so many of the cells of a key must be filled
_MOST_PARTS = 50  # depths of a probe, channels of a counter
_COMMA = r"^\s*[+-]?\d+,\d+\s*$"
_POINT = r"^\s*[+-]?\d+\.\d+\s*$"


@dataclass(slots=True)
class Roles:
    """The columns by what they are for, and what is said about that."""

    decimal: str = "."
    places: list[str] = field(default_factory=list)
    label: str = ""
    longitude: str = ""
    latitude: str = ""
    part: str = ""
    parameter: str = ""
    unit: str = ""
    values: list[str] = field(default_factory=list)
    ignored: dict[str, Said] = field(default_factory=dict)
    said: list[Assumption] = field(default_factory=list)

    def keys(self) -> list[str]:
        """The columns whose cells together tell one series from another."""
        return [*self.places, *(name for name in (self.part, self.parameter, self.unit) if name)]


def find_roles(sample: pa.Table, when: tuple[str, ...], hints: Hints) -> Roles:
    """The roles of all columns but those that say when. Raises Unreadable where there is no value."""
    roles = Roles()
    rest = {name: _Column(name, sample[name]) for name in sample.column_names if name not in when}
    roles.decimal = _decimal(rest, hints, roles)
    for name in list(rest):
        if reason := _needless(rest[name], hints):
            roles.ignored[name] = reason
            del rest[name]
    numeric = {name for name, column in rest.items() if column.numeric(roles.decimal)}
    _coordinates(rest, numeric, roles, hints)
    possible = {name: column for name, column in rest.items() if name not in roles.ignored}
    keys = hints.places or tuple(name for name in possible if _may_be_key(rest[name], name in numeric, hints))
    _keys(sample, when, [name for name in keys if name in possible], rest, roles, hints)
    roles.part = _part(sample, when, possible, numeric, roles, hints)
    taken = {*roles.keys(), roles.label, *roles.ignored}
    for name in rest:
        if name in taken:
            continue
        if name in (hints.values or numeric):
            roles.values.append(name)
        else:
            roles.ignored[name] = Said.of("not_named") if hints.values else Said.of("column_text")
    if not roles.values:
        raise Unreadable("no_value_column", columns=", ".join(rest) or "–", decimal=roles.decimal)
    _tell(roles, rest, hints)
    return roles


class _Column:
    """The filled cells of a column of the sample."""

    def __init__(self, name: str, column: pa.ChunkedArray) -> None:
        self.name = name
        text = pc.utf8_trim_whitespace(
            pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
        )
        self.cells = text.filter(pc.invert(pc.is_in(text, pa.array(MISSING))))
        self.rows = len(text)
        self.distinct = pc.count_distinct(self.cells).as_py()
        self.words = tokens(name)

    def share(self, matching: pa.Array) -> float:
        return (pc.sum(matching).as_py() or 0) / max(len(self.cells), 1)

    def numeric(self, decimal: str) -> bool:
        return len(self.cells) > 0 and self.share(is_number(self.cells, decimal)) >= _NUMERIC

    def whole(self) -> bool:
        """Whether all cells are whole numbers without a sign."""
        return self.share(pc.match_substring_regex(self.cells, r"^\d+$")) == 1

    def within(self, most: float, decimal: str) -> bool:
        """Whether all cells are numbers no further from zero than that."""
        numbers = read_numbers(self.cells, decimal)
        return not numbers.bad.any() and bool((abs(numbers.values) <= most).all())


def _decimal(columns: dict[str, _Column], hints: Hints, roles: Roles) -> str:
    cells = [column.cells for column in columns.values()]
    commas, points = (sum(_count(each, pattern) for each in cells) for pattern in (_COMMA, _POINT))
    mark = hints.decimal or ("," if commas > points else ".")
    why = Said.of("told") if hints.decimal else Said.of("decimal", commas=commas, points=points)
    if hints.decimal or commas or points:
        roles.said.append(Assumption("decimal", mark, why, ("," if mark == "." else ".",) if commas and points else ()))
    return mark


def _count(cells: pa.Array, pattern: str) -> int:
    return pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0


def _needless(column: _Column, hints: Hints) -> Said | None:
    if column.name.startswith(OURS):
        return Said.of("column_ours")
    if column.name in hints.ignore:
        return Said.of("told")
    if not len(column.cells) and column.name not in hints.values:
        return Said.of("column_empty")
    return None


def _coordinates(columns: dict[str, _Column], numeric: set[str], roles: Roles, hints: Hints) -> None:
    """Longitude and latitude, in degrees by their size and name; they describe the place."""
    found = {}
    for role, words, most in (("longitude", LONGITUDES, 180), ("latitude", LATITUDES, 90)):
        for name in sorted(numeric - set(hints.values)):
            if not columns[name].words.isdisjoint(words) and columns[name].within(most, roles.decimal):
                found[role] = name
                break
    if len(found) == 2:
        roles.longitude, roles.latitude = found["longitude"], found["latitude"]
        for name in found.values():
            roles.ignored[name] = Said.of("column_coordinate")
            numeric.discard(name)


def _may_be_key(column: _Column, numeric: bool, hints: Hints) -> bool:
    """Text that repeats, or whole numbers whose column is named like an identifier."""
    if column.name in hints.values or len(column.cells) < _FILLED * column.rows:
        return False
    if numeric:
        named = not column.words.isdisjoint(IDS) or bool(re.search(r"(_id|id|nr)$", column.name.lower()))
        return named and column.whole()
    return column.distinct <= max(1, len(column.cells) // 2) or not column.words.isdisjoint(IDS)


def _keys(
    sample: pa.Table,
    when: tuple[str, ...],
    keys: list[str],
    columns: dict[str, _Column],
    roles: Roles,
    hints: Hints,
) -> None:
    """Sorts the possible keys into the quantity, its unit, the place, and what only goes along with the place."""
    if hints.places:
        roles.places = keys
        return
    for name in list(keys):
        if not columns[name].words.isdisjoint(UNITS):
            roles.unit = name
        elif not columns[name].words.isdisjoint(PARAMETERS) and columns[name].distinct > 1:
            roles.parameter = name
        else:
            continue
        keys.remove(name)
    keys.sort(key=lambda name: (columns[name].words.isdisjoint(IDS), -columns[name].distinct))
    for name in keys:
        if not roles.places:
            roles.places.append(name)
        elif columns[name].distinct == 1:
            roles.ignored[name] = Said.of("column_constant", cell=columns[name].cells[0].as_py())
        elif _groups(sample, *roles.places, name) == _groups(sample, *roles.places):
            _describe(columns, roles, name)
        elif _groups(sample, *when, *roles.keys()) < sample.num_rows:  # rows that the keys so far do not tell apart
            roles.places.append(name)
        else:
            roles.ignored[name] = Said.of("column_not_needed")


def _part(
    sample: pa.Table,
    when: tuple[str, ...],
    columns: dict[str, _Column],
    numeric: set[str],
    roles: Roles,
    hints: Hints,
) -> str:
    """The column of whole numbers that alone tells apart what a place reports at one time, such as the depth."""
    rows = sample.num_rows
    if len(numeric) < 2 or hints.places or hints.values or _groups(sample, *when, *roles.keys()) > 0.75 * rows:
        return ""
    for name in sorted(numeric - set(roles.keys())):
        few = name in columns and columns[name].distinct <= _MOST_PARTS
        if few and columns[name].whole() and _groups(sample, *when, *roles.keys(), name) >= 0.99 * rows:
            return name
    return ""


def _groups(sample: pa.Table, *names: str) -> int:
    """How many combinations of these columns there are."""
    return int(sample.group_by(list(names)).aggregate([]).num_rows)


def _describe(columns: dict[str, _Column], roles: Roles, name: str) -> None:
    """A column with one cell for each place: its name for people, or nothing that is needed."""
    if not roles.label and not columns[name].words.isdisjoint(LABELS):
        roles.label = name
    else:
        roles.ignored[name] = Said.of("column_goes_along", column=roles.places[0])


def _tell(roles: Roles, columns: dict[str, _Column], hints: Hints) -> None:
    told = Said.of("told")
    if roles.places:
        count = columns[roles.places[0]].distinct
        why = told if hints.places else Said.of("places", count=count, column=roles.places[0])
        roles.said.append(Assumption("places", " + ".join(roles.places), why))
    else:
        roles.said.append(Assumption("places", "–", Said.of("places_none")))
    for topic in ("label", "part", "parameter", "unit"):
        if name := getattr(roles, topic):
            roles.said.append(Assumption(topic, name, Said.of(f"{topic}_column", count=columns[name].distinct)))
    if roles.longitude:
        roles.said.append(
            Assumption("coordinates", f"{roles.longitude}, {roles.latitude}", Said.of("coordinates_columns"))
        )
    why = told if hints.values else Said.of("values_numbers")
    roles.said.append(Assumption("values", ", ".join(roles.values), why))
    for name, reason in roles.ignored.items():
        if reason.code != "column_coordinate":
            roles.said.append(Assumption("ignored", name, reason))

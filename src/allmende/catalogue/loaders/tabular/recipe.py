"""How a file becomes a table: plain data, kept with the dataset. `look` proposes it, a person may change it, `rows`
obeys it."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

VERSION = 2

TYPES = ("text", "integer", "number", "boolean", "date", "datetime", "json")

# Names that no column may have, because the holding keeps columns of its own under them.
RESERVED = frozenset({"geometry", "_row", "_id", "_line", "_xmin", "_ymin", "_xmax", "_ymax"})


@dataclass(frozen=True, slots=True)
class Field:
    """A column. source: its heading in the file; name: in the table; type: one of TYPES; format, zone: of dates, see
    times.FORMATS and zones.to_utc; decimal: mark of numbers; nothing: texts that mean «no value» here; use: whether it
    is loaded at all; withheld: loaded, but never part of what is published."""

    source: str
    name: str
    type: str = "text"
    format: str = ""
    zone: str = ""
    decimal: str = "."
    unit: str = ""
    nothing: tuple[str, ...] = ()
    use: bool = True
    withheld: bool = False

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(**{**plain, "nothing": tuple(plain.get("nothing", ()))})


@dataclass(frozen=True, slots=True)
class Where:
    """How a row says where it is. kind: `native` (the format has geometries), `xy` (columns: easting or longitude,
    then northing or latitude), `wkt`, `wkb` (hexadecimal), `geojson`, `latlon` (one cell with two numbers,
    latitude first), `lonlat` (longitude first); crs: of the coordinates in the file, such as EPSG:25832."""

    kind: str
    columns: tuple[str, ...] = ()
    crs: str = "OGC:CRS84"
    decimal: str = "."

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(**{**plain, "columns": tuple(plain.get("columns", ()))})


@dataclass(frozen=True, slots=True)
class TableRecipe:
    """format: a module of `loaders.formats`; options: what that module needs to find the table again (encoding,
    delimiter, sheet, layer, path, …); table: a name for it; key: names of the columns that tell rows apart."""

    format: str
    options: dict[str, Any]
    fields: tuple[Field, ...]
    table: str = "table"
    title: str = ""
    where: Where | None = None
    key: tuple[str, ...] = ()
    version: int = VERSION

    def used(self) -> tuple[Field, ...]:
        """The columns that are loaded."""
        return tuple(each for each in self.fields if each.use)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """Raises ValueError for a recipe of another version of this program, and for one that is none."""
        if plain.get("version") != VERSION:
            raise ValueError(f"This recipe is of version {plain.get('version')}; this program reads {VERSION}.")
        known = {each.name for each in fields(cls)}
        if unknown := set(plain) - known:
            raise ValueError(f"A recipe has no {', '.join(sorted(unknown))}.")
        try:
            where = Where.from_json(plain["where"]) if plain.get("where") else None
            columns = tuple(Field.from_json(each) for each in plain["fields"])
        except (TypeError, KeyError) as problem:
            raise ValueError(f"This is no recipe: {problem}") from problem
        made = cls(**{**plain, "fields": columns, "where": where, "key": tuple(plain.get("key", ()))})
        made.check()
        return made

    def check(self) -> None:
        """Raises ValueError where names are double, reserved or unknown, or a type is none."""
        names = [each.name for each in self.used()]
        for each in self.fields:
            if each.type not in TYPES:
                raise ValueError(f"{each.source}: {each.type} is no type; use one of {', '.join(TYPES)}.")
            if each.use and (each.name in RESERVED or not _NAME.fullmatch(each.name)):
                raise ValueError(f"{each.source}: “{each.name}” cannot be the name of a column.")
        if len(set(names)) != len(names):
            raise ValueError("Two columns have the same name.")
        if missing := [name for name in self.key if name not in names]:
            raise ValueError(f"The key names columns that are not loaded: {', '.join(missing)}.")


@dataclass(frozen=True, slots=True)
class TableHints:
    """What the caller knows better than the guesses; empty: nothing said. layer: the sheet or layer that is meant;
    types: of columns by their heading; where, crs: see Where;
    withhold: columns that are loaded but never published."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    header: bool | None = None
    zone: str = ""
    layer: str = ""
    path: str = ""
    crs: str = ""
    where: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    withhold: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()
        }
        return cls(**given)


_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "µ": "u", "²": "2", "³": "3", "%": " percent "})


def column_names(headings: Iterable[str]) -> list[str]:
    """Names for columns from their headings: lower case, ASCII, short, each once. `Straße & Nr.` → `strasse_nr`."""
    taken: set[str] = set()
    names = []
    for number, heading in enumerate(headings, 1):
        spaced = re.sub(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])", "_", heading)
        plain = re.sub(r"[^a-z0-9]+", "_", spaced.lower().translate(_LETTERS)).strip("_")[:50] or f"column_{number}"
        plain = plain if plain[0].isalpha() else f"c_{plain}"
        name, again = plain, 1
        while name in taken or name in RESERVED:
            again += 1
            name = f"{plain}_{again}"
        taken.add(name)
        names.append(name)
    return names

"""The structs of the catalogue in the native API; OpenAPI is generated from them."""

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from allmende.api.v1.shapes import Text


class Column(Struct):
    """A column of a table. type: text, integer, number, boolean, date, datetime or json; missing: rows without a
    value; distinct: how many different values, about."""

    name: str
    title: Text
    description: Text
    type: str
    unit: str
    missing: int
    distinct: int
    minimum: str | None
    maximum: str | None


class Table(Struct):
    """A table or layer in a version. key: columns that tell rows apart; geometry: types of geometries, empty where rows
    have no place; bbox: west, south, east, north; downloads: addresses by format."""

    name: str
    title: Text
    rows: int
    key: list[str]
    columns: list[Column]
    geometry: list[str]
    bbox: list[float] | None
    downloads: dict[str, str]


class Changes(Struct):
    """Against the version before. keyed: whether rows could be matched by a key."""

    table: str
    added: int
    removed: int
    changed: int
    keyed: bool
    columns: dict[str, int]


class Version(Struct):
    """A version. state: draft, published, withdrawn or erased; reason: why it was withdrawn or erased."""

    id: str
    number: int
    state: str
    published: datetime | None
    note: Text
    reason: str
    changes: list[Changes]


class Dataset(Struct):
    """A dataset with the tables of its newest published version."""

    id: str
    slug: str
    title: Text
    description: Text
    access: str
    owner: str
    licence: str
    attribution: str
    themes: list[str]
    keywords: list[str]
    place: str
    begins: date | None
    ends: date | None
    frequency: str
    simulated: bool
    changed: datetime
    version: Version | None
    tables: list[Table]


class DatasetPage(Struct):
    """datasets: without their tables' columns; next: the address of the page that follows."""

    datasets: list[Dataset]
    next: str | None


class Suggestion(Struct):
    """kind: word (text is to be searched for; count: how many datasets have it, 0 where that was not counted) or
    dataset (text is its title)."""

    text: str
    kind: str
    count: int
    slug: str


class Suggestions(Struct):
    """q: what was typed."""

    q: str
    suggestions: list[Suggestion]


class Versions(Struct):
    """The newest first."""

    versions: list[Version]


class Rows(Struct):
    """A page of rows. Each has `_id`, the columns, and `geometry` (GeoJSON) where it has a place."""

    dataset: str
    table: str
    version: int
    matched: int
    rows: list[dict[str, Any]]
    next: str | None


class RowChange(Struct):
    """A row that differs from the version before. before, after: of a changed row only the cells that differ; moved:
    whether its place changed."""

    id: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    moved: bool


class ChangedRows(Struct):
    """Rows of one kind."""

    kind: str
    rows: list[RowChange]
    next: str | None

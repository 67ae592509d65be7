"""What is known of the columns of a holding: types, and facts found by counting."""

from dataclasses import asdict, dataclass
from typing import Any, Self

# Types of columns as the data dictionary and the interfaces name them, and what DuckDB calls them.
SQL_TYPES = {
    "text": "VARCHAR",
    "json": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP WITH TIME ZONE",
}
BOX = ("_xmin", "_ymin", "_xmax", "_ymax")
GEOMETRY = "geometry"  # WKB, WGS 84, longitude first


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column of one version. source: its heading in the file; type: a key of SQL_TYPES; missing: rows without a
    value; distinct: how many different values, about; least, most: as text, None where there is no order or no
    value."""

    name: str
    source: str
    type: str
    unit: str = ""
    missing: int = 0
    distinct: int = 0
    least: str | None = None
    most: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        return cls(**plain)

"""The formats of exports, and what an export says of itself."""

from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    """How a table is written."""

    CSV = "csv"
    CSV_DE = "csv-de"
    JSON = "json"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    PARQUET = "parquet"


MEDIA = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.CSV_DE: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
    Format.GEOJSON: "application/geo+json",
    Format.GPKG: "application/geopackage+sqlite3",
    Format.PARQUET: "application/vnd.apache.parquet",
}
ENDINGS = {Format.CSV_DE: "excel.csv"}
PLACED = (Format.GEOJSON, Format.GPKG)  # only for tables whose rows have a place


@dataclass(frozen=True, slots=True)
class About:
    """name: of the table, for programs; title: for people; address: of this version; titles: of the columns, by name,
    for the German Excel."""

    name: str
    title: str
    address: str
    version: int
    licence: str
    attribution: str
    simulated: bool
    titles: dict[str, str]

    def to_json(self) -> dict[str, object]:
        """What stands at the head of a JSON export."""
        return {
            "title": self.title,
            "version": self.version,
            "address": self.address,
            "licence": self.licence,
            "attribution": self.attribution,
            "simulated": self.simulated,
        }

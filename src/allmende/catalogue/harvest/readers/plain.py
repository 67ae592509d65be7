"""Small helps for foreign values."""

import html
import re
from typing import Any

_LONGEST = 5_000
_KINDS = {
    "csv": ("csv", "tsv", "text/csv"),
    "geojson": ("geojson", "geo+json"),
    "gpkg": ("gpkg", "geopackage"),
    "parquet": ("parquet",),
    "xlsx": ("xlsx", "spreadsheetml", "excel", "xls"),
    "ods": ("ods", "opendocument.spreadsheet"),
    "shp": ("shp", "shape"),
    "kml": ("kml",),
    "gml": ("gml",),
    "gtfs": ("gtfs",),
    "json": ("json",),
    "xml": ("xml",),
}
PREFERRED = ("gpkg", "geojson", "csv", "parquet", "ods", "xlsx", "shp", "gml", "kml", "gtfs", "json", "xml")


def text(value: Any, most: int = _LONGEST) -> str:
    """As plain text: without markup, control characters and surplus blanks."""
    if not isinstance(value, str | int | float):
        return ""
    plain = html.unescape(re.sub(r"<[^>]{0,500}>", " ", str(value)))
    lines = (" ".join("".join(c for c in line if c.isprintable()).split()) for line in plain.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:most]


def local(value: Any, most: int = _LONGEST) -> dict[str, str]:
    """A text in the language that it is in, taken for German where nobody says."""
    said = text(value, most)
    return {"de": said} if said else {}


def address(value: Any) -> str:
    """An address of the web; empty for what is none."""
    said = str(value or "").strip()
    return said if re.fullmatch(r"https?://[^\s<>\"]{1,480}", said) else ""


def day(value: Any) -> str:
    """The day of a moment written as ISO 8601; empty for what is none."""
    found = re.match(r"\d{4}-\d{2}-\d{2}", str(value or "").strip())
    return found[0] if found else ""


def kind_of(*said: Any) -> str:
    """The format that a name, media type or ending speaks of; empty where none is known."""
    for each in said:
        low = str(each or "").lower()
        for kind, words in _KINDS.items():
            if any(re.search(rf"(^|[^a-z]){re.escape(word)}([^a-z]|$)", low) for word in words):
                return kind
    return ""

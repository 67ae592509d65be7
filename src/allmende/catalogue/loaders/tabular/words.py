"""Words that stand for yes and no, and headings that say where a row is or what tells it from others."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


YES = frozenset({"wahr", "ja", "true", "yes", "vorhanden", "j", "y", "t", "1", "x"})
NO = frozenset({"falsch", "nein", "false", "no", "nicht vorhanden", "n", "f", "0"})
PLAIN_BOOLEANS = (  # pairs that mean yes and no whatever the heading says; 0 and 1 alone are taken for numbers
    frozenset({"wahr", "falsch"}),
    frozenset({"ja", "nein"}),
    frozenset({"true", "false"}),
    frozenset({"yes", "no"}),
    frozenset({"j", "n"}),
    frozenset({"y", "n"}),
)
EASTINGS = _words(
    "lon long lng longitude länge laenge längengrad laengengrad x xcoord xkoord xkoordinate easting east "
    "ost ostwert rechtswert rw hw_x utm_x etrs_x geo_x koordx utmx xutm"
)
NORTHINGS = _words(
    "lat latitude breite breitengrad y ycoord ykoord ykoordinate northing north nord nordwert hochwert hw "
    "utm_y etrs_y geo_y koordy utmy yutm"
)
WKT_HEADS = ("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION")
TOTALS = re.compile(  # a row that sums up others
    r"\s*(summe|gesamt|insgesamt|gesamtsumme|zusammen|total|sum|grand total|Σ|∑)\b.{0,40}|.{1,60}\((ins)?gesamt\)\s*",
    re.IGNORECASE,
)
KEYS = _words(
    "id ids gid oid uid uuid fid objectid nr no nummer number kennung key schlüssel schluessel code "
    "key_id baumnr plakette inventarnummer station_id"
)

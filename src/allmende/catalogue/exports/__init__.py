"""Whole tables as files, streamed: CSV, CSV for a German Excel, JSON, GeoJSON, GeoPackage, Parquet.

`write` is the door. Complete or broken off, never silently short: a stream that fails ends without its proper end.
"""

from allmende.catalogue.exports.about import ENDINGS, MEDIA, About, Format
from allmende.catalogue.exports.writing import write

__all__ = ["ENDINGS", "MEDIA", "About", "Format", "write"]

"""From bytes to plain values: JSON, JSON objects one after another, CSV with a header."""

import csv
import io
import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import MOST_READINGS, Unmapped

_DELIMITERS = ",;\t|"


def _json(payload: bytes) -> Any:
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unmapped(
            _("The payload is no JSON and no number (%(error)s)."), error=error or "nested too deep"
        ) from None


def _ndjson(payload: bytes) -> list[Any]:
    """JSON values one after another, on lines of their own or not."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unmapped(_("The payload is not UTF-8.")) from None
    decoder, found, at = json.JSONDecoder(), list[Any](), 0
    while at < len(text):
        if text[at].isspace() or text[at] == ",":
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise Unmapped(_("From character %(at)s on there is no JSON (%(error)s)."), at=at, error=error) from None
        found.append(value)
        if len(found) > MOST_READINGS:
            raise Unmapped(_("There are more than %(most_readings)s records."), most_readings=MOST_READINGS)
    return found


def _csv(payload: bytes) -> list[dict[str, str]]:
    """Rows by the names of the header. The delimiter is the one that the header has most of."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("cp1252", "replace")
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    if delimiter not in head:
        raise Unmapped(_("The first line «%(strip)s» is no header of a CSV table."), strip=head[:60].strip())
    try:
        table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [
            {name: cell for name, cell in row.items() if isinstance(name, str)}
            for row in islice(table, MOST_READINGS + 1)
        ]
    except csv.Error as error:
        raise Unmapped(_("The table cannot be read: %(error)s."), error=error) from None
    if len(rows) > MOST_READINGS:
        raise Unmapped(_("The table has more than %(most_readings)s rows."), most_readings=MOST_READINGS)
    return rows


FORMATS: dict[str, Callable[[bytes], Any]] = {"json": _json, "ndjson": _ndjson, "csv": _csv}

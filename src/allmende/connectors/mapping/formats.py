"""From bytes to plain values: JSON, JSON objects one after another, CSV with a header."""

import csv
import io
import json
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import msgspec
from django.utils.translation import gettext_noop as _

from allmende.connectors.readings import MOST_READINGS, Unmapped

_DELIMITERS = ",;\t|"
_COMMA = re.compile(rb"\s*[+-]?\d{1,15},\d{1,15}\s*")
_PLACE = re.compile(r"\(byte (\d+)\)")


def decode_json(payload: bytes) -> Any:
    """What JSON says. Raises Unmapped, which tells where it cannot be read."""
    try:
        return msgspec.json.decode(payload)
    except RecursionError:
        raise Unmapped(_("The payload is nested too deeply.")) from None
    except UnicodeDecodeError:
        raise Unmapped(_("The payload is not UTF-8.")) from None
    except msgspec.DecodeError as error:
        raise _no_json(payload, str(error)) from None


def _no_json(payload: bytes, words: str) -> Unmapped:
    """The library's words are English and count bytes; people look for lines."""
    if not payload.strip():
        return Unmapped(_("The payload is empty."))
    if payload.lstrip()[:1] not in (b"{", b"["):
        return Unmapped(_("The payload is neither JSON nor a number."))
    place = _PLACE.search(words)
    if place is None and "truncated" not in words:  # such as a number out of range
        return Unmapped(_("The payload is JSON that cannot be read (%(problem)s)."), problem=words)
    if place is None:
        return Unmapped(_("The payload begins like JSON and breaks off before its end."))
    before = payload[: int(place.group(1))].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Unmapped(
        _("The payload is JSON with a fault: line %(line)s cannot be read from character %(column)s on."),
        line=line,
        column=column,
    )


def _json(payload: bytes) -> Any:
    """Also a number alone with a decimal comma, which stays a text."""
    return payload.decode().strip() if _COMMA.fullmatch(payload[:40]) else decode_json(payload)


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
        except (ValueError, RecursionError):
            line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
            raise Unmapped(
                _("What begins in line %(line)s, character %(column)s is no JSON (messages before it: %(count)s)."),
                count=len(found),
                line=line,
                column=column,
            ) from None
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

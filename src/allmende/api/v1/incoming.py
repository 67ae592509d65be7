"""Decoding observations that are sent: JSON, NDJSON, CSV and Arrow IPC, each into parallel columns or a table.

The typed decoder takes whole batches at once; only when it fails is the batch read row by row, to name row and field.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import msgspec
import pyarrow as pa
from msgspec import Meta, Struct

from allmende.api.problems import Problem
from allmende.core.clock import parse_instant
from allmende.observations.rows import MOST_NAMED, Batch, Receipt, RowProblem

MOST_ROWS = 1_000_000


class ObservationIn(Struct, forbid_unknown_fields=True):
    """One observation. time: RFC 3339 with a zone; value: null where the source says «no value»;
    unit: optional, refused where it is not that of the datastream; parameters: anything else worth keeping."""

    datastream: str
    time: Annotated[datetime, Meta(tz=True)]
    value: float | None
    unit: str | None = None
    # Names with @ in front are the store's own; see observations.extras.
    parameters: dict[Annotated[str, Meta(pattern="^(?!@)")], Any] | None = None


_one = msgspec.json.Decoder(ObservationIn)
_many = msgspec.json.Decoder(list[ObservationIn])
_raw = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Encoder()
_FIELD = re.compile(r" - at `\$\.?([^`]*)`$")


def from_json(body: bytes) -> Batch:
    """One object or an array of them. Raises Problem 400 for broken JSON; rows that do not fit are in the batch."""
    try:
        if body[:1] == b"{" or body.lstrip()[:1] == b"{":
            return _single(_one.decode(body))
        return _columns(_many.decode(body))
    except msgspec.ValidationError:
        return _row_by_row(_split(body))
    except msgspec.DecodeError as error:
        raise _broken(error, body) from error


def from_ndjson(body: bytes) -> Batch:
    """One JSON object a line. Errors as from_json; a line that is no JSON is a row that does not fit."""
    try:
        return _columns(_one.decode_lines(body))
    except msgspec.DecodeError:
        return _row_by_row(line for line in body.splitlines() if line.strip())


def _single(row: ObservationIn) -> Batch:
    """The commonest case by far, without the lists over lists."""
    extras: list[str | None] | None = [_text.encode(row.parameters).decode()] if row.parameters else None
    time = round(row.time.timestamp() * 1e6)
    return Batch([row.datastream], [time], [row.value], extras, [row.unit] if row.unit else None)


def _columns(rows: list[ObservationIn]) -> Batch:
    if len(rows) > MOST_ROWS:
        raise Problem(413, "too_many_rows", "Too many rows", f"At most {MOST_ROWS:,} rows at once; nothing was kept.")
    units = [row.unit for row in rows] if any(row.unit for row in rows) else None
    extras: list[str | None] | None = None
    if any(row.parameters for row in rows):
        extras = [_text.encode(row.parameters).decode() if row.parameters else None for row in rows]
    # Exact: a float holds microseconds of the years 1700 to 2200 to within a quarter.
    times = [round(row.time.timestamp() * 1e6) for row in rows]
    return Batch([row.datastream for row in rows], times, [row.value for row in rows], extras, units)


def _split(body: bytes) -> Iterator[bytes]:
    if body.lstrip()[:1] == b"{":
        yield body
        return
    try:
        rows = _raw.decode(body)
    except msgspec.ValidationError as error:
        detail = "Send one object, or an array of objects, each with datastream, time and value."
        raise Problem(400, "wrong_shape", "The JSON has another shape", detail) from error
    yield from (bytes(row) for row in rows)


def _row_by_row(rows: Iterator[bytes]) -> Batch:
    """Reads every row by itself, to say of each wrong one what is wrong."""
    good: list[ObservationIn] = []
    places: list[int] = []
    receipt = Receipt()
    for place, row in enumerate(rows):
        try:
            good.append(_one.decode(row))
            places.append(place)
        except msgspec.ValidationError as error:
            match = _FIELD.search(str(error))
            _refuse(receipt, place, match[1] if match else "", "wrong_type", str(error).split(" - at `$")[0] + ".")
        except msgspec.DecodeError as error:
            _refuse(receipt, place, "", "broken_json", f"{error}.")
    return _columns(good)._replace(places=places, refused=receipt.refused, refused_total=receipt.refused_total)


def _refuse(receipt: Receipt, row: int, field: str, code: str, message: str) -> None:
    receipt.refused_total += 1
    if len(receipt.refused) < MOST_NAMED:
        receipt.refused.append(RowProblem(row, field, code, message))


def _broken(error: Exception, body: bytes) -> Problem:
    hint = ""
    if re.search(rb"\b(NaN|-?Infinity)\b", body):
        hint = " NaN and Infinity are not JSON; send null where there is no value."
    return Problem(400, "broken_json", "The JSON is broken", f"{error}; nothing was kept.{hint}")


def from_csv(body: bytes) -> Batch:
    """CSV in UTF-8 with a header of datastream, time, value, in any order; commas, decimal points.

    Raises Problem 400 where the file as a whole is of another dress; rows that do not fit are named in the batch.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"Line {line} is not UTF-8 (byte 0x{body[error.start]:02X}); is it Latin-1? Nothing was kept."
        raise Problem(400, "not_utf8", "The CSV is not UTF-8", detail, line=line) from error
    reader = csv.reader(io.StringIO(text, newline=""))
    place = _header(next(reader, []))
    columns = Batch([], [], [], None, [] if place.get("unit") is not None else None)
    places: list[int] = []
    receipt = Receipt()
    for row, cells in enumerate(line for line in reader if line):
        try:
            _csv_row(cells, place, columns)
            places.append(row)
        except ValueError as error:
            field, _, message = str(error).partition("\0")
            _refuse(receipt, row, field, "wrong_value", message)
    return columns._replace(places=places, refused=receipt.refused, refused_total=receipt.refused_total)


def _header(cells: list[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in ("datastream", "time", "value") if name not in names]
    if not missing:
        return {name: at for at, name in enumerate(names)}
    whole = ",".join(cells)
    detail = f"The first line needs the names datastream, time, value; {', '.join(missing)} is missing."
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(cells) == 1 and mark in whole:
            detail = f"The first line «{whole[:60]}» looks separated by {word}; separate the columns by commas."
    raise Problem(400, "wrong_header", "The CSV has another header", detail + " Nothing was kept.", line=1)


def _csv_row(cells: list[str], place: dict[str, int], columns: Batch) -> None:
    """Adds one row to the columns. Raises ValueError as field, NUL, message."""
    if len(cells) < len(place):
        raise ValueError(f"\0The row has {len(cells)} cells, the header {len(place)}.")
    try:
        time = parse_instant(cells[place["time"]])
    except ValueError as error:
        raise ValueError(f"time\0{error}") from error
    text = cells[place["value"]].strip()
    try:
        value = float(text) if text else None
    except ValueError as error:
        hint = " Write it with a decimal point." if "," in text else ""
        raise ValueError(f"value\0'{text[:40]}' is not a number.{hint}") from error
    columns.codes.append(cells[place["datastream"]].strip())
    columns.times.append(time)
    columns.values.append(value)
    if columns.units is not None:
        columns.units.append(cells[place["unit"]].strip() or None)


def from_arrow(body: bytes) -> pa.Table:
    """An Arrow IPC stream or file, checked whole before anything uses it. Raises Problem 400."""
    try:
        table = (pa.ipc.open_file if body[:6] == b"ARROW1" else pa.ipc.open_stream)(body).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        detail = f"{str(error).splitlines()[0][:200]}; nothing was kept."
        raise Problem(400, "broken_arrow", "The Arrow data cannot be read", detail) from error
    return table

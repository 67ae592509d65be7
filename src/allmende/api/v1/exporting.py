"""Observations as files: CSV, German-Excel CSV, JSON, Parquet and Arrow, streamed batch by batch.

Memory stays flat however long the range is. Exports of made-up data say so in every row or in their metadata.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from enum import StrEnum
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv
from pyarrow import parquet

from allmende.core.pieces import Pieces
from allmende.observations.extras import parameters_of

_encode = msgspec.json.Encoder().encode


class Format(StrEnum):
    """How observations are written."""

    JSON = "json"
    CSV = "csv"
    CSV_DE = "csv-de"
    PARQUET = "parquet"
    ARROW = "arrow"


MEDIA = {
    Format.JSON: "application/json",
    Format.CSV: "text/csv; charset=utf-8",
    Format.CSV_DE: "text/csv; charset=utf-8",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.ARROW: "application/vnd.apache.arrow.stream",
}
ENDING = {Format.CSV_DE: "csv", Format.ARROW: "arrows"}


class About(NamedTuple):
    """What an export says of itself. unit: UCUM code, for programs; symbol: as people write it."""

    datastream: str
    name: str
    unit: str
    symbol: str
    licence: str
    simulated: bool


def iso(times: pa.ChunkedArray | pa.Array) -> list[str]:
    """Times as RFC 3339 in UTC, with as many decimals of a second as the finest needs."""
    us: npt.NDArray[np.int64] = times.cast(pa.int64()).to_numpy()
    moments = us.astype("datetime64[us]")
    unit: Literal["s", "ms", "us"] = "s" if not np.any(us % 1_000_000) else "ms" if not np.any(us % 1_000) else "us"
    return [f"{text}Z" for text in np.datetime_as_string(moments, unit=unit).tolist()]


def write(batches: Iterable[pa.RecordBatch], kind: Format, about: About, zone: tzinfo) -> Iterator[bytes]:
    """The file in pieces. batches: schema SERIES; zone: for the local times of the German-Excel CSV."""
    writers: dict[Format, Callable[[], Iterator[bytes]]] = {
        Format.CSV: lambda: _csv(batches, about),
        Format.CSV_DE: lambda: _csv_de(batches, about, zone),
        Format.JSON: lambda: _json(batches, about),
        Format.ARROW: lambda: _arrow(batches, about),
        Format.PARQUET: lambda: _parquet(batches, about),
    }
    return writers[kind]()


def _csv(batches: Iterable[pa.RecordBatch], about: About) -> Iterator[bytes]:
    yield b"time,value,quality" + (b",simulated\n" if about.simulated else b"\n")
    for batch in batches:
        columns = [pa.array(iso(batch.column(0))), batch.column(1), batch.column(2)]
        names = ["time", "value", "quality"]
        if about.simulated:
            columns.append(pa.array(["simulated"] * batch.num_rows))
            names.append("simulated")
        sink = pa.BufferOutputStream()
        options = pacsv.WriteOptions(include_header=False, quoting_style="none")
        pacsv.write_csv(pa.RecordBatch.from_arrays(columns, names), sink, options)
        yield sink.getvalue().to_pybytes()


def _csv_de(batches: Iterable[pa.RecordBatch], about: About, zone: tzinfo) -> Iterator[bytes]:
    """For Excel set to German: a mark of UTF-8, semicolons, decimal commas, local times as people write them."""
    head = f"Zeit;Wert ({about.symbol or 'ohne Einheit'});Qualität" + (";Simulierte Daten" if about.simulated else "")
    yield b"\xef\xbb\xbf" + _guard(head).encode() + b"\r\n"
    name = zone.key if isinstance(zone, ZoneInfo) else "UTC"
    tail = ";ja" if about.simulated else ""
    for batch in batches:
        local = pc.local_timestamp(batch.column(0).cast(pa.timestamp("us", tz=name)))
        times = pc.strftime(local.cast(pa.timestamp("s"), safe=False), format="%d.%m.%Y %H:%M:%S").to_pylist()
        values = pc.fill_null(pc.replace_substring(batch.column(1).cast(pa.string()), ".", ","), "").to_pylist()
        lines = zip(times, values, batch.column(2).to_pylist(), strict=True)
        yield "".join([f"{time};{value};{quality}{tail}\r\n" for time, value, quality in lines]).encode()


def _guard(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _json(batches: Iterable[pa.RecordBatch], about: About) -> Iterator[bytes]:
    head = {"datastream": about.datastream, "unit": about.unit, "simulated": about.simulated}
    yield _encode(head)[:-1] + b',"observations":['
    first = True
    for batch in batches:
        rows = json_rows(batch)
        if rows:
            yield (b"" if first else b",") + _encode(rows)[1:-1]
            first = False
    yield b"]}"


def json_rows(batch: pa.RecordBatch | pa.Table) -> list[dict[str, object]]:
    """Observations as plain objects; `parameters` only where there are some."""
    times, values, flags = iso(batch.column(0)), batch.column(1).to_pylist(), batch.column(2).to_pylist()
    rows: list[dict[str, object]] = [
        {"time": time, "value": value, "quality": flag} for time, value, flag in zip(times, values, flags, strict=True)
    ]
    extras = batch.column(3)
    if extras.null_count < len(extras):
        for row, extra in zip(rows, extras.to_pylist(), strict=True):
            if extra and (parameters := parameters_of(extra)):
                row["parameters"] = parameters
    return rows


def with_metadata(schema: pa.Schema, about: About) -> pa.Schema:
    """The schema, saying what the table is of."""
    said = {
        "datastream": about.datastream,
        "name": about.name,
        "unit": about.unit,
        "symbol": about.symbol,
        "licence": about.licence,
    }
    return schema.with_metadata({**said, "simulated": str(about.simulated).lower()})


def _arrow(batches: Iterable[pa.RecordBatch], about: About) -> Iterator[bytes]:
    yield from _through(batches, about, lambda sink, schema: pa.ipc.new_stream(sink, schema))


def _parquet(batches: Iterable[pa.RecordBatch], about: About) -> Iterator[bytes]:
    yield from _through(batches, about, lambda sink, schema: parquet.ParquetWriter(sink, schema, compression="zstd"))


def _through(
    batches: Iterable[pa.RecordBatch],
    about: About,
    opened: Callable[[pa.PythonFile, pa.Schema], Any],
) -> Iterator[bytes]:
    """Runs batches through a writer of pyarrow and hands on what it has written so far."""
    pieces = Pieces()
    schema = with_metadata(pa.schema(SERIES_FIELDS), about)
    with opened(pa.PythonFile(pieces, mode="w"), schema) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns[:4], schema=schema))
            if piece := pieces.take():
                yield piece
    yield pieces.take()


SERIES_FIELDS = [
    pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
    pa.field("value", pa.float64()),
    pa.field("quality", pa.int32(), nullable=False),
    pa.field("extra", pa.string()),
]

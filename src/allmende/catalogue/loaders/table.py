"""The table in a text, as Arrow columns of text: nothing is converted here, so nothing can be lost here."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv

from allmende.catalogue.loaders.dialect import Dialect

BLOCK = 4 * 2**20  # twice the longest row that `source` lets through, so that only a quotation mark can straddle

Handler = Callable[[Any], str]


def open_table(stream: Any, dialect: Dialect, columns: tuple[str, ...], ragged: Handler) -> csv.CSVStreamingReader:
    """Batches of rows, read as they are asked for. ragged: told of each row with too few or too many cells (with its
    number in the table, counted from 1 after skipped lines), which is left out."""
    return csv.open_csv(
        stream,
        read_options=csv.ReadOptions(
            block_size=BLOCK,
            use_threads=False,  # threads would leave the rows without numbers, and gained nothing (0.26 s per 1.8 M)
            skip_rows=dialect.skip + dialect.header,
            column_names=list(columns),
        ),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=ragged,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()), strings_can_be_null=False, check_utf8=True
        ),
    )

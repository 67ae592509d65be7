"""What callers hand in and get back: rows, receipts and what was wrong with a row."""

from typing import NamedTuple

from msgspec import Struct, field


class Row(Struct):
    """One observation on its way in. time: µs UTC; value: None means «no value»; extra: JSON text or None."""

    datastream: str
    time: int
    value: float | None = None
    extra: str | None = None


class Batch(NamedTuple):
    """Rows as parallel columns. times: µs UTC; extras: JSON text; units: what the sender named, None where nothing.

    places: where each row stood in what was sent, when rows before it could not be read; refused: those rows.
    """

    codes: list[str]
    times: list[int]
    values: list[float | None]
    extras: list[str | None] | None = None
    units: list[str | None] | None = None
    places: list[int] | None = None
    refused: "list[RowProblem] | None" = None
    refused_total: int = 0


class RowProblem(Struct):
    """Why a row was refused. row: its place in the batch from 0; field: the field at fault; code: for programs."""

    row: int
    field: str
    code: str
    message: str


class Receipt(Struct):
    """What became of a batch. accepted: rows now on disk (`unchanged` of them were there already, where that is known);
    flagged: accepted but marked; refused: rows not kept, the first hundred in full, `refused_total` of them in all."""

    accepted: int = 0
    unchanged: int = 0
    flagged: int = 0
    refused_total: int = 0
    refused: list[RowProblem] = field(default_factory=list)


class BatchRefused(Exception):
    """Nothing of the batch was kept, because of the rows named in the receipt."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(f"{receipt.refused_total} rows cannot be kept, so nothing of the batch was.")
        self.receipt = receipt


MOST_NAMED = 100

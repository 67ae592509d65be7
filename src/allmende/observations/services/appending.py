"""Keeping observations: check, then write durably. When these return, the rows are on disk."""

import asyncio
from collections.abc import Mapping

import pyarrow as pa

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.core.connections import cleanly
from allmende.observations.rows import Batch, BatchRefused, Receipt, Row
from allmende.observations.services.checking import Checked, check, settled
from allmende.observations.services.tables import check_table
from allmende.observations.store.rows import StoredRow
from allmende.observations.stores import here, own
from allmende.observations.streams import StreamInfo, book

# Below this a batch goes through the hot log: one small commit is quicker there than in the columnar store.
TABLE_ROWS = 5_000


def append(actor: Actor, rows: list[Row], *, partial: bool = False) -> Receipt:
    """Keeps rows. Raises Denied, BatchRefused (unless partial), or a StoreError. Blocks until the rows are on disk."""
    require(actor, "observations:write")
    codes = [row.datastream for row in rows]
    streams = settled(actor, codes)
    batch = Batch(codes, [row.time for row in rows], [row.value for row in rows], [row.extra for row in rows])
    checked = check(actor, streams, batch)
    if accepted := settle(checked, partial):
        here().append(accepted)
    return checked.receipt


async def append_batch(actor: Actor, batch: Batch, *, partial: bool = False) -> Receipt:
    """The same on the event loop of the process that owns the store; asks the database only for what is not known yet.

    Raises as `append`.
    """
    require(actor, "observations:write")
    streams: Mapping[str, StreamInfo] = book.known()
    if not _known(streams, batch.codes):
        streams = await asyncio.to_thread(cleanly, settled, actor, batch.codes)
    checked = check(actor, streams, batch)
    if accepted := settle(checked, partial):
        await own().append_async(accepted)
    return checked.receipt


def append_known(actor: Actor, batch: Batch) -> "tuple[Receipt, asyncio.Future[None]] | None":
    """As append_batch for a whole batch, without waiting: the future is done when the rows are on disk.

    None where the database would have to be asked, or where there is nothing to keep. Raises as `append`.
    """
    require(actor, "observations:write")
    streams = book.known()
    if not _known(streams, batch.codes):
        return None
    checked = check(actor, streams, batch)
    accepted = settle(checked, partial=False)
    return (checked.receipt, own().append_async(accepted)) if accepted else None


def _known(streams: Mapping[str, StreamInfo], codes: list[str]) -> bool:
    """Whether the database need not be asked for these Datastreams."""
    return streams.keys() >= set(codes) and (not book.due or book.due.isdisjoint(codes))


def append_table(actor: Actor, table: pa.Table, *, partial: bool = False) -> Receipt:
    """Keeps a table with the columns datastream, time, value (see check_table). Raises also WrongColumns. Blocks.

    `unchanged` in the receipt is exact from TABLE_ROWS rows on; smaller batches go through the log and report 0.
    """
    require(actor, "observations:write")
    rows, checked = check_table(actor, table)
    settle(checked, partial)
    if rows.num_rows >= TABLE_ROWS:
        written = here().append_table(rows)
        checked.receipt.unchanged = written.unchanged + checked.receipt.accepted - sum(written)
    elif rows.num_rows:
        here().append(list(zip(*(column.to_pylist() for column in rows.columns), strict=True)))
    return checked.receipt


def settle(checked: Checked, partial: bool) -> list[StoredRow]:
    """The rows to keep. Raises BatchRefused where rows are wrong and the caller did not ask for the good ones only."""
    if checked.receipt.refused_total and not partial:
        checked.receipt.accepted = checked.receipt.flagged = 0
        raise BatchRefused(checked.receipt)
    return checked.rows

"""Tables are checked column by column and must come to the same as rows checked one by one."""

import math
import random

import pyarrow as pa
import pytest

from allmende.accounts.actors import SYSTEM, Actor
from allmende.core.clock import MAX_US, MIN_US
from allmende.observations import queries, services
from allmende.observations.rows import Batch, BatchRefused, Row
from allmende.observations.services.checking import check
from allmende.observations.services.tables import WrongColumns, check_table
from allmende.observations.streams import book

UTC = pa.timestamp("us", tz="UTC")


def table(codes, times, values, dictionary=False):
    column = pa.array(codes, pa.string())
    return pa.table(
        {
            "datastream": column.dictionary_encode() if dictionary else column,
            "time": pa.array(times, pa.int64()).cast(UTC),
            "value": pa.array(values, pa.float64()),
        }
    )


@pytest.mark.parametrize("dictionary", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_both_ways_agree(town, seed, dictionary):
    chance = random.Random(seed)
    sensor = Actor(kind="token", scopes=frozenset({"observations:write"}), datasets=frozenset({town.open_dataset.code}))
    codes = [
        chance.choice([town.open_stream.code, town.open_stream.code, town.shared_stream.code, "dst-0000000000"])
        for _ in range(300)
    ]
    times = [chance.choice([MIN_US - 1, MIN_US, 0, 10**15, MAX_US, MAX_US + 1]) for _ in range(300)]
    values = [chance.choice([None, 1.5, 61.0, -60.0, -9999.0, math.nan, math.inf, -math.inf]) for _ in range(300)]
    kept, by_column = check_table(sensor, table(codes, times, values, dictionary))
    by_row = check(sensor, book.load(codes), Batch(codes, times, values))
    assert [tuple(row.values()) for row in kept.to_pylist()] == [(*row[:4], None, 0) for row in by_row.rows]
    assert by_column.receipt.refused_total == by_row.receipt.refused_total > 0
    assert by_column.receipt.flagged == by_row.receipt.flagged > 0
    places = [(problem.row, problem.field, problem.code) for problem in by_row.receipt.refused]
    assert [(problem.row, problem.field, problem.code) for problem in by_column.receipt.refused] == places


@pytest.mark.parametrize("count", [10, services.TABLE_ROWS])
def test_a_table_is_kept_and_adds_nothing_the_second_time(town, count):
    rows = table([town.open_stream.code] * count, [k * 1_000_000 for k in range(count)], [1.0] * count)
    assert services.append_table(SYSTEM, rows).accepted == count
    again = services.append_table(SYSTEM, rows)
    assert again.accepted == count and again.unchanged == (count if count >= services.TABLE_ROWS else 0)
    assert queries.extents([town.open_stream.pk])[town.open_stream.pk].count == count


def test_a_bad_row_refuses_the_table_unless_partial(town):
    rows = table([town.open_stream.code, "dst-0000000000"], [0, 0], [1.0, 1.0])
    with pytest.raises(BatchRefused):
        services.append_table(SYSTEM, rows)
    assert queries.extents([town.open_stream.pk]) == {}
    assert services.append_table(SYSTEM, rows, partial=True).accepted == 1


def test_an_empty_table_and_chunks_of_different_dictionaries(town):
    assert services.append_table(SYSTEM, table([], [], [])).accepted == 0
    parts = [table([code], [k], [1.0], True) for k, code in enumerate([town.open_stream.code, town.shared_stream.code])]
    assert services.append_table(SYSTEM, pa.concat_tables(parts)).accepted == 2
    assert queries.latest([town.shared_stream.pk])[town.shared_stream.pk].time == 1


def test_times_of_other_units_and_zones_are_understood(town):
    seconds = pa.array([1_700_000_000], pa.timestamp("s", tz="Europe/Berlin"))
    services.append_table(SYSTEM, pa.table({"datastream": [town.open_stream.code], "time": seconds, "value": [7]}))
    assert queries.latest([town.open_stream.pk])[town.open_stream.pk].time == 1_700_000_000_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"value": pa.array(["x"])},
        {"time": pa.array([1])},
        {"time": pa.array([None], UTC)},
        {"datastream": pa.array([1])},
    ],
)
def test_other_types_are_refused(town, change):
    columns = {"datastream": [town.open_stream.code], "time": pa.array([0], UTC), "value": [1.0], **change}
    with pytest.raises(WrongColumns):
        check_table(SYSTEM, pa.table(columns))


def test_rows_and_tables_share_one_store(town):
    services.append(SYSTEM, [Row(town.open_stream.code, 0, 1.0)])
    count = services.TABLE_ROWS
    services.append_table(SYSTEM, table([town.open_stream.code] * count, list(range(count)), [2.0] * count))
    assert queries.series(town.open_stream.pk, 0, 1).column("value").to_pylist() == [2.0]

"""Rules on the way in: the same flags as over history, nothing for streams without rules, cheap and bounded."""

from time import perf_counter

import numpy as np
import pyarrow as pa
import pytest

from allmende.accounts.actors import SYSTEM
from allmende.observations.care.flagging import Rules, StepRule, StuckRule
from allmende.observations.care.live import LiveRules, rules_switched_on
from allmende.observations.care.live import live as everywhere
from allmende.observations.care.tables import QualityRule
from allmende.observations.queries import series
from allmende.observations.rows import Row
from allmende.observations.services import append, append_table
from allmende.observations.services.observing import Sent, entry
from allmende.observations.stores import here
from allmende.observations.streams import book

MINUTE = 60_000_000
BEGIN = 1_750_000_000_000_000


def rules_of(stream, step=None, stuck=None):
    return lambda: {stream.pk: Rules(step, stuck)}


@pytest.fixture
def live(town):
    made = LiveRules()
    made.refresh(rules_of(town.open_stream, StepRule(5, 600), StuckRule(count=4)))
    return made


def keep(stream, values, begin=BEGIN):
    append(SYSTEM, [Row(stream.code, begin + place * 10 * MINUTE, value) for place, value in enumerate(values)])


def test_a_jump_is_flagged_as_it_comes(town, live):
    flags = [live.flag(town.open_stream.pk, BEGIN + n * 10 * MINUTE, v) for n, v in enumerate([10, 11, 40, 12])]
    assert flags == [0, 0, 4, 0]


def test_a_stream_without_rules_gets_no_flags(town, live):
    assert [live.flag(town.shared_stream.pk, BEGIN + n * MINUTE, 99.0 * n) for n in range(4)] == [0, 0, 0, 0]


def test_what_is_sent_again_gets_the_same_flags(town, live):
    rows = [(BEGIN + n * 10 * MINUTE, value) for n, value in enumerate([10.0, 40.0, 11.0])]
    first = [live.flag(town.open_stream.pk, *row) for row in rows]
    assert [live.flag(town.open_stream.pk, *row) for row in rows] == first == [0, 4, 0]
    assert live.flag(town.open_stream.pk, rows[1][0], 12.0) == 0  # corrected: the old flag was for the old value


def test_a_restart_forgets_neither_the_level_nor_the_flags(town):
    stream = town.open_stream
    keep(stream, [10, 11, 12, 12, 12])
    here().append([(stream.pk, BEGIN - 10 * MINUTE, 50.0, 4, None, 0)])
    live = LiveRules()
    live.refresh(rules_of(stream, StepRule(5, 600), StuckRule(count=4)))
    assert live.flag(stream.pk, BEGIN - 10 * MINUTE, 50.0) == 4
    assert live.flag(stream.pk, BEGIN + 50 * MINUTE, 12.0) == 8  # the fourth 12 in a row
    assert live.flag(stream.pk, BEGIN + 60 * MINUTE, 70.0) == 4


def test_values_out_of_range_are_no_level(town):
    stream = town.open_stream
    keep(stream, [10, 10, 99, -9999])  # beyond the range, and a sentinel
    live = LiveRules()
    live.refresh(rules_of(stream, StepRule(5, 600)))
    assert live.flag(stream.pk, BEGIN + 40 * MINUTE, 11.0) == 0


def test_rules_that_stay_keep_their_memory_and_others_go(town, live):
    stream = town.open_stream.pk
    live.flag(stream, BEGIN, 10.0)
    live.refresh(rules_of(town.open_stream, StepRule(5, 600), StuckRule(count=4)))
    assert live.flag(stream, BEGIN + MINUTE, 30.0) == 4
    live.refresh(dict)
    assert len(live) == 0
    assert live.flag(stream, BEGIN + 2 * MINUTE, 90.0) == 0


def test_the_switched_on_rules_come_from_the_table(town):
    stream = town.open_stream
    QualityRule.objects.create(datastream=stream, kind="step", parameters={"change": 3, "seconds": 60}, by="per-x")
    stuck = {"seconds": 3600, "except_for": [0]}
    QualityRule.objects.create(datastream=stream, kind="stuck", parameters=stuck, by="per-x")
    assert rules_switched_on() == {stream.pk: Rules(StepRule(3.0, 60), StuckRule(None, 3600, (0.0,)))}


def rows(*triples):
    streams, times, values = zip(*triples, strict=True)
    times = [BEGIN + time * 10 * MINUTE for time in times]
    return np.array(streams), np.array(times), np.array(values, dtype=np.float64)


def test_a_table_is_flagged_in_order_of_time_per_stream(town, live):
    one, other = town.open_stream.pk, town.shared_stream.pk
    streams, times, values = rows((one, 2, 12), (other, 1, 500), (one, 0, 10), (one, 1, 40), (other, 0, 0))
    usable = np.ones(5, dtype=bool)
    assert live.flag_rows(streams, times, values, usable).tolist() == [0, 0, 0, 4, 0]
    assert live.flag(one, BEGIN + 30 * MINUTE, 60.0) == 4  # goes on from 12
    usable[3] = False  # that one is out of range: nothing to be said about it
    assert live.flag_rows(streams, times, values, usable).tolist() == [0, 0, 0, 0, 0]


def test_a_late_table_is_judged_by_what_lay_before_it(town):
    stream = town.open_stream
    keep(stream, [10, 10])
    keep(stream, [50], BEGIN + 1000 * MINUTE)
    live = LiveRules()
    live.refresh(rules_of(stream, StepRule(5, 600)))
    streams, times, values = rows((stream.pk, 2, 30), (stream.pk, 3, 11))
    assert live.flag_rows(streams, times, values, np.ones(2, dtype=bool)).tolist() == [4, 0]
    assert live.flag(stream.pk, BEGIN + 1010 * MINUTE, 52.0) == 0  # the newest level is still 50


def test_only_so_many_flags_are_remembered(town, live):
    stream = town.open_stream.pk
    live.flag(stream, BEGIN, 0.0)
    for place in range(1, 1500):
        live.flag(stream, BEGIN + place, 1000.0 + place)
    assert len(live._streams[stream].flagged) == 1000
    assert live.flag(stream, BEGIN + 1499, 2499.0) == 4
    assert live.flag(stream, BEGIN + 1, 1001.0) == 0


@pytest.fixture
def switched_on(town):
    everywhere.refresh(rules_of(town.open_stream, StepRule(5, 600)))
    yield town.open_stream
    everywhere.forget()


def flags(stream):
    return series(stream.pk, None, None).column("quality").to_pylist()


def test_rows_are_flagged_on_the_way_in(switched_on):
    keep(switched_on, [10, 40, 11, 999])
    assert flags(switched_on) == [0, 4, 0, 1]
    keep(switched_on, [10, 40, 11, 999])
    assert flags(switched_on) == [0, 4, 0, 1]  # sending again changes nothing


def test_a_receipt_counts_them(switched_on):
    receipt = append(SYSTEM, [Row(switched_on.code, BEGIN + n * MINUTE, 40.0 * n) for n in range(3)])
    assert (receipt.accepted, receipt.flagged) == (3, 2)


def test_tables_are_flagged_on_the_way_in(switched_on):
    times = pa.array([BEGIN + n * 10 * MINUTE for n in range(4)], pa.timestamp("us", tz="UTC"))
    sent = {"datastream": [switched_on.code] * 4, "time": times, "value": [10.0, 40.0, 11.0, 999.0]}
    assert append_table(SYSTEM, pa.table(sent)).flagged == 2
    assert flags(switched_on) == [0, 4, 0, 1]


def test_observations_of_sensorthings_are_flagged_on_the_way_in(switched_on):
    [info] = book.load([switched_on.code]).values()
    made = [entry(info, Sent(BEGIN + n * 10 * MINUTE, result)) for n, result in enumerate([10, 40, 11, "rain", None])]
    assert [one.quality for one in made] == [0, 4, 0, 0, 2]


def test_a_stream_without_rules_costs_next_to_nothing():
    live = LiveRules()
    flag, times = live.flag, range(200_000)
    begun = perf_counter()
    for time in times:
        flag(7, time, 1.0)
    each = (perf_counter() - begun) / len(times)
    assert each < 1e-6  # some 0.1 µs where nothing else runs; the limit leaves room for a busy machine

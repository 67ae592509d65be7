"""Rules of a datastream: tried on history, switched on, applied to history; values are never touched."""

import numpy as np
import pytest
from django.core.exceptions import ValidationError

from allmende.accounts.actors import SYSTEM
from allmende.accounts.permissions import Denied
from allmende.observations.care import ruling
from allmende.observations.care.flagging import Rules, StepRule, StuckRule
from allmende.observations.care.live import live
from allmende.observations.care.ruling import (
    Limits,
    Requalified,
    change_gap,
    change_interval,
    change_limits,
    held,
    requalify,
    switch_off,
    switch_on,
)
from allmende.observations.care.tables import StreamCare
from allmende.observations.care.trying import try_gaps, try_limits, try_rules
from allmende.observations.queries import buckets, latest, series
from allmende.observations.rows import Row
from allmende.observations.services import append
from allmende.observations.store.rows import GONE
from allmende.observations.stores import here

MINUTE = 60_000_000
BEGIN = 1_750_000_000_000_000
END = BEGIN + 10**12


@pytest.fixture(autouse=True)
def no_rules():
    live.forget()
    yield
    live.forget()


def keep(stream, values, begin=BEGIN):
    append(SYSTEM, [Row(stream.code, begin + place * 10 * MINUTE, value) for place, value in enumerate(values)])


def quality(stream):
    return series(stream.pk, None, None).column("quality").to_pylist()


def values(stream):
    return series(stream.pk, None, None).column("value").to_pylist()


def test_a_step_rule_is_tried_before_it_is_switched_on(town):
    stream = town.open_stream
    keep(stream, [10, 11, 40, 12, 99, 12])
    trial = try_rules(stream.pk, Rules(step=StepRule(5, 600)), BEGIN, END)
    assert (trial.seen, trial.flagged) == (5, 1)  # 99 is out of range already
    assert trial.share == 0.2
    assert trial.examples == [(BEGIN + 20 * MINUTE, 40.0, 11.0, 4)]
    assert quality(stream) == [0, 0, 0, 0, 1, 0]  # nothing is written by trying


def test_a_trial_knows_what_lay_before_its_time(town):
    stream = town.open_stream
    keep(stream, [10, 40, 10])
    trial = try_rules(stream.pk, Rules(step=StepRule(5, 600)), BEGIN + 10 * MINUTE, END)
    assert trial.flags.tolist() == [4, 0]


def test_limits_are_tried(town):
    keep(town.open_stream, [10, 11, 40, -1, 12])
    trial = try_limits(town.open_stream.pk, Limits(0, 30, (-1.0,)), BEGIN, END)
    assert trial.flags.tolist() == [0, 0, 1, 2, 0]
    assert try_limits(town.open_stream.pk, Limits(), BEGIN, END).flagged == 0


def test_examples_are_few_and_spread(town):
    keep(town.open_stream, [50.0] * 100)
    trial = try_limits(town.open_stream.pk, Limits(high=30), BEGIN, END)
    assert trial.flagged == 100
    assert len(trial.examples) == 10
    assert trial.examples[0].time == BEGIN
    assert trial.examples[-1].time == BEGIN + 990 * MINUTE


def test_gaps_are_tried(town):
    keep(town.open_stream, [1, 1])
    keep(town.open_stream, [1], BEGIN + 60 * MINUTE)
    keep(town.open_stream, [1], BEGIN + 500 * MINUTE)
    trial = try_gaps(town.open_stream.pk, 1800, 7200, BEGIN, END)
    assert (trial.seen, len(trial.gaps), trial.silent) == (4, 2, 1)


def test_switching_on_flags_history_only_when_asked(town):
    stream = town.open_stream
    keep(stream, [10, 11, 40, 12, 12, 12, 12])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    switch_on(SYSTEM, stream, StuckRule(count=4))
    assert held(stream).rules == Rules(StepRule(5.0, 600), StuckRule(4))
    assert quality(stream) == [0] * 7
    assert requalify(SYSTEM, stream) == Requalified(7, 2)
    assert quality(stream) == [0, 0, 4, 0, 0, 0, 8]
    assert values(stream) == [10, 11, 40, 12, 12, 12, 12]
    assert latest([stream.pk])[stream.pk].quality == 8
    assert requalify(SYSTEM, stream) == Requalified(7, 0)  # again changes nothing


def test_doubtful_values_stay_in_aggregates(town):
    stream = town.open_stream
    keep(stream, [10, 40])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    requalify(SYSTEM, stream)
    [row] = buckets(stream.pk, "hour", BEGIN - BEGIN % (60 * MINUTE), END).to_pylist()[:1]
    assert (row["count"], row["mean"], row["flagged"]) == (2, 25.0, 0)


def test_other_limits_take_flags_away_and_give_new_ones(town):
    stream = town.open_stream
    keep(stream, [10, 70, -9999, 20])
    change_limits(SYSTEM, stream, Limits(15, 100, (20.0,)))
    assert (stream.minimum, stream.maximum, stream.sentinels) == (15, 100, [20.0])
    assert requalify(SYSTEM, stream) == Requalified(4, 3)
    assert quality(stream) == [1, 0, 2, 2]
    assert values(stream) == [10, 70, None, 20]  # the number stays, although it now means «no value»


def test_what_comes_in_is_judged_by_the_new_limits(town):
    change_limits(SYSTEM, town.open_stream, Limits(0, 30))
    keep(town.open_stream, [10, 40, -9999])
    assert quality(town.open_stream) == [0, 1, 1]


def test_only_a_part_of_history(town):
    stream = town.open_stream
    keep(stream, [10, 40, 10, 40, 10])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    assert requalify(SYSTEM, stream, BEGIN + 20 * MINUTE, BEGIN + 40 * MINUTE) == Requalified(2, 1)
    assert quality(stream) == [0, 0, 0, 4, 0]


def test_parameters_of_an_observation_survive(town):
    stream = town.open_stream
    append(SYSTEM, [Row(stream.code, BEGIN, 10), Row(stream.code, BEGIN + MINUTE, 50, '{"a":1}')])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    requalify(SYSTEM, stream)
    assert series(stream.pk, None, None).column("extra").to_pylist() == [None, '{"a":1}']


def test_a_correction_meanwhile_wins(town, monkeypatch):
    stream = town.open_stream
    keep(stream, [10, 40, 40, 40, 10])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    look = ruling.flags_of

    def slowly(*args):
        found = look(*args)
        said = [(10, 11.0, 0), (20, None, GONE)]
        here().append([(stream.pk, BEGIN + at * MINUTE, value, flag, None, 0) for at, value, flag in said])
        here().drain()
        return found

    monkeypatch.setattr(ruling, "flags_of", slowly)
    assert requalify(SYSTEM, stream) == Requalified(5, 1)
    assert (values(stream), quality(stream)) == ([10, 11, 40, 10], [0, 0, 4, 0])


def test_rows_without_a_number_are_left_alone(town):
    stream = town.open_stream
    here().append([(stream.pk, BEGIN, None, 0, '{"result":"rain"}', 0), (stream.pk, BEGIN + 1, None, 2, None, 0)])
    assert requalify(SYSTEM, stream) == Requalified(2, 0)


def test_history_of_many_batches_is_one_history(town):
    import pyarrow as pa

    stream, count = town.open_stream, 150_000
    numbers = np.round(np.sin(np.arange(count) / 500) * 20, 1)
    numbers[65_536] = 59.0  # the first value of the second batch
    here().append_table(
        pa.table(
            {
                "ds": pa.array(np.full(count, stream.pk), pa.int32()),
                "t": pa.array(BEGIN + np.arange(count) * MINUTE),
                "v": pa.array(numbers),
                "q": pa.array(np.zeros(count), pa.int32()),
                "x": pa.nulls(count, pa.string()),
                "k": pa.array(np.zeros(count), pa.int32()),
            }
        )
    )
    switch_on(SYSTEM, stream, StepRule(5, 60))
    assert requalify(SYSTEM, stream) == Requalified(count, 1)
    assert quality(stream)[65_536] == 4


def test_switching_off_keeps_the_flags(town):
    stream = town.open_stream
    keep(stream, [10, 40])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    requalify(SYSTEM, stream)
    assert switch_off(SYSTEM, stream, "step") is True
    assert switch_off(SYSTEM, stream, "step") is False
    assert quality(stream) == [0, 4]
    assert requalify(SYSTEM, stream).changed == 1  # unless history is looked at again
    assert quality(stream) == [0, 0]


def test_a_gap_rule_replaces_the_usual_patience(town, look, report):
    report(town.open_stream, [(40, 10)])
    change_gap(SYSTEM, town.open_stream, 3600, 7200)
    assert (held(town.open_stream).late, held(town.open_stream).silent) == (3600, 7200)
    look()
    assert StreamCare.objects.get(datastream=town.open_stream).state == "fresh"  # late after 30 minutes otherwise
    change_gap(SYSTEM, town.open_stream, None)
    look()
    assert StreamCare.objects.get(datastream=town.open_stream).state == "late"


def test_the_interval_can_be_stated(town):
    change_interval(SYSTEM, town.open_stream, 60)
    town.open_stream.refresh_from_db()
    assert town.open_stream.expected_interval == 60
    change_interval(SYSTEM, town.open_stream, None)
    for wrong in (0, 400 * 86400):
        with pytest.raises(ValidationError):
            change_interval(SYSTEM, town.open_stream, wrong)


@pytest.mark.parametrize(
    "rule",
    [
        StepRule(0, 60),
        StepRule(float("nan"), 60),
        StepRule(5, 0),
        StuckRule(),
        StuckRule(count=1),
        StuckRule(seconds=0),
        StuckRule(count=5, except_for=(float("inf"),)),
    ],
)
def test_rules_without_sense_are_refused(town, rule):
    with pytest.raises(ValidationError):
        switch_on(SYSTEM, town.open_stream, rule)


@pytest.mark.parametrize("limits", [Limits(5, 1), Limits(float("nan")), Limits(sentinels=(float("inf"),))])
def test_limits_without_sense_are_refused(town, limits):
    with pytest.raises(ValidationError):
        change_limits(SYSTEM, town.open_stream, limits)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda actor, stream: switch_on(actor, stream, StepRule(5, 60)),
        lambda actor, stream: switch_off(actor, stream, "step"),
        lambda actor, stream: change_limits(actor, stream, Limits()),
        lambda actor, stream: change_interval(actor, stream, 60),
        lambda actor, stream: change_gap(actor, stream, 60),
        lambda actor, stream: requalify(actor, stream),
    ],
)
def test_only_who_manages_the_dataset_may(town, resident, clerk, attempt):
    for member in (resident, clerk):
        with pytest.raises(Denied):
            attempt(member.actor, town.open_stream)


@pytest.mark.django_db(transaction=True)
def test_everything_works_without_a_transaction_around_it(town):
    stream = town.open_stream
    keep(stream, [10, 40, 10])
    switch_on(SYSTEM, stream, StepRule(5, 600))
    assert len(live) == 1  # known at once in this process
    assert live.flag(stream.pk, BEGIN + 30 * MINUTE, 40.0) == 4
    change_limits(SYSTEM, stream, Limits(0, 50))
    change_interval(SYSTEM, stream, 60)
    change_gap(SYSTEM, stream, 60, 120)
    assert requalify(SYSTEM, stream).changed == 1
    switch_off(SYSTEM, stream, "step")
    assert len(live) == 0

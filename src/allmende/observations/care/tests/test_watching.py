"""The look at all datastreams: states, changes told once, learned intervals, and what it costs."""

from datetime import timedelta

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now, to_us
from allmende.observations.care.rules import State
from allmende.observations.care.tables import StateChange, StreamCare
from allmende.observations.care.watching import Watch, forget_old
from allmende.observations.rows import Row
from allmende.observations.services import append, register_datastream

MINUTE = 60_000_000


def report(stream, pairs):
    """pairs: (minutes ago, value)."""
    present = to_us(now())
    append(SYSTEM, [Row(stream.code, present - int(ago * MINUTE), value) for ago, value in pairs])


def states():
    return dict(StreamCare.objects.values_list("datastream__thing__dataset__access_class", "state"))


def in_minutes(minutes):
    return now() + timedelta(minutes=minutes)


def test_the_first_look_finds_states_and_tells_nobody(town):
    report(town.open_stream, [(1, 10)])
    report(town.shared_stream, [(60, 10)])
    report(town.protected_stream, [(3000, 10)])
    look = Watch(reread=0).look()
    assert (look.streams, look.fresh, look.changed) == (3, 3, 0)
    assert states() == {"open": "fresh", "shared": "late", "protected": "silent"}
    assert not StateChange.objects.exists()


def test_nothing_new_asks_and_writes_nothing(town, django_assert_num_queries):
    report(town.open_stream, [(1, 10)])
    watch = Watch()
    watch.look()
    with django_assert_num_queries(0):
        assert watch.look().changed == 0


def test_changes_are_told_once_without_reading_anew(town):
    report(town.open_stream, [(1, 10)])
    watch = Watch()
    watch.look()
    assert [watch.look(in_minutes(minutes)).changed for minutes in (40, 41, 1500, 1501)] == [1, 0, 3, 0]


def test_a_datastream_that_went_meanwhile_disturbs_nobody(town):
    watch = Watch()
    watch.look()
    town.shared_stream.delete()
    watch.look(in_minutes(1500))
    assert watch.look(in_minutes(1500)).streams == 2
    assert states() == {"open": "silent", "protected": "silent"}


def test_each_change_is_kept_with_its_time(town):
    watch = Watch(reread=0)
    report(town.open_stream, [(1, 10)])
    watch.look()
    assert watch.look(in_minutes(40)).changed == 1
    watch.look(in_minutes(41))
    watch.look(in_minutes(1500))
    changes = StateChange.objects.filter(datastream=town.open_stream)
    assert [(change.was, change.became, change.settled) for change in changes] == [
        ("fresh", "late", True),
        ("late", "silent", False),  # somebody may be told of this one
    ]
    care = StreamCare.objects.get(datastream=town.open_stream)
    assert timedelta(minutes=1438) < care.since - now() < timedelta(minutes=1440)  # a day after the last value
    assert len(care.turns) == 2


def test_one_that_was_just_registered_is_late_and_then_silent(town):
    watch = Watch(reread=0)
    watch.look()
    assert states()["open"] == "late"
    watch.look(in_minutes(1500))
    assert states()["open"] == "silent"


def test_flagged_values_make_it_implausible_and_good_ones_end_it(town):
    watch = Watch(reread=0)
    report(town.open_stream, [(49, 10), (39, 10), (29, 99)])
    watch.look()
    assert states()["open"] == "fresh"  # one outlier is no news
    report(town.open_stream, [(20, 98), (10, 99)])
    watch.look()
    assert states()["open"] == "implausible"
    since = StreamCare.objects.get(datastream=town.open_stream).since
    assert timedelta(minutes=28) < now() - since < timedelta(minutes=30)  # the first of the flagged values
    report(town.open_stream, [(9, 10), (8, 10)])
    watch.look()
    assert states()["open"] == "implausible"
    report(town.open_stream, [(7, 10)])
    watch.look()
    assert states()["open"] == "fresh"


def test_doubtful_values_are_weighed_once(town, monkeypatch):
    report(town.open_stream, [(3, 99), (2, 99), (1, 99)])
    watch = Watch(reread=0)
    watch.look()
    monkeypatch.setattr(type(town.store), "series", lambda *a, **k: pytest.fail("read again"))
    watch.look()
    assert states()["open"] == "implausible"


def test_who_flaps_is_told_of_no_more(town):
    watch = Watch(reread=0)
    watch.look()
    moment = now()
    for day in range(6):
        report(town.open_stream, [])
        append(SYSTEM, [Row(town.open_stream.code, to_us(moment), float(day))])
        watch.look(moment)
        moment += timedelta(hours=4)
        StreamCare.objects.filter(datastream=town.open_stream).update(late_after=60, silent_after=120)
        watch.look(moment)
    told = StateChange.objects.filter(datastream=town.open_stream, became="silent", settled=False)
    assert told.count() == 1  # the first; from the fourth change within a day on it is unsteady


def test_an_interval_is_learned_where_nobody_stated_one(town):
    stream = register_datastream(
        SYSTEM, thing=town.open_thing, name="Wind", observed_property=("urn:wind", "Wind"), unit="m/s"
    )
    report(stream, [(place * 7, 3.0) for place in range(1, 30)])
    watch = Watch(reread=0)
    assert watch.look().learned == 1
    care = StreamCare.objects.get(datastream=stream)
    assert care.learned_interval == 420
    assert care.state == State.FRESH
    assert watch.look().learned == 0  # tomorrow again
    assert watch.look(in_minutes(1500)).learned == 1


def test_a_gap_rule_survives_the_look(town):
    Watch(reread=0).look()
    StreamCare.objects.filter(datastream=town.open_stream).update(late_after=7, silent_after=9)
    report(town.open_stream, [(0.1, 1)])
    Watch(reread=0).look(in_minutes(1))
    care = StreamCare.objects.get(datastream=town.open_stream)
    assert (care.state, care.late_after, care.silent_after) == ("silent", 7, 9)


def test_nobody_waits_for_what_is_retired(town):
    town.open_thing.properties = {"retired": "2026-01-01"}
    town.open_thing.save()
    assert Watch(reread=0).look().streams == 2


def test_old_changes_go(town):
    for days in (1, 401):
        StateChange.objects.create(
            datastream=town.open_stream, was="fresh", became="late", time=now() - timedelta(days=days)
        )
    assert forget_old() == 1

"""The care list: who is on it and in which order, who sees what, and setting aside."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.core.clock import now
from allmende.observations.care.concerns import Need, concerns
from allmende.observations.care.noting import end_notes, notes_of, set_aside, take_up
from allmende.observations.services import register_datastream, register_thing


def needs(actor=SYSTEM, **options):
    return [(concern.code, concern.need) for concern in concerns(actor, **options)]


def test_nothing_is_on_it_while_all_is_well(town, report, look):
    for stream in (town.open_stream, town.shared_stream, town.protected_stream):
        report(stream, [(1, 10)])
    look()
    assert concerns(SYSTEM) == []


def test_the_most_urgent_comes_first(town, report, look, battery):
    report(town.open_stream, [(1, 10)])
    report(battery, [(1, 9)])
    report(town.shared_stream, [(50, 10)])
    report(town.protected_stream, [(3000, 10)])
    look()
    assert needs() == [
        (town.protected_thing.code, Need.SILENT),
        (town.open_thing.code, Need.WEAK),
        (town.shared_thing.code, Need.LATE),
    ]
    found = {concern.code: concern for concern in concerns(SYSTEM)}
    assert found[town.open_thing.code].weak[0].value == 9
    assert found[town.open_thing.code].streams == ()
    [late] = found[town.shared_thing.code].streams
    assert (late.code, late.state, late.interval) == (town.shared_stream.code, "late", 600)
    assert found[town.shared_thing.code].owner_name == {"de": "Umweltamt", "en": "Environment office"}


def test_everybody_sees_what_they_may_see(town, look, clerk, resident):
    look(now() + timedelta(days=3))
    moment = now() + timedelta(days=3)
    assert needs(ANONYMOUS, moment=moment) == [(town.open_thing.code, Need.SILENT)]
    assert needs(resident.actor, moment=moment) == [(town.open_thing.code, Need.SILENT)]
    assert len(concerns(SYSTEM, moment)) == 3


def test_who_reports_again_leaves_the_list_at_once(town, report, look):
    report(town.open_stream, [(60, 10)])
    look()
    report(town.open_stream, [(1, 10)])
    assert (town.open_thing.code, Need.LATE) not in needs()


def test_one_thing_is_one_concern(town, report, look):
    other = register_datastream(
        SYSTEM, thing=town.open_thing, name="W", observed_property=("urn:w", "W"), expected_interval=600
    )
    report(town.open_stream, [(60, 10)])
    report(other, [(3000, 1)])
    look()
    [concern] = concerns(ANONYMOUS)
    assert concern.need is Need.SILENT
    assert {stream.state for stream in concern.streams} == {"silent", "late"}


def test_questions_do_not_grow_with_the_list(town, look, django_assert_num_queries):
    for number in range(20):
        thing = register_thing(SYSTEM, dataset=town.open_dataset, name=f"T{number}")
        register_datastream(SYSTEM, thing=thing, name="W", observed_property=("urn:w", "W"), expected_interval=600)
    look(now() + timedelta(days=3))
    with django_assert_num_queries(3):
        assert len(concerns(SYSTEM, now() + timedelta(days=3))) == 23


def test_somebody_has_seen_it(town, report, look, steward, resident):
    report(town.open_stream, [(3000, 10)])
    look()
    with pytest.raises(Denied):
        set_aside(resident.actor, town.open_thing, "x")
    note = set_aside(steward.actor, town.open_thing, " Battery ordered ")
    [concern] = concerns(ANONYMOUS)
    assert concern.seen and concern.seen.text == "Battery ordered"
    assert concern.seen.by == steward.actor.code
    assert end_notes() == 0  # still silent
    report(town.open_stream, [(1, 10)])
    look()
    assert end_notes() == 1
    note.refresh_from_db()
    assert note.ended
    assert [each.pk for each in notes_of(steward.actor, town.open_thing)] == [note.pk]
    with pytest.raises(Denied):
        notes_of(resident.actor, town.open_thing)


def test_a_note_until_a_time_ends_then(town, report, look, steward):
    report(town.open_stream, [(3000, 10)])
    look()
    set_aside(steward.actor, town.open_thing, until=now() + timedelta(hours=1))
    later = now() + timedelta(hours=2)
    assert concerns(ANONYMOUS)[0].seen is not None
    assert concerns(ANONYMOUS, later)[0].seen is None
    assert end_notes(later) == 1


def test_a_note_about_a_weak_battery_lasts_while_it_is_weak(town, report, look, battery, steward):
    report(town.open_stream, [(1, 10)])
    report(battery, [(1, 5)])
    look()
    set_aside(steward.actor, town.open_thing, "ordered")
    assert end_notes() == 0
    report(battery, [(0.5, 100)])
    assert end_notes() == 1


def test_taking_up_and_what_cannot_be(town, steward):
    with pytest.raises(ValidationError):
        set_aside(steward.actor, town.open_thing, "x" * 1001)
    with pytest.raises(ValidationError):
        set_aside(steward.actor, town.open_thing, until=now())
    set_aside(steward.actor, town.open_thing, "first")
    set_aside(steward.actor, town.open_thing, "second")
    assert take_up(steward.actor, town.open_thing) is True
    assert take_up(steward.actor, town.open_thing) is False

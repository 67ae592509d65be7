"""Who is told what, and when: once per change, held for ten minutes, nothing seen already, nothing hidden from them."""

from datetime import timedelta

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.queries import UnknownDataset
from allmende.core.clock import now, town_zone
from allmende.observations.care.concerns import Need
from allmende.observations.care.following import (
    farewell,
    follow,
    followed,
    person_of,
    unfollow,
    unfollow_all,
)
from allmende.observations.care.notices import HOLD, claim, failed, forget_old, plan_daily, sent, settle
from allmende.observations.care.noting import set_aside
from allmende.observations.care.tables import CareMail, StateChange
from allmende.observations.care.watching import Watch


@pytest.fixture
def silent(town, report):
    """Everything has reported and then falls silent. Returns the moment at which that was settled."""
    for stream in (town.open_stream, town.shared_stream, town.protected_stream):
        report(stream, [(1, 10)])
    watch = Watch(reread=0)
    watch.look()
    fallen = now() + timedelta(days=2)
    watch.look(fallen)
    return fallen + HOLD


def due(moment):
    found = []
    while mail := claim(moment):
        sent(mail.number, moment)
        found.append(mail)
    return found


def codes(mail):
    return {concern.code for concern in mail.concerns}


def test_who_follows_is_told_once_of_what_they_may_see(town, silent, steward, administrator):
    follow(steward.actor, "all")
    follow(administrator.actor, "all")
    assert settle(silent) == 2
    assert settle(silent) == 0
    mails = {mail.person: mail for mail in due(silent)}
    assert codes(mails[steward.actor.code]) == {town.open_thing.code, town.shared_thing.code}
    assert len(codes(mails[administrator.actor.code])) == 3
    assert mails[steward.actor.code].to.email == "steward@example.org"
    assert all(concern.need is Need.SILENT for mail in mails.values() for concern in mail.concerns)
    assert due(silent + timedelta(hours=3)) == []


def test_nobody_is_told_before_it_has_lasted(town, silent, steward):
    follow(steward.actor, "all")
    assert settle(silent - timedelta(minutes=1)) == 0
    assert settle(silent) == 1


def test_what_is_over_by_then_is_no_news(town, silent, steward, report):
    follow(steward.actor, "all")
    for stream in (town.open_stream, town.shared_stream, town.protected_stream):
        report(stream, [(-2 * 1440, 11)])
    Watch(reread=0).look(silent)
    assert settle(silent) == 0
    assert not StateChange.objects.filter(settled=False).exists()


def test_what_reports_again_before_the_mail_leaves_is_not_in_it(town, silent, steward, report):
    follow(steward.actor, "all")
    settle(silent)
    report(town.open_stream, [(-2 * 1440 - 5, 11)])
    [mail] = due(silent)
    assert codes(mail) == {town.shared_thing.code}


def test_what_somebody_has_seen_is_no_news(town, silent, steward):
    follow(steward.actor, "all")
    set_aside(SYSTEM, town.open_thing, "seen")
    set_aside(SYSTEM, town.shared_thing, "seen")
    assert settle(silent) == 0


@pytest.mark.parametrize("kind", ["organisation", "dataset", "thing"])
def test_one_follows_a_part(town, silent, administrator, kind):
    target = {"organisation": town.office.code, "dataset": "open-weather", "thing": town.open_thing.code}[kind]
    follow(administrator.actor, kind, target)
    settle(silent)
    [mail] = due(silent)
    assert (town.open_thing.code in codes(mail)) and len(codes(mail)) == (3 if kind == "organisation" else 1)


def test_who_may_see_no_more_is_told_no_more(town, silent, cast):
    from allmende.accounts.services import grant_role, withdraw_role

    clerk = grant_role(SYSTEM, cast.clerk.actor.code, "steward", town.office)
    follow(clerk, "dataset", "protected-weather")
    assert followed(clerk)[0].name["en"] == "Weather protected"
    withdraw_role(SYSTEM, clerk.code, "steward", town.office)
    assert settle(silent) == 0
    assert followed(cast.clerk.actor) == []


def test_the_daily_mail_comes_once_in_the_morning(town, report, look, steward):
    report(town.open_stream, [(60, 10)])
    look()
    follow(steward.actor, "all", at_once=False)
    early = now().astimezone(town_zone()).replace(hour=6, minute=30) + timedelta(days=1)
    assert plan_daily(early) == 0
    assert plan_daily(early + timedelta(hours=1)) == 1
    assert plan_daily(early + timedelta(hours=9)) == 0
    [mail] = due(early + timedelta(hours=1))
    assert mail.kind == "daily"
    assert town.open_thing.code in codes(mail)
    assert plan_daily(early + timedelta(days=1, hours=1)) == 1


def test_a_daily_mail_without_news_is_not_sent(town, report, look, steward):
    for stream in (town.open_stream, town.shared_stream, town.protected_stream):
        report(stream, [(1, 10)])
    look()
    follow(steward.actor, "all")
    moment = now().replace(hour=12)
    plan_daily(moment)
    assert claim(moment + timedelta(seconds=1)) is None
    assert not CareMail.objects.filter(sent=None).exists()


def test_a_mail_that_fails_is_tried_again_and_given_up_in_the_end(town, silent, steward):
    follow(steward.actor, "all")
    settle(silent)
    moment, tries = silent, 0
    for _ in range(340):  # a week
        if mail := claim(moment):
            tries += 1
            failed(mail.number, moment)
        moment += timedelta(minutes=30)
    assert tries == 6
    assert CareMail.objects.get().sent is None


def test_a_claimed_mail_is_nobody_elses(town, silent, steward):
    follow(steward.actor, "all")
    settle(silent)
    assert claim(silent)
    assert claim(silent) is None
    assert claim(silent + timedelta(minutes=11))  # who claimed it has died


def test_following_and_ending_it(town, steward, resident, sensor):
    for nobody in (resident.actor, sensor.actor, SYSTEM):
        with pytest.raises(Denied):
            follow(nobody, "all")
    with pytest.raises(UnknownDataset):
        follow(steward.actor, "dataset", "protected-weather")
    with pytest.raises(ValueError, match="nonsense"):
        follow(steward.actor, "nonsense")
    follow(steward.actor, "thing", town.open_thing.code)
    follow(steward.actor, "thing", town.open_thing.code, daily=False)
    [one] = followed(steward.actor)
    assert (one.name["de"], one.at_once, one.daily) == ("Station open", True, False)
    assert unfollow(resident.actor, one.code) is False
    assert unfollow(steward.actor, one.code) is True
    follow(steward.actor, "all")
    follow(steward.actor, "all", at_once=False, daily=False)
    assert followed(steward.actor) == []


def test_the_farewell_key_ends_everything(steward):
    follow(steward.actor, "all")
    key = farewell(steward.actor.code)
    assert person_of(key) == steward.actor.code
    assert person_of(key + "x") is None
    assert unfollow_all(steward.actor.code) == 1


def test_old_mails_go(steward):
    for days in (1, 61):
        moment = now() - timedelta(days=days)
        CareMail.objects.create(person="per-x", kind="daily", key=str(days), created=moment, due=moment)
    assert forget_old() == 1


@pytest.mark.django_db(transaction=True)
def test_everything_works_without_a_transaction_around_it(town, silent, steward):
    follow(steward.actor, "all")
    set_aside(SYSTEM, town.protected_thing)
    assert settle(silent) == 1
    plan_daily(silent)
    assert due(silent)
    assert unfollow_all(steward.actor.code) == 1

"""The outbox: no event without its change, each handler told, order kept, failures retried and in the end given up."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from allmende.core import clock, outbox
from allmende.core.models import Event


@pytest.fixture(autouse=True)
def no_handlers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outbox, "_handlers", {})


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch):
    """Moves the outbox's clock forward."""
    shift = timedelta()

    def forward(step: timedelta) -> None:
        nonlocal shift
        shift += step

    monkeypatch.setattr(outbox, "now", lambda: clock.now() + shift)
    return forward


def tell(*numbers: int, name: str = "bench.moved") -> None:
    with transaction.atomic():
        for number in numbers:
            outbox.publish(name, {"number": number})


def hear(name: str = "bench.moved") -> list[int]:
    heard: list[int] = []

    def note(payload: dict) -> None:
        heard.append(payload["number"])

    note.__qualname__ = f"note_{id(heard)}"  # the outbox tells handlers apart by name
    outbox.subscribe(name)(note)
    return heard


def test_events_arrive_in_order_and_once(db: None):
    heard = hear()
    tell(1, 2)
    tell(3)
    assert outbox.deliver_pending() == 3
    assert heard == [1, 2, 3]
    assert outbox.deliver_pending() == 0
    assert heard == [1, 2, 3]


def test_an_event_that_nobody_hears_is_done(db: None):
    tell(1)
    assert outbox.deliver_pending() == 1
    assert not Event.objects.filter(done=False).exists()


def test_each_handler_hears_only_its_name(db: None):
    moved, removed = hear(), hear("bench.removed")
    also = hear()
    tell(1)
    tell(2, name="bench.removed")
    outbox.deliver_pending()
    assert (moved, also, removed) == ([1], [1], [2])


def test_two_handlers_of_one_name_could_not_be_told_apart():
    def hear_it(payload: dict) -> None: ...

    outbox.subscribe("bench.moved")(hear_it)
    outbox.subscribe("bench.removed")(hear_it)
    with pytest.raises(ValueError, match=r"hear_it listens to bench\.moved already"):
        outbox.subscribe("bench.moved")(hear_it)


def test_delivery_stops_at_its_limit(db: None):
    heard = hear()
    tell(1, 2, 3)
    assert outbox.deliver_pending(limit=2) == 2
    assert heard == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_publishing_needs_a_transaction():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        outbox.publish("bench.moved", {})


@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_its_change():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        outbox.publish("bench.moved", {"number": 1})
        raise ZeroDivisionError
    assert outbox.deliver_pending() == 0


def test_what_fails_is_tried_again_later_and_holds_back_its_name_only(db: None, later):
    heard, others = [], hear("tree.planted")
    broken = True

    @outbox.subscribe("bench.moved")
    def sometimes(payload: dict) -> None:
        if broken and payload["number"] == 1:
            raise OSError("the bench is stuck")
        heard.append(payload["number"])

    tell(1, 2)
    tell(7, name="tree.planted")
    assert outbox.deliver_pending() == 1
    assert (heard, others) == ([], [7])
    stuck = Event.objects.get(done=False, attempts=1)
    assert "the bench is stuck" in stuck.error

    broken = False
    assert outbox.deliver_pending() == 0, "not before its pause is over"
    later(outbox.FIRST_PAUSE)
    assert outbox.deliver_pending() == 2
    assert heard == [1, 2]


def test_what_a_failing_handler_wrote_is_taken_back(db: None):
    @outbox.subscribe("bench.moved")
    def half(payload: dict) -> None:
        outbox.publish("bench.painted", {})
        raise ValueError

    tell(1)
    outbox.deliver_pending()
    assert not Event.objects.filter(name="bench.painted").exists()


def test_a_handler_that_succeeded_is_not_told_again(db: None, later):
    heard, tries = hear(), []

    @outbox.subscribe("bench.moved")
    def second_time(payload: dict) -> None:
        tries.append(payload)
        if len(tries) == 1:
            raise ValueError

    tell(1)
    outbox.deliver_pending()
    later(outbox.FIRST_PAUSE)
    outbox.deliver_pending()
    assert heard == [1]
    assert len(tries) == 2


def test_pauses_double_and_in_the_end_it_is_given_up_with_its_error(db: None, later):
    calls = []

    @outbox.subscribe("bench.moved")
    def never(payload: dict) -> None:
        calls.append(payload["number"])
        if payload["number"] == 1:
            raise ValueError("never ever")

    tell(1, 2)
    pause = outbox.FIRST_PAUSE
    for _ in range(outbox.MOST_ATTEMPTS):
        outbox.deliver_pending()
        later(pause)
        pause *= 2
    assert calls.count(1) == outbox.MOST_ATTEMPTS
    assert calls[-1] == 2, "the queue goes on behind a dead event"
    (dead,) = outbox.dead()
    assert (dead["payload"], dead["attempts"]) == ({"number": 1}, outbox.MOST_ATTEMPTS)
    assert "never ever" in dead["error"]


def test_a_dead_event_can_be_revived(db: None):
    Event.objects.create(
        name="bench.moved",
        payload={"number": 5},
        created=clock.now(),
        due=clock.now(),
        done=True,
        error="x",
        attempts=8,
    )
    (dead,) = outbox.dead()
    heard = hear()
    assert outbox.revive(dead["id"]) is True
    assert outbox.revive(dead["id"]) is False
    assert outbox.deliver_pending() == 1
    assert heard == [5]
    assert outbox.dead() == []


def test_a_claim_keeps_others_away_until_it_ends(db: None, later):
    heard = hear()
    tell(1)
    event = Event.objects.get()
    assert outbox._claim(event.id) is True
    assert outbox._claim(event.id) is False
    assert outbox.deliver_pending() == 0
    later(outbox.CLAIM + timedelta(seconds=1))
    assert outbox.deliver_pending() == 1, "the deliverer died; its claim has run out"
    assert heard == [1]


def test_old_delivered_events_are_forgotten_dead_ones_kept(db: None, later):
    tell(1, 2)
    Event.objects.filter(payload__number=2).update(done=True, error="gave up")
    outbox.deliver_pending()
    assert outbox.forget_delivered() == 0
    later(timedelta(days=31))
    assert outbox.forget_delivered() == 1
    assert [event["payload"]["number"] for event in outbox.dead()] == [2]


@pytest.mark.django_db(transaction=True)
def test_two_deliverers_at_once_tell_each_event_once_and_in_order():
    heard: list[int] = []

    @outbox.subscribe("bench.moved")
    def note(payload: dict) -> None:
        heard.append(payload["number"])
        time.sleep(0.002)

    tell(*range(30))
    problems = []

    def deliver() -> None:
        try:
            deadline = time.monotonic() + 20
            while len(heard) < 30 and time.monotonic() < deadline:
                outbox.deliver_pending()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert heard == list(range(30))

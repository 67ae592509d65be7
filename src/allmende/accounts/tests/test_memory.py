"""Remembered actors: found without any database, for ten seconds, and never more of them than fit."""

import asyncio
import threading

import pytest
from django.contrib.sessions.backends.db import SessionStore

from allmende.accounts import memory, queries, services
from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.memory import ActorMemory
from tests.cast import Cast, Member

SOMEBODY = Actor(kind="token", code="tok-1")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    """Sets the memory's clock."""
    seconds = [0.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: seconds[0])

    def set_to(value: float) -> None:
        seconds[0] = value

    return set_to


def test_an_actor_is_remembered_for_ten_seconds(clock):
    known = ActorMemory()
    known.remember("secret", SOMEBODY)
    clock(9.9)
    assert known.recall("secret") is SOMEBODY
    assert known.recall("other") is None
    clock(10.0)
    assert known.recall("secret") is None
    known.remember("secret", SOMEBODY)
    assert known.recall("secret") is SOMEBODY


def test_the_oldest_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "MOST", 3)
    known = ActorMemory()
    for name in ("a", "b", "c", "a", "d"):
        known.remember(name, SOMEBODY)
    assert [name for name in "abcd" if known.recall(name)] == ["a", "c", "d"]


def test_secrets_are_not_kept():
    known = ActorMemory()
    known.remember("alm_secret", SOMEBODY)
    assert "alm_secret" not in repr(vars(known))


def test_many_threads_may_use_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "MOST", 50)
    known, problems = ActorMemory(), []

    def work(thread: int) -> None:
        try:
            for turn in range(2000):
                known.remember(f"{turn % 97}-{thread}", SOMEBODY)
                known.recall(f"{turn % 89}-{thread}")
                if turn % 500 == 0:
                    known.forget()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(known._known) <= 50


def test_the_event_loop_asks_memory_only(sensor: Member, django_assert_num_queries):
    """The first version asked the ORM when an entry had run out: SynchronousOnlyOperation every ten seconds."""

    async def on_the_loop() -> tuple[Actor | None, Actor | None]:
        return queries.remembered_actor(sensor.secret), queries.remembered_actor_of_session("unknown")

    memory.forget()
    with django_assert_num_queries(0):
        assert asyncio.run(on_the_loop()) == (None, None)
    queries.actor_of_token(sensor.secret)
    with django_assert_num_queries(0):
        assert asyncio.run(on_the_loop()) == (sensor.actor, None)


def test_a_session_cookie_stands_for_its_person(steward: Member, signed_in, settings):
    cookie = signed_in(steward).cookies[settings.SESSION_COOKIE_NAME].value
    assert queries.remembered_actor_of_session(cookie) is None
    assert queries.actor_of_session(cookie) == steward.actor
    assert queries.remembered_actor_of_session(cookie) == steward.actor


@pytest.mark.parametrize("cookie", ["", "x", "x" * 32, "ä\ud83c", "../../etc/passwd", "a" * 5000, "\x00" * 32])
def test_other_cookies_stand_for_nobody(db: None, cookie: str):
    assert queries.actor_of_session(cookie) == ANONYMOUS
    assert queries.remembered_actor_of_session(cookie) == ANONYMOUS


def test_an_empty_session_stands_for_nobody(db: None):
    session = SessionStore()
    session["language"] = "de"
    session.save()
    assert queries.actor_of_session(session.session_key) == ANONYMOUS


def test_who_changed_the_password_elsewhere_is_signed_out_here(steward: Member, signed_in, settings):
    cookie = signed_in(steward).cookies[settings.SESSION_COOKIE_NAME].value
    steward.person.set_password("changed on another device")
    steward.person.save()
    assert queries.actor_of_session(cookie) == ANONYMOUS


def test_a_closed_account_acts_as_nobody(steward: Member, signed_in, settings):
    cookie = signed_in(steward).cookies[settings.SESSION_COOKIE_NAME].value
    steward.person.is_active = False
    steward.person.save()
    assert queries.actor_of_session(cookie) == ANONYMOUS
    assert queries.actor_of_person(steward.person) == ANONYMOUS


def test_signing_out_is_known_at_once(steward: Member, signed_in, settings):
    browser = signed_in(steward)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME].value
    queries.actor_of_session(cookie)
    browser.logout()
    assert queries.remembered_actor_of_session(cookie) is None
    assert queries.actor_of_session(cookie) == ANONYMOUS


@pytest.mark.django_db(transaction=True)
def test_a_new_role_counts_at_once(cast: Cast, signed_in, settings):
    cookie = signed_in(cast.resident).cookies[settings.SESSION_COOKIE_NAME].value
    assert queries.actor_of_session(cookie).roles == frozenset()
    services.grant_role(cast.administrator.actor, cast.resident.person.code, "steward")
    assert queries.remembered_actor_of_session(cookie) is None
    assert queries.actor_of_session(cookie).roles == {"steward"}

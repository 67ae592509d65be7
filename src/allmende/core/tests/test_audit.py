"""The audit trail: nobody changes it, every change is noticed, what is erased is gone and the chain still holds."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from allmende.core import audit
from allmende.core.models import AuditDetail, AuditEntry

AWKWARD = {"text": "Ä\u0000🌳\ud800", "big": 1e16, "small": 1e-7, "list": [1, None, True], "zero": -0.0}


def note(code: str = "b", **details: object) -> int:
    return audit.record("person", "per-1", "bench:move", "bench", code, details)


def direct(sql: str, *values: object) -> None:
    """Past the ORM, as somebody with the database's password would do it."""
    with transaction.atomic(), connection.cursor() as cursor:
        connection.check_constraints()  # PostgreSQL alters no table while checks of its rows are pending
        cursor.execute(sql, values)
        connection.check_constraints()


class Unguarded:
    """The database without the trail's triggers: what an intruder with all rights could do."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                connection.check_constraints()
                cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
            else:
                for name in ("audit_no_update", "audit_no_delete", "audit_next_number"):
                    cursor.execute(f"DROP TRIGGER {name}")

    def __exit__(self, *exception: object) -> None:
        if connection.vendor == "postgresql":  # on SQLite the test's transaction brings them back
            connection.check_constraints()
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


def test_an_empty_trail_holds(db: None):
    assert audit.head() == (0, audit.BEGINNING)
    assert audit.verify() == []


def test_entries_are_numbered_and_chained(db: None):
    assert [note(), note(), note()] == [1, 2, 3]
    entries = list(AuditEntry.objects.order_by("number"))
    assert entries[0].previous == audit.BEGINNING
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert audit.head() == (3, entries[-1].hash)
    assert audit.verify() == []


def test_details_of_any_kind_verify_after_a_round_through_the_database(db: None):
    note(**AWKWARD)
    assert audit.verify() == []
    (entry,) = audit.history("bench", "b")
    assert entry.details == AWKWARD


def test_history_is_newest_first_and_of_one_thing(db: None):
    note(place="here")
    note("other")
    note(place="there")
    entries = audit.history("bench", "b")
    assert [(entry.number, entry.details) for entry in entries] == [(3, {"place": "there"}), (1, {"place": "here"})]
    assert entries[0].actor_code == "per-1"
    assert len(audit.history("bench", "b", limit=1)) == 1


def test_history_is_one_query(db: None, django_assert_num_queries):
    for _ in range(5):
        note()
    with django_assert_num_queries(1):
        assert len(audit.history("bench", "b")) == 5


def test_an_entry_goes_with_its_change(db: None):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note()
        raise ZeroDivisionError
    assert audit.head() == (0, audit.BEGINNING)
    assert note() == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditentry SET actor_code = 'per-2' WHERE number = 1",
        "DELETE FROM core_auditentry WHERE number = 1",
        "DELETE FROM core_auditentry",
    ],
)
def test_the_database_refuses_changes(db: None, sql: str):
    note()
    with pytest.raises(DatabaseError, match="append-only"):
        direct(sql)
    assert audit.verify() == []


def test_the_database_refuses_to_replace_or_empty_the_trail(db: None):
    note()
    note()
    columns = "number, time, actor_kind, actor_code, action, kind, code, details_hash, previous, hash"
    copy = f"SELECT {columns.replace('actor_code', 'code')} FROM core_auditentry"
    if connection.vendor == "sqlite":
        with pytest.raises(DatabaseError, match="append-only"):
            direct(f"INSERT OR REPLACE INTO core_auditentry ({columns}) {copy} WHERE number = 1")
    else:
        with pytest.raises(DatabaseError, match="append-only"):
            direct(
                f"INSERT INTO core_auditentry ({columns}) {copy} WHERE number = 1"
                " ON CONFLICT (number) DO UPDATE SET actor_code = EXCLUDED.actor_code"
            )
        with pytest.raises(DatabaseError, match="append-only"):
            direct("TRUNCATE core_auditentry CASCADE")
    assert audit.verify() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_kind", "system"),
        ("actor_code", "per-2"),
        ("action", "bench:paint"),
        ("kind", "tree"),
        ("code", "c"),
        ("details_hash", "0" * 64),
        ("time", "2001-01-01 00:00:00"),
    ],
)
def test_a_changed_entry_is_noticed(db: None, column: str, value: str):
    for _ in range(3):
        note()
    with Unguarded():
        direct(f"UPDATE core_auditentry SET {column} = %s WHERE number = 2", value)
    assert audit.Problem(2, "was changed after it was written") in audit.verify()


def test_an_entry_changed_with_its_hash_breaks_the_next(db: None):
    for _ in range(3):
        note()
    with Unguarded():
        entry = AuditEntry.objects.get(number=2)
        entry.actor_code = "per-2"
        entry.hash = audit._hash(entry)
        entry.save()
    assert audit.verify() == [audit.Problem(3, "does not follow from the entry before")]


def test_a_removed_entry_is_noticed(db: None):
    for _ in range(4):
        note()
    with Unguarded():
        direct("DELETE FROM core_auditdetail WHERE entry_id IN (2, 3)")
        direct("DELETE FROM core_auditentry WHERE number IN (2, 3)")
    assert audit.verify() == [audit.Problem(2, "entries 2 to 3 are missing")]


def test_an_end_that_was_cut_off_is_noticed_by_a_witness(db: None):
    for _ in range(3):
        note()
    witness = audit.head()
    note()
    assert audit.verify(witness) == []
    with Unguarded():
        direct("DELETE FROM core_auditdetail WHERE entry_id > 2")
        direct("DELETE FROM core_auditentry WHERE number > 2")
    assert audit.verify() == []
    assert audit.verify(witness) == [audit.Problem(3, "entries 3 to 3 are missing at the end")]
    note("forged")
    assert audit.verify(witness) == [audit.Problem(3, "is not the entry that the witness saw")]


def test_changed_details_are_noticed(db: None):
    note(amount=100)
    AuditDetail.objects.update(details='{"amount":900}')
    assert audit.verify() == [audit.Problem(1, "its details were changed after they were written")]


def test_erased_details_are_gone_and_the_chain_still_holds(db: None):
    note(name="Somebody")
    note(name="Somebody else")
    assert audit.erase_details([1]) == 1
    assert [entry.details for entry in audit.history("bench", "b")] == [{"name": "Somebody else"}, None]
    assert audit.verify() == []
    assert audit.erase_details([1]) == 0


def test_the_same_details_have_different_hashes(db: None):
    note(name="Somebody")
    note(name="Somebody")
    first, second = AuditEntry.objects.order_by("number")
    assert first.details_hash != second.details_hash


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain():
    problems = []

    def write(writer: int) -> None:
        try:
            for turn in range(10):
                with transaction.atomic():
                    note(f"bench-{writer}", turn=turn)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert audit.head()[0] == 40
    assert audit.verify() == []
    assert [entry.details["turn"] for entry in audit.history("bench", "bench-3")] == list(range(9, -1, -1))

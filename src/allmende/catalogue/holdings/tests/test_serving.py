"""Serving copies: the same answers, made when missing, given up when broken, gone with their holding."""

import subprocess
import sys
import threading
import time

import pytest
import shapely

from allmende.catalogue.holdings import copying, reading, serving, spatial
from allmende.catalogue.holdings.files import copies, copy_of, erase, path_of
from allmende.catalogue.holdings.reading import Holding, Question, count, row, rows
from allmende.catalogue.holdings.terms import Call, Column, InBox, Spatial, Value
from allmende.catalogue.holdings.tests.conftest import grid

HERE = InBox(11.51, 50.91, 11.52, 50.92)


@pytest.fixture
def holding() -> Holding:
    return grid(100)


def sources(holding: Holding) -> str:
    return serving.ask(holding.digest, holding.rows, lambda _, source: source)


def made(holding: Holding) -> None:
    assert copying.make(holding.digest)


QUESTIONS = [
    Question(limit=None),
    Question(limit=10),
    Question(limit=10, beyond=4711),
    Question(where=HERE, limit=None),
    Question(where=HERE, limit=7, columns=("number",), geometry=False),
    Question(where=Call("gt", (Column("number"), Value(9_990))), limit=None),
    Question(order=(("number", True),), limit=5, skip=3),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_copy_answers_what_the_file_answers(holding, question):
    before = rows(holding, question)
    made(holding)
    assert ".rows" in sources(holding)
    after = rows(holding, question)
    assert after.equals(before)
    assert after.num_rows


def test_a_large_holding_gets_its_copy_when_it_is_asked(holding):
    assert "read_parquet" in sources(holding)
    deadline = time.monotonic() + 20
    while ".rows" not in sources(holding):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_small_one_gets_none():
    small = grid(10)
    assert "read_parquet" in sources(small)
    assert list(copies()) == []


def test_a_missing_copy_is_made_again(holding):
    made(holding)
    assert count(holding, HERE) == 121
    copy_of(holding.digest).unlink()
    assert "read_parquet" in sources(holding)
    made(holding)
    assert ".rows" in sources(holding)


@pytest.mark.parametrize("harm", [lambda data: b"", lambda data: data[:5000], lambda data: bytes(len(data))])
def test_a_broken_copy_is_given_up_and_the_file_answers(holding, harm):
    made(holding)
    path = copy_of(holding.digest)
    path.write_bytes(harm(path.read_bytes()))
    assert rows(holding, Question(where=HERE, limit=None)).num_rows == 121
    assert not path.exists()


def test_a_copy_that_breaks_while_attached(holding):
    made(holding)
    assert ".rows" in sources(holding)
    path = copy_of(holding.digest)
    data = path.read_bytes()
    path.write_bytes(data[:12_288] + bytes(len(data) - 12_288))
    assert rows(holding, Question(limit=None)).num_rows == 10_000
    assert count(holding, HERE) == 121


def test_erasing_takes_the_copy_along(holding):
    made(holding)
    assert erase(holding.digest) > 0
    assert not copy_of(holding.digest).exists()
    assert not path_of(holding.digest).exists()
    assert not copying.make(holding.digest)


def test_copies_of_what_is_gone_and_remains_of_killed_makers_are_removed(holding):
    made(holding)
    path_of(holding.digest).unlink()
    loose = copy_of(holding.digest).with_name("new-0123.duckdb")
    loose.write_bytes(b"x")
    made(grid(80))
    assert not copy_of(holding.digest).exists()
    assert not loose.exists()


def test_no_more_copies_are_attached_than_agreed(monkeypatch):
    monkeypatch.setattr(serving, "_MOST", 2)
    found = [grid(71 + k) for k in range(4)]
    for holding in found:
        made(holding)
        assert count(holding, HERE) == 121
    here = {copy_of(holding.digest) for holding in found}
    assert len(here & set(serving._copies._attached)) <= 2
    assert [count(holding, InBox(11, 50, 12, 50.9005)) for holding in found] == [71, 72, 73, 74]


def test_another_process_reads_it_at_the_same_time(holding):
    made(holding)
    assert ".rows" in sources(holding)
    path = copy_of(holding.digest)
    script = (
        f"import duckdb; print(duckdb.connect({str(path)!r}, read_only=True).sql('from rows').count('*').fetchone())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(10000,)", done.stderr


def test_many_threads_ask_at_once_while_copies_come_and_go(holding, monkeypatch):
    monkeypatch.setattr(serving, "_MOST", 1)
    holdings = [holding, grid(90), grid(80)]
    for each in holdings:
        made(each)
    faults = []

    def asking(seed: int) -> None:
        for k in range(30):
            box = InBox(11.5, 50.9, 11.5 + (k * 7 + seed) % 60 / 1000 + 0.0005, 50.9005)
            if rows(holdings[(k + seed) % 3], Question(where=box, limit=None)).num_rows != (k * 7 + seed) % 60 + 1:
                faults.append((seed, k))

    threads = [threading.Thread(target=asking, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_one_row_by_its_id(holding):
    made(holding)
    assert row(holding, "5000")["number"].to_pylist() == [4999]
    assert row(holding, "nowhere").num_rows == 0


def test_a_question_that_takes_too_long_is_stopped(holding, monkeypatch):
    def slow(other, shapes):
        time.sleep(0.1)
        return shapely.touches(other, shapes)

    monkeypatch.setitem(spatial.RELATIONS, "s_touches", slow)
    monkeypatch.setattr(reading, "_LONGEST", 0.05)
    with pytest.raises(reading.TooCostly):
        count(holding, Spatial("s_touches", shapely.to_wkb(shapely.box(0, 0, 1, 1))))

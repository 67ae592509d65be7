"""Every malformed request is refused by a QueryError with its place, quickly; nothing else ever comes out.

ALLMENDE_LONG=1 tries a hundred thousand of the corpus instead of five thousand.
"""

import os
import time
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.api.sensorthings.entities import ENTITY_SETS, ENTITY_TYPES, EntityType
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.paths import parse_path
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.language.tests.corpus import FAULTS, Case, malformed
from allmende.api.sensorthings.language.tests.valid import encoded, valid

LONG = os.environ.get("ALLMENDE_LONG", "") in ("1", "true", "yes")
COUNT = 100_000 if LONG else 5_000
SLOWEST = 0.05  # seconds of processor time


def asked(case: Case) -> QueryError | None:
    """The error of a case, None if it was read."""
    try:
        entity = parse_path(case.path).entity
        assert entity is not None, case
        parse_query(case.query, entity)
    except QueryError as error:
        return error
    return None


def timed(case: Case) -> tuple[QueryError | None, float]:
    """The error of a case, and the processor time it took: other work on the machine does not count."""
    before = time.thread_time()
    error = asked(case)
    return error, time.thread_time() - before


def test_the_corpus_is_refused():
    for case in islice(malformed(20_260_301), COUNT):
        error, lasted = timed(case)
        assert error is not None, case
        assert 0 <= error.position <= len(error.text), case
        assert error.message.encode(), case
        assert len(error.message) < 800, case
        # Of a single slow one the collector of garbage may be the cause; what is really slow is so each time.
        assert lasted < SLOWEST or min(timed(case)[1] for _ in range(5)) < SLOWEST, case


@pytest.mark.parametrize("fault", FAULTS)
def test_each_kind_of_fault_varies(fault: str):
    cases = [case for case in islice(malformed(7), 100 * len(FAULTS)) if case.fault == fault]
    assert len(set(cases)) > 60


def test_the_same_seed_makes_the_same_cases():
    assert list(islice(malformed(3), 200)) == list(islice(malformed(3), 200))


requests = st.sampled_from(valid())
entities = st.sampled_from(list(ENTITY_TYPES.values()))


@given(requests, st.data())
def test_valid_queries_changed_anywhere(request: tuple[str, str], data: st.DataObject):
    name, query = request
    at = data.draw(st.integers(0, len(query)))
    until = data.draw(st.integers(at, min(len(query), at + 5)))
    middle = data.draw(st.text("()';,/$=@[]%+-. 0aeqT", max_size=4))
    changed = query[:at] + middle + query[until:]
    for text in (changed, encoded(changed)):
        try:
            parse_query(text, ENTITY_SETS[name])
        except QueryError as error:
            assert 0 <= error.position <= len(error.text)


@given(st.text(max_size=80), entities)
def test_any_text_is_read_or_refused(text: str, entity: EntityType):
    for query in (text, f"$filter={text}", f"$expand={text}", f"$select={text}", f"$orderby={text}&$top={text}"):
        try:
            parse_query(query, entity)
        except QueryError as error:
            assert 0 <= error.position <= len(error.text)
            error.message.encode()

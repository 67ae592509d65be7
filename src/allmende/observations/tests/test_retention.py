"""Observations that are due are gone from the store, and only those."""

from datetime import timedelta

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.retention import end_hold, hold
from allmende.catalogue.services import change_dataset
from allmende.core import audit
from allmende.core.clock import now, to_us
from allmende.observations import retention
from allmende.observations.models import Datastream
from allmende.observations.queries import series
from allmende.observations.rows import Row
from allmende.observations.services import append

pytestmark = pytest.mark.relational


@pytest.fixture
def filled(town):
    """A value for each of the last hundred days in every datastream."""
    for stream in Datastream.objects.all():
        append(SYSTEM, [Row(stream.code, to_us(now() - timedelta(days=day, minutes=1)), 20.0) for day in range(100)])
    return {stream.dataset.access_class: stream for stream in Datastream.objects.select_related("dataset")}


def kept(stream: Datastream) -> int:
    return series(stream.pk, None, None).num_rows


def test_what_is_older_than_its_dataset_keeps_it_goes(filled):
    assert retention.due_spans() == [] and retention.erase_due() == 0
    change_dataset(SYSTEM, filled["protected"].dataset, retention_days=30)
    [span] = retention.due_spans()
    assert span.code == filled["protected"].code
    assert retention.erase_due() == 70 and retention.erase_due() == 0
    assert {access: kept(stream) for access, stream in filled.items()} == {"open": 100, "shared": 100, "protected": 30}
    [told] = [e for e in audit.history("dataset", span.dataset) if e.action == "observations.retention"]
    assert told.details is not None and told.details["datastreams"] == 1
    assert retention.oldest(filled["protected"].dataset)[0] == 1


def test_the_shorter_of_two_times_counts(filled):
    change_dataset(SYSTEM, filled["open"].dataset, retention_days=50)
    Datastream.objects.filter(pk=filled["open"].pk).update(retention_days=20)
    Datastream.objects.filter(pk=filled["shared"].pk).update(retention_days=90)
    assert retention.erase_due() == 80 + 10
    assert (kept(filled["open"]), kept(filled["shared"])) == (20, 90)


def test_a_hold_pauses_it(filled):
    dataset = change_dataset(SYSTEM, filled["open"].dataset, retention_days=50)
    hold(SYSTEM, dataset, "a lawsuit")
    assert retention.erase_due() == 0
    end_hold(SYSTEM, dataset)
    assert retention.erase_due() == 50

"""What happens to rows on the way in."""

import math

import pytest

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.permissions import Denied
from allmende.observations import queries, services
from allmende.observations.rows import BatchRefused, Row

T0 = 1_700_000_000_000_000


def rows(town, *values):
    return [Row(town.open_stream.code, T0 + i * 1_000_000, value) for i, value in enumerate(values)]


def test_rows_are_kept_and_read_back(town):
    receipt = services.append(SYSTEM, rows(town, 1.5, 2.5))
    assert (receipt.accepted, receipt.flagged, receipt.refused_total) == (2, 0, 0)
    table = queries.series(town.open_stream.pk, None, None)
    assert table.column("value").to_pylist() == [1.5, 2.5]
    assert queries.latest([town.open_stream.pk])[town.open_stream.pk].value == 2.5


def test_sending_a_batch_again_changes_nothing(town):
    services.append(SYSTEM, rows(town, 1.5, 2.5))
    town.store.drain()
    services.append(SYSTEM, rows(town, 1.5, 2.5))
    assert queries.extents([town.open_stream.pk])[town.open_stream.pk].count == 2
    town.store.drain()
    assert queries.extents([town.open_stream.pk])[town.open_stream.pk].count == 2


def test_sentinels_and_values_out_of_range_are_flagged_not_dropped(town):
    receipt = services.append(SYSTEM, rows(town, -9999, 75.0, None, 20.0))
    assert (receipt.accepted, receipt.flagged) == (4, 3)
    table = queries.series(town.open_stream.pk, None, None)
    assert table.column("value").to_pylist() == [None, 75.0, None, 20.0]
    assert table.column("quality").to_pylist() == [2, 1, 2, 0]
    day = queries.buckets(town.open_stream.pk, "day", T0 - 1, T0 + 86_400_000_000).to_pylist()
    assert [(d["count"], d["mean"], d["flagged"]) for d in day] == [(1, 20.0, 3)]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (Row("dst-0000000000", T0, 1.0), "datastream", "unknown_datastream"),
        (Row("open", -(10**17), 1.0), "time", "time_out_of_range"),
        (Row("open", T0, math.nan), "value", "not_finite"),
        (Row("open", T0, math.inf), "value", "not_finite"),
    ],
)
def test_a_row_that_cannot_be_kept_refuses_the_batch_unless_partial(town, row, field, code):
    if row.datastream == "open":
        row.datastream = town.open_stream.code
    good = Row(town.open_stream.code, T0 + 1, 3.0)
    with pytest.raises(BatchRefused) as caught:
        services.append(SYSTEM, [good, row])
    problem = caught.value.receipt.refused[0]
    assert (problem.row, problem.field, problem.code) == (1, field, code)
    assert queries.extents([town.open_stream.pk]) == {}
    receipt = services.append(SYSTEM, [good, row], partial=True)
    assert (receipt.accepted, receipt.refused_total) == (1, 1)
    assert queries.extents([town.open_stream.pk])[town.open_stream.pk].count == 1


def test_a_token_writes_only_into_its_datasets(town):
    sensor = Actor(
        kind="token", scopes=frozenset({"observations:write"}), datasets=frozenset({town.shared_dataset.code})
    )
    assert services.append(sensor, [Row(town.shared_stream.code, T0, 1.0)]).accepted == 1
    with pytest.raises(BatchRefused) as caught:
        services.append(sensor, rows(town, 1.0))
    assert caught.value.receipt.refused[0].code == "not_allowed"
    with pytest.raises(Denied):
        services.append(Actor(kind="token"), rows(town, 1.0))


def test_what_is_protected_is_written_by_its_office_and_by_keys_made_for_it(town):
    def may(actor):
        try:
            return services.append(actor, [Row(town.protected_stream.code, T0, 1.0)]).accepted == 1
        except BatchRefused:
            return False

    scope, own = frozenset({"observations:write"}), frozenset({("steward", town.office.pk)})
    assert may(Actor(kind="person", roles=frozenset({"administrator"})))
    assert may(Actor(kind="person", organisation_roles=own))
    assert not may(Actor(kind="person", roles=frozenset({"steward"})))
    assert not may(Actor(kind="token", scopes=scope))
    assert may(Actor(kind="token", scopes=scope, datasets=frozenset({town.protected_dataset.code})))
    assert may(Actor(kind="token", scopes=scope, organisation_roles=frozenset({("machine", town.office.pk)})))
    assert not may(Actor(kind="token", scopes=scope, organisation_roles=frozenset({("machine", 999)})))

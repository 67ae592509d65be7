"""What was learned and ruled of datastreams, read from the tables for `rules.state_of`."""

from collections.abc import Iterable, Sequence
from typing import Any

from allmende.observations.care.rules import Habit, State
from allmende.observations.care.tables import StreamCare
from allmende.observations.models import Datastream

# What `row_habit` needs of a Datastream, for values_list: no query of its own.
FIELDS = (
    "expected_interval",
    "holding",
    "care__learned_interval",
    "care__late_after",
    "care__silent_after",
    "care__state",
)


def row_habit(row: Sequence[Any]) -> tuple[Habit, bool]:
    """(habit, whether the last look found it implausible) from the values of FIELDS."""
    expected, holding, learned, late, silent, state = row
    return Habit(expected, learned, holding, late, silent), state == State.IMPLAUSIBLE


def habits(ids: Iterable[int]) -> dict[int, tuple[Habit, bool]]:
    """The same for datastreams by internal id, with one query."""
    rows = Datastream.objects.filter(pk__in=list(ids)).order_by().values_list("pk", *FIELDS)
    return {row[0]: row_habit(row[1:]) for row in rows}


def late_after(stream: int) -> tuple[int | None, int | None]:
    """(late, silent) of a datastream's gap rule in seconds; None where there is none."""
    row = StreamCare.objects.filter(pk=stream).values_list("late_after", "silent_after").first()
    return row or (None, None)

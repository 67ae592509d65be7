"""What tests of care share."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now, to_us
from allmende.core.signals import BATTERY_LEVEL
from allmende.observations.care.watching import Watch
from allmende.observations.rows import Row
from allmende.observations.services import append, register_datastream

MINUTE = 60_000_000


@pytest.fixture
def report():
    """report(stream, [(minutes ago, value), …]) keeps values."""

    def keep(stream, pairs):
        present = to_us(now())
        append(SYSTEM, [Row(stream.code, present - int(ago * MINUTE), value) for ago, value in pairs])

    return keep


@pytest.fixture
def look():
    """look(moment=None): one look at all datastreams that remembers nothing of the one before."""
    return lambda moment=None: Watch(reread=0).look(moment)


@pytest.fixture
def battery(town):
    """A datastream with the battery of the open thing."""
    return register_datastream(
        SYSTEM,
        thing=town.open_thing,
        name="Batterie",
        observed_property=(BATTERY_LEVEL.definition, BATTERY_LEVEL.name),
        unit="%",
        expected_interval=600,
    )

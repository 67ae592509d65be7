"""The kinds that the rooms registered: each has its names, and shows nothing of what is not there."""

import pytest

from allmende.accounts.actors import ANONYMOUS
from allmende.core import kinds
from allmende.core.kinds import Kind


def test_the_rooms_have_registered():
    assert {"dataset", "thing", "datastream"} <= {kind.name for kind in kinds.all()}


@pytest.mark.parametrize("kind", kinds.all(), ids=lambda kind: kind.name)
def test_a_kind_is_named_and_shows_nothing_of_what_is_not_there(db: None, kind: Kind):
    assert kind.label_in("de")
    assert kind.label_in("en")
    assert kind.title("none-0000000000", ANONYMOUS) is None
    assert len(kind.search("nothing is called this", ANONYMOUS, 5)) == 0

"""What tests of pages share: nothing remembered from the test before, and values for the town's datastreams."""

import importlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.utils import translation

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now, to_us
from allmende.observations.rows import Row
from allmende.observations.services import append
from allmende.web.memory import forget_all

MINUTE = 60 * 1_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    forget_all()
    yield
    forget_all()


@pytest.fixture
def german() -> Iterator[None]:
    with translation.override("de"):
        yield


@pytest.fixture
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def report() -> Callable[..., int]:
    """report(stream, [(minutes ago, value), …]) keeps values; returns the present it counted from (µs UTC)."""

    def keep(stream, pairs) -> int:
        present = to_us(now())
        append(SYSTEM, [Row(stream.code, present - int(ago * MINUTE), value) for ago, value in pairs])
        return present

    return keep


@pytest.fixture
def measured(town: SimpleNamespace, report) -> SimpleNamespace:
    """The town with two days of values every ten minutes at its open station: 0.0, 0.1, … up to the present."""
    count = 2 * 144
    report(town.open_stream, [((count - 1 - place) * 10 + 1, place / 10) for place in range(count)])
    return town


@pytest.fixture
def first_texts(db: None) -> None:
    """The texts that a new town begins with, also after a transactional test that emptied every table."""
    importlib.import_module("allmende.web.migrations.0002_first_pages").write(apps, None)

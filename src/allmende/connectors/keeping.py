"""Keeps the readings of a connector: finds each datastream by its external key, makes it where the mapping says so."""

import asyncio
from time import monotonic
from typing import Any

from allmende.accounts.actors import SYSTEM, Actor
from allmende.catalogue.queries import get_dataset
from allmende.connectors.mapping import Reading, Unmapped, filled
from allmende.core.connections import cleanly
from allmende.observations import queries, services
from allmende.observations.rows import Batch, Receipt

_LOOK_AGAIN_SECONDS = 10.0


class Keeper:
    """Writes into one dataset only, with the rights of a token made for it."""

    def __init__(self, connector: str, dataset: str) -> None:
        """connector, dataset: their codes."""
        self._dataset = dataset
        self._actor = Actor(
            kind="token", code=connector, scopes=frozenset({"observations:write"}), datasets=frozenset({dataset})
        )
        self._codes: dict[str, str] = {}
        self._unknown: dict[str, float] = {}
        self._finding = asyncio.Lock()

    async def keep(self, readings: list[Reading]) -> Receipt:
        """Returns when the observations are on disk. Raises Unmapped for a key without a datastream, StoreError."""
        if any(reading.key not in self._codes for reading in readings):
            await self._find(readings)
        batch = Batch(
            [self._codes[reading.key] for reading in readings],
            [reading.time for reading in readings],
            [reading.value for reading in readings],
        )
        return await services.append_batch(self._actor, batch, partial=True)

    async def _find(self, readings: list[Reading]) -> None:
        async with self._finding:
            missing = [reading for reading in readings if reading.key not in self._codes]
            if not missing:
                return
            now = monotonic()
            if all(now < self._unknown.get(reading.key, 0.0) for reading in missing):
                raise Unmapped(f"There is no datastream for {missing[0].key} in this dataset.")
            self._codes |= await asyncio.to_thread(cleanly, self._look_up, missing)
            still = [reading.key for reading in missing if reading.key not in self._codes]
            if still:
                if len(self._unknown) > 10_000:  # a flood of made-up keys must not fill the memory
                    self._unknown.clear()
                self._unknown |= dict.fromkeys(still, now + _LOOK_AGAIN_SECONDS)
                raise Unmapped(f"There is no datastream for {still[0]} in this dataset.")

    def _look_up(self, missing: list[Reading]) -> dict[str, str]:
        dataset = get_dataset(SYSTEM, self._dataset)
        found = queries.codes_by_key(dataset.pk, [reading.key for reading in missing])
        for reading in missing:
            if reading.key not in found and reading.rule.register:
                found[reading.key] = _register(dataset, reading)
        return found


def _register(dataset: Any, reading: Reading) -> str:
    how = reading.rule.register
    assert how is not None
    name = filled(how.thing, reading.names)
    thing = services.register_thing(SYSTEM, dataset=dataset, name=name, external_key=name)
    stream = services.register_datastream(
        SYSTEM,
        thing=thing,
        name=how.name,
        observed_property=(how.property, how.name),
        unit=how.unit,
        external_key=reading.key,
        holding=how.holding,
        minimum=how.minimum,
        maximum=how.maximum,
        sentinels=how.sentinels,
        expected_interval=how.expected_interval,
    )
    return stream.code

"""Keeps the readings of a connector: finds each datastream by its external key, makes it where the decoder says so."""

import asyncio
from hashlib import sha256
from time import monotonic
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from allmende.accounts.actors import SYSTEM, Actor
from allmende.catalogue.queries import get_dataset
from allmende.connectors.readings import Reading
from allmende.core.connections import cleanly
from allmende.core.said import Said
from allmende.observations import queries, services
from allmende.observations.rows import Batch, Receipt, Row

MOST_KEYS = 40_000  # datastreams of one connector: made-up keys must fill neither memory nor database
_LOOK_AGAIN_SECONDS = 10.0
_LONGEST_KEY = 200
_NAMED = 5
_LOST = frozenset({"unknown_datastream"})
_REFUSED = {
    "time_out_of_range": _("The time lies outside the years 1700 to 2200."),
    "not_finite": _("The value is not a finite number."),
}


class Kept(NamedTuple):
    """accepted: observations that are on disk now; problems: of those that are not."""

    accepted: int
    problems: list[Said]


class Keeper:
    """Writes into one dataset only, with the rights of a token made for it."""

    def __init__(self, connector: str, dataset: str) -> None:
        """connector, dataset: their codes."""
        self._dataset = dataset
        scopes = frozenset({"observations:write", "observations:manage"})
        self._actor = Actor(kind="token", code=connector, scopes=scopes, datasets=frozenset({dataset}))
        self._codes: dict[str, str] = {}
        self._unknown: dict[str, tuple[float, Said | None]] = {}  # key → (when to look again, why it is not known)
        self._finding = asyncio.Lock()

    async def keep(self, readings: list[Reading]) -> Kept:
        """Returns when the observations are on disk. Raises StoreError, and DatabaseError where it cannot be asked."""
        codes = self._codes
        if any(reading.key not in codes for reading in readings):
            await self._find(readings)
        good = [reading for reading in readings if reading.key in codes]
        receipt = await self._append(good)
        if gone := self._forgotten(receipt, good):
            await self._find(gone)
            again = await self._append([reading for reading in gone if reading.key in codes])
            receipt.accepted += again.accepted
        return self._kept(readings, receipt)

    def keep_now(self, readings: list[Reading]) -> Kept:
        """The same from a thread of any process. Blocks."""
        self._look_up([reading for reading in readings if reading.key not in self._codes])
        good = [reading for reading in readings if reading.key in self._codes]
        rows = [Row(self._codes[reading.key], reading.time, reading.value) for reading in good]
        return self._kept(readings, services.append(self._actor, rows, partial=True) if rows else Receipt())

    async def know(self, readings: list[Reading]) -> None:
        """Looks the datastreams up, and makes them where they are wanted, without keeping anything."""
        await self._find(readings)

    async def _append(self, readings: list[Reading]) -> Receipt:
        if not readings:
            return Receipt()
        batch = Batch(
            [self._codes[reading.key] for reading in readings],
            [reading.time for reading in readings],
            [reading.value for reading in readings],
        )
        return await services.append_batch(self._actor, batch, partial=True)

    def _kept(self, readings: list[Reading], receipt: Receipt) -> Kept:
        unknown = [self._why(reading.key) for reading in readings if reading.key not in self._codes]
        refused = [Said(_REFUSED.get(each.code, each.message)) for each in receipt.refused if each.code not in _LOST]
        different = {str(said): said for said in [*unknown, *refused]}
        return Kept(receipt.accepted, list(different.values())[:_NAMED])

    def _why(self, key: str) -> Said:
        said = self._unknown.get(key, (0.0, None))[1]
        return said or Said(_("There is no datastream %(key)s in this dataset."), {"key": key})

    def _forgotten(self, receipt: Receipt, readings: list[Reading]) -> list[Reading]:
        """The readings whose datastreams were deleted meanwhile; they are to be looked up anew."""
        gone = [readings[each.row] for each in receipt.refused if each.code == "unknown_datastream"]
        for reading in gone:
            self._codes.pop(reading.key, None)
        return gone

    async def _find(self, readings: list[Reading]) -> None:
        async with self._finding:
            now = monotonic()
            missing = [
                reading
                for reading in readings
                if reading.key not in self._codes and self._unknown.get(reading.key, (0.0, None))[0] <= now
            ]
            if missing:
                await asyncio.to_thread(cleanly, self._look_up, missing)

    def _look_up(self, missing: list[Reading]) -> None:
        """Fills in the codes that there are, makes what is wanted, and notes what stays unknown. Blocks."""
        if not missing:
            return
        dataset = get_dataset(SYSTEM, self._dataset)
        keys = {reading.key: external_key(reading.key) for reading in missing}
        try:
            with transaction.atomic():
                found, why = self._found(dataset, missing, keys)
        except IntegrityError:  # somebody made one of them at the same moment
            with transaction.atomic():
                found, why = self._found(dataset, missing, keys)
        if len(self._unknown) > MOST_KEYS:
            self._unknown.clear()
        again = monotonic() + _LOOK_AGAIN_SECONDS
        self._unknown |= {key: (again, why.get(key)) for key in keys if key not in found}
        self._codes |= found

    def _found(
        self, dataset: Any, missing: list[Reading], keys: dict[str, str]
    ) -> tuple[dict[str, str], dict[str, Said]]:
        """(key → code, key → why there is none)."""
        known = queries.codes_by_key(dataset.pk, list(keys.values()))
        found = {key: known[external] for key, external in keys.items() if external in known}
        why: dict[str, Said] = {}
        for reading in missing:
            key = reading.key
            if key in found or key in why:
                continue
            if len(self._codes) + len(found) >= MOST_KEYS:
                text = _("A connector may have %(most)s datastreams; %(key)s would be one more.")
                why[key] = Said(text, {"most": MOST_KEYS, "key": key[:60]})
                continue
            try:
                if code := self._make(dataset, reading):
                    found[key] = code
            except (ValueError, LookupError) as error:  # a unit or a range that cannot be
                text = _("The datastream %(key)s cannot be made: %(problem)s")
                why[key] = Said(text, {"key": key, "problem": str(error)})
        return found, why

    def _make(self, dataset: Any, reading: Reading) -> str:
        """The code of a datastream made for the reading; empty where the decoder does not want one."""
        how = reading.maker.wanted(reading)
        if how is None:
            return ""
        thing = services.register_thing(
            self._actor,
            dataset=dataset,
            name=how.thing_name,
            external_key=external_key(how.thing_key),
            point=how.point,
            properties=how.thing_properties,
        )
        stream = services.register_datastream(
            self._actor,
            thing=thing,
            name=how.name,
            observed_property=(how.definition, how.property_name),
            unit=how.unit,
            external_key=external_key(reading.key),
            holding=how.holding,
            minimum=how.minimum,
            maximum=how.maximum,
            sentinels=how.sentinels,
            expected_interval=how.expected_interval,
            properties=how.properties,
        )
        return stream.code


def external_key(key: str) -> str:
    """The key as it is kept; a long one ends in a hash, so that two that begin alike stay two."""
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[: _LONGEST_KEY - 17]} {sha256(key.encode()).hexdigest()[:16]}"

"""Numbers the places of a file as they appear; a place is what the key columns of a row say together."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.catalogue.loaders.numbers import read_numbers
from allmende.catalogue.loaders.recipe import Recipe
from allmende.catalogue.loaders.said import Unreadable

MOST_PLACES = 100_000
_BETWEEN = "\x1f"


class Places:
    """Place number by key; remembers only the keys."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe, self._keys = recipe, recipe.keys()
        self._numbers: dict[str, int] = {}

    def read(self, batch: pa.RecordBatch) -> tuple[npt.NDArray[np.int32], list[dict[str, Any]]]:
        """((n,) place numbers, -1 where a key cell is empty; what there is to tell of new places, in order)."""
        if not self._keys:
            fresh: list[dict[str, Any]] = [] if self._numbers else [{"key": []}]
            self._numbers[""] = 0
            return np.zeros(batch.num_rows, dtype=np.int32), fresh
        columns = [batch[name] for name in self._keys]
        joined = columns[0] if len(columns) == 1 else pc.binary_join_element_wise(*columns, _BETWEEN)
        coded = joined.dictionary_encode()
        fresh = []
        numbers = np.empty(len(coded.dictionary), dtype=np.int32)
        for place, text in enumerate(coded.dictionary.to_pylist()):
            key = _BETWEEN.join(part.strip() for part in text.split(_BETWEEN))
            number = -1 if self._incomplete(key) else self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self._numbers)
                fresh.append(self._described(batch, key, joined, text))
            numbers[place] = number
        if len(self._numbers) > MOST_PLACES:
            raise Unreadable("too_many_places", limit=MOST_PLACES, columns=" + ".join(self._keys))
        return numbers[coded.indices.to_numpy()], fresh

    def _incomplete(self, key: str) -> bool:
        """A unit may be left empty; nothing else that makes the key."""
        parts = dict(zip(self._keys, key.split(_BETWEEN), strict=True))
        return any(not part for name, part in parts.items() if name != self._recipe.unit)

    def _described(self, batch: pa.RecordBatch, key: str, joined: pa.Array, text: str) -> dict[str, Any]:
        """The place with what its first row says of it."""
        told: dict[str, Any] = {"key": key.split(_BETWEEN)}
        recipe = self._recipe
        if not (recipe.label or recipe.longitude):
            return told
        row = pc.index(joined, text).as_py()
        if recipe.label:
            told["label"] = batch[recipe.label][row].as_py().strip()
        if recipe.longitude:
            pair = [
                read_numbers(batch[name].slice(row, 1), recipe.decimal) for name in (recipe.longitude, recipe.latitude)
            ]
            if not any(each.bad[0] or each.missing[0] for each in pair):
                told["point"] = [float(each.values[0]) for each in pair]
        return told

"""All numbers of a message with their paths, for messages that nobody has written rules for."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from allmende.connectors.mapping.paths import escaped

MOST_LEAVES = 200
_DEEPEST = 8
_NUMBER = re.compile(r"\s*[+-]?\d{1,15}(?:[.,]\d{1,15})?\s*")
_VALUES = ("measurementValue", "value", "val", "v", "wert")
_LABELS = ("type", "name", "label", "bezeichnung", "parameter", "measurementId", "id", "channel", "sensor")


class Leaf(NamedTuple):
    """One number. path: where it is; name: what tells people what it is; value: as a number; raw: as it stood there."""

    path: str
    name: str
    value: float
    raw: Any


def leaves(content: Any) -> list[Leaf]:
    """The numbers in the order of the message, at most MOST_LEAVES; also those written as text, and yes and no."""
    found = []
    for leaf in _walk(content, (), "", 0):
        found.append(leaf)
        if len(found) == MOST_LEAVES:
            break
    return found


def as_number(raw: Any) -> float | None:
    """The value as a number; None for what is none, such as a text that only begins with digits."""
    if isinstance(raw, bool | int | float):
        return float(raw)
    if isinstance(raw, str) and _NUMBER.fullmatch(raw):
        return float(raw.strip().replace(",", "."))
    return None


def _walk(content: Any, steps: tuple[str, ...], name: str, depth: int) -> Iterator[Leaf]:
    if depth > _DEEPEST:
        return
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _walk(value, (*steps, escaped(str(key))), str(key), depth + 1)
    elif isinstance(content, list):
        labels = _labels(content)
        for place, value in enumerate(content):
            inner = (*steps, str(place))
            if labels and isinstance(value, dict):
                field, label = labels[place]
                raw = value[field]
                yield Leaf(".".join((*inner, escaped(field))), label, as_number(raw) or 0.0, raw)
            else:
                yield from _walk(value, inner, name, depth + 1)
    else:
        value = as_number(content)
        if value is not None:
            yield Leaf(".".join(steps), name, value, content)


def _labels(records: list[Any]) -> list[tuple[str, str]]:
    """For a list of records such as {type: …, value: …}: the field with the number and what the record is called.

    Empty where the records are not of that sort, or are not told apart by any label.
    """
    if not records or not all(isinstance(each, dict) for each in records):
        return []
    field = next((name for name in _VALUES if all(as_number(each.get(name)) is not None for each in records)), "")
    if not field:
        return []
    for label in _LABELS:
        texts = [_label(each.get(label)) for each in records]
        if label != field and all(texts) and len(set(texts)) == len(texts):
            return [(field, text) for text in texts]
    return []


def _label(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()[:80]

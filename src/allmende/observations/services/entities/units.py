"""The unit that SensorThings names in three words, as the one code by which the rest of the house knows it."""

from typing import Any

from allmende.core.units import UnknownUnit, unit

_LONGEST = 40


def unit_code(said: dict[str, Any] | None) -> str:
    """The UCUM code of a unitOfMeasurement; its symbol where the unit is not known; empty where there is none."""
    texts = {name: text for name, text in (said or {}).items() if isinstance(text, str) and text.strip()}
    definition = texts.get("definition", "")
    if definition.startswith("ucum:"):
        definition = definition.removeprefix("ucum:")
    for text in (definition, texts.get("symbol", ""), texts.get("name", "")):
        try:
            if text:
                return unit(text).code
        except UnknownUnit:
            continue
    return texts.get("symbol", "")[:_LONGEST]

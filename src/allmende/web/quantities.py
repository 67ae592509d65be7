"""What a unit tells about its quantity: how many decimals, whether amounts add up, whether zero means nothing."""

import math
from collections.abc import Iterable

# Counts and amounts add up over time: a day's rain is the sum of its hours. UCUM codes; the empty code is a count.
_AMOUNTS = frozenset({"", "1", "mm", "l", "L", "m3", "kW.h", "MW.h", "W.h", "kJ", "MJ", "J", "kg", "g", "t"})
# Scales on which zero is an arbitrary point, or so far away that a line from it would flatten everything.
_WITHOUT_ZERO = frozenset(
    {
        "Cel",
        "[degF]",
        "K",
        "hPa",
        "mbar",
        "kPa",
        "deg",
        "[pH]",
        "[pF]",
        "dB",
        "dB[SPL]{A}",
        "dB{mW}",
        "V",
        "mV",
        "m[H2O]",
    }
)
_WHOLE = frozenset({"", "1", "deg", "lx", "%", "dB{mW}"})


def is_amount(unit: str, holding: str) -> bool:
    """Whether values over an interval are added up (rain, passers-by) rather than averaged (fine dust)."""
    return holding == "interval" and (unit in _AMOUNTS or (unit.startswith("{") and "/" not in unit))


def has_zero(unit: str) -> bool:
    """Whether a chart of this quantity begins at zero."""
    return unit not in _WITHOUT_ZERO


def decimals(unit: str, value: float | None) -> int:
    """Decimals for a single value: none for counts and large numbers, one usually, more for small fractions."""
    if value is None or math.isnan(value):
        return 0
    if unit in _WHOLE or unit.startswith("{"):
        return 0 if value == int(value) else 1
    size = abs(value)
    if size >= 1000:
        return 0
    return 1 if size >= 0.95 or value == 0 or unit in _WITHOUT_ZERO else 2


def series_decimals(unit: str, values: Iterable[float | None]) -> int:
    """Decimals that do for all of these values, so that they stand under one another."""
    known = [value for value in values if value is not None]
    if not known:
        return 0
    whole = unit in _WHOLE or unit.startswith("{")
    if whole:
        return 0 if all(value == int(value) for value in known) else 1
    return decimals(unit, max(known, key=abs))

"""What a device tells about itself (`core.signals`), as care sees it: which datastreams those are, and when a person
should look after a battery or an antenna."""

from math import inf

from allmende.core.signals import BATTERY_LEVEL, BY_DEFINITION, RSSI, SNR, Signal

# The terms of others for the same, as their things come in by SensorThings.
_ALIASES = {
    "http://qudt.org/vocab/quantitykind/StateOfCharge": BATTERY_LEVEL,
    "https://qudt.org/vocab/quantitykind/StateOfCharge": BATTERY_LEVEL,
    "http://qudt.org/vocab/quantitykind/SignalStrength": RSSI,
    "https://qudt.org/vocab/quantitykind/SignalStrength": RSSI,
}
DEFINITIONS = (*BY_DEFINITION, *_ALIASES)

# Below these a person should go there. Voltages differ from battery to battery, so they never call anybody.
LOW = {BATTERY_LEVEL.definition: 20.0, RSSI.definition: -120.0, SNR.definition: -15.0}


def signal_of(definition: str) -> Signal | None:
    """Which self-report the definition of an observed property names; None for measurements of the world."""
    return BY_DEFINITION.get(definition) or _ALIASES.get(definition)


def is_low(signal: Signal, value: float | None) -> bool:
    """Whether the newest value calls for a person."""
    return value is not None and value < LOW.get(signal.definition, -inf)

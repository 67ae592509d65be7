"""What a device tells about itself: battery and radio signal, known by the definition of the observed property.

Connectors give these definitions to the datastreams that they register; the page of a thing and the care list look for
them. QUDT has terms for charge and signal strength. For the rest its terms say too little (a Voltage may be anybody's),
so we name our own.
"""

from enum import StrEnum

QUDT = "http://qudt.org/vocab/quantitykind/"
OWN = "urn:allmende:property:"


class Signal(StrEnum):
    """Sorts of self-report."""

    CHARGE = "charge"  # % of a full battery
    VOLTAGE = "voltage"  # V or mV at the battery
    STRENGTH = "strength"  # received power in dBm (RSSI)
    NOISE = "noise"  # signal-to-noise ratio in dB


DEFINITIONS: dict[Signal, str] = {
    Signal.CHARGE: QUDT + "StateOfCharge",
    Signal.VOLTAGE: OWN + "battery-voltage",
    Signal.STRENGTH: QUDT + "SignalStrength",
    Signal.NOISE: OWN + "signal-to-noise-ratio",
}
NAMES: dict[Signal, dict[str, str]] = {
    Signal.CHARGE: {"de": "Batteriestand", "en": "Battery charge"},
    Signal.VOLTAGE: {"de": "Batteriespannung", "en": "Battery voltage"},
    Signal.STRENGTH: {"de": "Empfangsstärke", "en": "Signal strength"},
    Signal.NOISE: {"de": "Signal-Rausch-Abstand", "en": "Signal-to-noise ratio"},
}
UNITS: dict[Signal, str] = {Signal.CHARGE: "%", Signal.VOLTAGE: "V", Signal.STRENGTH: "dB{mW}", Signal.NOISE: "dB"}

# Below these a person should go there (batteries) or move the antenna: low charge in %, weak reception in dBm, dB.
LOW: dict[Signal, float] = {Signal.CHARGE: 20.0, Signal.STRENGTH: -120.0, Signal.NOISE: -15.0}

_BY_DEFINITION = {definition: signal for signal, definition in DEFINITIONS.items()}


def signal_of(definition: str) -> Signal | None:
    """Which self-report a definition names, also when written with https; None for measurements of the world."""
    return _BY_DEFINITION.get(definition.replace("https://qudt.org/", "http://qudt.org/", 1))


def is_low(signal: Signal, value: float | None) -> bool:
    """Whether the newest value calls for a person. Voltages differ from battery to battery, so they never do."""
    return value is not None and signal in LOW and value < LOW[signal]

"""How a device itself is doing: battery and radio signal. One list, so that who sends it and who shows it agree.

Such a datastream is known by the definition of its observed property.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signal:
    """definition: of the observed property; name: {de, en}; unit: UCUM code; minimum, maximum: what can be."""

    definition: str
    name: dict[str, str]
    unit: str
    minimum: float
    maximum: float


_OWN = "urn:allmende:property:"
BATTERY_VOLTAGE = Signal(_OWN + "battery-voltage", {"de": "Batteriespannung", "en": "Battery voltage"}, "V", 0.0, 60.0)
BATTERY_LEVEL = Signal(_OWN + "battery-level", {"de": "Batteriestand", "en": "Battery level"}, "%", 0.0, 100.0)
RSSI = Signal(_OWN + "rssi", {"de": "Empfangsstärke (RSSI)", "en": "Signal strength (RSSI)"}, "dB{mW}", -160.0, 20.0)
SNR = Signal(_OWN + "snr", {"de": "Signal-Rausch-Abstand", "en": "Signal-to-noise ratio"}, "dB", -40.0, 40.0)

BATTERY = (BATTERY_LEVEL, BATTERY_VOLTAGE)
RADIO = (RSSI, SNR)
BY_DEFINITION = {signal.definition: signal for signal in (*BATTERY, *RADIO)}

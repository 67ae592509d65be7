"""Uplinks of LoRaWAN devices, whichever network server passes them on: decoded values, bytes, battery and signal."""

from allmende.connectors.lorawan.reading import UplinkReader
from allmende.connectors.lorawan.rules import Devices, Lorawan
from allmende.connectors.lorawan.uplink import Uplink

__all__ = ["Devices", "Lorawan", "Uplink", "UplinkReader"]

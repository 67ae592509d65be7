"""Units of the SenML registry (RFC 8428 section 12.1, RFC 8798) in UCUM, with what to multiply a value by."""

# SenML → (UCUM code of core.units, factor); units whose values need no change and are spelled alike are not listed
_PLAIN = (
    *("m", "kg", "g", "s", "A", "K", "Hz", "rad", "J", "W", "V", "Pa", "lx", "mm", "cm", "km", "ms", "min", "h"),
    *("mV", "mA", "kW", "hPa", "%", "Cel", "m2", "m3", "m/s", "m/s2", "m3/s", "W/m2", "S/m"),
)
_OTHERS: dict[str, tuple[str, float]] = {
    "l": ("L", 1.0), "l/s": ("L/s", 1.0), "Ohm": ("Ohm", 1.0), "dB": ("dB", 1.0), "dBm": ("dB{mW}", 1.0),
    "pH": ("[pH]", 1.0), "lat": ("deg", 1.0), "lon": ("deg", 1.0), "deg": ("deg", 1.0), "count": ("1", 1.0),
    "%RH": ("%", 1.0), "%EL": ("%", 1.0), "EL": ("s", 1.0), "/": ("%", 100.0), "/100": ("%", 1.0),
    "/1000": ("[ppth]", 1.0), "ppm": ("[ppm]", 1.0), "1/s": ("Hz", 1.0), "1/min": ("Hz", 1 / 60), "B": ("By", 1.0),
    "Wh": ("W.h", 1.0), "kWh": ("kW.h", 1.0), "MHz": ("MHz", 1.0), "km/h": ("km/h", 1.0), "mm/h": ("mm/h", 1.0),
    "m/h": ("mm/h", 1000.0), "ug/m3": ("ug/m3", 1.0), "kg/m3": ("g/m3", 1000.0), "Bq/m3": ("Bq/m3", 1.0),
}  # fmt: skip
UNITS: dict[str, tuple[str, float]] = {**{code: (code, 1.0) for code in _PLAIN}, **_OTHERS}


def ucum(unit: str) -> tuple[str, float]:
    """(UCUM code, factor); an unknown unit gives none, so that nobody guesses."""
    return UNITS.get(unit, ("", 1.0))

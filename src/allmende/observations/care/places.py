"""Rounding a place to a grid, so that nobody can see more of it than its owner shows. Pure functions.

The grid is fixed: rounding a place twice, or after the device has moved a little, tells nothing that once did not.
"""

from math import cos, floor, radians

from allmende.observations.care.tables import Precision

_METRES_PER_DEGREE = 111_320.0
_CELL = {Precision.BLOCK: 250.0, Precision.KILOMETRE: 1_000.0}
_DIGITS = 5  # about a metre


def rounded(lon: float, lat: float, precision: str) -> tuple[float, float]:
    """(longitude, latitude) of the middle of the grid's cell in which the place lies; EXACT: the place itself.

    Raises ValueError for a place that is none on the earth, or an unknown precision.
    """
    chosen = Precision(precision)
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"{lat}, {lon} is no place on the earth.")
    if chosen is Precision.EXACT:
        return round(lon, 6), round(lat, 6)
    step = _CELL[chosen] / _METRES_PER_DEGREE
    middle = min((floor(lat / step) + 0.5) * step, 90.0)
    # Cells of one row are equally wide in metres at the row's own latitude, so that all places of a cell agree.
    wide = step / max(cos(radians(middle)), 0.01)
    return round((floor(lon / wide) + 0.5) * wide, _DIGITS), round(middle, _DIGITS)


def parsed(text: str) -> tuple[float, float]:
    """(longitude, latitude) from «50.7052, 10.9841» as maps give it: latitude first; «50,7052 10,9841» is read too.

    Raises ValueError.
    """
    cleaned = text.replace("°", " ").replace(";", " ").strip()
    parts = cleaned.split(",") if cleaned.count(",") == 1 and "." in cleaned else cleaned.split()
    if len(parts) == 1:
        parts = cleaned.split(",")
    numbers = [part.strip().strip(",").replace(",", ".") for part in parts if part.strip(" ,")]
    if len(numbers) != 2:
        raise ValueError(text)
    lat, lon = (float(number) for number in numbers)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError(text)
    return lon, lat

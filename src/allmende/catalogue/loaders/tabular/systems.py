"""The coordinate systems met in German files. Without the library that converts them, because pages list them too."""

from dataclasses import dataclass

CRS84 = "OGC:CRS84"
NONE = "-"  # said instead of columns: there is no place, there is no key


@dataclass(frozen=True, slots=True)
class System:
    """A system met in German files. east, north: the numbers that its coordinates can be."""

    code: str
    name: str
    east: tuple[float, float]
    north: tuple[float, float]


SYSTEMS = (
    System(CRS84, "WGS 84", (-180, 180), (-90, 90)),
    System("EPSG:25832", "ETRS89 / UTM 32N", (250_000, 950_000), (5_150_000, 6_150_000)),
    System("EPSG:25833", "ETRS89 / UTM 33N", (150_000, 600_000), (5_150_000, 6_150_000)),
    System("EPSG:4647", "ETRS89 / UTM 32N (zE-N)", (32_250_000, 32_950_000), (5_150_000, 6_150_000)),
    System("EPSG:5650", "ETRS89 / UTM 33N (zE-N)", (33_150_000, 33_600_000), (5_150_000, 6_150_000)),
    System("EPSG:31466", "DHDN / GK 2", (2_490_000, 2_690_000), (5_150_000, 6_150_000)),
    System("EPSG:31467", "DHDN / GK 3", (3_300_000, 3_750_000), (5_150_000, 6_150_000)),
    System("EPSG:31468", "DHDN / GK 4", (4_280_000, 4_750_000), (5_150_000, 6_150_000)),
    System("EPSG:31469", "DHDN / GK 5", (5_290_000, 5_530_000), (5_150_000, 6_150_000)),
    System("EPSG:3857", "WGS 84 / Pseudo-Mercator", (600_000, 1_730_000), (5_950_000, 7_420_000)),
)
NAMES = {system.code: system.name for system in SYSTEMS}

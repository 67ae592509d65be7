"""The open data of the demo town: a register of trees in two versions, loaded the way a steward would load it.

The trees are made up by rule, and so is the dirt in them: decimal commas, a date that does not exist, a planting year
nobody knows.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyproj
from django.conf import settings

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.loaders.recipes import family, keep_tables
from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.queries import Dataset, Version, dictionary_of, newest_version
from allmende.catalogue.services import add_version, built_from, describe_column, publish_version
from allmende.run.demo.chance import hashed, key_of
from allmende.run.demo.town import CENTRE

TREES = 640
_KINDS = (
    ("Winterlinde", "Tilia cordata"),
    ("Spitzahorn", "Acer platanoides"),
    ("Stieleiche", "Quercus robur"),
    ("Hainbuche", "Carpinus betulus"),
    ("Gemeine Esche", "Fraxinus excelsior"),
    ("Rosskastanie", "Aesculus hippocastanum"),
    ("Feldahorn", "Acer campestre"),
)
_PLACES = ("Straße", "Grünanlage", "Spielplatz", "Friedhof", "Schulhof")
_HEAD = "Baum-Nr;Art;Art botanisch;Standort;Pflanzjahr;Höhe in m;Stammumfang in cm;Letzte Kontrolle;Rechtswert;Hochwert"
_WORDS = {
    "baum_nr": ("Nummer der Plakette am Baum", "Number of the tag on the tree"),
    "art": ("Art", "Species"),
    "art_botanisch": ("Art, botanisch", "Species, botanical"),
    "standort": ("Wo er steht", "Where it stands"),
    "pflanzjahr": ("Jahr der Pflanzung", "Year of planting"),
    "hoehe_in_m": ("Höhe in Metern", "Height in metres"),
    "stammumfang_in_cm": ("Umfang des Stammes in einem Meter Höhe, in Zentimetern", "Girth at one metre, in cm"),
    "letzte_kontrolle": ("Letzte Kontrolle", "Last inspection"),
    "rechtswert": ("Ostwert, ETRS89 / UTM 32N", "Easting, ETRS89 / UTM 32N"),
    "hochwert": ("Nordwert, ETRS89 / UTM 32N", "Northing, ETRS89 / UTM 32N"),
}


def trees(year: int, count: int = TREES) -> Iterator[str]:
    """The register of a year as lines of CSV. Year by year some are felled, some planted, and all grow."""
    yield _HEAD
    numbers = np.arange(count + 40, dtype=np.int64)
    chances = {name: hashed(key_of(7, "trees", name), numbers) for name in ("x", "y", "kind", "place", "age", "fate")}
    to_metres = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:25832", always_xy=True)
    lon = CENTRE[0] + (chances["x"] - 0.5) * 0.06
    lat = CENTRE[1] + (chances["y"] - 0.5) * 0.035
    east, north = to_metres.transform(lon, lat)
    for n in numbers.tolist():
        planted = 2025 - int(chances["age"][n] * 90)
        if n >= count:  # those that come with the next year
            planted = 2026
        if (planted > year) or (year > 2025 and chances["fate"][n] < 0.02):
            continue
        kind, botanical = _KINDS[int(chances["kind"][n] * len(_KINDS))]
        place = _PLACES[int(chances["place"][n] * len(_PLACES))]
        height = 2.5 + min(year - planted, 60) * 0.28
        girth = 14 + (year - planted) * 2
        known = "" if chances["fate"][n] > 0.9 else str(planted)
        checked = f"{1 + n % 28:02}.{1 + n % 12:02}.{year}"
        if n == 77 and year == 2025:
            checked = "31.02.2025"
        cells = (f"B-{n + 1:04}", kind, botanical, place, known, f"{height:.1f}".replace(".", ","), str(girth), checked)
        yield ";".join((*cells, *(f"{side:.2f}".replace(".", ",") for side in (east[n], north[n]))))


def load_trees(dataset: Dataset, years: tuple[int, ...] = (2025, 2026)) -> None:
    """Loads and publishes a version for each year, unless the dataset has some already."""
    if newest_version(dataset) is not None:
        return
    folder = Path(settings.DATA_DIR) / "loading"
    folder.mkdir(parents=True, exist_ok=True)
    for year in years:
        path = folder / f"baumkataster-{year}.csv"
        path.write_text("\n".join(trees(year)) + "\n")
        version = _load(dataset, path)
        if version:
            publish_version(SYSTEM, version)
        path.unlink()
    for name, column in dictionary_of(dataset).items():
        german, english = _WORDS.get(name, (name, name))
        describe_column(SYSTEM, column, title={"de": german, "en": english})


def _load(dataset: Dataset, path: Path) -> Version | None:
    source = {"name": path.name, "size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    with Tabling(path, path.parent) as tabling:
        recipe = tabling.propose()[0].recipe
        loaded = tabling.read(recipe)
        try:
            version = add_version(SYSTEM, dataset, [built_from(loaded, source)])
        finally:
            loaded.close()
    keep_tables(SYSTEM, dataset, family(path), [recipe])
    return version

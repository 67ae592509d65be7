"""Single properties of entities as bodies hold them, checked by the schema and turned into columns."""

from collections.abc import Callable
from typing import Any

from allmende.api.sensorthings.entities import EntityType, Kind, Property
from allmende.api.sensorthings.language.faults import guess
from allmende.api.sensorthings.reading.shapes import MULTI_TYPE
from allmende.api.sensorthings.writing.bodies import bad, kind_of
from allmende.api.sensorthings.writing.moments import instant
from allmende.core.geometry import GeometryError, check_geojson

COLUMNS = {
    "name": "name",
    "description": "description",
    "properties": "properties",
    "encodingType": "encoding_type",
    "location": "feature",
    "feature": "feature",
    "metadata": "metadata",
    "definition": "definition",
    "time": "time",
    "observationType": "observation_type",
    "unitOfMeasurement": "unit_of_measurement",
    "unitOfMeasurements": "units",
    "multiObservationDataTypes": "types",
}
_LONGEST = {"encodingType": 100, "observationType": 200, "multiObservationDataTypes": 200}
_GEOJSON = (
    "application/geo+json",
    "application/vnd.geo+json",
    "application/geojson",
    "http://www.opengis.net/def/crs/",
)
_DEFAULTS: dict[tuple[str, str], Any] = {("MultiDatastream", "observationType"): MULTI_TYPE}
_UNIT = ("name", "symbol", "definition")


def value_of(found: Property, value: Any, path: str) -> Any:
    """What is kept of a property. Raises Problem for a value of the wrong kind."""
    if value is None and not found.mandatory:
        return {} if found.kind == Kind.OBJECT else None
    if value is None and found.name != "unitOfMeasurement":
        raise bad(path, f"{found.name} must not be null.")
    return _READERS.get(found.name, _BY_KIND[found.kind])(value, path, found)


def _text(value: Any, path: str, found: Property) -> str:
    if not isinstance(value, str):
        raise bad(path, f"A text was expected, not {kind_of(value)}.")
    longest = _LONGEST.get(found.name)
    if longest and len(value) > longest:
        raise bad(path, f"The text is longer than {longest} characters.")
    return value


def _object(value: Any, path: str, found: Property) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad(path, f"An object was expected, not {kind_of(value)}.")
    return value


def _anything(value: Any, path: str, found: Property) -> Any:
    return value


def _time(value: Any, path: str, found: Property) -> int:
    return instant(value, path)


def _unit(value: Any, path: str, found: Property) -> dict[str, Any]:
    """The three words of a unit; what is not said is null (§ 8.2.4)."""
    said = {} if value is None else _object(value, path, found)
    for name in _UNIT:
        if not isinstance(said.get(name), str | None):
            raise bad(f"{path}.{name}", f"A text or null was expected, not {kind_of(said[name])}.")
    return {**dict.fromkeys(_UNIT), **said}


def _units(value: Any, path: str, found: Property) -> list[dict[str, Any]]:
    return [_unit(one, f"{path}[{place}]", found) for place, one in enumerate(_list(value, path))]


def _types(value: Any, path: str, found: Property) -> list[str]:
    return [_text(one, f"{path}[{place}]", found) for place, one in enumerate(_list(value, path))]


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise bad(path, f"A list was expected, not {kind_of(value)}.")
    return value


Reader = Callable[[Any, str, Property], Any]
_READERS: dict[str, Reader] = {
    "unitOfMeasurement": _unit,
    "unitOfMeasurements": _units,
    "multiObservationDataTypes": _types,
}
_BY_KIND: dict[Kind, Reader] = {
    Kind.STRING: _text,
    Kind.OBJECT: _object,
    Kind.ANY: _anything,
    Kind.GEOMETRY: _anything,
    Kind.INSTANT: _time,
}


def complete(entity: EntityType, values: dict[str, Any], path: str) -> dict[str, Any]:
    """All columns of an entity: what may be left out as it is without being said. Raises Problem for what may not."""
    for name, found in entity.properties.items():
        column = COLUMNS.get(name)
        if not found.writable or column is None or column in values:
            continue
        default = _DEFAULTS.get((entity.name, name))
        if default is not None:
            values[column] = default
        elif found.mandatory:
            raise bad(f"{path}.{name}", f"A {entity.name} needs {name}.")
        else:
            values[column] = {}
    return values


def check_place(values: dict[str, Any], encoding: str, path: str) -> None:
    """Raises Problem where a place says that it is GeoJSON and is none."""
    if "feature" not in values or not encoding.lower().startswith(_GEOJSON):
        return
    try:
        check_geojson(values["feature"])
    except GeometryError as error:
        where = f"{path}.{error.path}" if error.path else path
        raise bad(where, str(error).removeprefix(f"{error.path}: ")) from None


def unknown(entity: EntityType, name: str, path: str) -> Exception:
    """400 for a property that there is not: a misspelt one would otherwise be lost in silence."""
    known = [one.name for one in entity.properties.values() if one.writable] + [*entity.navigations]
    return bad(f"{path}.{name}", f"A {entity.name} has no such property.{guess(name, known, known=False)}")

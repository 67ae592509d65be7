"""A recipe: how files of one kind are read. Plain data, kept with the dataset; `sniff` makes it, `parse` uses it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

VERSION = 1


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column with values; every place has one Datastream for each. sentinels: numbers that mean «no value»;
    holding: see observations (instant, interval, until_next); interval: seconds between values where that is steady."""

    column: str
    unit: str = ""
    definition: str = ""
    name: dict[str, str] = field(default_factory=dict)
    sentinels: tuple[float, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    holding: str = "instant"
    interval: int | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """Columns are named as in the header. encoding: empty where each file shows its own.

    time: one column, or a date and a clock time; zone: see zones.to_utc; places: the columns that tell series apart;
    label, longitude, latitude: what describes a place; part: what tells series of one place apart, such as a depth;
    parameter, unit: in long tables the column that names the quantity of each row, and its unit.
    """

    delimiter: str
    columns: tuple[str, ...]
    time: tuple[str, ...]
    time_format: str
    zone: str
    values: tuple[ValueColumn, ...]
    header: bool = True
    encoding: str = ""
    decimal: str = "."
    places: tuple[str, ...] = ()
    label: str = ""
    longitude: str = ""
    latitude: str = ""
    part: str = ""
    parameter: str = ""
    unit: str = ""
    daily: bool = False
    version: int = VERSION

    def used(self) -> tuple[str, ...]:
        """The columns that a file must have."""
        named = (self.label, self.longitude, self.latitude, self.part, self.parameter, self.unit)
        return (*self.time, *self.places, *(each.column for each in self.values), *(name for name in named if name))

    def keys(self) -> tuple[str, ...]:
        """The columns whose cells together tell one series from another."""
        return (*self.places, *(name for name in (self.part, self.parameter, self.unit) if name))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """Raises ValueError for a recipe of a later version of this program."""
        if plain.get("version", VERSION) > VERSION:
            raise ValueError(f"This recipe is of version {plain['version']}; this program reads {VERSION}.")
        values = tuple(ValueColumn(**{**each, "sentinels": tuple(each["sentinels"])}) for each in plain["values"])
        rest: dict[str, Any] = {name: _frozen(value) for name, value in plain.items()}
        return cls(**{**rest, "values": values})


@dataclass(frozen=True, slots=True)
class Hints:
    """What the caller knows better than the guesses; empty: nothing said."""

    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    zone: str = ""
    time: tuple[str, ...] = ()
    time_format: str = ""
    places: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    holding: str = ""
    header: bool | None = None

    def named(self) -> Sequence[str]:
        """Every column that a hint names; each must be there."""
        return (*self.time, *self.places, *self.values, *self.ignore)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        given: dict[str, Any] = {name: _frozen(value) for name, value in plain.items()}
        return cls(**given)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

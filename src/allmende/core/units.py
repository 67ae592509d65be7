"""Units of measurement by UCUM code, UN/CEFACT code or usual spelling; symbols and names for people."""

from dataclasses import dataclass, field

from allmende.core.texts import pick
from allmende.core.unit_table import TABLE


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its UCUM code (what tables hold), symbol (empty for counts), name {de, en}, UN/CEFACT code (or empty)."""

    code: str
    symbol: str
    name: dict[str, str] = field(hash=False)
    unece: str


class UnknownUnit(LookupError):
    """The text names no unit of the table. Carries the text as `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The unit '{code}' is not known; use a UCUM code such as Cel, % or ug/m3.")
        self.code = code


UNITS: tuple[Unit, ...] = tuple(
    Unit(code, symbol, {"de": german, "en": english}, unece) for code, symbol, german, english, unece, _ in TABLE
)


def _index() -> dict[str, Unit]:
    index = {unit.code: unit for unit in UNITS}
    for unit in UNITS:
        if unit.unece:
            index.setdefault(unit.unece, unit)
    for unit, row in zip(UNITS, TABLE, strict=True):
        for spelling in row[5]:
            index.setdefault(spelling, unit)
    return index


_by_code = _index()


def unit(code: str) -> Unit:
    """The unit named by a UCUM code, a UN/CEFACT code or a usual spelling (upper and lower case differ: MW, mW).

    The empty text is a plain count. Raises UnknownUnit.
    """
    found = _by_code.get(code.strip())
    if found is None:
        raise UnknownUnit(code)
    return found


def symbol(code: str, language: str | None = None) -> str:
    """What stands behind a number: `°C`, `µg/m³`; for counted things their name in the language; never an error.

    A unit that is not known is shown as it was given; a plain count shows nothing.
    """
    found = _by_code.get(code.strip())
    if found is None:
        return code
    if found.symbol or found.code == "1":
        return found.symbol
    return pick(found.name, language)


def same(a: str, b: str) -> bool:
    """Whether two spellings name the same unit; units that are not known are the same when spelled the same."""
    return _by_code.get(a.strip(), a.strip()) == _by_code.get(b.strip(), b.strip())

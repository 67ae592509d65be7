"""Whether the rows of a table are about people, and which columns together could tell who somebody is."""

import re
from dataclasses import dataclass

from allmende.catalogue.holdings.columns import ColumnFacts


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Parts of names of columns (as `column_names` writes them).
_DIRECT = _words("vorname nachname familienname geburtsname geburtsdatum geburtstag birth first_name last_name surname")
_CONTACTS = _words("ansprechpartner ansprechperson kontaktperson sachbearbeiter bearbeiter telefon handy mobilnummer")
_PERSONS = _words(
    "alter age geschlecht gender sex familienstand nationalitaet staatsangeh religion konfession beruf einkommen "
    "patient diagnose schueler kind_ bewohner antragsteller versicherte empfaenger klient teilnehmer"
)
_QUASI = _words(
    "alter age geburt birth geschlecht gender sex plz postleitzahl zip strasse street ortsteil stadtteil bezirk "
    "district wohnort beruf nationalitaet staatsangeh familienstand religion haushalt kinder einzug zuzug"
)
_SENSITIVE = _words(
    "diagnose krank einkommen income leistung religion konfession partei delikt strafe note befund grund"
)
_COORDINATES = _words(
    "lon lng lat laenge laengengrad breite breitengrad longitude latitude rechtswert hochwert ostwert nordwert "
    "easting northing koordinate x_koord y_koord geo_x geo_y utm"
)
_COUNTS = _words("anzahl count zahl faelle einwohner personen haushalte insgesamt summe")


_MOST = 5  # columns that somebody may know of somebody else


@dataclass(frozen=True, slots=True)
class Roles:
    """direct: columns whose name says that they name somebody; contacts: that they name who answers for the row; quasi:
    that together may; sensitive: what nobody should learn of somebody; counts: numbers of people or cases; coordinates:
    numbers that say where something is."""

    people: bool
    why: str
    direct: tuple[str, ...]
    contacts: tuple[str, ...]
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    counts: tuple[str, ...]
    coordinates: tuple[str, ...] = ()


def roles_of(columns: tuple[ColumnFacts, ...], told: bool | None = None) -> Roles:
    """The roles by the names of the columns. told: what somebody said about the rows, None for nothing."""
    direct = _named(columns, _DIRECT)
    persons = _named(columns, _PERSONS)
    why = (direct or persons or ("",))[0]
    people = told if told is not None else bool(why)
    quasi = tuple(name for name in _named(columns, _QUASI) if name not in direct)
    return Roles(
        people,
        why if told is None else "",
        direct,
        _named(columns, _CONTACTS),
        quasi or (_telling(columns, direct) if people else ()),
        _named(columns, _SENSITIVE),
        tuple(each.name for each in columns if each.type == "integer" and _fits(each.name, _COUNTS)),
        tuple(each.name for each in columns if each.type == "number" and _fits(each.name, _COORDINATES)),
    )


def _telling(columns: tuple[ColumnFacts, ...], direct: tuple[str, ...]) -> tuple[str, ...]:
    """Where no name says which columns tell people apart: the few that have several values, each of them often."""
    rows = max((each.distinct + each.missing for each in columns), default=0)
    some = [each for each in columns if each.type in ("text", "integer", "boolean", "date") and each.name not in direct]
    often = [each for each in some if 2 <= each.distinct <= max(rows // 2, 2)]
    kept = [each for each in often if not _fits(each.name, (*_SENSITIVE, *_COUNTS))]
    return tuple(each.name for each in sorted(kept, key=lambda each: each.distinct)[:_MOST])


def _named(columns: tuple[ColumnFacts, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each.name for each in columns if _fits(each.name, words))


def _fits(name: str, words: tuple[str, ...]) -> bool:
    """Whether a word stands in the name: short ones as a whole word, `alter` is in `altersgruppe`, not in `filter`."""
    return any(re.search(rf"(^|_){word}", name) or (len(word) > 7 and word in name) for word in words)

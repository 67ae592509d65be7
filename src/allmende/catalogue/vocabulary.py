"""The authority tables that descriptions of datasets use, as small tables of our own: what DCAT-AP.de 3.0 asks for.

Keys are the last part of the URI, except where a table says otherwise.
"""

from dataclasses import dataclass

_AUTHORITY = "http://publications.europa.eu/resource/authority/"
_GERMAN = "http://dcat-ap.de/def/"
IANA = "https://www.iana.org/assignments/media-types/"
CONTRIBUTORS = _GERMAN + "contributors/"
GEOCODING = _GERMAN + "politicalGeocoding/"


@dataclass(frozen=True, slots=True)
class Term:
    """An entry of an authority table. uri: as DCAT-AP wants it; scheme: the table's own URI."""

    uri: str
    name: dict[str, str]
    scheme: str = ""


def _listed(scheme: str, base: str, rows: tuple[tuple[str, str, str], ...]) -> dict[str, Term]:
    return {key: Term(base + key, {"de": german, "en": english}, scheme) for key, german, english in rows}


def _table(name: str, *rows: tuple[str, str, str]) -> dict[str, Term]:
    return _listed(_AUTHORITY + name, f"{_AUTHORITY}{name}/", rows)


THEMES = _table(
    "data-theme",
    ("AGRI", "Landwirtschaft, Fischerei, Forstwirtschaft und Nahrungsmittel", "Agriculture, fisheries, forestry, food"),
    ("ECON", "Wirtschaft und Finanzen", "Economy and finance"),
    ("EDUC", "Bildung, Kultur und Sport", "Education, culture and sport"),
    ("ENER", "Energie", "Energy"),
    ("ENVI", "Umwelt", "Environment"),
    ("GOVE", "Regierung und öffentlicher Sektor", "Government and public sector"),
    ("HEAL", "Gesundheit", "Health"),
    ("INTR", "Internationale Themen", "International issues"),
    ("JUST", "Justiz, Rechtssystem und öffentliche Sicherheit", "Justice, legal system and public safety"),
    ("REGI", "Regionen und Städte", "Regions and cities"),
    ("SOCI", "Bevölkerung und Gesellschaft", "Population and society"),
    ("TECH", "Wissenschaft und Technologie", "Science and technology"),
    ("TRAN", "Verkehr", "Transport"),
)

FREQUENCIES = _table(
    "frequency",
    ("UPDATE_CONT", "laufend", "continuously"),
    ("HOURLY", "stündlich", "hourly"),
    ("DAILY", "täglich", "daily"),
    ("WEEKLY", "wöchentlich", "weekly"),
    ("BIWEEKLY", "alle zwei Wochen", "every two weeks"),
    ("MONTHLY", "monatlich", "monthly"),
    ("BIMONTHLY", "alle zwei Monate", "every two months"),
    ("QUARTERLY", "vierteljährlich", "quarterly"),
    ("ANNUAL_2", "halbjährlich", "twice a year"),
    ("ANNUAL", "jährlich", "yearly"),
    ("BIENNIAL", "alle zwei Jahre", "every two years"),
    ("IRREG", "unregelmäßig", "irregularly"),
    ("AS_NEEDED", "bei Bedarf", "as needed"),
    ("NEVER", "nie", "never"),
    ("UNKNOWN", "unbekannt", "unknown"),
)

FILE_TYPES = _table(
    "file-type",
    ("CSV", "CSV", "CSV"),
    ("JSON", "JSON", "JSON"),
    ("GEOJSON", "GeoJSON", "GeoJSON"),
    ("GPKG", "GeoPackage", "GeoPackage"),
    ("PARQUET", "Parquet", "Parquet"),
)

LANGUAGES = _table("language", ("DEU", "Deutsch", "German"), ("ENG", "Englisch", "English"))

ACCESS_RIGHTS = _table(
    "access-right",
    ("PUBLIC", "öffentlich", "public"),
    ("RESTRICTED", "eingeschränkt", "restricted"),
    ("NON_PUBLIC", "nicht öffentlich", "non-public"),
)

AVAILABILITIES = _table(
    "planned-availability",
    ("AVAILABLE", "verfügbar", "available"),
    ("STABLE", "dauerhaft verfügbar", "stable"),
    ("TEMPORARY", "vorübergehend verfügbar", "temporary"),
    ("EXPERIMENTAL", "versuchsweise verfügbar", "experimental"),
)

STATES = _table("distribution-status", ("COMPLETED", "fertiggestellt", "completed"))

# Keys are ours: the table numbers its entries.
HVD_CATEGORIES = {
    key: Term(
        "http://data.europa.eu/bna/" + number, {"de": german, "en": english}, "http://data.europa.eu/bna/asd487ae75"
    )
    for key, number, german, english in (
        ("geospatial", "c_ac64a52d", "Georaum", "Geospatial"),
        ("environment", "c_dd313021", "Erdbeobachtung und Umwelt", "Earth observation and environment"),
        ("meteorological", "c_164e0bf5", "Meteorologie", "Meteorological"),
        ("statistics", "c_e1da4e07", "Statistik", "Statistics"),
        (
            "companies",
            "c_a9135398",
            "Unternehmen und Eigentümerschaft von Unternehmen",
            "Companies and their ownership",
        ),
        ("mobility", "c_b79e35eb", "Mobilität", "Mobility"),
    )
}
HVD_REGULATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"

PUBLISHER_TYPES = _listed(
    "http://purl.org/adms/publishertype/1.0",
    "http://purl.org/adms/publishertype/",
    (("LocalAuthority", "Kommunalbehörde", "Local authority"),),
)

LEVELS = _listed(
    GEOCODING + "Level",
    GEOCODING + "Level/",
    (
        ("municipality", "Kommune", "municipality"),
        ("administrativeDistrict", "Kreis", "administrative district"),
        ("state", "Land", "state"),
        ("federal", "Bund", "federal"),
    ),
)
# Which kind of key in a geocoding URI belongs to which level.
_LEVEL_OF = {
    "municipalityKey": "municipality",
    "regionalKey": "municipality",
    "municipalAssociationKey": "municipality",
    "districtKey": "administrativeDistrict",
    "governmentDistrictKey": "administrativeDistrict",
    "stateKey": "state",
}
_DIGITS = {8: "municipalityKey", 12: "regionalKey", 9: "municipalAssociationKey", 5: "districtKey", 2: "stateKey"}

CHECKED = (THEMES, FREQUENCIES, FILE_TYPES, LANGUAGES, ACCESS_RIGHTS, AVAILABILITIES, STATES, PUBLISHER_TYPES, LEVELS)
TERMS = {term.uri: term for table in (*CHECKED, HVD_CATEGORIES) for term in table.values()}


def level_of(place_uri: str) -> Term | None:
    """The administrative level that a geocoding URI speaks of; None where it is no such URI."""
    kind = place_uri.removeprefix(GEOCODING).partition("/")[0] if place_uri.startswith(GEOCODING) else ""
    return LEVELS[_LEVEL_OF[kind]] if kind in _LEVEL_OF else None


def geocoding(key: str) -> str:
    """The geocoding URI of an official key (municipality 8 digits, regional 12, district 5, state 2); empty where the
    key is none. A URI is taken as it is."""
    tidy = key.strip().replace(" ", "")
    if tidy.startswith(GEOCODING):
        return tidy
    kind = _DIGITS.get(len(tidy)) if tidy.isascii() and tidy.isdecimal() else None
    return f"{GEOCODING}{kind}/{tidy}" if kind else ""

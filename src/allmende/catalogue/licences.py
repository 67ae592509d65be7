"""The licences that German open-data portals know: GovData's URIs with names, and what they ask of a user."""

from dataclasses import dataclass

BASE = "http://dcat-ap.de/def/licenses/"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of GovData's list. uri: as DCAT-AP.de wants it; open: free in the sense of the Open Definition."""

    uri: str
    short: str
    name: str
    open: bool = True
    attribution: bool = True


def _listed(key: str, short: str, name: str, *, open: bool = True, attribution: bool = True) -> Licence:  # noqa: A002
    return Licence(BASE + key, short, name, open, attribution)


_LICENCES = (
    _listed("dl-zero-de/2.0", "dl-de/zero-2-0", "Datenlizenz Deutschland – Zero – Version 2.0", attribution=False),
    _listed("dl-by-de/2.0", "dl-de/by-2-0", "Datenlizenz Deutschland – Namensnennung – Version 2.0"),
    _listed("cc-zero", "CC0 1.0", "Creative Commons – Zero 1.0", attribution=False),
    _listed("cc-by/4.0", "CC BY 4.0", "Creative Commons – Namensnennung 4.0 International"),
    _listed("cc-by-de/3.0", "CC BY 3.0 DE", "Creative Commons – Namensnennung 3.0 Deutschland"),
    _listed("cc-by-sa/4.0", "CC BY-SA 4.0", "Creative Commons – Namensnennung – gleiche Bedingungen 4.0"),
    _listed("odbl", "ODbL 1.0", "Open Data Commons – Open Database License"),
    _listed("odby", "ODC-By 1.0", "Open Data Commons – Attribution License"),
    _listed("odcpddl", "PDDL 1.0", "Open Data Commons – Public Domain Dedication and License", attribution=False),
    _listed("geonutz/20130319", "GeoNutzV", "Nutzungsbestimmungen für Geodaten des Bundes"),
    _listed("officialWork", "§ 5 UrhG", "Amtliches Werk, gemeinfrei nach § 5 Abs. 1 UrhG", attribution=False),
    _listed("cc-by-nd/4.0", "CC BY-ND 4.0", "Creative Commons – Namensnennung – keine Bearbeitung 4.0", open=False),
    _listed("cc-by-nc/4.0", "CC BY-NC 4.0", "Creative Commons – Namensnennung – nicht kommerziell 4.0", open=False),
    _listed("other-open", "andere offene", "Andere offene Lizenz"),
    _listed("other-closed", "andere geschlossene", "Andere eingeschränkte Lizenz", open=False),
)
_BY_URI = {licence.uri: licence for licence in _LICENCES}
DL_ZERO, DL_BY = _LICENCES[0].uri, _LICENCES[1].uri


def licences() -> tuple[Licence, ...]:
    """All licences of the list, the ones for municipal data first."""
    return _LICENCES


def licence(uri: str) -> Licence | None:
    """The licence for a URI, also in the spellings met in the wild (https, `2_0`, trailing slash); None if unknown."""
    tidy = uri.strip().rstrip("/").replace("https://", "http://", 1).replace("/2_0", "/2.0")
    return _BY_URI.get(tidy.replace("http://www.dcat-ap.de", "http://dcat-ap.de", 1))


def licence_name(uri: str) -> str:
    """The name that a reader sees; a URI that is not of the list is shown as it is."""
    known = licence(uri)
    return known.name if known else uri

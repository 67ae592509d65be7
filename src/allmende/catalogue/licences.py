"""The licences that German open-data portals know: GovData's URIs with names, and what they ask of a user."""

from dataclasses import dataclass

BASE = "http://dcat-ap.de/def/licenses/"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of GovData's list. uri: as DCAT-AP.de wants it; text: where it can be read; european: the same licence
    in the authority table of the European Union, empty where that has none; open: free in the sense of the Open
    Definition."""

    uri: str
    short: str
    name: str
    text: str = ""
    european: str = ""
    open: bool = True
    attribution: bool = True


_EUROPEAN = "http://publications.europa.eu/resource/authority/licence/"
_CC = "https://creativecommons.org/"
_ODC = "https://opendatacommons.org/licenses/"


def _listed(
    key: str,
    short: str,
    name: str,
    text: str = "",
    european: str = "",
    *,
    open: bool = True,  # noqa: A002
    attribution: bool = True,
) -> Licence:
    return Licence(BASE + key, short, name, text, european and _EUROPEAN + european, open, attribution)


_LICENCES = (
    _listed(
        "dl-zero-de/2.0",
        "dl-de/zero-2-0",
        "Datenlizenz Deutschland – Zero – Version 2.0",
        "https://www.govdata.de/dl-de/zero-2-0",
        attribution=False,
    ),
    _listed(
        "dl-by-de/2.0",
        "dl-de/by-2-0",
        "Datenlizenz Deutschland – Namensnennung – Version 2.0",
        "https://www.govdata.de/dl-de/by-2-0",
    ),
    _listed(
        "cc-zero",
        "CC0 1.0",
        "Creative Commons – Zero 1.0",
        _CC + "publicdomain/zero/1.0/",
        "CC0",
        attribution=False,
    ),
    _listed(
        "cc-by/4.0",
        "CC BY 4.0",
        "Creative Commons – Namensnennung 4.0 International",
        _CC + "licenses/by/4.0/",
        "CC_BY_4_0",
    ),
    _listed(
        "cc-by-de/3.0",
        "CC BY 3.0 DE",
        "Creative Commons – Namensnennung 3.0 Deutschland",
        _CC + "licenses/by/3.0/de/",
    ),
    _listed(
        "cc-by-sa/4.0",
        "CC BY-SA 4.0",
        "Creative Commons – Namensnennung – gleiche Bedingungen 4.0",
        _CC + "licenses/by-sa/4.0/",
        "CC_BYSA_4_0",
    ),
    _listed("odbl", "ODbL 1.0", "Open Data Commons – Open Database License", _ODC + "odbl/1-0/", "ODC_BL"),
    _listed("odby", "ODC-By 1.0", "Open Data Commons – Attribution License", _ODC + "by/1-0/", "ODC_BY"),
    _listed(
        "odcpddl",
        "PDDL 1.0",
        "Open Data Commons – Public Domain Dedication and License",
        _ODC + "pddl/1-0/",
        "ODC_PDDL",
        attribution=False,
    ),
    _listed(
        "geonutz/20130319",
        "GeoNutzV",
        "Nutzungsbestimmungen für Geodaten des Bundes",
        "https://www.gesetze-im-internet.de/geonutzv/",
    ),
    _listed(
        "officialWork",
        "§ 5 UrhG",
        "Amtliches Werk, gemeinfrei nach § 5 Abs. 1 UrhG",
        "https://www.gesetze-im-internet.de/urhg/__5.html",
        attribution=False,
    ),
    _listed(
        "cc-by-nd/4.0",
        "CC BY-ND 4.0",
        "Creative Commons – Namensnennung – keine Bearbeitung 4.0",
        _CC + "licenses/by-nd/4.0/",
        "CC_BYND_4_0",
        open=False,
    ),
    _listed(
        "cc-by-nc/4.0",
        "CC BY-NC 4.0",
        "Creative Commons – Namensnennung – nicht kommerziell 4.0",
        _CC + "licenses/by-nc/4.0/",
        "CC_BYNC_4_0",
        open=False,
    ),
    _listed("other-open", "andere offene", "Andere offene Lizenz"),
    _listed("other-closed", "andere geschlossene", "Andere eingeschränkte Lizenz", open=False),
)
# What is said of data whose licence nobody has stated: nothing is allowed then, as GovData reads it too.
UNSTATED = _LICENCES[-1].uri
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

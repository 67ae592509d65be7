"""Datasets of all sorts for tests: every field there or not, in any combination, with the dirt that people type."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from allmende.catalogue.dcat.addresses import Addresses
from allmende.catalogue.dcat.facts import ColumnEntry, DatasetFacts, OwnerFacts, TableFacts, TownFacts, VersionFacts
from allmende.catalogue.licences import licences
from allmende.catalogue.vocabulary import FREQUENCIES, HVD_CATEGORIES, THEMES

TOWN = TownFacts(
    Addresses("https://daten.musterstadt.example"),
    "Musterstadt",
    "http://dcat-ap.de/def/contributors/musterstadt",
    "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/16053000",
)
BARE_TOWN = TownFacts(Addresses("http://127.0.0.1:8000"))
WHEN = datetime(2026, 3, 1, 12, 30, 15, 250000, UTC)

ADDRESSES = [
    "http://dcat-ap.de/def/politicalGeocoding/districtKey/16053",
    "http://dcat-ap.de/def/politicalGeocoding/stateKey/16",
    "http://sws.geonames.org/2895044/",
    "https://example.org/a b?c=<d>&e={f}",
]
SPOKEN = st.one_of(
    st.sampled_from(
        ["Bäume", 'Der "Stadtwald"', "<b>&amp;\\n", "a\r\nb\tc", "\x00\x0b\ufffe", "Straße 🚏", "]]>", "'''"]
    ),
    st.text(max_size=30),
)
LOCAL = st.dictionaries(st.sampled_from(["de", "en", "easy"]), SPOKEN, max_size=3)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
BOXES = st.tuples(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90))
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)

COLUMNS = st.builds(ColumnEntry, NAMES, st.sampled_from(["text", "integer", "date"]), LOCAL, LOCAL, st.just("m"))
TABLES = st.builds(
    TableFacts,
    name=NAMES,
    title=LOCAL,
    rows=st.integers(0, 10**9),
    size=st.integers(0, 10**12),
    placed=st.booleans(),
    bbox=st.none() | BOXES,
    columns=st.lists(COLUMNS, max_size=2).map(tuple),
)
OWNERS = st.builds(
    OwnerFacts,
    code=st.sampled_from(["org-aaaaaaaaaa", "org-bbbbbbbbbb"]),
    name=LOCAL,
    homepage=st.sampled_from(["", "https://amt.example/", "not an address"]),
    sector=st.sampled_from(["", "administration", "education"]),
)
LICENCES = ["", "https://example.org/own", "nur mit Rückfrage", "http://[broken", *(each.uri for each in licences())]


@st.composite
def datasets(draw: st.DrawFn) -> DatasetFacts:
    """A dataset with any of its fields."""
    number = draw(st.integers(0, 10**6))
    count = draw(st.integers(0, 3))
    versions = [VersionFacts(n, f"ver-{number:010}-{n}", draw(MOMENTS), draw(LOCAL)) for n in range(count, 0, -1)]
    optional: dict[str, Any] = {
        "description": LOCAL,
        "access": st.sampled_from(["open", "shared", "protected"]),
        "licence": st.sampled_from(LICENCES),
        "attribution": SPOKEN,
        "legal_ground": st.sampled_from(["§ 1 Test", "https://www.recht.bund.de/eli/bund/bgbl-1/2023/411"]),
        "owner": OWNERS,
        "contact_name": SPOKEN,
        "contact_email": st.sampled_from(["daten@musterstadt.example", "o'neill+x/y@musterstadt.example"]),
        "themes": st.lists(st.sampled_from([*THEMES, "NONE"]), max_size=3).map(tuple),
        "keywords": st.lists(SPOKEN, max_size=3).map(tuple),
        "place": SPOKEN,
        "place_uri": st.sampled_from([*ADDRESSES, "nowhere"]),
        "begins": st.dates(date(1700, 1, 1), date(2100, 1, 1)),
        "ends": st.dates(date(1700, 1, 1), date(2100, 1, 1)),
        "frequency": st.sampled_from([*FREQUENCIES, "SOMETIMES"]),
        "simulated": st.booleans(),
        "source_url": st.sampled_from(ADDRESSES),
        "hvd": st.lists(st.sampled_from([*HVD_CATEGORIES]), max_size=2).map(tuple),
        "streams": st.integers(0, 5),
    }
    given = {name: draw(values) for name, values in optional.items() if draw(st.booleans())}
    return DatasetFacts(
        code=f"set-{number:010}",
        slug=f"dataset-{number}",
        title=draw(LOCAL),
        created=draw(MOMENTS),
        changed=draw(MOMENTS),
        version=versions[0] if versions else None,
        earlier=tuple(versions[1:]),
        tables=tuple(draw(st.lists(TABLES, max_size=3, unique_by=lambda each: each.name))) if versions else (),
        **given,
    )


def full_dataset(**changes: Any) -> DatasetFacts:
    """A dataset of which everything is known."""
    facts: dict[str, Any] = {
        "code": "set-7k3m9q2x4b",
        "slug": "trees",
        "title": {"de": "Bäume", "en": "Trees"},
        "created": WHEN,
        "changed": WHEN,
        "description": {
            "de": "Alle Bäume der Stadt.",
            "en": "All trees of the town.",
            "easy": "Hier stehen die Bäume.",
        },
        "licence": "http://dcat-ap.de/def/licenses/dl-by-de/2.0",
        "attribution": "Stadt Musterstadt",
        "owner": OwnerFacts("org-7k3m9q2x4b", {"de": "Grünflächenamt", "en": "Parks office"}, sector="administration"),
        "contact_name": "Grünflächenamt",
        "contact_email": "baeume@musterstadt.example",
        "themes": ("ENVI", "REGI"),
        "keywords": ("Baum", "Grün"),
        "place": "Musterstadt",
        "place_uri": "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/16053000",
        "begins": date(1990, 1, 1),
        "ends": date(2026, 1, 31),
        "frequency": "MONTHLY",
        "version": VersionFacts(2, "ver-7k3m9q2x4c", WHEN, {"de": "Winterpflanzung"}),
        "earlier": (VersionFacts(1, "ver-7k3m9q2x4b", datetime(2026, 1, 1, tzinfo=UTC)),),
        "tables": (
            TableFacts(
                "trees",
                {"de": "Bäume", "en": "Trees"},
                14,
                12_345,
                placed=True,
                bbox=(11.5, 50.9, 11.6, 51.0),
                columns=(ColumnEntry("height", "number", {"de": "Höhe", "en": "Height"}, unit="m"),),
            ),
        ),
    }
    return DatasetFacts(**{**facts, **changes})

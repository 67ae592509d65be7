"""How good a dataset's description is, by the metadata quality assessment (MQA) of data.europa.eu: 405 points.

Each of its indicators is asked of what the description says; indicators of distributions count by the share of
distributions that have it, as the assessment does. In two things this is stricter than what a harvester would find:
a licence that nobody has stated earns nothing although «other, closed» is sent along, and what only some may read is
not accessible.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from allmende.catalogue.dcat.distributions import formats
from allmende.catalogue.dcat.facts import DatasetFacts, LocalText, TownFacts
from allmende.catalogue.dcat.quality_words import DIMENSIONS, WORDS
from allmende.catalogue.dcat.statements import web_address
from allmende.catalogue.licences import licence
from allmende.catalogue.vocabulary import THEMES

Share = Fraction | bool
RATINGS = (  # at least so many points
    (351, "excellent", {"de": "ausgezeichnet", "en": "excellent"}),
    (221, "good", {"de": "gut", "en": "good"}),
    (121, "sufficient", {"de": "ausreichend", "en": "sufficient"}),
    (0, "bad", {"de": "mangelhaft", "en": "bad"}),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One indicator. points: earned, of `most`; reason: what was found; gain: how to earn the rest, empty where nothing
    is missing."""

    key: str
    dimension: str
    points: int
    most: int
    name: LocalText
    reason: LocalText
    gain: LocalText


@dataclass(frozen=True, slots=True)
class Assessment:
    """All indicators of a dataset, in the order of the assessment."""

    checks: tuple[Check, ...]

    @property
    def points(self) -> int:
        """Out of 405."""
        return sum(check.points for check in self.checks)

    @property
    def most(self) -> int:
        """405."""
        return sum(check.most for check in self.checks)

    @property
    def rating(self) -> tuple[str, LocalText]:
        """Key and name of the rating."""
        return next((key, name) for least, key, name in RATINGS if self.points >= least)

    def dimensions(self) -> dict[str, tuple[LocalText, int, int]]:
        """By dimension: its name, points earned, and how many there are."""
        return {
            key: (
                name,
                sum(check.points for check in self.checks if check.dimension == key),
                sum(check.most for check in self.checks if check.dimension == key),
            )
            for key, name in DIMENSIONS.items()
        }

    def gains(self) -> list[Check]:
        """What could still be earned, the most first."""
        open_ = [check for check in self.checks if check.points < check.most]
        return sorted(open_, key=lambda check: check.points - check.most)


@dataclass(frozen=True, slots=True)
class _Ways:
    """How many distributions there are: files, those of them whose size is known, and services."""

    files: int
    sized: int
    services: int

    @property
    def all(self) -> int:
        return self.files + self.services

    def share(self, count: int) -> Fraction:
        """Nothing of nothing is nothing."""
        return Fraction(count, self.all) if self.all else Fraction(0)


def assess(town: TownFacts, dataset: DatasetFacts) -> Assessment:
    """The assessment of a dataset. Pure: it looks at nothing but these facts."""
    ways = _Ways(
        files=sum(len(formats(table)) for table in dataset.tables),
        sized=sum(1 for table in dataset.tables if table.size),
        services=sum(1 for table in dataset.tables if table.placed) + bool(dataset.streams),
    )
    return Assessment(tuple(_check(each, town, dataset, ways) for each in _INDICATORS))


@dataclass(frozen=True, slots=True)
class _Indicator:
    key: str
    dimension: str
    most: int
    measure: Callable[[TownFacts, DatasetFacts, _Ways], Share]


def _check(indicator: _Indicator, town: TownFacts, dataset: DatasetFacts, ways: _Ways) -> Check:
    words = WORDS[indicator.key]
    share = Fraction(indicator.measure(town, dataset, ways))
    points = int(indicator.most * share)
    if share == 1:
        reason, gain = words.there, {}
    else:
        reason, gain = words.missing, words.gain
        if words.of_distributions and not ways.all:
            reason, gain = WORDS["distributions"].missing, WORDS["distributions"].gain
        elif words.of_distributions and dataset.access != "open" and share == 0 and words.public:
            reason, gain = WORDS["public"].missing, WORDS["public"].gain
    return Check(indicator.key, indicator.dimension, points, indicator.most, words.name, reason, gain)


def _whole(ways: _Ways) -> Fraction:
    """Every distribution that this house makes has it."""
    return ways.share(ways.all)


def _reached(dataset: DatasetFacts, ways: _Ways, count: int) -> Fraction:
    return ways.share(count) if dataset.access == "open" else Fraction(0)


# Key, dimension, points and what is asked; https://data.europa.eu/mqa/methodology has the figures.
_INDICATORS = (
    _Indicator("keywords", "findability", 30, lambda t, d, w: any(str(each).strip() for each in d.keywords)),
    _Indicator("themes", "findability", 30, lambda t, d, w: any(key in THEMES for key in d.themes)),
    _Indicator("place", "findability", 20, lambda t, d, w: bool(web_address(d.place_uri) or d.place.strip() or d.bbox)),
    _Indicator("time", "findability", 20, lambda t, d, w: bool(d.begins or d.ends)),
    _Indicator("access_url", "accessibility", 50, lambda t, d, w: _reached(d, w, w.all)),
    _Indicator("download_url", "accessibility", 20, lambda t, d, w: w.share(w.files)),
    _Indicator("download_reached", "accessibility", 30, lambda t, d, w: _reached(d, w, w.files)),
    _Indicator("format", "interoperability", 20, lambda t, d, w: _whole(w)),
    _Indicator("media_type", "interoperability", 10, lambda t, d, w: _whole(w)),
    _Indicator("format_listed", "interoperability", 10, lambda t, d, w: _whole(w)),
    _Indicator("non_proprietary", "interoperability", 20, lambda t, d, w: _whole(w)),
    _Indicator("machine_readable", "interoperability", 20, lambda t, d, w: _whole(w)),
    _Indicator("valid", "interoperability", 30, lambda t, d, w: True),
    _Indicator("licence", "reusability", 20, lambda t, d, w: _whole(w) if d.licence.strip() else False),
    _Indicator("licence_listed", "reusability", 10, lambda t, d, w: _whole(w) if licence(d.licence) else False),
    _Indicator("access_rights", "reusability", 10, lambda t, d, w: True),
    _Indicator("access_rights_listed", "reusability", 5, lambda t, d, w: True),
    _Indicator("contact", "reusability", 20, lambda t, d, w: bool(d.contact_email.strip() or d.contact_name.strip())),
    _Indicator("publisher", "reusability", 10, lambda t, d, w: bool(d.owner or t.name)),
    _Indicator("rights", "contextuality", 5, lambda t, d, w: _whole(w) if d.attribution.strip() else False),
    _Indicator("size", "contextuality", 5, lambda t, d, w: w.share(w.sized)),
    _Indicator("issued", "contextuality", 5, lambda t, d, w: True),
    _Indicator("modified", "contextuality", 5, lambda t, d, w: True),
)

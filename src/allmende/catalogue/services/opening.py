"""What has to hold before a dataset that was withheld becomes open."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from allmende.catalogue.gate.examine import examine
from allmende.catalogue.holdings.comparing import Side
from allmende.catalogue.models import Dataset, Part, Version, VersionState
from allmende.catalogue.queries.contents import holding_of


def refuse_opening(dataset: Dataset) -> None:
    """Raises ValidationError where the publication gate objects to rows that are published for some and would now be
    for everybody. Those versions were never examined, because the gate stands before open data only."""
    against = [version.number for version in _published(dataset) if _stops(version)]
    if against:
        numbers = ", ".join(map(str, sorted(against)))
        text = _("Something speaks against opening what is published in version %(numbers)s; withdraw it first.")
        raise ValidationError({"access_class": text % {"numbers": numbers}})


def _published(dataset: Dataset) -> list[Version]:
    found = Version.objects.filter(dataset=dataset, state=VersionState.PUBLISHED)
    return list(found.prefetch_related("parts__table"))


def _stops(version: Version) -> bool:
    if version.override.get("approved_by"):
        return False
    return any(_objects(part) for part in version.parts.all() if part.published)


def _objects(part: Part) -> bool:
    holding = holding_of(part)
    source = Side(holding.digest, holding.columns, (), holding.placed).source()
    placed = holding.placed and not any(each.get("kind") == "grid" for each in part.table.remedies)
    return examine(source, holding.columns, holding.rows, placed=placed, people=part.table.people).stops

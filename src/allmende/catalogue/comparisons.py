"""Rows that differ between a published version and the one published before it, as readers may see them."""

from typing import Any

from allmende.catalogue.holdings.columns import ColumnFacts
from allmende.catalogue.holdings.comparing import Changes, Side, compare, differing_rows
from allmende.catalogue.models import Part, Version, VersionState


def version_before(version: Version) -> Version | None:
    """The published version before this one."""
    earlier = Version.objects.filter(
        dataset=version.dataset_id, state=VersionState.PUBLISHED, number__lt=version.number
    )
    return earlier.prefetch_related("parts__table").first()


def changes_between(version: Version) -> dict[str, Changes]:
    """What readers see changed, by table; a table that is new is left out."""
    pairs = _pairs(version)
    return {name: compare(before, after) for name, (before, after) in pairs.items()}


def rows_changed(version: Version, table: str, kind: str, limit: int, skip: int = 0) -> list[dict[str, Any]]:
    """Rows of one kind (added, removed, changed), see holdings.comparing; none where nothing can be compared."""
    sides = _pairs(version).get(table)
    return differing_rows(*sides, kind, limit, skip) if sides else []


def _pairs(version: Version) -> dict[str, tuple[Side, Side]]:
    before = version_before(version) if version.state == VersionState.PUBLISHED else None
    if before is None:
        return {}
    earlier = {part.table_id: part for part in before.parts.all() if part.published}
    return {
        part.table.name: (_side(earlier[part.table_id]), _side(part))
        for part in version.parts.select_related("table")
        if part.published and part.table_id in earlier
    }


def _side(part: Part) -> Side:
    """The readers' file; its key where nothing of it is withheld."""
    columns = tuple(ColumnFacts.from_json(each) for each in part.published_columns)
    key = tuple(part.key) if set(part.key) <= {each.name for each in columns} else ()
    return Side(part.published, columns, key, bool(part.geometry))

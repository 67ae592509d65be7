"""The list of datasets with its filters."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from allmende.accounts.actors import Actor
from allmende.catalogue.licences import licence
from allmende.catalogue.queries import Dataset, current_versions, visible_datasets
from allmende.catalogue.vocabulary import THEMES
from allmende.core.texts import VARIANTS, pick
from allmende.web.facets import Axis, Narrowed, narrow
from allmende.web.overview import places


@dataclass(frozen=True, slots=True)
class Listed:
    """A dataset in the list. rows: of its tables; kinds: what is in it (table, features, series); number: of its
    current version, 0 without one."""

    dataset: Dataset
    rows: int
    kinds: tuple[str, ...]
    number: int

    @property
    def theme_names(self) -> list[str]:
        """Its themes in the reader's language."""
        return [pick(THEMES[key].name) for key in self.dataset.themes if key in THEMES]


def catalogued(actor: Actor, params: QueryDict) -> Narrowed[Listed]:
    """The datasets that the address asks for, those that changed last first."""
    found = list(visible_datasets(actor).order_by("-changed"))
    text = params.get("q", "").strip().casefold()
    if text:
        found = [each for each in found if _speaks_of(each, text)]
    current = current_versions([each.pk for each in found])
    measured = {place.dataset for place in places(actor)}
    listed = [_listed(each, current.get(each.pk), each.slug in measured) for each in found]
    return narrow(listed, _axes(), params)


def _speaks_of(dataset: Dataset, text: str) -> bool:
    texts = [getattr(dataset, name).get(variant, "") for name in ("title", "description") for variant in VARIANTS]
    return any(text in each.casefold() for each in (*texts, dataset.slug, dataset.place, *dataset.keywords))


def _listed(dataset: Dataset, version: object, measured: bool) -> Listed:
    parts = list(version.parts.all()) if version else []  # type: ignore[attr-defined]
    kinds = [
        name
        for name, there in (
            ("features", any(part.geometry for part in parts)),
            ("table", any(not part.geometry for part in parts)),
            ("series", measured),
        )
        if there
    ]
    number = version.number if version else 0  # type: ignore[attr-defined]
    return Listed(dataset, sum(part.published_rows for part in parts), tuple(kinds), number)


def _axes() -> tuple[Axis[Listed], ...]:
    words = {"table": _("Table"), "features": _("Places on a map"), "series": _("Measured values")}
    return (
        Axis(
            "theme",
            _("Theme"),
            lambda each: {key: pick(THEMES[key].name) for key in each.dataset.themes if key in THEMES},
        ),
        Axis("kind", _("Contains"), lambda each: {kind: words[kind] for kind in each.kinds}),
        Axis("owner", _("Owner"), _owner),
        Axis("licence", _("Licence"), _licence),
    )


def _themes(each: Listed) -> dict[str, str]:
    return {key: pick(THEMES[key].name) for key in each.dataset.themes if key in THEMES}


def _owner(each: Listed) -> dict[str, str]:
    owner = each.dataset.owner
    return {owner.code: pick(owner.name)} if owner else {}


def _licence(each: Listed) -> dict[str, str]:
    known = licence(each.dataset.licence) if each.dataset.licence else None
    return {known.short: known.short} if known else {}

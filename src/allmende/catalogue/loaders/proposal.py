"""A proposal for a person: the recipe with units and meanings filled in, and everything that was assumed for it."""

from dataclasses import dataclass, replace
from typing import Any

from allmende.catalogue.loaders.assumption import Assumption
from allmende.catalogue.loaders.headings import meaning
from allmende.catalogue.loaders.recipe import Recipe, ValueColumn
from allmende.catalogue.loaders.said import Said
from allmende.core.texts import pick
from allmende.core.units import symbol


@dataclass(frozen=True, slots=True)
class Proposal:
    """How to read a file. said: each assumption with its evidence; preview: the first rows as they stand; observing:
    whether its rows are values over time at all, rather than things that have a date."""

    recipe: Recipe
    said: tuple[Assumption, ...]
    preview: tuple[dict[str, str], ...] = ()
    observing: bool = True


def proposal_of(found: dict[str, Any]) -> Proposal:
    """A proposal from what the child found, with the meaning of each heading."""
    recipe = Recipe.from_json(found["recipe"])
    said = [Assumption.from_json(each) for each in found["said"]]
    values = []
    for column in recipe.values:
        known, about = _meant(column)
        values.append(known)
        if not recipe.parameter:
            said.append(about)
    return Proposal(replace(recipe, values=tuple(values)), tuple(said), tuple(found["preview"]), found["observing"])


def _meant(column: ValueColumn) -> tuple[ValueColumn, Assumption]:
    heading = column.column
    means = meaning(heading)
    filled = replace(column, unit=means.unit, definition=means.definition, name=means.name)
    shown = f"{pick(means.name)} [{symbol(means.unit)}]" if means.unit else pick(means.name)
    if means.known is None:
        why = Said.of("property_plain" if means.unit else "property_own", heading=heading)
    elif means.unit and means.unit == means.known.unit and means.known.least is not None:
        filled = replace(filled, minimum=means.known.least, maximum=means.known.most)
        most = "∞" if means.known.most is None else f"{means.known.most:g}"
        why = Said.of("property_known", heading=heading, least=f"{means.known.least:g}", most=most)
    else:
        why = Said.of("property_plain", heading=heading)
    return filled, Assumption("property", f"{heading}: {shown}", why)

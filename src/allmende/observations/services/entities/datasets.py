"""Which dataset a new entity belongs to: named, that of what it belongs to, the token's only one, or the common one."""

from typing import Any

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.permissions import require
from allmende.catalogue.queries import Dataset, UnknownDataset, get_dataset
from allmende.catalogue.services import register_dataset
from allmende.observations.services.entities.drafts import BadEntity, Draft

COMMON = "sensorthings"  # the slug of the dataset for whatever names no other
_TITLE = {"de": "Sensoren über SensorThings", "en": "Sensors by SensorThings"}
_ABOUT = {
    "de": "Was über die Schnittstelle SensorThings angelegt wurde, ohne einen anderen Datensatz zu nennen.",
    "en": "What was created through the SensorThings interface without naming another dataset.",
}


def dataset_for(actor: Actor, draft: Draft, inherited: Dataset | None) -> Dataset:
    """The dataset of a new entity, in which the actor may register. inherited: that of what it belongs to.

    Raises Denied, BadEntity.
    """
    dataset = named_dataset(actor, draft) or inherited or _own(actor) or _common(actor)
    require(actor, "observations:manage", dataset)
    return dataset


def named_dataset(actor: Actor, draft: Draft) -> Dataset | None:
    """The dataset that the entity itself names. Raises BadEntity where the actor sees none of that name."""
    if draft.dataset is None:
        return None
    try:
        return get_dataset(actor, draft.dataset)
    except UnknownDataset as error:
        raise BadEntity(f"{draft.path}.Dataset", str(error)) from error


def _own(actor: Actor) -> Dataset | None:
    if len(actor.datasets) != 1:
        return None
    return Dataset.objects.filter(code__in=actor.datasets).first()


def _common(actor: Actor) -> Dataset:
    """Open to everybody; registered when it is first needed, by whoever may register sensors in such a dataset."""
    found = Dataset.objects.filter(slug=COMMON).first()
    if found is None:
        wanted: Any = Dataset(slug=COMMON)
        require(actor, "observations:manage", wanted)
        found = register_dataset(SYSTEM, COMMON, _TITLE, description=_ABOUT)
    return found

"""Reads of Things and Datastreams, each filtered inside the query by what the actor may see."""

from typing import NamedTuple

from django.db.models import QuerySet

from allmende.accounts.actors import Actor
from allmende.catalogue.queries import visible_datasets
from allmende.observations.models import Datastream, Thing


class UnknownThing(LookupError):
    """No such Thing, or none that this actor may see."""


class UnknownDatastream(LookupError):
    """No such Datastream, or none that this actor may see."""


def visible_things(actor: Actor) -> QuerySet[Thing]:
    """The Things whose dataset the actor may read."""
    return Thing.objects.filter(dataset__in=visible_datasets(actor)).select_related("dataset", "dataset__owner")


def visible_datastreams(actor: Actor) -> QuerySet[Datastream]:
    """The Datastreams whose dataset the actor may read."""
    return Datastream.objects.filter(dataset__in=visible_datasets(actor)).select_related(
        "dataset", "dataset__owner", "thing", "sensor", "observed_property"
    )


def get_thing(actor: Actor, code: str) -> Thing:
    """Raises UnknownThing."""
    try:
        return visible_things(actor).get(code=code)
    except Thing.DoesNotExist:
        raise UnknownThing(f"There is no thing {code}, or you may not see it.") from None


def get_datastream(actor: Actor, code: str) -> Datastream:
    """Raises UnknownDatastream."""
    try:
        return visible_datastreams(actor).get(code=code)
    except Datastream.DoesNotExist:
        raise UnknownDatastream(f"There is no datastream {code}, or you may not see it.") from None


class Readable(NamedTuple):
    """What reading a Datastream's observations needs of it: a fraction of the row, read in a third of the time."""

    pk: int
    code: str
    unit: str
    simulated: bool


def get_readable(actor: Actor, code: str) -> Readable:
    """As get_datastream, for the hot way out. Raises UnknownDatastream."""
    rows = Datastream.objects.filter(code=code, dataset__in=visible_datasets(actor).order_by())
    row = rows.values_list("pk", "code", "unit", "dataset__simulated").order_by().first()
    if row is None:
        raise UnknownDatastream(f"There is no datastream {code}, or you may not see it.")
    return Readable(*row)


def codes_by_key(dataset: int, keys: list[str]) -> dict[str, str]:
    """Codes of the Datastreams of a dataset (internal id) by their external keys; unknown keys are absent."""
    found = Datastream.objects.filter(dataset_id=dataset, external_key__in=keys)
    return dict(found.values_list("external_key", "code"))

"""How well a dataset is described, point by point."""

from msgspec import Struct
from starlette.responses import Response

from allmende.accounts.actors import Actor
from allmende.api.catalogue.facts import known_dataset, some_facts
from allmende.api.endpoints import Call, NoQuery, json
from allmende.api.threads import in_thread
from allmende.catalogue import dcat

Text = dict[str, str]


class Dimension(Struct):
    """A group of checks."""

    name: Text
    points: int
    most: int


class Check(Struct):
    """reason: what was found; gain: how to earn what is missing, empty where nothing is."""

    key: str
    dimension: str
    points: int
    most: int
    name: Text
    reason: Text
    gain: Text


class Quality(Struct):
    """points out of most; rating: excellent, good, sufficient or bad."""

    points: int
    most: int
    rating: str
    dimensions: dict[str, Dimension]
    checks: list[Check]


async def show_quality(call: Call, query: NoQuery) -> Response:
    """The assessment of a dataset by data.europa.eu's method."""
    return json(await in_thread(_quality, call.actor, call.path("id")))


def _quality(actor: Actor, name: str) -> Quality:
    (facts,) = some_facts(actor, [known_dataset(actor, name)])
    found = dcat.assess(dcat.town_facts(), facts)
    return Quality(
        found.points,
        found.most,
        found.rating[0],
        {key: Dimension(*values) for key, values in found.dimensions().items()},
        [
            Check(each.key, each.dimension, each.points, each.most, each.name, each.reason, each.gain)
            for each in found.checks
        ],
    )

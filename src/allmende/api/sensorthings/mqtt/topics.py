"""What a client subscribes to: a resource path of SensorThings, perhaps with `$select` (18-088 § 13.2)."""

from dataclasses import dataclass, field
from typing import Any

from allmende.api.sensorthings.entities import EntityType
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.options import Options, Selection
from allmende.api.sensorthings.language.paths import Answer, ResourcePath, parse_path
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.scope import Observations, Rows, Scope, resolve

PREFIXES = ("v1.1/", "api/sta/v1.1/")


class NoTopic(Exception):
    """Nothing can be had, or sent, under this topic."""


@dataclass(eq=False)
class Topic:
    """One topic as it was subscribed to, with those who wait for it. scope: what it leads to; feature: the internal
    number of the feature of interest whose observations are meant, None for any."""

    text: str
    path: ResourcePath
    scope: Scope
    select: tuple[Selection, ...] = ()
    feature: int | None = None
    clients: dict[Any, None] = field(default_factory=dict)

    @property
    def entity(self) -> EntityType:
        """The type of what is sent."""
        assert self.path.entity is not None
        return self.path.entity

    @property
    def streams(self) -> list[int] | None:
        """The (Multi)Datastreams whose observations are meant; None for all."""
        return self.scope.streams if isinstance(self.scope, Observations) else None

    @property
    def of_observations(self) -> bool:
        """Whether observations are what is sent."""
        return isinstance(self.scope, Observations)


def path_of(topic: str) -> str:
    """The resource path in a topic. Raises NoTopic."""
    for prefix in PREFIXES:
        if topic.startswith(prefix):
            return topic[len(prefix) :]
    raise NoTopic(f"«{topic[:60]}» is no topic of SensorThings; they begin with v1.1/.")


def observations_in(topic: str) -> tuple[str | None, bool] | None:
    """(the Datastream that a topic for creating observations names, whether it is a MultiDatastream): None where the
    message has to name it. None as a whole for every other topic."""
    try:
        steps = parse_path(path_of(topic), encoded=False).steps
    except (NoTopic, QueryError):
        return None
    if not steps or steps[-1].entity.name != "Observation" or not steps[-1].many:
        return None
    if len(steps) == 1:
        return None, False
    owner = steps[0]
    if len(steps) != 2 or owner.entity.name not in ("Datastream", "MultiDatastream"):
        return None
    return str(owner.id), owner.entity.name == "MultiDatastream"


def opened(topic: str, reader: Reader) -> Topic:
    """The topic for somebody who may see what it leads to. Blocks.

    Raises NoTopic, QueryError, Missing.
    """
    text, _, query = path_of(topic).partition("?")
    path = parse_path(text, encoded=False)
    if path.entity is None or path.answer not in (Answer.COLLECTION, Answer.ENTITY, Answer.PROPERTY):
        raise NoTopic("Collections, entities and properties can be subscribed to.")
    options = parse_query(query, path.entity) if query else Options()
    if options != Options(select=options.select):
        raise NoTopic("Of the options only $select can stand in a topic.")
    select = (Selection(0, path.leaf, path.below),) if path.leaf else options.select
    scope = resolve(reader, path.steps)
    if isinstance(scope, Rows) and scope.one and not scope.rows.exists():
        raise NoTopic("There is no such entity, or you may not see it.")
    if not isinstance(scope, Observations):
        return Topic(topic, path, scope, select)
    if len(path.steps) == 1:
        scope = Observations(None)  # all of them; what each client may see is looked at when something comes
    feature = None
    if len(path.steps) > 1 and path.steps[-2].entity.name == "FeatureOfInterest":
        owner = resolve(reader, path.steps[:-1])
        feature = owner.rows.values_list("pk", flat=True).first() if isinstance(owner, Rows) else None
    return Topic(topic, path, scope, select, feature)

"""Who reads, in which language, and under which address the answers' links lie."""

from dataclasses import dataclass
from functools import cached_property

from allmende.accounts.actors import Actor
from allmende.observations.queries.entities import streams_within, visible_numbers


class Missing(LookupError):
    """There is no such entity, or none that this actor may see."""


@dataclass
class Reader:
    """One request's view of the data. root: the service's address without a slash at its end, such as
    `https://town.example/api/sta/v1.1`; path: what follows it, as it was sent; language: de or en, for names that are
    kept in both."""

    actor: Actor
    root: str
    path: str = ""
    language: str = "de"

    @cached_property
    def datasets(self) -> list[int] | None:
        """Internal numbers of the datasets that the actor may see; None for all."""
        return visible_numbers(self.actor)

    @cached_property
    def streams(self) -> list[int] | None:
        """Internal numbers of the (Multi)Datastreams that the actor may see; None for all."""
        return None if self.datasets is None else streams_within(self.datasets)

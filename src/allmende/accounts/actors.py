"""Who acts: a person, a machine with a token, the system itself, or nobody known. Small, frozen, cheap to pass on."""

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["anonymous", "person", "token", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Everything that `can` needs to know about who asks; made by accounts.queries, never by hand outside tests.

    roles: town-wide role names; organisation_roles: (role, organisation id) pairs; scopes: what a token was given;
    datasets: the only dataset codes a token may touch (empty: no such limit).
    """

    kind: ActorKind = "anonymous"
    code: str = ""
    roles: frozenset[str] = frozenset()
    organisation_roles: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    scopes: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()

    def organisations(self) -> frozenset[int]:
        """Ids of the organisations in which the actor holds any role."""
        if not self.organisation_roles:  # machines mostly; asked for every batch that comes in
            return frozenset()
        return frozenset(organisation for _, organisation in self.organisation_roles)

    def holds(self, *roles: str) -> bool:
        """Whether the actor holds one of the roles for the whole town."""
        return not self.roles.isdisjoint(roles)


ANONYMOUS = Actor()
SYSTEM = Actor(kind="system", code="system", roles=frozenset({"administrator"}))

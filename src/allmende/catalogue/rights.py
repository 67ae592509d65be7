"""Who may do what with datasets: the rules of this room, registered when Django starts."""

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import anyone, rule, signed_in
from allmende.catalogue.models import AccessClass, Dataset
from allmende.catalogue.queries import visible_datasets


def reads(actor: Actor, dataset: Dataset | None) -> bool:
    """Whoever sees the dataset; reading as such is everybody's. Asks the database, so never call it in a loop."""
    return dataset is None or visible_datasets(actor).filter(pk=dataset.pk).exists()


def manages(actor: Actor, dataset: Dataset | None) -> bool:
    """Administrators; data stewards of the owner; data stewards of the whole town for what is not protected;
    machines of the owner whose token carries the scope."""
    if actor.holds("administrator"):
        return True
    if actor.kind == "token":
        return "catalogue:manage" in actor.scopes and (dataset is None or _belongs(actor, dataset))
    offices = {organisation for role, organisation in actor.organisation_roles if role == "steward"}
    if dataset is None:
        return actor.holds("steward") or bool(offices)
    return dataset.owner_id in offices or (actor.holds("steward") and dataset.access_class != AccessClass.PROTECTED)


def _belongs(token: Actor, dataset: Dataset) -> bool:
    named = not token.datasets or dataset.code in token.datasets
    return named and dataset.owner_id in token.organisations()


def register() -> None:
    """Hands the rules of this room to `accounts.permissions`."""
    rule("catalogue:read", reads)
    rule("catalogue:manage", manages)
    rule("catalogue:ask", anyone)
    rule("catalogue:support", signed_in)

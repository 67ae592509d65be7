"""Reads of the catalogue. `visible_datasets` is the one filter by which every room decides what an actor may see."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import can
from allmende.accounts.queries import Organisation, organisations
from allmende.catalogue.models import RESERVED, AccessClass, Dataset, DatasetShare
from allmende.core.codes import is_code

OFFICE_ROLES = ("clerk", "steward")  # who in the owner's office reads what is protected
READ_SCOPES = ("catalogue:read", "observations:read")


class UnknownDataset(LookupError):
    """No such dataset, or none that this actor may see: the two are not told apart. Carries what was asked for."""

    def __init__(self, asked: str) -> None:
        super().__init__(f"There is no dataset '{asked}', or you may not see it.")
        self.asked = asked


def visible_datasets(actor: Actor) -> QuerySet[Dataset]:
    """The datasets an actor may read, filtered in the query.

    open: everybody. shared: members of the owner and of the organisations it is shared with, and data stewards of the
    whole town. protected: clerks and data stewards of the owner. Administrators see all. A token reads what is not
    open only with a scope for reading; what is protected only when it belongs to the owner and names the dataset; and
    a token made for certain datasets sees no others.
    """
    datasets = Dataset.objects.select_related("owner")
    if not actor.holds("administrator"):
        datasets = datasets.filter(_readable(actor))
    return datasets.filter(code__in=actor.datasets) if actor.datasets else datasets


def _readable(actor: Actor) -> Q:
    everybodys = Q(access_class=AccessClass.OPEN)
    if actor.kind == "token" and actor.scopes.isdisjoint(READ_SCOPES):
        return everybodys
    organisations = actor.organisations()
    shares = DatasetShare.objects.filter(dataset=OuterRef("pk"), organisation__in=organisations)
    partners = Q() if actor.holds("steward") else Q(owner__in=organisations) | Q(Exists(shares))
    offices = {organisation for role, organisation in actor.organisation_roles if role in OFFICE_ROLES}
    guarded = Q(owner__in=offices)
    if actor.kind == "token":
        guarded |= Q(owner__in=organisations, code__in=actor.datasets)
    return (
        everybodys | (Q(access_class=AccessClass.SHARED) & partners) | (Q(access_class=AccessClass.PROTECTED) & guarded)
    )


def get_dataset(actor: Actor, slug_or_code: str) -> Dataset:
    """The dataset with this slug or code. Raises UnknownDataset, also when it exists but the actor may not see it."""
    key = {"code": slug_or_code} if is_code(slug_or_code) else {"slug": slug_or_code}
    found = visible_datasets(actor).filter(**key).first()
    if found is None and is_code(slug_or_code):
        found = visible_datasets(actor).filter(slug=slug_or_code).first()  # a slug may look like a code
    if found is None:
        raise UnknownDataset(slug_or_code)
    return found


def shared_with(dataset: Dataset) -> list[int]:
    """Ids of the organisations that a dataset is shared with, in rising order."""
    return list(dataset.shares.order_by("organisation_id").values_list("organisation_id", flat=True))


def is_free(slug: str) -> bool:
    """Whether no dataset has this name yet. It may be one that the asker does not see: the name tells no more."""
    return slug not in RESERVED and not Dataset.objects.filter(slug=slug).exists()


def owners_for(actor: Actor) -> list[Organisation]:
    """The organisations for which the actor may manage datasets."""
    return [each for each in organisations() if can(actor, "catalogue:manage", Dataset(owner_id=each.pk))]

"""The observation store of this data folder, for the domain's own services and queries."""

from django.conf import settings

from allmende.observations.store import runtime
from allmende.observations.store.port import StorePort

FOLDER = "observations"


def here() -> StorePort:
    """The store: this process's own, or the running server's over its socket."""
    return runtime.connect(settings.DATA_DIR / FOLDER)

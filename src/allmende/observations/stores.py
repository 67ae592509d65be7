"""The observation store of this data folder, for the domain's own services and queries."""

from django.conf import settings

from allmende.observations.store import runtime
from allmende.observations.store.errors import StoreBusy, StoreClosed, StoreError, StoreOwned, TooCostly, WritesRefused
from allmende.observations.store.owner import Store
from allmende.observations.store.port import StorePort

__all__ = ["StoreBusy", "StoreClosed", "StoreError", "StoreOwned", "TooCostly", "WritesRefused", "here", "own"]

FOLDER = "observations"


def own() -> Store:
    """The store that this process owns. Raises StoreClosed elsewhere: only the owner's event loop appends to it."""
    port = here()
    if not isinstance(port, Store):
        raise StoreClosed("This process does not own the observation store.")
    return port


def here() -> StorePort:
    """The store: this process's own, or the running server's over its socket."""
    return runtime.current() or runtime.connect(settings.DATA_DIR / FOLDER)

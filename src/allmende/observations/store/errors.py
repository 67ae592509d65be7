"""What can go wrong in the store, each with words for the person who sees it."""


class StoreError(Exception):
    """The store could not do it; the message says what happened and what was kept."""


class StoreBusy(StoreError):
    """More waits to be written than the store takes. retry_after: seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WritesRefused(StoreError):
    """The log cannot be written (disk full, medium gone). Reads go on; writing resumes by itself when it can."""


class TooCostly(StoreError):
    """A search did not end in its time and was stopped."""


class StoreOwned(StoreError):
    """Another process owns the store and does not answer on its socket."""


class StoreClosed(StoreError):
    """The store has been closed or was never opened in this process."""

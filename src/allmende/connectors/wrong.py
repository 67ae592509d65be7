"""The fault of whoever sets a connector up in a way that cannot work."""

from allmende.core.said import SaidError


class WrongSetup(SaidError, ValueError):
    """A connector cannot be set up so; the text says what to change."""

"""Who may read and edit the pages of the house itself."""

from allmende.accounts.permissions import administrator, anyone, rule


def register() -> None:
    """Called once when the app is ready."""
    rule("pages:read", anyone)
    rule("pages:edit", administrator)

"""Who reads a page."""

from typing import cast

from django.http import HttpRequest

from allmende.accounts.actors import ANONYMOUS, Actor


def reader(request: HttpRequest) -> Actor:
    """The actor of a request; nobody where the request failed before it was known who asks."""
    return cast(Actor, getattr(request, "actor", ANONYMOUS))

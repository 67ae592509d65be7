"""`request.actor`: who asks, looked up when first needed; and the declared actions of views that are not ours."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject

from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.accounts.declared import declared_action
from allmende.accounts.models import Person
from allmende.accounts.permissions import Denied, can
from allmende.accounts.queries import actor_of_person


def actor_of(request: HttpRequest) -> Actor:
    """Who is signed in to this request."""
    user = getattr(request, "user", None)
    return actor_of_person(user) if isinstance(user, Person) and user.is_authenticated else ANONYMOUS


class ActorMiddleware:
    """Stands after Django's AuthenticationMiddleware. A page that asks for nobody's rights costs no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = cast(Actor, SimpleLazyObject(lambda: actor_of(request)))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Holds views of others to their declared action; a view that declares nothing is not served at all."""
        if hasattr(view, "allmende_action"):
            return None  # @declares asks by itself
        match = request.resolver_match
        action = declared_action(match.view_name) if match else None
        if action is None:
            raise ImproperlyConfigured(
                f"The view {match.view_name if match else view} declares no action; let it wear @declares('room:verb')."
            )
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if can(actor, action):
            return None
        if actor.kind == "anonymous":
            back = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{resolve_url('account_login')}?{back}")
        raise Denied(action, actor)

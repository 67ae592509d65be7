"""Every endpoint declares its action: views by `@declares`, the data plane in its route table. A test walks them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.permissions import require

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def declares(action: str) -> Callable[[View], View]:
    """Names the action of a Django view and refuses (Denied) who may not even try it; the view checks the thing."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(getattr(request, "actor", ANONYMOUS), action)
            return view(request, *args, **kwargs)

        guarded.allmende_action = action  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return wrap

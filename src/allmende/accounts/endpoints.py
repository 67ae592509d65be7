"""Every endpoint declares its action: views by `@declares`, the data plane in its route table. A test walks them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponseBase

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.permissions import require

Rest = ParamSpec("Rest")
Answer = TypeVar("Answer", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, Rest], Answer]


def declares(action: str) -> Callable[[View[Rest, Answer]], View[Rest, Answer]]:
    """Names the action of a Django view and refuses (Denied) who may not even try it; the view checks the thing."""

    def wrap(view: View[Rest, Answer]) -> View[Rest, Answer]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Rest.args, **kwargs: Rest.kwargs) -> Answer:
            require(getattr(request, "actor", ANONYMOUS), action)
            return view(request, *args, **kwargs)

        guarded.allmende_action = action  # type: ignore[attr-defined]
        return guarded

    return wrap

"""The application that uvicorn serves: the data plane, and behind the bridge the people plane.

Joined: both in this process. Split: this process keeps the data plane and hands pages to a second one (`run.pages`).
"""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette

from allmende.api import endpoints
from allmende.api.routes import HOT, routes
from allmende.run.bridge import Receive, Scope, Send

Plane = Callable[[Scope, Receive, Send], Awaitable[None]]


def data_plane() -> Plane:
    """The Starlette application, with the hot endpoints looked up before its router."""
    starlette = Starlette(routes=routes, exception_handlers={404: endpoints.not_found, 405: endpoints.wrong_method})

    async def plane(scope: Scope, receive: Receive, send: Send) -> None:
        hot = HOT.get((scope["method"], scope["path"]))
        await (hot or starlette)(scope, receive, send)

    return plane


def application(people: Plane, lifespan: Plane) -> Plane:
    """Sends /api/ to the data plane and everything else to the people plane."""
    data = data_plane()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            await (data if path.startswith("/api/") else people)(scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(scope, receive, send)

    return app

"""The application that uvicorn serves: the data plane, and behind the bridge the people plane.

Joined: both in this process. Split: this process keeps the data plane and hands pages to a second one (`run.pages`).
"""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from allmende.api import endpoints
from allmende.api.routes import HOT, OUTSIDE, routes
from allmende.api.sensorthings import door as sensorthings
from allmende.api.sensorthings.mqtt import websocket as mqtt
from allmende.run.bridge import Receive, Scope, Send

Plane = Callable[[Scope, Receive, Send], Awaitable[None]]


def data_plane() -> Plane:
    """The Starlette application, with the hot endpoints looked up before its router."""
    # Open data may be read from any other site's page; the browser then sends no cookie along, so this shows nothing
    # that a stranger could not see.
    anywhere = Middleware(
        CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["GET"],
        allow_headers=["Authorization"],
        expose_headers=["Content-Crs", "ETag"],
    )
    faults = {404: endpoints.not_found, 405: endpoints.wrong_method}
    starlette = Starlette(routes=routes, exception_handlers=faults, middleware=[anywhere])

    async def plane(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        hot = sensorthings.reading if path.startswith(sensorthings.PREFIX) else HOT.get((scope["method"], path))
        await (hot or starlette)(scope, receive, send)

    return plane


def application(people: Plane, lifespan: Plane) -> Plane:
    """Sends /api/ and the catalogue's documents to the data plane, WebSockets to MQTT, the rest to the people plane."""
    data = data_plane()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: str = scope["path"]
            ours = path.startswith("/api/") or path in OUTSIDE
            await (data if ours else people)(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == mqtt.PATH:
            await mqtt.websocket(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] == "lifespan":
            await lifespan(scope, receive, send)

    return app

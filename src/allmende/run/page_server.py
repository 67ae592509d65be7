"""The page process of split mode: `python -m allmende.run.page_server`; started and watched by `run.serve`."""

import uvicorn
from django.conf import settings

from allmende.run.bridge import Receive, Scope, Send, WsgiBridge
from allmende.run.pages import socket_path
from allmende.run.wsgi import application as django_wsgi


def main() -> None:
    """Serves pages on the Unix socket of the data folder; observations are asked of the owner's process."""
    from allmende.observations.store import runtime  # noqa: PLC0415 - after Django is set up

    runtime.attach(settings.DATA_DIR / "observations")
    bridge = WsgiBridge(django_wsgi, threads=settings.PAGE_THREADS, largest_body=settings.MAX_UPLOAD)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await bridge(scope, receive, send)

    # Whoever reaches the socket is our own front process, so what it says of client and scheme is believed.
    uvicorn.run(
        app,
        uds=socket_path(settings.DATA_DIR),
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="off",
        proxy_headers=True,
        forwarded_allow_ips="*",
    )


if __name__ == "__main__":
    main()

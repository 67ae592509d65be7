"""Under which address the server was reached, as links in answers need it."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from allmende.api.bodies import Headers, text


def server_of(scope: MutableMapping[str, Any], headers: Headers) -> str:
    """Scheme and host, without a slash at the end.

    A host that the town did not name is not repeated: links then lead to the public address.
    """
    host = text(headers, b"host")
    public = urlsplit(settings.PUBLIC_URL)
    if host == public.netloc or not validate_host(host.rpartition(":")[0] or host, settings.ALLOWED_HOSTS):
        return f"{public.scheme}://{public.netloc}"
    return f"{scope['scheme']}://{host}"

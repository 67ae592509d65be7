"""A page process for tests of the forwarder: answers with what reached it. `python -m tests.planes.mirror SOCKET`."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from allmende.run.bridge import WsgiBridge
from allmende.run.page_server import serve

LARGEST_BODY = 20_000_000


def mirror(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """/status/N: that status and no body; /large/N: so many bytes; /die: no answer; all else: what came in."""
    kind, _, number = environ["PATH_INFO"].strip("/").partition("/")
    if kind == "status":
        start_response(f"{number} Word", [("ETag", '"1"'), ("X-Process", str(os.getpid()))])
        return []
    if kind == "large":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [b"0123456789" * (int(number) // 10)]
    if kind == "die":
        os._exit(9)
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    said = {name: value for name, value in environ.items() if isinstance(value, str)}
    said |= {"scheme": environ["wsgi.url_scheme"], "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    said |= {"rest": len(environ["wsgi.input"].read()), "process": os.getpid()}
    headers = [("Content-Type", "application/json"), ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")]
    start_response("200 OK", headers)
    return [json.dumps(said).encode()]


if __name__ == "__main__":
    serve(WsgiBridge(mirror, largest_body=2 * LARGEST_BODY), sys.argv[1])

"""What tests of harvesting share: a small web server of foreign documents, each of which can be changed."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256


class Elsewhere:
    """Documents by path (with the query, or without it for any query). failing: paths that answer with 500; asked: what
    was asked for, in order."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.failing: set[str] = set()
        self.asked: list[str] = []

    def put(self, path: str, body: str | bytes, media: str = "application/json") -> None:
        """A document; {root} in a text becomes the address of this server."""
        plain = body.replace("{root}", self.root).encode() if isinstance(body, str) else body
        self.documents[path] = (media, plain)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """A server on a port of its own."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place.asked.append(self.path)
            bare = self.path.partition("?")[0]
            found = place.documents.get(self.path) or place.documents.get(bare)
            if found is None or self.path in place.failing or bare in place.failing:
                self.send_error(500 if found else 404)
                return
            media, body = found
            tag = f'"{sha256(body).hexdigest()[:16]}"'
            fresh = self.headers.get("If-None-Match") == tag
            self.send_response(304 if fresh else 200)
            self.send_header("Content-Type", media)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", "0" if fresh else str(len(body)))
            self.end_headers()
            if not fresh:
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place = Elsewhere(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield place
    server.shutdown()
    server.server_close()

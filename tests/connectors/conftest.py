"""A server that may ask this machine, and another server on this machine that says what a test wants."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.serving import Server, free_port, seeded

Answering = Callable[[str, dict[str, str]], tuple[int, dict[str, str], bytes]]


class Remote:
    """Another party's web server. answer(path, headers) → (status, headers, body); asked: every (path, headers)."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: Answering = lambda path, headers: (200, {}, b"{}")
        remote = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                remote.asked.append((self.path, headers))
                status, more, body = remote.answer(self.path, headers)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def remote() -> Iterator[Remote]:
    remote = Remote()
    yield remote
    remote.close()


@pytest.fixture(scope="module")
def asking_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose administrator has named this machine as one that connectors may ask."""
    data = tmp_path_factory.mktemp("asking") / "data"
    server = Server(data, free_port(), seeded(data), environment={"ALLMENDE_OUTGOING_HOSTS": "127.0.0.1"})
    yield server.start()
    server.stop()

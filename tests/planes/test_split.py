"""Split mode as a whole: two processes behind one port, for a visitor as for a machine the same as one."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving import Server, _environment, free_port, seeded

LOGIN = {"login": "admin@example.org", "password": "correct horse battery staple"}


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("split") / "data"
    server = Server(data, free_port(), seeded(data), arguments=("--split",))
    yield server.start()
    server.stop()


@pytest.fixture
def visitor(split: Server) -> Iterator[httpx.Client]:
    with split.client("", follow_redirects=True) as client:
        yield client


def children(process: int) -> list[int]:
    """The processes that a process has started and that live."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def page_process(server: Server) -> int:
    """The page process of a server in split mode."""
    assert server.process
    found = [child for child in children(server.process.pid) if b"page_server" in _command(child)]
    assert len(found) == 1, found
    return found[0]


def _command(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come about in time."
        time.sleep(0.05)


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


@pytest.mark.parametrize("path", ["/de/", "/en/", "/de/data/", "/de/account/login/", "/en/search/?q=Station"])
def test_pages_come_from_the_page_process(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")
    assert f'lang="{path[1:3]}"' in answer.text


def test_assets_come_through_with_their_caching(visitor):
    page = visitor.get("/de/").text
    style = re.search(r'href="(/static/dist/[^"]+\.css)"', page)
    assert style
    answer = visitor.get(style[1])
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    again = visitor.get(style[1], headers={"If-Modified-Since": answer.headers["last-modified"]})
    assert (again.status_code, again.content) == (304, b"")
    assert visitor.head(style[1]).content == b""


def test_a_page_shows_what_the_data_plane_acknowledged(split, visitor):
    stream = split.seeds["datastreams"][0]
    with split.client() as machine:
        answer = machine.post(
            "/api/v1/observations", json={"datastream": stream, "time": "2026-11-01T12:00:00Z", "value": 17.5}
        )
        assert answer.status_code == 201
    assert "17,5" in visitor.get(f"/de/datastreams/{stream}/").text
    assert "17.5" in visitor.get(f"/en/datastreams/{stream}/").text


def test_signing_in_works_and_the_session_holds_on_both_planes(split, visitor):
    form = visitor.get("/en/account/login/")
    answer = visitor.post("/en/account/login/", data={**LOGIN, "csrfmiddlewaretoken": token_of(form)})
    assert answer.status_code == 200 and "sessionid" in visitor.cookies
    hidden = split.seeds["hidden"]
    assert visitor.get(f"/en/datastreams/{hidden}/").status_code == 200
    assert visitor.get(f"/api/v1/datastreams/{hidden}").status_code == 200
    visitor.cookies.delete("sessionid")
    assert visitor.get(f"/en/datastreams/{hidden}/").status_code == 404
    assert visitor.get(f"/api/v1/datastreams/{hidden}").status_code == 404


def test_a_form_without_its_token_is_refused(visitor):
    visitor.get("/en/account/login/")
    assert visitor.post("/en/account/login/", data=LOGIN).status_code == 403


def test_a_form_sent_in_chunks_is_read(visitor):
    form = visitor.get("/en/account/login/")
    body = httpx.QueryParams({**LOGIN, "csrfmiddlewaretoken": token_of(form)})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    visitor.post("/en/account/login/", content=iter([str(body).encode()]), headers=headers)
    assert "sessionid" in visitor.cookies


def test_a_host_that_is_not_ours_is_refused(visitor):
    assert visitor.get("/de/", headers={"Host": "evil.example"}).status_code == 400
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    answer = visitor.get("/", headers=headers, follow_redirects=False)
    assert answer.status_code in (301, 302) and "evil" not in answer.headers["location"]
    assert not answer.headers["location"].startswith("https")


def test_the_page_process_comes_back_after_kill_9(split, visitor):
    assert visitor.get("/de/").status_code == 200
    before = page_process(split)
    os.kill(before, signal.SIGKILL)
    answer = visitor.get("/de/")
    assert answer.status_code == 200
    assert page_process(split) != before


def test_the_data_plane_answers_while_the_page_process_is_away(split, visitor):
    os.kill(page_process(split), signal.SIGSTOP)
    stopped = page_process(split)
    try:
        assert visitor.get("/api/v1/status", timeout=5).json()["writes"] == "ok"
    finally:
        os.kill(stopped, signal.SIGCONT)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_stopping_the_server_ends_both_processes(tmp_path, how):
    data = tmp_path / "data"
    server = Server(data, free_port(), seeded(data, 1), arguments=("--split",)).start()
    with server.client("") as client:
        assert client.get("/de/").status_code == 200
    pages = page_process(server)
    server.stop(how)
    wait_until(lambda: gone(pages))
    if how != signal.SIGKILL:
        assert not list(data.rglob("*.sock")), "sockets are left behind"
    server.start()  # also after kill -9, what was left behind is no hindrance
    with server.client("") as client:
        assert client.get("/de/").status_code == 200
    server.stop()


def test_a_command_beside_the_running_server_asks_it(split):
    command = [sys.executable, "-m", "allmende.run", "check", "--data", str(split.data)]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Everything is in order." in done.stdout
    assert json.loads(httpx.get(split.url + "/api/v1/status").text)["writes"] == "ok"

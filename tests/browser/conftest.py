"""A real server with a small made-up town, and the system's Chromium, for every test that looks at pages."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.town_of_tests import TOWN
from tests.serving import ROOT, Server, free_port

# Chromium as root in a container, without looking for the internet at its start; WebGL in software for the map.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
DAYS = 120


@dataclass(frozen=True)
class Site:
    """The running server and the codes of what is in it."""

    server: Server
    datastreams: dict[str, str]
    things: dict[str, str]
    password: str

    def url(self, path: str) -> str:
        return self.server.url + path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The town of tests, served as in life."""
    data = tmp_path_factory.mktemp("town") / "data"
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "ALLMENDE_DATA")}
    command = [sys.executable, "-m", "tests.browser.town_of_tests", str(data), str(DAYS)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seeds = json.loads(done.stdout)
    server = Server(data, free_port(), environment={"ALLMENDE_TOWN": TOWN})
    server.start()
    yield Site(server, seeds["datastreams"], seeds["things"], seeds["password"])
    server.stop()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing; `make setup` installs it where it may."
    return {**browser_type_launch_args, "executable_path": path, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """A page that fails the test when it asked another host for anything, or when a script broke or was refused."""
    page = context.new_page()
    strangers: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: strangers.append(request.url) if _foreign(request.url, site) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if _bad(message) else None)
    yield page
    page.close()
    assert strangers == []
    assert faults == []


def _foreign(url: str, site: Site) -> bool:
    here = (site.server.url, site.server.url.replace("127.0.0.1", "localhost"))
    return not url.startswith((*here, "data:", "blob:", "about:"))


def _bad(message) -> bool:
    """Errors on the console, except that of a page that is asked for because it is not there."""
    broken = message.type == "error" or message.text.startswith("WARN")  # Vega warns so
    return broken and "status of 4" not in message.text


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be run inside pages."""
    return (Path(ROOT) / "node_modules" / "axe-core" / "axe.min.js").read_text()

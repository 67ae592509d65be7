"""A real server with a small made-up town, and the system's Chromium, for every test that looks at pages."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.town_of_tests import TOWN
from tests.serving import ROOT, Server, filled, free_port

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
expect.set_options(timeout=20_000)  # milliseconds; a busy machine is no fault of the page


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
    seeds = filled(data, "tests.browser.town_of_tests", DAYS)
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


def sign_in(page: Page, site: Site) -> None:
    """Signs in as the administrator by the form."""
    page.goto(site.url("/de/account/login/"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_url("**/de/")


@pytest.fixture(scope="session")
def signed_in(browser: Browser, site: Site) -> list:
    """The cookies of the administrator, who signs in once for all tests: each time hashes a password for half a second
    and loads two pages. `context.add_cookies(signed_in)` makes a context theirs."""
    context = browser.new_context(locale="de-DE")
    sign_in(context.new_page(), site)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def staff(page: Page, signed_in: list) -> Page:
    """The page of the administrator."""
    page.context.add_cookies(signed_in)
    return page


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, to be run inside pages."""
    return (Path(ROOT) / "node_modules" / "axe-core" / "axe.min.js").read_text()

"""Takes the pictures of docs/images from the running demo town: `python scripts/screenshots.py [--url ADDRESS]`.

Without an address it starts the demo itself on a free port (in data/demo, made at the first time) and stops it again.
Desktop, phone, dark and print; each picture stays below 300 kB, so that the repository stays small.
"""

import argparse
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from connector_pictures import NAMES, pictures
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 300_000
FLAGS = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]


@dataclass(frozen=True)
class Shot:
    """One picture. path: below /de/, or `datastream` or `thing` for the first one of them."""

    name: str
    path: str
    width: int = 1280
    height: int = 800
    theme: str = "light"
    print: bool = False


SHOTS = (
    Shot("home", "", height=900),
    Shot("home-phone", "", width=390, height=844),
    Shot("data", "data/", height=900),
    Shot("data-dark", "data/", theme="dark", height=900),
    Shot("data-phone", "data/", width=390, height=844),
    Shot("datastream", "datastream?range=year", height=1300),
    Shot("datastream-phone", "datastream?range=week", width=390, height=1100),
    Shot("thing", "thing", height=1500),
    Shot("care", "care/", height=1000),
    Shot("register", "sensors/", height=900),
    Shot("datastream-print", "datastream?range=year", width=794, height=1123, print=True),
)


@contextmanager
def demo() -> Iterator[str]:
    """The address of a demo town that runs as long as the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "allmende.run", "demo", "--data", str(ROOT / "data" / "demo"), "--port", str(port)]
    server = subprocess.Popen(command)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if server.poll() is not None:
            sys.exit("The demo town did not start; its message stands above.")
        try:
            with urllib.request.urlopen(f"{url}/api/v1/status", timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    sys.exit("The demo town did not answer within five minutes.")


def places(url: str) -> dict[str, str]:
    """The addresses of the first datastream on the home page and of the first thing of the list."""

    with urllib.request.urlopen(f"{url}/de/") as page:
        found = re.search(r'href="/de/(datastreams/[^"]+)"', page.read().decode())
    if found is None:
        sys.exit(f"{url} shows no figures; is this the demo town?")
    with urllib.request.urlopen(f"{url}/de/data/") as page:
        thing = re.search(r'href="/de/(things/[^"]+)"', page.read().decode())
    return {"datastream": found.group(1), "thing": thing.group(1) if thing else ""}


def take(browser: Browser, url: str, known: dict[str, str], shot: Shot) -> None:
    """One picture, after everything on the page has come to rest."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height},
        color_scheme="dark" if shot.theme == "dark" else "light",
        locale="de-DE",
        reduced_motion="reduce",
    )
    page = context.new_page()
    kind, mark, query = shot.path.partition("?")
    page.goto(f"{url}/de/{known.get(kind, kind)}{mark}{query}")
    page.wait_for_load_state("networkidle")
    if page.locator("[data-map]").count():
        page.locator("[data-map]").scroll_into_view_if_needed()
        page.wait_for_selector(".al-map--ready", timeout=30_000)
        page.wait_for_timeout(1500)
        page.evaluate("scrollTo(0, 0)")
    if shot.print:
        page.emulate_media(media="print", color_scheme="light")
    path = IMAGES / f"{shot.name}.png"
    page.screenshot(path=path)
    context.close()
    weigh(path)


def weigh(path: Path) -> None:
    """Says how large the picture is; one that is too large ends it all."""
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")
    if size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES // 1000} kB; make it smaller in SHOTS.")


def main() -> None:
    parser = argparse.ArgumentParser(description="Takes the pictures of docs/images.")
    parser.add_argument("--url", help="a running demo town; without it one is started")
    parser.add_argument("--only", help="names of pictures, separated by commas")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is missing; install the package chromium.")
    wanted = options.only.split(",") if options.only else [*(shot.name for shot in SHOTS), *NAMES]
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        if not set(wanted) <= set(NAMES):
            with nullcontext(options.url) if options.url else demo() as url:
                shoot(browser, url, wanted)
        if set(wanted) & set(NAMES):
            for path in pictures(browser, IMAGES):
                weigh(path)
        browser.close()


def shoot(browser: Browser, url: str, wanted: list[str]) -> None:
    """All wanted pictures of one town."""
    known = places(url)
    for shot in SHOTS:
        if shot.name in wanted:
            take(browser, url, known, shot)


if __name__ == "__main__":
    main()

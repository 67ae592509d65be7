"""The pictures of connectors in docs/images: one is set up in a throw-away town, as a newcomer would, and photographed.

It is not the demo town, because what a connector brings would stay there.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("connector-mapping", "connector")
_FIRST = {"deviceId": "soil-7", "temp_SOIL": "13,2", "water_SOIL": 21.5, "BatV": 3301, "counter": 110}


@contextmanager
def town() -> Iterator[tuple[str, str]]:
    """(address, password of admin@example.org) of a small made-up town that runs as long as the block."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        data = Path(folder) / "data"
        filling = [sys.executable, "-m", "tests.browser.town_of_tests", str(data), "5"]
        filled = subprocess.run(filling, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "allmende.run", "serve", "--data", str(data), "--port", str(port)]
        url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, "ALLMENDE_TOWN": "Ulmenfurt", "ALLMENDE_PUBLIC_URL": "https://ulmenfurt.example"}
        server = subprocess.Popen(command, env=environment)
        try:
            _until(lambda: urllib.request.urlopen(f"{url}/api/v1/status", timeout=5).status == 200)
            yield url, json.loads(filled.stdout)["password"]
        finally:
            server.terminate()
            server.wait(timeout=60)


def _until(works: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if works():
                return
        except OSError:
            pass
        time.sleep(0.3)
    sys.exit("The town of the pictures of connectors did not answer.")


def pictures(browser: Browser, folder: Path) -> list[Path]:
    """All of them; gives the files."""
    with town() as (url, password):
        context = browser.new_context(viewport={"width": 1280, "height": 1500}, locale="de-DE", reduced_motion="reduce")
        page = context.new_page()
        page.goto(f"{url}/de/account/login/?next=/de/connectors/new/")
        page.fill("#id_login", "admin@example.org")
        page.fill("#id_password", password)
        page.click("main button[type=submit] >> nth=0")
        page.get_by_role("button", name="Auswählen: Webhook").click()
        page.fill("#id_payload", json.dumps({**_FIRST, "time": _at(0)}, indent=1))
        page.get_by_role("button", name="Mit der eingefügten Nachricht weiter").click()
        page.fill("#id_thing", "Bodensensor {device}")
        page.locator("#id_thing").blur()
        page.wait_for_selector("#preview >> text=Bodensensor soil-7")
        page.screenshot(path=folder / "connector-mapping.png")
        _save(page)
        _send(page, url)
        page.wait_for_selector("#state >> text=empfängt", timeout=30_000)
        page.reload()
        page.locator(".al-faulty summary").first.click()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=folder / "connector.png")
        context.close()
    return [folder / f"{name}.png" for name in NAMES]


def _save(page: Page) -> None:
    page.get_by_role("button", name="Weiter").click()
    page.fill("#id_name", "Bodensensoren Nord")
    page.select_option("#id_dataset", label="Bodenfeuchte der Stadtbäume")
    page.get_by_role("button", name="Anschluss speichern").click()


def _send(page: Page, url: str) -> None:
    """Some messages as the device would send them; two of them cannot be used."""
    secret = page.locator(".al-secret").inner_text()
    code = page.locator(".al-text .al-code").inner_text().rpartition("/")[2]
    page.get_by_role("link", name="Notiert, weiter zum Anschluss").click()
    good = [{**_FIRST, "time": _at(minutes), "water_SOIL": 21.5 - minutes / 40} for minutes in range(0, 60, 5)]
    bad = [{**_FIRST, "time": "gestern"}, {**_FIRST, "time": _at(1), "temp_SOIL": "n/a"}]
    _until(lambda: _posted(f"{url}/api/hooks/{code}", secret, good[0]))
    for message in (*good[1:-1], *bad, good[-1]):
        _posted(f"{url}/api/hooks/{code}", secret, message)


def _posted(door: str, secret: str, message: object) -> bool:
    """Whether it was taken as a whole."""
    asked = urllib.request.Request(door, json.dumps(message).encode(), {"X-Allmende-Secret": secret})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False


def _at(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=70 - minutes)).isoformat(timespec="seconds")

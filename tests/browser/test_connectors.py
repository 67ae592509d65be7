"""Setting a connector up as a newcomer would, with and without JavaScript; axe on every page of it."""

import json
import time

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site
from tests.browser.looks import looks_well
from tests.serving import free_port

pytestmark = pytest.mark.browser
MESSAGE = {"deviceId": "boden-7", "at": "2026-06-01T10:00:00+02:00", "temp_SOIL": "13,2", "BatV": 3301, "x": {"y": 35}}


def sign_in(page: Page, site: Site, path: str) -> None:
    page.goto(site.url(f"/de/account/login/?next={path}"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_load_state("networkidle")


def choose(page: Page, kind: str) -> None:
    page.get_by_role("button", name=f"Auswählen: {kind}").click()
    page.wait_for_load_state("networkidle")


def hand_in(site: Site, code: str, secret: str, message: object) -> int:
    content = message if isinstance(message, bytes) else json.dumps(message).encode()
    headers = {"X-Allmende-Secret": secret}
    return httpx.post(site.url(f"/api/hooks/{code}"), content=content, headers=headers).status_code


def wait_until(condition, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not come about in time."
        time.sleep(0.2)


def test_from_the_first_message_to_a_running_connector(page: Page, site: Site, axe: str):
    sign_in(page, site, "/de/connectors/")
    looks_well(page, axe)
    page.get_by_role("link", name="Anschluss einrichten").click()
    looks_well(page, axe)
    choose(page, "Webhook")
    page.click("text=Geheimnis für den Absender erzeugen")
    page.wait_for_load_state("networkidle")
    secret, code = page.locator(".al-secret").inner_text(), page.url.split("/")[-3]
    looks_well(page, axe)
    wait_until(lambda: hand_in(site, code, secret, MESSAGE) == 200)
    page.get_by_role("button", name="Mit dieser Nachricht weiter").click()  # it appears by itself
    page.wait_for_load_state("networkidle")
    assert "13,2\u00a0°C" in page.locator("#preview").inner_text()
    looks_well(page, axe)
    page.fill("#id_thing", "Sonde {device}")
    page.locator("#id_thing").blur()
    page.wait_for_selector("#preview >> text=Sonde boden-7")  # without a click
    assert page.locator("#id_thing").input_value() == "Sonde {device}"
    page.get_by_role("button", name="Weiter").click()
    page.wait_for_load_state("networkidle")
    looks_well(page, axe)
    page.fill("#id_name", "Bodensonden")
    page.select_option("#id_dataset", label="Bodenfeuchte der Stadtbäume")
    page.get_by_role("button", name="Anschluss speichern").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("h1").inner_text() == "Bodensonden"
    wait_until(lambda: hand_in(site, code, secret, b"Guten Tag") == 422)  # the draft took anything
    assert hand_in(site, code, secret, MESSAGE) == 200
    page.wait_for_selector("#state >> text=empfängt", timeout=15_000)  # by itself
    page.reload()
    page.wait_for_selector("text=Der Inhalt ist weder JSON noch eine Zahl")
    looks_well(page, axe)
    for path in ("mapping/", "mapping/?json", "source/", "remove/"):
        page.goto(site.url(f"/de/connectors/{code}/{path}"))
        page.wait_for_load_state("networkidle")
        looks_well(page, axe)
    page.get_by_role("button", name="Anschluss entfernen").click()
    page.wait_for_selector("text=ist entfernt")


def test_a_pasted_uplink_becomes_a_connector_whose_faults_are_mended_and_read_once_more(
    page: Page, site: Site, axe: str
):
    sign_in(page, site, "/de/connectors/new/")
    choose(page, "Webhook")
    page.fill("#id_payload", "Guten Tag, anbei die Werte")
    page.get_by_role("button", name="Mit der eingefügten Nachricht weiter").click()
    page.wait_for_load_state("networkidle")
    assert "Das ist weder JSON noch eine Zahl noch eine Tabelle" in page.locator("#id_payload_error").inner_text()
    assert page.locator("#id_payload").input_value() == "Guten Tag, anbei die Werte"
    assert page.url.endswith("#paste") and page.locator("#paste").is_visible()
    looks_well(page, axe)
    page.fill("#id_payload", json.dumps({"id": "p1", "free": 34, "total": 120, "seen": "2026-06-01T10:00:00+02:00"}))
    page.get_by_role("button", name="Mit der eingefügten Nachricht weiter").click()
    page.wait_for_load_state("networkidle")
    assert "34\u00a0Plätze" in page.locator("#preview").inner_text()
    page.get_by_label("total 120").check()
    page.wait_for_selector("#preview >> text=total")
    page.locator("summary", has_text="total").click()
    page.fill("#id_de_1", "Plätze insgesamt")
    page.locator("#id_de_1").blur()
    page.wait_for_selector("#preview >> text=Plätze insgesamt")
    looks_well(page, axe)
    page.get_by_role("button", name="Weiter").click()
    page.fill("#id_name", "Parkhäuser")
    page.select_option("#id_dataset", label="Parken")
    page.get_by_role("button", name="Anschluss speichern").click()
    page.wait_for_load_state("networkidle")
    secret, code = (
        page.locator(".al-secret").inner_text(),
        page.locator(".al-text .al-code").inner_text().split("/")[-1],
    )
    looks_well(page, axe)
    page.get_by_role("link", name="Notiert, weiter zum Anschluss").click()
    wait_until(
        lambda: hand_in(site, code, secret, {"id": "p1", "free": 30, "seen": "2026-06-01T11:00:00+02:00"}) == 200
    )
    assert hand_in(site, code, secret, {"id": "p1", "free": 29}) == 422  # without a time
    page.wait_for_selector("#state >> text=empfängt", timeout=15_000)
    page.reload()
    faulty = page.locator(".al-faulty")
    assert "Bei „seen“, wo die Zeit stehen soll, steht nichts." in faulty.inner_text()
    faulty.locator("summary").click()
    assert '"free": 29' in faulty.locator("pre").inner_text()
    page.get_by_role("link", name="Bedeutung ändern").click()
    page.select_option("#id_time", "")
    page.wait_for_selector("#preview >> text=29\u00a0Plätze")  # tried on the message that could not be used
    page.get_by_role("button", name="Speichern").click()
    page.get_by_role("button", name="Alle noch einmal einlesen").click()
    page.wait_for_selector("text=1 Nachricht war jetzt verwendbar; aufbewahrte Werte: 1.")
    page.wait_for_selector("text=Alle Nachrichten waren verwendbar.")


def test_a_broker_that_is_away_is_told_with_the_next_attempt(page: Page, site: Site, axe: str):
    sign_in(page, site, "/de/connectors/new/")
    choose(page, "MQTT-Broker")
    page.fill("#id_host", "127.0.0.1")
    page.fill("#id_port", str(free_port()))
    page.fill("#id_topic", "stadt/+/wetter")
    page.get_by_role("button", name="Weiter").click()
    page.fill("#id_topic", "stadt/markt/wetter")
    page.fill("#id_payload", '{"temp": 21.4}')
    page.get_by_role("button", name="Mit der eingefügten Nachricht weiter").click()
    page.wait_for_load_state("networkidle")
    assert page.locator("#id_topic").input_value() == "stadt/{device}/wetter"
    page.get_by_role("button", name="Weiter").click()
    page.fill("#id_name", "Wetter der Gärten")
    page.fill("#id_title", "Gartenwetter")
    page.get_by_role("button", name="Anschluss speichern").click()
    page.wait_for_selector(r"#state >> text=/nach \d+ Fehlschlägen/", timeout=25_000)  # by itself
    said = page.locator("#state").inner_text()
    assert "ohne Verbindung" in said and "Nächster Versuch" in said and "An diesem Port antwortet niemand" in said
    looks_well(page, axe)


def test_without_javascript_and_in_english(browser: Browser, site: Site):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(site.url("/en/account/login/?next=/en/connectors/new/"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.get_by_role("button", name="Choose: Webhook").click()
    page.fill("#id_payload", json.dumps(MESSAGE))
    page.get_by_role("button", name="Continue with the pasted message").click()
    assert "13.2\u00a0°C" in page.locator("#preview").inner_text()
    page.fill("#id_thing", "Probe {device}")
    page.get_by_role("button", name="Show what becomes of it").click()
    assert "Probe boden-7" in page.locator("#preview").inner_text()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.fill("#id_name", "Probes")
    page.select_option("#id_dataset", index=1)
    page.get_by_role("button", name="Save the connector").click()
    assert page.locator("h1").inner_text() == "The connector is set up"
    context.close()


def test_by_keyboard_alone(staff: Page, site: Site):
    """Tab leads through the form of a broker in its order, and Enter goes on."""
    page = staff
    page.goto(site.url("/de/connectors/new/"))
    page.get_by_role("button", name="Auswählen: MQTT-Broker").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/source/")
    page.locator("#id_host").focus()
    for name in ("host", "port", "tls", "username", "password", "topic"):
        assert page.evaluate("document.activeElement.id") == f"id_{name}"
        page.keyboard.press("Tab")
    page.fill("#id_host", "mqtt.example.org")
    page.fill("#id_topic", "stadt/+/wetter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/message/")

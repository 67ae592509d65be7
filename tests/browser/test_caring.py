"""Sensor care in a browser without JavaScript: the list, setting aside, a rule from trial to switch, an own sensor."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.looks import path_of

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(browser: Browser, site: Site, signed_in: list) -> Iterator[Page]:
    """A browser without JavaScript, signed in as the administrator."""
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    context.add_cookies(signed_in)
    yield context.new_page()
    context.close()


def test_a_silent_sensor_is_set_aside_and_taken_up_again(plain: Page, site: Site):
    plain.goto(site.url("/de/care/"))
    row = plain.locator("li.al-care", has_text="Esche Uferweg")
    expect(row).to_contain_text("noch nie ist ein Wert gekommen")
    row.get_by_text("Beiseitelegen").click()
    plain.fill("#id_text", "Neues Gerät ist bestellt.")
    plain.click("main button[type=submit] >> nth=0")
    expect(plain.locator("li.al-care", has_text="Esche Uferweg")).to_have_count(0)
    plain.click("main nav >> text=Beiseitegelegt")
    expect(plain.locator("li.al-care", has_text="Esche Uferweg")).to_contain_text("Neues Gerät ist bestellt.")
    plain.click("text=Notiz ändern")
    plain.click("text=Wieder auf die Liste setzen")
    expect(plain.locator("li.al-care", has_text="Esche Uferweg")).to_have_count(1)


def test_a_rule_is_tried_and_switched_on(plain: Page, site: Site):
    plain.goto(site.url(path_of("datastream", "de", site)))
    plain.click("text=Qualitätsregeln")
    plain.fill("#id_step-change", "1,5")
    plain.fill("#id_step-minutes", "10")
    plain.click("#step >> text=Erproben >> nth=-1")
    expect(plain.locator("#step [role=status]")).to_contain_text("In den letzten 30 Tagen hätte diese Regel")
    expect(plain.locator("#step svg[role=img]:visible")).to_have_count(1)
    plain.check("#step-history")
    plain.click("#step >> text=Einschalten")
    expect(plain.locator("#step")).to_contain_text("höchstens 1,5\u00a0°C innerhalb von 10 Minuten")
    plain.click("#step >> text=Ausschalten")
    expect(plain.locator("#step")).to_contain_text("Nicht eingeschaltet.")


def test_the_calendar_is_a_table_that_can_be_read(plain: Page, site: Site):
    plain.goto(site.url(path_of("thing", "de", site)))
    table = plain.locator("table.al-calendar")
    expect(table.locator("caption")).to_contain_text("Anteil der erwarteten Werte")
    expect(table.locator("tbody tr")).to_have_count(13)
    cells = table.locator("td.al-day")
    assert cells.count() > 360
    assert "%" in (cells.nth(cells.count() - 3).text_content() or "")
    plain.click("text=Niederschlag >> nth=-1")
    expect(table.locator("caption")).to_contain_text("Niederschlag")


def test_an_own_sensor_gets_its_key_once(plain: Page, site: Site):
    plain.goto(site.url(path_of("my sensor, approved", "de", site)))
    plain.click("text=Schlüssel erzeugen")
    expect(plain.locator(".al-secret")).to_contain_text("alm_")
    plain.goto(site.url(path_of("my sensor, approved", "de", site)))
    expect(plain.locator(".al-secret")).to_have_count(0)
    expect(plain.locator("text=Neuen Schlüssel erzeugen")).to_be_visible()


def test_the_place_of_an_own_sensor_is_chosen_on_the_map(staff: Page, site: Site):
    page = staff
    page.goto(site.url(path_of("offer", "de", site)))
    page.locator("#id_place").scroll_into_view_if_needed()
    expect(page.locator(".al-map--ready canvas")).to_be_visible(timeout=20_000)
    page.locator(".al-map canvas").click()
    expect(page.locator("#id_place")).to_have_value(re.compile(r"^50\.\d{5}, 11\.\d{5}$"))
    expect(page.locator(".maplibregl-marker")).to_be_visible()
    page.fill("#id_place", "")
    expect(page.locator(".maplibregl-marker")).to_have_count(0)

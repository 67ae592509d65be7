"""Walking through the house: by keyboard, without JavaScript, in both languages; what is live, what is remembered."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.browser.looks import path_of
from tests.browser.town_of_tests import THINGS

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(browser: Browser, site: Site):
    """A page in a browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="de-DE")
    page = context.new_page()
    yield page
    context.close()


def test_the_way_by_keyboard(page: Page, site: Site):
    page.goto(site.url("/de/"))
    page.keyboard.press("Tab")
    skip = page.locator(".al-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    expect(page.locator("#al-search")).to_be_focused()
    page.keyboard.type("Markt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/search/?q=Markt")
    expect(page.locator("h1")).to_contain_text("Treffer für „Markt“")


def test_a_slash_typed_into_a_field_stays_there(page: Page, site: Site):
    page.goto(site.url("/de/feedback/"))
    page.locator("#id_message").press_sequentially("a/b")
    expect(page.locator("#id_message")).to_have_value("a/b")


def test_filters_by_keyboard(page: Page, site: Site):
    page.goto(site.url("/de/data/"))
    late = page.locator(".al-filter-wide a", has_text="verspätet")
    late.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/data/?state=late")
    expect(page.locator(".al-row")).to_have_count(3)
    expect(page.locator(".al-filter-wide a[aria-current]")).to_contain_text("verspätet")


def test_own_days_by_keyboard(page: Page, site: Site):
    page.goto(site.url(path_of("datastream", "de", site)))
    page.locator("#from").fill("2026-11-01")
    page.locator("#to").fill("2026-11-03")
    page.keyboard.press("Enter")
    page.wait_for_url("**from=2026-11-01&to=2026-11-03*")
    expect(page.locator("figure svg[role=img]:visible")).to_have_count(1)


def test_focus_can_be_seen(page: Page, site: Site):
    """Every stop of the tab key is marked by an outline, or the mark of the row that it stands for."""
    page.goto(site.url("/de/"))
    for _ in range(14):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
                const has = (e, name) => getComputedStyle(e)[name] !== 'none';
                const marked = (e) => e && (has(e, 'outlineStyle') || has(e, 'boxShadow'));
                const element = document.activeElement;
                return marked(element) || marked(element.closest('.al-figure')) ? '' : element.outerHTML;
            }"""
        )
        assert seen == ""


def test_without_javascript(plain: Page, site: Site):
    plain.goto(site.url("/de/"))
    plain.click("nav >> text=Daten")
    plain.click("text=Wetterstation Markt")
    plain.click("main >> text=Lufttemperatur")
    expect(plain.locator("figure svg[role=img]:visible")).to_have_count(1)
    plain.click("nav >> text=Jahr")
    expect(plain.locator("nav a[aria-current]", has_text="Jahr")).to_be_visible()
    plain.click("summary")
    expect(plain.locator("table caption")).to_contain_text("Lufttemperatur, Wetterstation Markt")
    expect(plain.locator("[data-live-pause]")).to_be_hidden()
    expect(plain.locator("[data-chart-open]")).to_be_hidden()


def test_without_javascript_the_map_is_not_an_empty_box(plain: Page, site: Site):
    plain.goto(site.url("/de/data/"))
    expect(plain.locator(".al-map")).to_be_hidden()
    rows = plain.locator(".al-row").all_inner_texts()
    assert all(any(german in row for row in rows) for _, german, *_ in THINGS.values())


def test_the_language_switch_stays_on_the_page(page: Page, site: Site):
    page.goto(site.url(path_of("datastream", "de", site) + "?range=month"))
    page.click("header >> text=English")
    assert page.url == site.url(path_of("datastream", "en", site) + "?range=month")
    expect(page.locator("h1")).to_have_text("Air temperature")
    page.click("header >> text=Deutsch")
    assert page.url == site.url(path_of("datastream", "de", site) + "?range=month")


@pytest.mark.parametrize("script", [True, False])
def test_the_theme_is_remembered(browser: Browser, site: Site, script: bool):
    context = browser.new_context(java_script_enabled=script, color_scheme="light")
    page = context.new_page()
    page.goto(site.url("/de/data/?state=late"))
    page.click("footer >> text=Dunkel")
    assert page.url == site.url("/de/data/?state=late")
    page.goto(site.url("/de/"))
    expect(page.locator("html")).to_have_attribute("data-kern-theme", "dark")
    expect(page.locator("footer button[aria-pressed=true]")).to_have_text("Dunkel")
    page.click("footer >> text=Automatisch")
    assert page.locator("html").get_attribute("data-kern-theme") is None
    context.close()


def test_reading_sets_no_cookie(page: Page, site: Site):
    for path in ("/", "/de/", "/de/data/", path_of("datastream", "de", site), "/de/pages/privacy/", "/de/search/?q=a"):
        page.goto(site.url(path))
    assert page.context.cookies() == []


def test_the_map_shows_the_things_of_the_list(page: Page, site: Site):
    page.goto(site.url("/de/data/"))
    expect(page.locator(".al-map--ready canvas")).to_be_visible(timeout=20_000)
    canvas = page.locator(".al-map canvas")
    expect(canvas).to_have_attribute("aria-label", "Karte dieser Orte; die Liste enthält dieselben")
    expect(page.locator(".maplibregl-ctrl-zoom-in")).to_have_attribute("aria-label", "Vergrößern")


def test_the_chart_can_be_read_off(page: Page, site: Site, axe: str):
    page.goto(site.url(path_of("datastream", "de", site)))
    page.click("text=Werte im Diagramm ablesen")
    chart = page.locator(".al-chart__frame--open svg")
    expect(chart).to_be_visible(timeout=20_000)
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2)
    tip = page.locator("#vg-tooltip-element.visible")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text(re.compile(r"Mittel \(°C\)"))
    expect(tip).to_contain_text(re.compile(r"\d+,\d"))
    page.evaluate(axe)
    assert page.evaluate("axe.run('figure', {resultTypes: ['violations']})")["violations"] == []


def test_live_values_come_by_themselves_and_can_be_stopped(page: Page, site: Site):
    path = path_of("datastream", "de", site)
    page.clock.install()
    page.goto(site.url(path))
    expect(page.locator("[data-live-pause]")).to_be_visible()
    with page.expect_response("**/newest/") as answer:
        page.clock.run_for(10_500)
    assert answer.value.ok
    page.click("text=Anhalten")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(30_000)
    page.wait_for_timeout(200)
    assert asked == []
    expect(page.locator("[data-live-pause]")).to_contain_text("Fortsetzen")


def test_a_report_is_taken_without_an_account(plain: Page, site: Site):
    plain.goto(site.url("/de/pages/accessibility/"))
    plain.get_by_role("main").get_by_role("link", name="Barriere melden", exact=True).click()
    plain.click("text=Rückmeldung abschicken")
    expect(plain.locator("[role=alert]")).to_contain_text("Was Sie eingegeben haben, ist noch da")
    plain.check("text=Etwas stimmt nicht")
    plain.fill("#id_message", "Die Zahl ist zu hoch.")
    plain.click("text=Rückmeldung abschicken")
    expect(plain.locator("main strong")).to_have_text(re.compile(r"^fbk-[0-9a-z]{10}$"))


def test_printing_shows_the_chart_and_no_controls(page: Page, site: Site):
    page.goto(site.url(path_of("datastream", "de", site)))
    page.emulate_media(media="print")
    expect(page.locator("figure svg.al-chart--wide")).to_be_visible()
    expect(page.locator(".al-search")).to_be_hidden()
    expect(page.locator(".al-tabs")).to_be_hidden()

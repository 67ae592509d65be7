"""axe finds nothing on any page: German and English, light and dark, wide and 320 pixels; nothing scrolls sideways."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.looks import PAGES, SIGNED_IN, path_of

pytestmark = pytest.mark.browser


def violations(page: Page, axe: str) -> list[str]:
    """What axe objects to, as rule and place."""
    page.evaluate(axe)  # through the debugger: the page's own policy forbids foreign scripts
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{fault['id']}: {node['target']} {node['failureSummary']}" for fault in found for node in fault["nodes"]]


def sideways(page: Page) -> list[str]:
    """Elements that reach beyond the window, other than inside a frame that scrolls by itself."""
    return page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter((element) => element.getBoundingClientRect().right > width + 1)
                .map((element) => element.tagName + '.' + element.className).slice(0, 5);
        }"""
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(page: Page, site: Site, axe: str, name: str, language: str):
    page.goto(site.url(path_of(name, language, site)))
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page, axe) == [], f"{width} pixels, {theme}"
        assert sideways(page) == []
    assert page.evaluate("document.documentElement.lang") == language


def sign_in(page: Page, site: Site) -> None:
    page.goto(site.url("/de/account/login/"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_url("**/de/")


@pytest.mark.parametrize("name", SIGNED_IN)
def test_the_pages_of_staff_too(page: Page, site: Site, axe: str, name: str):
    sign_in(page, site)
    for language in ("de", "en"):
        page.goto(site.url(path_of(name, language, site)))
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                assert violations(page, axe) == [], f"{language}, {width} pixels, {theme}"
            assert sideways(page) == []


@pytest.mark.parametrize("path", ["email/", "2fa/", "password/change/", "logout/"])
def test_the_account_pages_too(page: Page, site: Site, axe: str, path: str):
    page.goto(site.url("/de/account/login/"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_load_state("networkidle")
    page.goto(site.url(f"/de/account/{path}"))
    for width, theme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        assert violations(page, axe) == [], f"{width} pixels, {theme}"
        assert sideways(page) == []


def test_the_editor_of_texts_too(page: Page, site: Site, axe: str):
    page.goto(site.url("/de/account/login/?next=/de/pages/imprint/edit/"))
    page.fill("#id_login", "admin@example.org")
    page.fill("#id_password", site.password)
    page.click("main button[type=submit] >> nth=0")
    page.wait_for_load_state("networkidle")
    page.click("text=Vorschau zeigen")
    page.wait_for_load_state("networkidle")
    assert page.locator("h2", has_text="Vorschau").is_visible()
    assert violations(page, axe) == []


def test_four_hundred_per_cent_zoom(page: Page, site: Site):
    """1280 pixels at 400 % are 320 CSS pixels by 256: headers do not stick, and the chart is still there."""
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(site.url(path_of("datastream", "de", site)))
    assert sideways(page) == []
    assert page.locator("figure svg.al-chart--small").is_visible()


def test_targets_are_large_enough(page: Page, site: Site):
    """WCAG 2.2, 2.5.8: 24 by 24 pixels, except for links within a sentence."""
    for name in ("home", "data", "datastream", "thing", "care", "register", "register entry"):
        page.goto(site.url(path_of(name, "de", site)))
        small = page.evaluate(
            """() => [...document.querySelectorAll('a, button, summary, input, select')]
                .filter((e) => e.offsetParent && !e.closest('p, li > span, td, .kern-sr-only, .al-skip'))
                .filter((e) => !e.classList.contains('kern-sr-only') && !e.classList.contains('al-skip'))
                .filter((e) => getComputedStyle(e, '::after').position !== 'absolute') // the whole row is the target
                .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
                .filter(([, box]) => box.height < 24 || box.width < 24).map(([html, box]) => html + box.height)"""
        )
        assert small == [], name

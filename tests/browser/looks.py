"""The pages that every look at the whole site goes through, and what is looked for on each of them."""

from playwright.sync_api import Page

from tests.browser.conftest import Site

# name: path without the language; {…} are keys of the town of tests
PAGES = {
    "home": "",
    "data": "data/",
    "data filtered": "data/?state=late",
    "data empty": "data/?q=nirgendwo",
    "thing": "things/{station-markt}/",
    "datastream": "datastreams/{station-markt/temperature}/",
    "datastream table": "datastreams/{parken-bahnhof/spaces}/?range=month&page=2",
    "datastream sums": "datastreams/{station-markt/rain}/?range=month",
    "datastream silent": "datastreams/{baum-silent/soil}/",
    "datastream wrong dates": "datastreams/{station-markt/temperature}/?from=2026-05-02&to=2026-05-01",
    "dataset": "datasets/wetter/",
    "datasets": "datasets/",
    "datasets found": "datasets/?q=Baumkatatser&theme=ENVI",
    "datasets none": "datasets/?q=nirgendwo",
    "dataset with a table": "datasets/baumkataster/",
    "version": "datasets/baumkataster/versions/2/",
    "what changed": "datasets/baumkataster/versions/2/changes/",
    "uses": "datasets/uses/",
    "offer a use": "datasets/uses/new/",
    "requests": "datasets/requests/",
    "ask for data": "datasets/requests/new/",
    "request refused": "datasets/requests/{request-refused}/",
    "thing implausible, one datastream": "things/{luft-ring}/?count={luft-ring/temperature}",
    "citizen sensor": "things/{balkon}/",
    "care": "care/",
    "care filtered": "care/?need=silent",
    "care empty": "care/?show=seen",
    "register": "sensors/",
    "register filtered": "sensors/?owner=citizen",
    "register entry": "sensors/{station-markt}/",
    "search": "search/?q=park",
    "search mistyped": "search/?q=Baumkatatser",
    "search empty": "search/",
    "legal text": "pages/privacy/",
    "easy language": "pages/accessibility/?easy=1",
    "feedback": "feedback/",
    "sign in": "account/login/",
    "sign up": "account/signup/",
    "password forgotten": "account/password/reset/",
    "not there": "nowhere/",
}


# The same for pages that one sees only signed in as the administrator of the town of tests.
SIGNED_IN = {
    "care for staff": "care/",
    "load a file": "datasets/load/",
    "requests for staff": "datasets/requests/",
    "request for staff": "datasets/requests/{request-new}/",
    "harvesting": "datasets/harvest/",
    "dataset for staff": "datasets/baumkataster/",
    "describe a dataset": "datasets/baumkataster/describe/",
    "describe columns": "datasets/baumkataster/columns/",
    "register a dataset": "datasets/new/",
    "purpose and retention": "datasets/wetter/processing/",
    "register of processing activities": "register-of-processing/",
    "thing for staff": "things/{baum-silent}/",
    "set aside": "care/things/{baum-silent}/",
    "mail": "care/mail/?target=thing:{baum-silent}",
    "rules": "datastreams/{station-markt/temperature}/rules/",
    "rules tried": "datastreams/{station-markt/temperature}/rules/?try=step&step-change=2&step-minutes=10&step-days=30",
    "rules wrong": "datastreams/{station-markt/temperature}/rules/?try=step&step-change=x",
    "gaps tried": "datastreams/{station-markt/temperature}/rules/?try=gap&gap-late=60&gap-silent=2&gap-days=365",
    "describe": "sensors/describe/{station-markt}/",
    "my sensors": "sensors/mine/",
    "offer": "sensors/mine/offer/",
    "my sensor, waiting": "sensors/mine/{citizen-waiting}/",
    "my sensor, approved": "sensors/mine/{citizen-approved}/",
    "offers": "sensors/offers/",
    "decide": "sensors/offers/{citizen-waiting}/",
}


def path_of(name: str, language: str, site: Site) -> str:
    path = {**PAGES, **SIGNED_IN}[name]
    for key, code in {**site.things, **site.datastreams}.items():
        path = path.replace("{" + key + "}", code)
    return f"/{language}/{path}"


def violations(page: Page, axe: str, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe objects to, as rule and place. rules: only those with one of these tags; none: all."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)  # through the debugger: the page's own policy forbids foreign scripts
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    # Only the violations leave the page: all that axe says is a megabyte.
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
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


def looks_well(page: Page, axe: str) -> None:
    """axe finds nothing on the page, wide and 320 pixels, light and dark; nothing scrolls sideways.

    A theme changes colours and nothing else, so all rules are tried on the light page and those of colour on both.
    """
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="light")
        assert violations(page, axe) == [], f"{page.url}, {width} pixels, light"
        page.emulate_media(color_scheme="dark")
        assert violations(page, axe, ("cat.color",)) == [], f"{page.url}, {width} pixels, dark"
        assert sideways(page) == [], f"{page.url}, {width} pixels"
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")

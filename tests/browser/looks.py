"""The pages that every look at the whole site goes through."""

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
    "search": "search/?q=park",
    "search empty": "search/",
    "legal text": "pages/privacy/",
    "easy language": "pages/accessibility/?easy=1",
    "feedback": "feedback/",
    "sign in": "account/login/",
    "sign up": "account/signup/",
    "password forgotten": "account/password/reset/",
    "not there": "nowhere/",
}


def path_of(name: str, language: str, site: Site) -> str:
    path = PAGES[name]
    for key, code in {**site.things, **site.datastreams}.items():
        path = path.replace("{" + key + "}", code)
    return f"/{language}/{path}"

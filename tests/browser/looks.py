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
    "thing implausible, one datastream": "things/{luft-ring}/?count={luft-ring/temperature}",
    "citizen sensor": "things/{balkon}/",
    "care": "care/",
    "care filtered": "care/?need=silent",
    "care empty": "care/?show=seen",
    "register": "sensors/",
    "register filtered": "sensors/?owner=citizen",
    "register entry": "sensors/{station-markt}/",
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


# The same for pages that one sees only signed in as the administrator of the town of tests.
SIGNED_IN = {
    "care for staff": "care/",
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

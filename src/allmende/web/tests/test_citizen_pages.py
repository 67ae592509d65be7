"""A resident's sensor from offer to erasure, as pages tell it."""

import re

import pytest
from django.apps import apps

CitizenSensor = apps.get_model("observations", "CitizenSensor")
Thing = apps.get_model("observations", "Thing")


pytestmark = pytest.mark.django_db
OFFER = {
    "name": "Balkon Süd",
    "quantities": ["temperature", "pm25"],
    "device": "Bausatz",
    "about": "Am Geländer, drei Meter hoch",
    "interval": "150",
    "place": "50.92712, 11.58612",
    "precision": "250m",
    "consent": "on",
}


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:300]
    return response.content.decode()


@pytest.fixture
def offered(store, signed_in, resident):
    answer = signed_in(resident).post("/de/sensors/mine/offer/", OFFER)
    assert answer.status_code == 302, re.findall("kern-error[^<]*>[^<]*", answer.content.decode())
    return CitizenSensor.objects.get()


@pytest.fixture
def approved(offered, signed_in, steward):
    answer = signed_in(steward).post(f"/de/sensors/offers/{offered.code}/", {"approve": ""})
    assert answer.status_code == 302
    offered.refresh_from_db()
    return offered


def test_a_stranger_is_led_to_sign_in(client, store):
    assert "Mit einem eigenen Sensor mitmachen" in body(client.get("/de/sensors/"))
    assert client.get("/de/sensors/mine/")["Location"].startswith("/de/account/login/?next=")


def test_a_resident_offers_a_sensor(offered, signed_in, resident):
    browser = signed_in(resident)
    assert (offered.state, offered.interval, offered.quantities) == ("offered", 150, ["temperature", "pm25"])
    assert (offered.longitude, offered.latitude) != (11.58612, 50.92712)
    page = body(browser.get(f"/de/sensors/mine/{offered.code}/"))
    assert "wartet auf die Stadt" in page
    assert "Lufttemperatur, Feinstaub PM2,5" in page
    assert "Schlüssel erzeugen" not in page
    assert "Balkon Süd" in body(browser.get("/de/sensors/mine/"))
    assert "Balkon Süd" not in body(browser.get("/de/sensors/"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"place": "am Markt"}, "Bitte schreiben Sie Breite und Länge"),
        ({"name": ""}, 'role="alert"'),
        ({"quantities": ["people"]}, 'role="alert"'),
        ({"quantities": []}, 'role="alert"'),
        ({"consent": ""}, 'role="alert"'),
        ({"precision": "1m"}, 'role="alert"'),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(store, signed_in, resident, change, message):
    page = body(signed_in(resident).post("/de/sensors/mine/offer/", {**OFFER, **change}), 422)
    assert message in page
    assert "Am Geländer, drei Meter hoch" in page
    assert not CitizenSensor.objects.exists()


def test_several_quantities_are_tick_boxes(store, signed_in, resident):
    page = body(signed_in(resident).get("/de/sensors/mine/offer/"))
    assert page.count('type="checkbox" name="quantities"') == 11
    assert page.count('type="radio" name="precision"') == 3


def test_the_town_refuses_with_a_reason(offered, signed_in, steward, resident):
    browser = signed_in(steward)
    assert "1 Sensor wartet auf Antwort" in body(browser.get("/de/sensors/offers/"))
    address = f"/de/sensors/offers/{offered.code}/"
    assert "Was eine Freigabe bedeutet" in body(browser.get(address))
    body(browser.post(address, {"refuse": "", "reason": " "}), 422)
    assert browser.post(address, {"refuse": "", "reason": "Er steht in der Nachbarstadt."}).status_code == 302
    assert "Kein Sensor wartet auf Antwort" in body(browser.get("/de/sensors/offers/"))
    page = body(signed_in(resident).get(f"/de/sensors/mine/{offered.code}/"))
    assert "Er steht in der Nachbarstadt." in page


def test_only_the_town_decides(offered, signed_in, resident, clerk):
    for member in (resident, clerk):
        for address in ("/de/sensors/offers/", f"/de/sensors/offers/{offered.code}/"):
            assert signed_in(member).get(address).status_code == 403


def test_the_key_is_shown_once(approved, signed_in, resident):
    browser = signed_in(resident)
    address = f"/de/sensors/mine/{approved.code}/"
    page = body(browser.get(address))
    assert "Bevor der Sensor senden kann" in page
    made = browser.post(address, {"key": ""})
    [secret] = re.findall(r'al-secret">(alm_[\w-]+)<', body(made))
    assert f"Bearer {secret}" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    again = body(browser.get(address))
    assert secret not in again
    assert "Ein neuer macht den alten ungültig" in again


def test_it_is_labelled_wherever_it_is_shown(approved, client):
    code = approved.thing.code
    stream = approved.thing.datastreams.first()
    for address in (
        "/de/data/",
        f"/de/things/{code}/",
        f"/de/datastreams/{stream.code}/",
        "/de/sensors/",
        f"/de/sensors/{code}/",
    ):
        assert '<span class="al-citizen">Bürgersensor</span>' in body(client.get(address)), address
    assert ",yes,no" in body(client.get("/de/data/things.csv"))
    assert '"citizen_sensor": "Bürgersensor"' in body(client.get("/de/data/things.geojson"))
    assert '"citizen_sensor": true' in body(client.get("/de/sensors/register.json"))
    assert "auf etwa 250 Meter genau" in body(client.get(f"/de/things/{code}/"))


def test_lists_can_be_filtered_by_who_runs_it(approved, client, town):
    page = body(client.get("/de/data/?runner=citizen"))
    assert "Balkon Süd" in page
    assert ">Station open<" not in page
    assert "Balkon Süd" in body(client.get("/de/sensors/?owner=citizen"))


def test_ending_it_keeps_the_values(approved, signed_in, resident, client):
    browser = signed_in(resident)
    address = f"/de/sensors/mine/{approved.code}/"
    assert browser.post(address, {"stop": ""}).status_code == 302
    assert "beendet; die Werte bleiben" in body(browser.get(address))
    assert "nicht mehr in Betrieb" in body(client.get(f"/de/things/{approved.thing.code}/"))
    assert "nicht mehr in Betrieb" in body(client.get("/de/data/"))
    answer = browser.post(address, {"stop": ""}, follow=True)
    assert "Das geht nicht mehr" in body(answer)


def test_erasing_needs_a_tick_and_leaves_nothing(approved, signed_in, resident, client):
    browser = signed_in(resident)
    address = f"/de/sensors/mine/{approved.code}/"
    assert "Nichts wurde gelöscht" in body(browser.post(address, {"erase": ""}, follow=True))
    assert Thing.objects.exists()
    assert browser.post(address, {"erase": "", "sure": "yes"}).status_code == 302
    assert not Thing.objects.exists()
    page = body(browser.get(address))
    assert "Ein zurückgezogener Sensor" in page
    assert "Am Geländer" not in page
    assert "Balkon" not in body(client.get("/de/data/"))
    assert "Bürgersensoren, Gruppe" not in body(client.get("/de/"))


def test_the_town_can_end_it_too(approved, signed_in, steward):
    browser = signed_in(steward)
    assert browser.post(f"/de/sensors/offers/{approved.code}/", {"stop": ""}).status_code == 302
    approved.refresh_from_db()
    assert approved.state == "stopped"


def test_nobody_sees_the_sensor_of_another(approved, signed_in, moderator):
    assert signed_in(moderator).get(f"/de/sensors/mine/{approved.code}/").status_code == 404

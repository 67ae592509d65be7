"""The public register: list, files, map, entry with its sticker, describing; the same for everybody."""

import csv
import io
import json

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.services import change_dataset
from allmende.observations.care.register import describe, said
from allmende.web.qr import svg

pytestmark = pytest.mark.django_db


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:300]
    return response.content.decode()


@pytest.fixture
def described(town):
    change_dataset(
        SYSTEM,
        town.open_dataset,
        purpose={"de": "Damit alle das Wetter kennen.", "en": "So that all know the weather."},
        retention_days=3650,
        contact_email="umwelt@example.org",
    )
    describe(
        SYSTEM,
        said(dataset=town.open_dataset),
        legal_ground={"de": "§ 1 Wettergesetz", "en": "Weather Act"},
        personal_data="none",
        images=False,
        sound=False,
    )
    return town


def test_the_list_names_what_is_open_and_counts_the_rest(client, described):
    page = body(client.get("/de/sensors/"))
    assert "1 Sensor im Register" in page
    assert "Lufttemperatur. Damit alle das Wetter kennen." in page
    assert "Personenbezogene Daten: keine · keine Bilder, kein Ton" in page
    assert "keine Bilder, kein Ton" in page
    assert "2 Sensoren, Umweltamt" in page
    assert "Station protected" not in page
    assert "Station shared" not in page


def test_staff_see_the_same(described, signed_in, administrator):
    assert "Station protected" not in body(signed_in(administrator).get("/de/sensors/"))


def test_filters(client, described):
    assert "Station open" in body(client.get("/de/sensors/?personal=none"))
    assert "Nichts passt zu allen diesen Filtern" in body(client.get("/de/sensors/?personal=personal"))
    assert "0 Sensoren im Register" in body(client.get("/de/sensors/?q=nirgends"))


def test_an_empty_town(client, store):
    page = body(client.get("/en/sensors/"))
    assert "No sensor is registered yet." in page
    assert "Nothing: every sensor of this platform stands in the list." in page


def test_the_files_hold_the_same(client, described, settings):
    settings.PUBLIC_URL = "https://data.example.org"
    [row] = csv.DictReader(io.StringIO(body(client.get("/de/sensors/register.csv")).lstrip("\ufeff")))
    assert (row["id"], row["measures"], row["legal_ground"]) == (
        described.open_thing.code,
        "Lufttemperatur",
        "§ 1 Wettergesetz",
    )
    assert (row["personal_data"], row["images"], row["retention_days"]) == ("none", "no", "3650")
    found = json.loads(body(client.get("/de/sensors/register.json")))
    [sensor] = found["sensors"]
    assert sensor["page"] == f"https://data.example.org/de/sensors/{described.open_thing.code}/"
    assert sensor["purpose"]["en"] == "So that all know the weather."
    assert sensor["location"] == {"type": "Point", "coordinates": [11.58, 50.92]}
    assert found["not_named"][0]["count"] == 2
    places = json.loads(body(client.get("/de/sensors/register.geojson")))
    assert places["features"][0]["properties"]["page"] == f"/de/sensors/{described.open_thing.code}/"
    assert json.loads(body(client.get("/de/sensors/register.json?personal=personal")))["sensors"] == []


def test_the_entry_answers_who_stands_before_the_sensor(client, described, settings):
    settings.PUBLIC_URL = "https://data.example.org"
    page = body(client.get(f"/de/sensors/{described.open_thing.code}/"))
    for words in ("§ 1 Wettergesetz", "umwelt@example.org", "10 Jahre", "Umweltamt", "Damit alle das Wetter kennen."):
        assert words in page
    assert f"https://data.example.org/s/{described.open_thing.code}/" in page
    assert "<svg aria-hidden" in page
    assert "Diesen Sensor beschreiben" not in page
    assert client.get(f"/de/sensors/{described.protected_thing.code}/").status_code == 404


def test_the_sticker_leads_to_the_language_of_the_visitor(client, described):
    code = described.open_thing.code
    answer = client.get(f"/s/{code}/", headers={"Accept-Language": "en"})
    assert answer["Location"] == f"/en/sensors/{code}/"
    assert client.get(f"/s/{code}/", headers={"Accept-Language": "de"})["Location"] == f"/de/sensors/{code}/"


def test_what_nobody_has_said_is_said_to_be_so(client, town):
    page = body(client.get(f"/de/sensors/{town.open_thing.code}/"))
    assert page.count("noch nicht angegeben") >= 4
    assert "kein Ende angegeben" in page


def test_staff_describes(described, signed_in, steward, resident, client):
    address = f"/de/sensors/describe/{described.open_thing.code}/"
    assert signed_in(resident).get(address).status_code == 403
    browser = signed_in(steward)
    assert "Diesen Sensor beschreiben" in body(browser.get(f"/de/sensors/{described.open_thing.code}/"))
    assert "Alle Sensoren des Datensatzes beschreiben" in body(browser.get(address))
    form = {"purpose_de": "Hitzewarnung", "personal_data": "anonymised", "images": "yes", "sound": ""}
    assert browser.post(address, {**form, "contact_email": "nichts"}).status_code == 422
    assert browser.post(address, form).status_code == 302
    page = body(browser.get(f"/de/sensors/{described.open_thing.code}/"))
    assert "Hitzewarnung" in page
    assert "macht Bilder" in page
    assert "im Gerät anonymisiert" in page
    assert "§ 1 Wettergesetz" in page  # from the dataset
    assert 'value="anonymised" id="id_personal_data_2" checked' in body(browser.get(address)).replace(
        " selected", " checked"
    )


def test_a_whole_dataset_is_described(town, signed_in, steward):
    browser = signed_in(steward)
    address = "/de/sensors/describe/open-weather/"
    assert "gilt für alle Sensoren dieses Datensatzes" in body(browser.get(address))
    assert browser.post(address, {"personal_data": "none", "images": "no", "sound": "no"}).status_code == 302
    assert "keine Bilder, kein Ton" in body(browser.get("/de/sensors/"))
    assert browser.get("/de/sensors/describe/protected-weather/").status_code == 404


def test_a_qr_code_is_drawn_without_its_address_as_text():
    drawn = svg("https://data.example.org/s/thg-0123456789/")
    assert drawn.startswith('<svg aria-hidden="true"')
    assert "example" not in drawn


def test_the_page_of_a_thing_leads_there(client, described, signed_in, administrator):
    assert f"/de/sensors/{described.open_thing.code}/" in body(client.get(f"/de/things/{described.open_thing.code}/"))
    hidden = described.protected_thing.code
    page = body(signed_in(administrator).get(f"/de/things/{hidden}/"))
    assert f"/de/sensors/{hidden}/" not in page

"""Pages of connectors: who sees them, the steps with plain forms, changing, replaying, removing."""

import json

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.catalogue.queries import get_dataset
from allmende.connectors import faulty, noting, services
from allmende.connectors.faulty import Fault
from allmende.connectors.health import Health
from allmende.connectors.queries import get_connector
from allmende.connectors.readings import Message
from allmende.core.clock import parse_instant
from allmende.core.said import Said

SAMPLE = {"deviceId": "box-1", "at": "2026-06-01T10:00:00+02:00", "temp": 21.4, "BatV": 3.3, "foo": 7}
ARRIVAL = parse_instant("2026-06-01T12:00:00Z")


@pytest.fixture
def steward_browser(town, cast, signed_in):
    return signed_in(cast.steward)


@pytest.fixture
def connector(town):
    mapping = {"values": [{"key": "s1/temperature", "path": "temp"}]}
    return services.add(SYSTEM, "webhook", "Boxes", "open-weather", {"mapping": mapping}).connector


def begun(browser, kind):
    """The address of the first step of a new draft."""
    answer = browser.post("/en/connectors/new/", {"kind": kind})
    assert answer.status_code == 302
    return answer.url


def test_only_staff_enters(client, cast, signed_in, connector):
    for path in ("", "new/", f"{connector.code}/", f"{connector.code}/mapping/", f"{connector.code}/remove/"):
        assert client.get(f"/en/connectors/{path}").url.startswith("/en/account/login/")
    resident = signed_in(cast.resident)
    assert resident.get("/en/connectors/").status_code == 403
    assert resident.post(f"/en/connectors/{connector.code}/do/", {"do": "pause"}).status_code == 403
    steward = signed_in(cast.steward)
    assert steward.get("/en/connectors/").status_code == 200
    assert "Connectors" in steward.get("/en/data/").content.decode()
    hidden = services.add(SYSTEM, "webhook", "Hidden", "protected-weather", connector.config).connector
    assert "Hidden" not in steward.get("/en/connectors/").content.decode()
    assert steward.get(f"/en/connectors/{hidden.code}/").status_code == 404
    assert steward.post(f"/en/connectors/{hidden.code}/do/", {"do": "pause"}).status_code == 404
    assert steward.get("/en/connectors/con-nobody/").status_code == 404


def test_a_pasted_message_becomes_a_connector_without_javascript(steward_browser):
    browser = steward_browser
    url = begun(browser, "webhook")
    assert "paste" in browser.get(url).content.decode()
    answer = browser.post(url, {"do": "paste", "payload": json.dumps(SAMPLE)})
    assert answer.status_code == 302 and answer.url.endswith("/mapping/")
    page = browser.get(answer.url)
    text = page.content.decode()
    assert "Air temperature" in text and "21.4\u00a0°C" in text and "Battery voltage" in text
    form = page.context["form"]
    assert [(row.path, row.chosen) for row in form.rows] == [("temp", True), ("BatV", True), ("foo", False)]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    data |= {
        "thing": "Box {device}",
        "use_2": "on",
        "de_2": "Füllstand",
        "en_2": "Fill",
        "unit_2": "cm",
        "factor_2": "0,5",
    }
    data = {name: "on" if value is True else value for name, value in data.items()}
    del data["use_1"]
    shown = browser.post(answer.url, data).content.decode()
    assert "Box box-1" in shown and "3.5\u00a0cm" in shown and "Battery voltage" in shown
    assert browser.post(answer.url, {**data, "save": "1"}).url.endswith("/finish/")
    finish = answer.url.replace("mapping", "finish")
    wrong = browser.post(finish, {"name": "Boxes"})
    assert wrong.status_code == 422 and "choose a dataset" in wrong.content.decode()
    done = browser.post(finish, {"name": "Boxes", "title": "Fill levels"}).content.decode()
    assert "X-Allmende-Secret" in done and "The connector is set up" in done
    code = finish.split("/")[-3]
    made = get_connector(SYSTEM, code)
    assert made.dataset == get_dataset(SYSTEM, "fill-levels")
    mapping = made.config["mapping"]
    assert mapping["names"] == {"device": "deviceId"} and mapping["time"] == "at"
    assert [rule["key"] for rule in mapping["values"]] == ["{device}/temp", "{device}/foo"]
    fill = mapping["values"][1]
    assert fill["factor"] == 0.5 and fill["register"]["unit"] == "cm"
    assert fill["register"]["thing"] == "Box {device}" and fill["register"]["thing_key"] == "{device}"
    assert browser.get(finish).status_code == 404  # the draft is gone


def test_the_secret_of_a_draft_goes_on_to_hold(steward_browser):
    url = begun(steward_browser, "webhook")
    page = steward_browser.post(url, {"do": "secret"})
    secret = page.context["secret"]
    assert secret in page.content.decode() and secret not in steward_browser.get(url).content.decode()
    code = url.split("/")[-3]
    waiting = noting.waiting()
    assert [each.code for each in waiting] == [code]
    noting._keep_sample(code, Message(json.dumps(SAMPLE).encode(), "", ARRIVAL))
    assert "Continue with this message" in steward_browser.get(url).content.decode()
    mapping = steward_browser.post(url, {"do": "use"}).url
    form = steward_browser.get(mapping).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    assert steward_browser.post(mapping, {**data, "save": "1"}).status_code == 302
    done = steward_browser.post(mapping.replace("mapping", "finish"), {"name": "x", "dataset": "open-weather"})
    assert done.url == f"/en/connectors/{code}/"
    assert get_connector(SYSTEM, code).secret_hash == waiting[0].secret_hash


@pytest.mark.parametrize("payload", ["", "hello", "{}", "<xml/>", '{"name": "only text"}'])
def test_a_message_in_which_nothing_is_keeps_what_was_typed(steward_browser, payload):
    url = begun(steward_browser, "webhook")
    answer = steward_browser.post(url, {"do": "paste", "payload": payload})
    assert answer.status_code == 422
    assert payload.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;") in answer.content.decode()
    assert list(answer.context["form"].errors) == ["payload"]
    assert steward_browser.get(url).context["sample"] is None  # what was pasted wrongly is not taken for received


@pytest.mark.parametrize(
    ("kind", "payload", "why"),
    [("chirpstack", '{"temp": 3}', "There is no devEui"), ("ttn", '{"temp": 3}', "There is no «end_device_ids»")],
)
def test_a_message_of_another_sort_is_refused_where_it_is_pasted(steward_browser, kind, payload, why):
    answer = steward_browser.post(begun(steward_browser, kind), {"do": "paste", "payload": payload})
    assert answer.status_code == 422 and why in answer.content.decode()


def test_what_was_suggested_can_be_saved_as_it_is_also_where_things_are_counted(steward_browser):
    url = begun(steward_browser, "webhook")
    sample = {"deviceId": "p1", "free": 34, "lat": 50.9, "lon": 11.6}
    mapping = steward_browser.post(url, {"do": "paste", "payload": json.dumps(sample)}).url
    page = steward_browser.get(mapping.replace("/en/", "/de/"))
    form = page.context["form"]
    assert form["unit_0"].value() == "Plätze" and "Die Lage wird aus lat, lon übernommen" in page.content.decode()
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    for said, code in (("Plätze", "{spaces}"), ("spaces", "{spaces}"), ("Grad Celsius", "Cel"), ("°C", "Cel")):
        answer = steward_browser.post(mapping.replace("/en/", "/de/"), {**data, "unit_0": said, "save": "1"})
        assert answer.status_code == 302, said
        kept = steward_browser.get(mapping).context["bench"].rules["values"][0]
        assert kept["register"]["unit"] == code


def test_a_broker_is_asked_for_first_and_its_topic_becomes_a_pattern(steward_browser):
    url = begun(steward_browser, "mqtt")
    assert url.endswith("/source/")
    assert steward_browser.post(url, {"host": "", "port": "0"}).status_code == 422
    filled = {"host": "mqtt.example.org", "port": "8883", "tls": "on", "password": "s3cret", "topic": "town/+/weather"}
    message = steward_browser.post(url, filled).url
    assert "s3cret" not in steward_browser.get(url).content.decode()
    assert steward_browser.post(url, {**filled, "password": ""}).status_code == 302
    sample = {"do": "paste", "topic": "town/market/weather", "payload": '{"temp": 5}'}
    mapping = steward_browser.post(message, sample).url
    form = steward_browser.get(mapping).context["form"]
    assert form["topic"].value() == "town/{device}/weather"
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    steward_browser.post(mapping, {**data, "save": "1"})
    finish = steward_browser.post(mapping.replace("mapping", "finish"), {"name": "x", "dataset": "open-weather"})
    config = get_connector(SYSTEM, finish.url.split("/")[-2]).config
    assert config["password"] == "s3cret" and config["tls"] is True and config["port"] == 8883
    assert config["mapping"]["topic"] == "town/{device}/weather"


@pytest.mark.parametrize(
    ("kind", "filled"),
    [
        ("sta_pull", {"url": "https://example.org/v1.1", "history": "all", "every": "60"}),
        ("csv_folder", {"folder": "loggers"}),
    ],
)
def test_kinds_without_messages_have_two_steps(steward_browser, kind, filled):
    url = begun(steward_browser, kind)
    finish = steward_browser.post(url, filled).url
    assert finish.endswith("/finish/")
    done = steward_browser.post(finish, {"name": "x", "dataset": "open-weather"})
    assert steward_browser.get(done.url).status_code == 200


@pytest.mark.parametrize(
    ("kind", "filled"),
    [
        ("http_poll", {"url": "file:///etc/passwd", "every": "60"}),
        ("http_poll", {"url": "https://x.example/", "every": "1"}),
        ("sta_pull", {"url": "https://example.org/v1.1", "history": "yesterday", "every": "60"}),
        ("csv_folder", {"folder": "/etc"}),
        ("csv_folder", {"folder": "../secrets"}),
    ],
)
def test_what_cannot_work_is_said_at_the_field(steward_browser, kind, filled):
    answer = steward_browser.post(begun(steward_browser, kind), filled)
    assert answer.status_code == 422 and "Please check your entries" in answer.content.decode()


def test_uplinks_are_chosen_by_name(steward_browser):
    uplink = {
        "deviceInfo": {"devEui": "00aa00bb00cc0001", "deviceName": "lime"},
        "object": {"temp_SOIL": 13, "debug": 5},
        "rxInfo": [{"rssi": -100}],
    }
    url = begun(steward_browser, "chirpstack")
    mapping = steward_browser.post(url, {"do": "paste", "payload": json.dumps(uplink)}).url
    page = steward_browser.get(mapping)
    assert "Soil temperature" in page.content.decode() and "−100" in page.content.decode()
    kept = steward_browser.post(mapping, {"keep_0": "on", "save": "1"})
    assert kept.status_code == 302
    done = steward_browser.post(mapping.replace("mapping", "finish"), {"name": "x", "dataset": "open-weather"})
    code = done.context["connector"].code
    assert get_connector(SYSTEM, code).config == {"chirpstack": {"leave_out": ["debug"], "signals": False}}


def test_a_draft_of_somebody_else_is_not_there(steward_browser, cast, signed_in):
    url = begun(steward_browser, "webhook")
    other = signed_in(cast.administrator)
    assert other.get(url).status_code == 404
    assert other.post(url.replace("message/", "drop/")).status_code == 404
    assert other.get(url.replace("message", "nonsense")).status_code == 404


def test_drafts_stand_in_the_list_until_they_are_thrown_away(steward_browser):
    url = begun(steward_browser, "webhook")
    assert url in steward_browser.get("/en/connectors/").content.decode()
    steward_browser.post(url.replace("message/", "drop/"))
    assert url not in steward_browser.get("/en/connectors/").content.decode()


def test_the_page_shows_faults_and_replays_them(steward_browser, connector, town):
    said = (Said("There is nothing at «%(path)s» in the payload.", {"path": "temp"}),)
    payload = b'{"t": 5, "x": "<script>"}'
    faulty.keep(connector.code, [Fault(Message(payload, "", ARRIVAL), said)])
    noting.note({connector.code: ({"connected": True, "messages": 1, "last_message": "2026-06-01T12:00:00+00:00"}, [])})
    page = steward_browser.get(f"/de/connectors/{connector.code}/").content.decode()
    assert "Bei „temp“ steht nichts." in page and "&lt;script&gt;" in page and "empfängt" in page
    do = f"/en/connectors/{connector.code}/do/"
    still = steward_browser.post(do, {"do": "replay"}, follow=True).content.decode()
    assert "1 message still cannot be used" in still
    mapping = f"/en/connectors/{connector.code}/mapping/"
    preview = steward_browser.get(mapping).content.decode()
    assert "There is nothing at «temp»" in preview
    config = {"mapping": {"values": [{"key": "s1/temperature", "path": "t"}]}}
    tried = steward_browser.post(f"{mapping}?json", {"text": json.dumps(config)})
    assert tried.status_code == 200 and "There is nothing at" not in tried.content.decode()
    assert get_connector(SYSTEM, connector.code).config != config  # it was only tried
    steward_browser.post(f"{mapping}?json", {"text": json.dumps(config), "save": "1"})
    assert get_connector(SYSTEM, connector.code).config == config
    done = steward_browser.post(do, {"do": "replay"}, follow=True).content.decode()
    assert "1 message could be used now; values kept: 1." in done and "All messages could be used" in done


def test_the_page_says_why_there_is_no_connection_and_when_it_is_tried_again(steward_browser, connector):
    why = Said("No connection to the broker %(host)s: nothing listens at this port.", {"host": "mqtt.example.org"})
    health = Health()
    for _ in range(3):
        health.connection(False, why)
    health.again(75)
    noting.note({connector.code: (health.facts(), [])})
    page = steward_browser.get(f"/de/connectors/{connector.code}/").content.decode()
    assert "ohne Verbindung" in page and "Nächster Versuch" in page and "nach 3 Fehlschlägen" in page
    assert "Keine Verbindung zum Broker mqtt.example.org: An diesem Port antwortet niemand." in page
    page = steward_browser.get(f"/en/connectors/{connector.code}/").content.decode()
    assert "not connected" in page and "Next attempt" in page and "after 3 failures" in page


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"mapping": {"values": [{"key": "{x}"}]}}', '{"colour": 1}'])
def test_json_that_cannot_work_is_refused_with_the_reason(steward_browser, connector, text):
    url = f"/en/connectors/{connector.code}/mapping/?json"
    answer = steward_browser.post(url, {"text": text, "save": "1"})
    assert answer.status_code == 422
    assert get_connector(SYSTEM, connector.code).config == connector.config


def test_secrets_do_not_stand_in_the_page_and_stay_when_it_is_saved(steward_browser, town):
    mapping = {"topic": "t", "values": [{"key": "k", "path": "v"}]}
    config = {"host": "h", "password": "s3cret", "mapping": mapping}
    code = services.add(SYSTEM, "mqtt", "x", "open-weather", config).connector.code
    for path in ("", "mapping/?json", "source/"):
        assert "s3cret" not in steward_browser.get(f"/en/connectors/{code}/{path}").content.decode()
    text = steward_browser.get(f"/en/connectors/{code}/mapping/?json").context["form"]["text"].value()
    steward_browser.post(f"/en/connectors/{code}/mapping/?json", {"text": text.replace('"h"', '"i"'), "save": "1"})
    assert get_connector(SYSTEM, code).config == {**config, "host": "i"}
    filled = {"connector_name": "New", "host": "j", "port": "1883", "password": "", "topic": "u"}
    assert steward_browser.post(f"/en/connectors/{code}/source/", filled).status_code == 302
    changed = get_connector(SYSTEM, code)
    assert (changed.name, changed.config["host"], changed.config["password"]) == ("New", "j", "s3cret")
    assert changed.config["mapping"] == {**mapping, "topic": "u"}


def test_pausing_resuming_secret_and_removing(steward_browser, connector):
    do = f"/en/connectors/{connector.code}/do/"
    assert steward_browser.get(do).status_code == 405
    steward_browser.post(do, {"do": "pause"})
    assert not get_connector(SYSTEM, connector.code).enabled
    assert "paused" in steward_browser.get("/en/connectors/").content.decode()
    steward_browser.post(do, {"do": "resume"})
    assert get_connector(SYSTEM, connector.code).enabled
    assert steward_browser.post(do, {"do": "secret"}).context["secret"]
    remove = f"/en/connectors/{connector.code}/remove/"
    assert "stay" in steward_browser.get(remove).content.decode()
    assert "is removed" in steward_browser.post(remove, follow=True).content.decode()
    assert steward_browser.get(f"/en/connectors/{connector.code}/").status_code == 404


def test_the_list_asks_the_database_as_often_for_many_as_for_few(
    steward_browser, connector, django_assert_max_num_queries
):
    for number in range(8):
        services.add(SYSTEM, "webhook", f"c{number}", "open-weather", connector.config)
    steward_browser.get("/en/connectors/")
    with django_assert_max_num_queries(12):
        steward_browser.get("/en/connectors/")

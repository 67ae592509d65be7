"""The care list: page, file, feed; setting aside; following by mail; what the mails say."""

import csv
import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.apps import apps
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now
from allmende.core.signals import BATTERY_LEVEL
from allmende.observations.care import notices
from allmende.observations.care.following import farewell, follow
from allmende.observations.care.noting import set_aside
from allmende.observations.care.watching import Watch
from allmende.observations.services import register_datastream
from allmende.web.mails import send_due
from allmende.web.reasons import every, span

StateChange = apps.get_model("observations", "StateChange")
Subscription = apps.get_model("observations", "Subscription")
CareMail = apps.get_model("observations", "CareMail")

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def body(response) -> str:
    assert response.status_code == 200, response.content.decode()[:500]
    return response.content.decode()


@pytest.fixture
def ailing(town, report):
    """The open station is late, the shared one silent; the battery of the open one is weak."""
    town.battery = register_datastream(
        SYSTEM,
        thing=town.open_thing,
        name={"de": "Batterie", "en": "Battery"},
        observed_property=(BATTERY_LEVEL.definition, BATTERY_LEVEL.name),
        unit="%",
        expected_interval=600,
    )
    report(town.open_stream, [(50, 10)])
    report(town.shared_stream, [(3000, 10)])
    report(town.protected_stream, [(3000, 10)])
    report(town.battery, [(9, 55), (6, 9), (3, 8)])
    Watch(reread=0).look()
    return town


def test_the_list_says_what_is_the_matter(client, ailing):
    page = body(client.get("/de/care/"))
    assert "1 Ort braucht Pflege" in page
    assert "Lufttemperatur: seit 50 Minuten kein Wert; erwartet alle 10 Minuten." in page
    assert "Batteriestand nur 8\u00a0%." in page
    assert "Station shared" not in page
    assert "Beiseitelegen" not in page
    assert "al-state--weak" in page  # the most urgent of the two


def test_in_english(client, ailing):
    page = body(client.get("/en/care/"))
    assert "1 place needs care" in page
    assert "Air temperature: no value for 50 minutes; expected every 10 minutes." in page


def test_a_well_town_says_so(client, town, report):
    report(town.open_stream, [(1, 10)])
    Watch(reread=0).look()
    assert "Alle Sensoren melden sich wie erwartet" in body(client.get("/de/care/"))


def test_filters_with_counts(client, ailing, signed_in, steward):
    browser = signed_in(steward)
    page = body(browser.get("/de/care/"))
    assert "2 Orte brauchen Pflege" in page
    assert page.index("Station shared") < page.index("Station open")
    silent = body(browser.get("/de/care/?need=silent"))
    assert "Station shared" in silent
    assert ">Station open<" not in silent
    assert "Nichts passt zu allen diesen Filtern" in body(browser.get("/de/care/?need=silent&dataset=open-weather"))


def test_a_value_that_cannot_be_right(client, town, report):
    report(town.open_stream, [(20, 99), (10, 99), (1, 99)])
    Watch(reread=0).look()
    page = body(client.get("/de/care/"))
    assert "die letzten Werte können nicht stimmen (außerhalb des plausiblen Bereichs)" in page
    assert "al-state--implausible" in body(client.get("/de/data/?state=implausible"))


def test_the_file_holds_exactly_this_list(ailing, signed_in, steward):
    browser = signed_in(steward)
    rows = list(csv.DictReader(io.StringIO(body(browser.get("/de/care/list.csv?need=silent")).lstrip("\ufeff"))))
    assert [(row["thing"], row["need"], row["dataset"]) for row in rows] == [
        (ailing.shared_thing.code, "silent", "shared-weather")
    ]
    assert rows[0]["datastreams"] == ailing.shared_stream.code


def entries(response):
    return ElementTree.fromstring(body(response)).findall(f"{ATOM}entry")


def test_the_feed_keeps_its_ids_and_is_not_sent_twice(client, ailing, settings):
    settings.PUBLIC_URL = "https://data.example.org"
    first = client.get("/de/care/feed.atom")
    assert first["Content-Type"].startswith("application/atom+xml")
    [entry] = entries(first)
    number = entry.find(f"{ATOM}id").text
    assert number.startswith(f"tag:data.example.org,2026:de/care/{ailing.open_thing.code}/weak/")
    assert entry.find(f"{ATOM}title").text == "Station open: schwache Batterie oder schwaches Signal"
    assert entry.find(f"{ATOM}link").get("href") == f"https://data.example.org/de/things/{ailing.open_thing.code}/"
    assert "letzter Wert" in entry.find(f"{ATOM}summary").text
    again = client.get("/de/care/feed.atom", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    [english] = entries(client.get("/en/care/feed.atom"))
    assert english.find(f"{ATOM}id").text != number
    feed = ElementTree.fromstring(first.content)
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    assert feed.find(f"{ATOM}updated").text
    assert entries(client.get("/de/care/feed.atom?need=silent")) == []


def test_an_entry_stays_the_same_while_the_battery_falls(client, ailing, report):
    [before] = entries(client.get("/de/care/feed.atom"))
    report(ailing.battery, [(1, 7)])
    [after] = entries(client.get("/de/care/feed.atom"))
    assert before.find(f"{ATOM}id").text == after.find(f"{ATOM}id").text


def test_staff_sets_aside_with_a_note(ailing, signed_in, steward, client):
    browser = signed_in(steward)
    address = f"/de/care/things/{ailing.open_thing.code}/"
    assert "Batteriestand nur 8" in body(browser.get(address))
    assert browser.post(address, {"text": "x" * 1001, "until": "well"}).status_code == 422
    assert browser.post(address, {"text": "Batterie bestellt", "until": "week"}).status_code == 302
    page = body(browser.get("/de/care/"))
    assert ">Station open<" not in page
    aside = body(browser.get("/de/care/?show=seen"))
    assert "Batterie bestellt" in aside
    assert "Beiseitegelegt bis" in aside
    browser.logout()
    assert "Batterie bestellt" not in body(client.get("/de/care/?show=seen"))  # notes are for staff
    browser = signed_in(steward)
    assert browser.post(address, {"take_up": ""}).status_code == 302
    assert ">Station open<" in body(browser.get("/de/care/"))


def test_only_staff_of_the_dataset(ailing, client, signed_in, resident, steward):
    address = f"/de/care/things/{ailing.open_thing.code}/"
    assert client.get(address)["Location"].startswith("/de/account/login/")
    assert signed_in(resident).get(address).status_code == 403
    assert signed_in(steward).get(f"/de/care/things/{ailing.protected_thing.code}/").status_code == 404


def test_following_by_mail(ailing, signed_in, clerk, resident):
    assert signed_in(resident).get("/de/care/mail/").status_code == 403
    browser = signed_in(clerk)
    page = body(browser.get(f"/de/care/mail/?target=thing:{ailing.open_thing.code}"))
    assert f'value="thing:{ailing.open_thing.code}" selected' in page
    assert browser.post("/de/care/mail/", {"target": "dataset:set-0000000000", "when": "both"}).status_code == 422
    target = f"dataset:{ailing.open_dataset.code}"
    assert browser.post("/de/care/mail/", {"target": target, "when": "at_once"}).status_code == 302
    page = body(browser.get("/de/care/mail/"))
    assert "Wetter open" in page
    [one] = Subscription.objects.all()
    assert (one.at_once, one.daily) == (True, False)
    browser.post("/de/care/mail/", {"stop": one.code})
    assert not Subscription.objects.exists()


def test_a_mail_tells_of_silence_and_how_to_end_it(ailing, steward, client, settings):
    settings.PUBLIC_URL, settings.TOWN_NAME = "https://data.example.org", "Musterstadt"
    follow(steward.actor, "all")
    StateChange.objects.create(
        datastream=ailing.shared_stream, was="late", became="silent", time=now() - timedelta(minutes=11)
    )
    assert notices.settle() == 1
    assert send_due() == 1
    assert send_due() == 0
    [sent] = mail.outbox
    assert sent.subject == "[Musterstadt] Station shared ist verstummt"
    assert sent.to == ["steward@example.org"]
    assert "Lufttemperatur: seit 2 Tagen kein Wert; erwartet alle 10 Minuten." in sent.body
    assert f"https://data.example.org/de/things/{ailing.shared_thing.code}/" in sent.body
    assert "Station open" not in sent.body
    [way_out] = [line for line in sent.body.splitlines() if "/care/mail/end/" in line]
    address = way_out.partition("https://data.example.org")[2]
    assert sent.extra_headers["List-Unsubscribe"] == f"<https://data.example.org{address}>"
    assert "Alle Mails beenden" in body(client.get(address))
    assert Subscription.objects.count() == 1  # looking alone ends nothing
    assert "Es kommt keine Mail mehr" in body(client.post(address))
    assert not Subscription.objects.exists()


def test_the_morning_mail_in_english_with_many_places(ailing, administrator, settings):
    from allmende.accounts.services import change_self

    change_self(administrator.actor, language="en")
    follow(administrator.actor, "all", at_once=False)
    noon = now().replace(hour=12)
    notices.plan_daily(noon)

    CareMail.objects.update(due=now())
    assert send_due() == 1
    [sent] = mail.outbox
    assert sent.subject.endswith("3 places need care")
    assert "This morning 3 places need care:" in sent.body
    assert "End all of these mails:" in sent.body


def test_a_mail_server_that_refuses_is_asked_again(ailing, steward, monkeypatch):
    follow(steward.actor, "all")
    StateChange.objects.create(
        datastream=ailing.shared_stream, was="late", became="silent", time=now() - timedelta(minutes=11)
    )
    notices.settle()
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", lambda *a: (_ for _ in ()).throw(ConnectionRefusedError()))
        assert send_due() == 0
    assert send_due() == 0  # not before five minutes have passed
    assert notices.claim(now() + timedelta(minutes=6))


def test_nobody_guesses_a_farewell(client, steward):
    assert client.get(f"/de/care/mail/end/{farewell(steward.actor.code)}x/").status_code == 404


def test_what_is_seen_is_counted_beside(client, ailing):
    set_aside(SYSTEM, ailing.open_thing)
    page = body(client.get("/de/care/"))
    assert "Beiseitegelegt (1)" in page
    assert "Kein Sensor braucht Pflege" in page


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 Sekunde"),
        (45, "45 Sekunden"),
        (60, "1 Minute"),
        (600, "10 Minuten"),
        (3600, "1 Stunde"),
        (5400, "2 Stunden"),
        (86400, "1 Tag"),
        (9 * 86400, "9 Tage"),
    ],
)
def test_spans_in_german(german, seconds, words):
    assert span(seconds) == words


def test_how_often_in_both_languages(german):
    assert [every(seconds) for seconds in (60, 600, 3600, 86400)] == [
        "jede Minute",
        "alle 10 Minuten",
        "jede Stunde",
        "jeden Tag",
    ]

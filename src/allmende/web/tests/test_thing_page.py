"""The page of a thing: how it does, how complete it is, what the device reports of itself, where it has been."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.apps import apps

from allmende.accounts.actors import SYSTEM
from allmende.core.clock import now, to_us, town_zone
from allmende.core.signals import BATTERY_LEVEL
from allmende.observations.care.completeness import Shared, Summary
from allmende.observations.care.watching import Watch
from allmende.observations.services import register_datastream
from allmende.observations.services.registering import move_thing
from allmende.web.calendar import percent, statement

Location = apps.get_model("observations", "Location")

pytestmark = pytest.mark.django_db


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def address(measured):
    return f"/de/things/{measured.open_thing.code}/"


def cells(page: str) -> list[str]:
    return re.findall(r'class="al-day al-day--(\w+)" title', page)


def test_it_says_how_the_sensor_does(client, address):
    page = body(client.get(address))
    assert "Wie es dem Sensor geht" in page
    assert "alle 10 Minuten" in page
    assert "Braucht Pflege" not in page


def test_two_days_of_values_in_a_year(client, address):
    page = body(client.get(address))
    assert "In den letzten zwölf Monaten kamen" in page
    assert cells(page).count("4") >= 1
    assert "0" not in cells(page)  # before the first value nothing was expected
    assert "rest" in cells(page)
    today = now().astimezone(town_zone())
    assert f'<span class="al-calendar__year">{today.year}</span>' in page
    assert page.count('<th scope="col">') == 31


def test_a_day_without_values_is_crossed_out_and_said(client, town, report):
    noon = datetime.now(town_zone()).replace(hour=12, minute=0) - timedelta(days=3)
    ago = (to_us(now()) - to_us(noon)) / 60_000_000
    report(town.open_stream, [(ago, 10), (1, 10)])
    page = body(client.get(f"/de/things/{town.open_thing.code}/"))
    assert cells(page).count("0") == 2
    assert "An 2 Tagen kam keiner." in page
    assert "Am längsten fehlten Werte von" in page


def test_one_datastream_alone_and_another_year(client, address, measured, report):
    other = register_datastream(
        SYSTEM, thing=measured.open_thing, name="Wind", observed_property=("urn:wind", "Wind"), unit="m/s"
    )
    report(other, [(place * 30, 3) for place in range(12)])
    Watch(reread=0).look()
    page = body(client.get(address))
    assert "alle Messreihen zusammen" in page
    assert "Wind: alle 30 Minuten (aus den Werten gelernt, nicht angegeben)" in page
    assert f"?count={other.code}#completeness" in page
    alone = body(client.get(f"{address}?count={other.code}"))
    assert "je Tag: Wind" in alone
    year = datetime.now(town_zone()).year
    assert f"Im Jahr {year}" in body(client.get(f"{address}?year={year}"))
    for nonsense in ("?year=abc", "?year=1066", "?count=dst-0000000000", "?year=99999999"):
        assert "In den letzten zwölf Monaten" in body(client.get(address + nonsense))


def test_battery_and_signal_stand_with_the_device(client, address, measured, report):
    battery = register_datastream(
        SYSTEM,
        thing=measured.open_thing,
        name={"de": "Batterie", "en": "Battery"},
        observed_property=(BATTERY_LEVEL.definition, BATTERY_LEVEL.name),
        unit="%",
    )
    report(battery, [(3, 12)])
    page = body(client.get(address))
    measures, _heading, health = page.partition('id="health"')
    assert "Batterie" not in measures.partition('id="measures"')[2]
    assert ">12\u00a0%</a>, vor 3 Minuten" in health
    assert "al-state--weak" in page
    assert "Braucht Pflege" in page


def test_who_needs_care_says_why(client, town, report):
    report(town.open_stream, [(50, 10)])
    Watch(reread=0).look()
    page = body(client.get(f"/de/things/{town.open_thing.code}/"))
    assert "Braucht Pflege" in page
    assert "seit 50 Minuten kein Wert; erwartet alle 10 Minuten." in page


def test_a_thing_that_moved_shows_where_it_was(client, address, measured):
    assert "Wo es vorher war" not in body(client.get(address))
    place = Location.objects.create(
        dataset=measured.open_dataset,
        name={"de": "Am Fluss", "en": "By the river"},
        feature={"type": "Point", "coordinates": [11.6, 50.9]},
    )
    move_thing(measured.open_thing, [place])
    page = body(client.get(address))
    assert "Wo es vorher war" in page
    assert "Am Fluss" in page


def test_what_became_of_it(client, town, report):
    report(town.open_stream, [(1, 10)])
    watch = Watch(reread=0)
    watch.look()
    watch.look(now() + timedelta(minutes=40))
    page = body(client.get(f"/de/things/{town.open_thing.code}/"))
    assert "Was bisher geschah" in page
    assert 'meldet sich → <span class="al-state al-state--late">verspätet</span>' in page


def test_links_for_staff_only(client, address, signed_in, steward):
    assert "Beiseitelegen" not in body(client.get(address))
    page = body(signed_in(steward).get(address))
    assert "Beiseitelegen" in page
    assert "Mails darüber" in page


def test_what_nobody_waits_for_any_more(client, town, report):
    report(town.open_stream, [(3000, 10)])
    Watch(reread=0).look()
    town.open_thing.properties = {"retired": "2026-11-01", "Höhe": "2 m"}
    town.open_thing.save()
    page = body(client.get(f"/de/things/{town.open_thing.code}/"))
    assert "nicht mehr in Betrieb" in page
    assert "Braucht Pflege" not in page
    assert "2 m" in page
    assert ">retired<" not in page


def test_an_empty_thing_is_no_error(client, store, db):
    from allmende.catalogue.services import register_dataset
    from allmende.observations.services import register_thing

    dataset = register_dataset(SYSTEM, "leer", "Leer")
    thing = register_thing(SYSTEM, dataset=dataset, name="Neu")
    page = body(client.get(f"/de/things/{thing.code}/"))
    assert "noch keiner" in page
    assert "Wie vollständig" not in page


def test_queries_do_not_grow_with_datastreams(client, address, measured, django_assert_max_num_queries):
    for number in range(5):
        register_datastream(
            SYSTEM, thing=measured.open_thing, name=f"N{number}", observed_property=("urn:n", "N"), unit="1"
        )
    body(client.get(address))
    with django_assert_max_num_queries(16):
        body(client.get(address))


@pytest.mark.parametrize(("share", "words"), [(1, "100"), (0.999, "99"), (0.5, "50"), (0.001, "1"), (0, "0")])
def test_a_hundred_percent_means_all(share, words):
    assert percent(share) == f"{words}\u00a0%"


def test_the_statement_in_english(english):
    day = date(2026, 5, 4)
    assert statement(Summary(0.96, 365, 0, None), None) == (
        "In the last twelve months 96\u00a0% of the expected values came. There was no day without values."
    )
    assert "On 1 day there was none." in statement(Summary(0.96, 365, 1, (day, day)), 2025)
    assert statement(Summary(None, 0, 0, None), 2025) == "Nothing was expected in this time."
    assert Shared(day, None, 0, 0, 0).share is None

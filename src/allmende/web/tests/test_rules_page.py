"""The page of quality rules: trying, seeing, switching on; who may; what people type."""

import pytest
from django.core.exceptions import ValidationError

from allmende.observations.care.flagging import Rules, StepRule, StuckRule
from allmende.observations.care.live import live
from allmende.observations.care.ruling import Limits, held
from allmende.observations.queries import series
from allmende.web.rule_forms import parsed, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rules():
    live.forget()
    yield
    live.forget()


@pytest.fixture
def desk(town, report, signed_in, steward):
    """(browser, address) of a datastream with a jump, ten minutes apart."""
    report(town.open_stream, [(60, 10), (50, 11), (40, 40), (30, 12), (20, 12), (10, 12)])
    return signed_in(steward), f"/de/datastreams/{town.open_stream.code}/rules/"


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:300]
    return response.content.decode()


def quality(town):
    return series(town.open_stream.pk, None, None).column("quality").to_pylist()


def test_it_shows_what_is_switched_on(desk):
    text = body(desk[0].get(desk[1]))
    assert "von −60,0\u00a0°C bis 60,0\u00a0°C" in text
    assert text.count("Nicht eingeschaltet.") == 3
    assert 'value="-60"' in text
    assert 'value="-9999"' in text
    assert "Größte Änderung (°C)" in text


def test_a_jump_is_tried_seen_and_switched_on(desk, town):
    browser, address = desk
    text = body(browser.get(address, {"try": "step", "step-change": "5,0", "step-minutes": "10", "step-days": "30"}))
    assert "In den letzten 30 Tagen hätte diese Regel 1 von 6 Werten markiert (16,7 %)." in text
    assert "zu großer Sprung gegenüber dem Wert davor; davor: 11,0\u00a0°C" in text
    assert 'class="al-chart--wide"' in text
    assert quality(town) == [0] * 6
    answer = browser.post(address, {"do": "on-step", "step-change": "5,0", "step-minutes": "10", "history": "on"})
    assert answer.status_code == 302
    text = body(browser.get(address))
    assert "höchstens 5,0\u00a0°C innerhalb von 10 Minuten" in text
    assert "Bei den bisherigen Werten änderte sich die Markierung von 1 (von 6)." in text
    assert quality(town) == [0, 0, 4, 0, 0, 0]
    assert held(town.open_stream).rules == Rules(StepRule(5.0, 600))
    assert browser.post(address, {"do": "off-step"}).status_code == 302
    assert held(town.open_stream).rules == Rules()


def test_without_the_tick_history_stays_as_it_is(desk, town):
    desk[0].post(desk[1], {"do": "on-step", "step-change": "5", "step-minutes": "10"})
    assert quality(town) == [0] * 6


def test_stuck_values(desk, town):
    browser, address = desk
    asked = {"try": "stuck", "stuck-count": "3", "stuck-hours": "", "stuck-except_for": "", "stuck-days": "7"}
    assert "1 von 6 Werten markiert" in body(browser.get(address, asked))
    assert "0 von 6 Werten markiert" in body(browser.get(address, {**asked, "stuck-except_for": "12; 13"}))
    browser.post(address, {"do": "on-stuck", "stuck-count": "3", "stuck-hours": "0,5"})
    assert held(town.open_stream).rules == Rules(stuck=StuckRule(3, 1800))
    assert "ab 3 gleichen Werten, sobald 30 Minuten gleich" in body(browser.get(address))


def test_limits(desk, town):
    browser, address = desk
    text = body(browser.get(address, {"try": "limits", "limits-low": "11", "limits-high": "", "limits-sentinels": ""}))
    assert "1 von 6 Werten markiert" in text
    browser.post(address, {"do": "on-limits", "limits-low": "11", "limits-high": "39,5", "limits-sentinels": "-1 99"})
    town.open_stream.refresh_from_db()
    assert held(town.open_stream).limits == Limits(11, 39.5, (-1, 99))
    browser.post(
        address, {"do": "on-limits", "limits-low": "11", "limits-high": "", "limits-sentinels": "", "history": "on"}
    )
    assert quality(town)[0] == 1


def test_gaps(desk, town):
    browser, address = desk
    text = body(browser.get(address, {"try": "gap", "gap-late": "5", "gap-silent": "1"}))
    assert "5 Mal als verspätet gegolten, davon 0 Mal als stumm" in text
    assert "10 Minuten" in text
    browser.post(address, {"do": "on-gap", "gap-late": "90", "gap-silent": "72"})
    assert (held(town.open_stream).late, held(town.open_stream).silent) == (5400, 259200)
    assert "verspätet nach 2 Stunden, stumm nach 3 Tagen" in body(browser.get(address))
    browser.post(address, {"do": "off-gap"})
    assert held(town.open_stream).late is None


def test_the_interval(desk, town):
    browser, address = desk
    browser.post(address, {"do": "interval", "interval-minutes": "2,5"})
    town.open_stream.refresh_from_db()
    assert town.open_stream.expected_interval == 150
    assert "Ein Abstand liegt zwischen" in body(browser.post(address, {"do": "interval", "interval-minutes": "0"}), 422)
    browser.post(address, {"do": "interval", "interval-minutes": ""})
    town.open_stream.refresh_from_db()
    assert town.open_stream.expected_interval is None


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"try": "step", "step-change": "viel", "step-minutes": "10"}, "„viel“ ist keine Zahl."),
        ({"try": "step", "step-change": "-1", "step-minutes": "10"}, "eine Zahl über null"),
        ({"try": "step", "step-change": "nan", "step-minutes": "1e999"}, "ist keine Zahl"),
        ({"try": "step"}, 'role="alert"'),
        ({"try": "stuck"}, "wie viele gleiche Werte oder wie lange"),
        ({"try": "stuck", "stuck-count": "1,5"}, "ganze Zahl ab 2"),
        ({"try": "limits", "limits-low": "5", "limits-high": "1"}, "größer als der größte"),
        ({"try": "gap", "gap-late": "600", "gap-silent": "1"}, "Stumm ist ein Sensor später als verspätet"),
    ],
)
def test_what_makes_no_sense_is_said_and_kept(desk, asked, message):
    text = body(desk[0].get(desk[1], asked), 422)
    assert message in text
    for value in list(asked.values())[1:]:
        assert f'value="{value}"' in text


def test_a_wrong_switch_changes_nothing(desk, town):
    body(desk[0].post(desk[1], {"do": "on-step", "step-change": "x"}), 422)
    assert desk[0].post(desk[1], {"do": "nonsense"}).status_code == 302
    assert held(town.open_stream).rules == Rules()


def test_an_empty_time_is_said(town, signed_in, steward):
    text = body(
        signed_in(steward).get(
            f"/de/datastreams/{town.open_stream.code}/rules/", {"try": "step", "step-change": "5", "step-minutes": "1"}
        )
    )
    assert "In dieser Zeit gibt es keine Werte." in text


def test_only_who_manages(town, signed_in, resident, steward, client):
    address = f"/de/datastreams/{town.open_stream.code}/rules/"
    assert signed_in(resident).get(address).status_code == 403
    hidden = f"/de/datastreams/{town.protected_stream.code}/rules/"
    assert signed_in(steward).get(hidden).status_code == 404
    page = body(signed_in(steward).get(f"/de/datastreams/{town.open_stream.code}/"))
    assert address in page


def test_many_values_are_drawn_as_means(town, report, signed_in, steward):
    report(town.open_stream, [(n, 10 + n % 7) for n in range(1, 900)])
    asked = {"try": "step", "step-change": "1", "step-minutes": "1"}
    text = body(signed_in(steward).get(f"/de/datastreams/{town.open_stream.code}/rules/", asked))
    assert 'class="al-chart--small"' in text


@pytest.mark.parametrize(("text", "number"), [("1,5", 1.5), (" −3 ", -3.0), ("2.25", 2.25)])
def test_numbers_as_people_write_them(text, number):
    assert parsed(text) == number


@pytest.mark.parametrize("text", ["", "1.2.3", "inf", "NaN", "x" * 99])
def test_what_is_no_number(text):
    with pytest.raises(ValidationError):
        parsed(text)


def test_numbers_as_people_read_them(german):
    assert [shown(number) for number in (None, 1.5, -9999.0, 0.1)] == ["", "1,5", "-9999", "0,1"]

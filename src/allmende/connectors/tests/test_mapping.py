"""Mappings: made-up messages with the dirt of real ones become the right values at the right times."""

import json
from datetime import UTC, datetime

import msgspec
import pytest

from allmende.connectors.mapping import Mapper, Mapping
from allmende.connectors.readings import Message, Unmapped
from allmende.core.clock import parse_instant

ARRIVAL = parse_instant("2026-06-01T12:00:00Z")


def mapper(**said) -> Mapper:
    said.setdefault("values", [{"key": "k", "path": "v"}])
    return Mapper(msgspec.convert(said, Mapping))


def read(payload, where="", **said):
    """where: the topic that the message came on."""
    text = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return mapper(**said).read(Message(text, where, ARRIVAL))


def values(payload, **said):
    return [reading.value for reading in read(payload, **said).readings]


def times(payload, **said):
    return [reading.time for reading in read(payload, **said).readings]


@pytest.mark.parametrize(
    ("payload", "path", "value"),
    [
        ({"v": 1.5}, "v", 1.5),
        ({"v": "13.25"}, "v", 13.25),
        ({"v": True}, "v", 1.0),
        ({"v": None}, "v", None),
        ({"v": ""}, "v", None),
        ({"a": {"b": [1, {"c": 7}]}}, "a.b.1.c", 7),
        ({"PM2.5": 8}, "PM2\\.5", 8),
        ({"0": 3}, "0", 3),
        (4, "", 4),
    ],
)
def test_a_value_is_found_by_its_path(payload, path, value):
    assert values(payload, values=[{"key": "k", "path": path}]) == [value]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"no json", "neither JSON nor"),
        (b"", "empty"),
        (b'{"v": 1', "breaks off"),
        (b'{"v": 1,\n "w": }', "line 2 cannot be read from character 7"),
        (b"1,5,2", "neither JSON nor"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"v": NaN}', "line 1 cannot be read from character 7"),
        (b"\xff\xfe", "neither JSON nor"),
        ({}, "nothing at «v»"),
        ({"v": "warm"}, "“warm”, which is not a number"),
        ({"v": {}}, "not a number"),
        ({"v": [1]}, "not a number"),
        (b'{"v": 1e999}', "cannot be read|finite"),
        ({"v": "inf"}, "not a finite number"),
        ([1], "nothing at"),
    ],
)
def test_a_message_that_does_not_fit_says_where(payload, why):
    with pytest.raises(Unmapped, match=why):
        read(payload)


def test_numbers_are_scaled_and_texts_stand_for_numbers():
    assert values({"v": 3110}, values=[{"key": "k", "path": "v", "factor": 0.001}]) == [pytest.approx(3.11)]
    assert values({"v": 50}, values=[{"key": "k", "path": "v", "factor": 2, "offset": -1}]) == [99]
    enumeration = {"open": 1, "closed": 0, "true": 5}
    for text, number in (("open", 1), (" closed ", 0), (True, 5)):
        assert values({"v": text}, values=[{"key": "k", "path": "v", "numbers": enumeration}]) == [number]
    with pytest.raises(Unmapped, match="“ajar”; the rule knows closed, open"):
        values({"v": "ajar"}, values=[{"key": "k", "path": "v", "numbers": enumeration}])
    assert values({"v": "1.234,5"}, values=[{"key": "k", "path": "v", "decimal": ","}]) == [1234.5]


def test_expressions_compute_and_conditions_choose():
    rule = {"key": "k", "path": "v", "expression": 'value / get("scale") if get("ok") else None'}
    assert values({"v": 10, "scale": 4, "ok": True}, values=[rule]) == [2.5]
    assert values({"v": 10, "scale": 4, "ok": False}, values=[rule]) == [None]
    with pytest.raises(Unmapped, match="divides by zero"):
        values({"v": 10, "scale": 0, "ok": 1}, values=[rule])
    only = [{"key": "a", "path": "v", "when": 'get("kind") == "a"'}, {"key": "b", "path": "v", "when": "1 == 1"}]
    assert [each.key for each in read({"v": 1, "kind": "b"}, values=only).readings] == ["b"]
    assert read({"v": 1, "type": "STOP"}, when='get("type") == "GEO"').readings == []


def test_a_list_of_records_is_read_one_by_one():
    records = [{"t": 1_780_000_000 + at, "v": value} for at, value in ((0, 1), (60, 2), (120, "-"))]
    payload = {"station": "s1", "data": records}
    found = read(payload, records="data.*", time="t", time_unit="s", ahead=None, **_from_station)
    assert [(each.key, each.value) for each in found.readings] == [("s1/v", 1), ("s1/v", 2)]
    assert [str(each) for each in found.problems] == ["Record 3: At «v» there is “-”, which is not a number."]


_from_station = {"names": {"station": "$.station"}, "values": [{"key": "{station}/v", "path": "v"}]}


def test_lists_in_lists_as_weather_stations_send_them():
    payload = {"messages": [[{"id": "4097", "value": 24.4}], [{"id": "4104", "value": 354}, {"id": "9", "value": 1}]]}
    rules = [
        {"key": "temperature", "path": "value", "when": 'get("id") == "4097"'},
        {"key": "direction", "path": "value", "when": 'get("id") == "4104"'},
    ]
    found = read(payload, records="messages.*.*", values=rules)
    assert [(each.key, each.value) for each in found.readings] == [("temperature", 24.4), ("direction", 354)]


def test_one_bad_record_does_not_hide_the_others_and_all_bad_ones_are_a_fault():
    bad = [{"v": "x"}] * 6
    found = read([{"v": 1}, *bad], records="*")
    assert len(found.readings) == 1
    assert len(found.problems) == 4 and "3 more" in str(found.problems[-1])
    with pytest.raises(Unmapped, match="Record 1"):
        read(bad, records="*")
    with pytest.raises(Unmapped, match="no list of records"):
        read({"v": 1}, records="*")
    with pytest.raises(Unmapped, match="more than"):
        read([{"v": 1}] * 20_001, records="*")


@pytest.mark.parametrize(
    ("unit", "written", "instant"),
    [
        ("iso", "2026-06-01T10:00:00+02:00", "2026-06-01T08:00:00Z"),
        ("iso", "2025-07-08T15:42:59.764929602+00:00", "2025-07-08T15:42:59.764929Z"),
        ("s", 1780300800, "2026-06-01T08:00:00Z"),
        ("s", "1780300800.5", "2026-06-01T08:00:00.5Z"),
        ("ms", 1780300800123, "2026-06-01T08:00:00.123Z"),
        ("us", 1780300800123456, "2026-06-01T08:00:00.123456Z"),
        ("local", "2026-06-01T10:00:00", "2026-06-01T08:00:00Z"),
        ("local", "2026-01-15 10:00", "2026-01-15T09:00:00Z"),
        ("local", "1.6.2026 10:00", "2026-06-01T08:00:00Z"),
        ("local", "01.06.2026, 10:00:30", "2026-06-01T08:00:30Z"),
        ("local", "2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z"),
    ],
)
def test_times_as_devices_write_them(unit, written, instant):
    found = times({"at": written, "v": 1}, time="at", time_unit=unit, time_zone="Europe/Berlin")
    assert found == [parse_instant(instant)]


@pytest.mark.parametrize(
    ("unit", "written", "why"),
    [
        ("iso", "2026-06-01T10:00:00", "no time zone"),
        ("iso", 5, "not a date"),
        ("s", "yesterday", "not a number"),
        ("s", None, "not a number"),
        ("s", True, "not a number"),
        ("s", 1780300800000, "counted in s"),
        ("ms", 86_400_000, "nobody has set the clock"),
        ("s", float("1e300"), "outside"),
        ("local", "2026-03-29 02:30", "set forward"),
        ("local", "31.02.2026 10:00", "not a date"),
        ("local", "0001-01-01 00:00", "outside"),
        ("iso", "2026-06-03T12:00:01Z", "in the future"),
        ("iso", "9999-01-01T00:00:00Z", "outside"),
    ],
)
def test_times_that_cannot_be_are_refused(unit, written, why):
    with pytest.raises(Unmapped, match=why):
        times({"at": written, "v": 1}, time="at", time_unit=unit, time_zone="Europe/Berlin")


def test_of_the_hour_that_the_clock_shows_twice_the_pass_near_the_arrival_counts():
    said = {"time": "at", "time_unit": "local", "time_zone": "Europe/Berlin"}
    for arrival in ("2026-10-25T00:31:00Z", "2026-10-25T01:31:00Z"):
        came = parse_instant(arrival)
        message = Message(b'{"at": "2026-10-25T02:30:00", "v": 1}', "", came)
        assert mapper(**said).read(message).readings[0].time == came - 60_000_000


def test_a_year_late_is_fine_and_ahead_can_be_allowed():
    late = times({"at": "2025-06-01T12:00:00Z", "v": 1}, time="at")
    assert datetime.fromtimestamp(late[0] / 1e6, UTC).year == 2025
    assert times({"at": "2026-06-09T12:00:00Z", "v": 1}, time="at", ahead=None)
    assert times({"at": "2026-06-02T11:59:00Z", "v": 1}, time="at")


def test_names_come_from_topic_and_payload():
    said = {"topic": "town/{station}/+/#", "names": {"box": "id"}, "values": [{"key": "{station}/{box}", "path": "v"}]}
    found = read({"id": 7, "v": 1}, "town/market/x/y/z", **said)
    assert found.readings[0].key == "market/7"
    assert mapper(**said).topic.subscription == "town/+/+/#"
    assert read({"id": 7, "v": 1}, "town/market/x", **said).readings  # the sign # stands for no level, too
    for payload in ({"v": 1}, {"id": {}, "v": 1}, {"id": " ", "v": 1}, {"id": None, "v": 1}):
        with pytest.raises(Unmapped, match="could be a name"):
            read(payload, "town/market/x/y", **said)
    with pytest.raises(Unmapped, match="does not fit the pattern"):
        read({"id": 7, "v": 1}, "town/market", **said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"topic": "{a}/{a}"}, "twice"),
        ({"topic": "#/a"}, "at the end"),
        ({"topic": "{a}", "names": {"a": "x"}}, "in the topic and in the payload"),
        ({"values": [{"key": "{nobody}"}]}, "which nothing names"),
        ({"values": [{"key": "k", "expression": "open(1)"}]}, "not known"),
        ({"when": "1 +"}, "cannot be read"),
        ({"time_unit": "local", "time_zone": "Europe/Nowhere"}, "no time zone"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_at_once(said, why):
    with pytest.raises(Unmapped, match=why):
        mapper(**said)


def test_objects_one_after_another_without_separators():
    payload = b'{"v": 1}\n\n{"v": 2}{"v": 3},'
    assert values(payload, format="ndjson") == [1, 2, 3]
    with pytest.raises(Unmapped, match="line 1, character 9 is no JSON"):
        read(b'{"v": 1}}', format="ndjson")


def test_csv_by_the_names_of_its_header():
    table = "\ufeffZeit;Wert;Ort\n2026-06-01 10:00;21,5;Markt\n2026-06-01 10:10;;Markt\n".encode()
    said = {
        "format": "csv",
        "time": "Zeit",
        "time_unit": "local",
        "names": {"place": "Ort"},
        "values": [{"key": "{place}/t", "path": "Wert", "decimal": ","}],
    }
    assert [(each.key, each.value) for each in read(table, **said).readings] == [("Markt/t", 21.5), ("Markt/t", None)]
    with pytest.raises(Unmapped, match="no header"):
        read(b"just text", **said)


def test_a_thing_that_has_to_be_made_gets_its_place():
    register = {"thing": "Box {box}", "thing_key": "{box}", "name": {"de": "Wert {box}"}, "property": "urn:x"}
    said = {
        "names": {"box": "id"},
        "longitude": "lon",
        "latitude": "lat",
        "values": [{"key": "{box}/v", "path": "v", "register": register}],
    }
    reading = read({"id": "7", "v": 1, "lon": "11.5", "lat": 50.9}, **said).readings[0]
    wanted = reading.maker.wanted(reading)
    assert (wanted.thing_key, wanted.thing_name, wanted.point) == ("7", "Box 7", (11.5, 50.9))
    assert wanted.name == {"de": "Wert 7"}
    for lon in (None, "east", 500):
        assert read({"id": "7", "v": 1, "lon": lon, "lat": 50.9}, **said).readings[0].point is None


def test_of_a_message_the_good_values_are_kept_and_the_bad_ones_named():
    rules = [
        {"key": "a", "path": "a"},
        {"key": "b", "path": "b", "optional": True},
        {"key": "c", "path": "c", "optional": True},
    ]
    found = read({"a": 1, "b": "warm"}, values=rules)  # c is not there, which is fine; b is no number, which is not
    assert [each.key for each in found.readings] == ["a"]
    assert [str(each) for each in found.problems] == ["At «b» there is “warm”, which is not a number."]
    with pytest.raises(Unmapped, match=r"nothing at «a».*“warm”"):
        read({"b": "warm"}, values=rules)


def test_what_is_wrong_is_told_in_the_readers_language():
    from django.utils import translation

    from allmende.core.said import Said

    found = read([{"v": 1}, {"v": "warm"}], records="*").problems[0]
    again = Said.from_json(json.loads(json.dumps(found.to_json())))
    with translation.override("de"):
        assert again.here() == "Eintrag 2: Bei „v“ steht „warm“; das ist keine Zahl."
    with translation.override("en"):
        assert again.here() == str(found) == "Record 2: At «v» there is “warm”, which is not a number."

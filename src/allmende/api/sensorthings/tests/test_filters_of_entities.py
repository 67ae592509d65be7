"""Filters over entities: what each operator and function finds, in SQLite and in PostgreSQL alike."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.api.sensorthings.language.faults import QueryError

pytestmark = [pytest.mark.relational, pytest.mark.django_db]

THINGS = {
    "name eq 'Turm a'": "a",
    "name ne 'Turm a'": "bc",
    "name gt 'Turm a'": "bc",
    "name ge 'Turm a' and name le 'Turm b'": "ab",
    "name lt 'Turm b' or name eq 'Turm c'": "ac",
    "not name eq 'Turm a'": "bc",
    "not (name eq 'Turm a' or name eq 'Turm b')": "c",
    "name in ('Turm a','Turm c')": "ac",
    "substringof('urm',name)": "abc",
    "startswith(name,'Turm b')": "b",
    "endswith(name,'c')": "c",
    "endswith(name,'xxxxxxxxxxxxTurm c')": "",
    "endswith(name,'')": "abc",
    "length(name) eq 6": "abc",
    "indexof(name,'b') eq 5": "b",
    "substring(name,5) eq 'a'": "a",
    "substring(name,0,4) eq 'Turm'": "abc",
    "tolower(name) eq 'turm a'": "a",
    "toupper(name) eq 'TURM A'": "a",
    "trim(concat('  ',name)) eq 'Turm a'": "a",
    "concat(concat(name,'-'),name) eq 'Turm a-Turm a'": "a",
    "name eq 'it''s'": "",
    "description eq ''": "abc",
    "properties/floor eq 3": "a",
    "properties/floor eq '3'": "b",
    "properties/floor ne 3": "b",
    "properties/floor gt 2": "a",
    "properties/floor add 1 eq 4": "a",
    "properties/floor sub 1 eq 2": "a",
    "properties/floor mul 2 eq 6": "a",
    "properties/floor div 2 eq 1.5": "a",
    "properties/floor mod 2 eq 1": "a",
    "-properties/floor lt 0": "a",
    "round(properties/floor div 2) eq 2": "a",
    "floor(properties/floor div 2) eq 1": "a",
    "ceiling(properties/floor div 2) eq 2": "a",
    "6 div (properties/floor sub 3) eq 1": "",
    "properties/lit eq true": "a",
    "properties/lit": "a",
    "not properties/lit": "b",
    "properties/lit ne true": "b",
    "properties/owner eq null": "c",
    "properties/owner ne null": "ab",
    "properties/nothing eq null": "abc",
    "properties/deep/er[0] eq 1": "a",
    "properties/deep/er/1 eq 'two'": "a",
    "startswith(properties/owner,'Ver')": "b",
    "length(properties/floor) eq 1": "ab",
    "properties/floor eq properties/floor": "ab",
    "Datastreams/name eq 'Temperature a1'": "a",
    "Datastreams/ObservedProperty/name eq 'Temperature'": "ab",
    "Datastreams/ObservedProperty/definition eq 'https://example.org/Humidity'": "a",
    "Datastreams/Sensor/name eq 'Pt100' and Datastreams/properties/limit eq 20": "a",
    "Datastreams/unitOfMeasurement/symbol eq '%'": "a",
    "Datastreams/unitOfMeasurement/name eq 'percent'": "a",
    "Locations/name eq 'Turm b'": "b",
    "Locations/location/type eq 'Point'": "ab",
    "Datastreams/Observations/result gt 30": "a",
    "Datastreams/Observations/result lt 5": "b",
    "Datastreams/Observations/result eq 'wet'": "a",
    "Datastreams/Observations/result gt 30 or name eq 'Turm c'": "ac",
    # Any observation will do, so one that is not greater does: it is the standard's way with links to many.
    "not (Datastreams/Observations/result gt 30) and name ne 'Turm c'": "ab",
    "Datastreams/Observations/parameters/run eq 2": "b",
    "Datastreams/Observations/result eq 11.5 and Datastreams/Observations/phenomenonTime eq 2026-03-01T23:00:00Z": "b",
    "Datastreams/Observations/result eq 11.5 and Datastreams/Observations/phenomenonTime eq 2026-03-01T22:00:00Z": "",
    "geo.distance(Locations/location,geography'POINT (11.58 50.92)') lt 0.001": "a",
    "geo.distance(Locations/location,geography'POINT (11.58 50.92)') mul 100 lt 5": "ab",
    "st_within(Locations/location,geography'POLYGON ((11.59 50.9,11.7 50.9,11.7 51,11.59 51,11.59 50.9))')": "b",
    "geo.intersects(Locations/location,geography'LINESTRING (11.58 50.9,11.58 51)')": "a",
    "st_disjoint(Locations/location,geography'POINT (11.58 50.92)')": "b",
    "not st_within(Locations/location,geography'POLYGON ((11.59 50.9,11.7 50.9,11.7 51,11.59 51,11.59 50.9))')": "a",
    "st_relate(Locations/location,geography'POINT (11.6 50.95)','T*F**FFF*')": "b",
    "st_equals(Locations/location,geography'POINT (11.6 50.95)') or name eq 'Turm c'": "bc",
    "id eq 5": "",
    "HistoricalLocations/time le now()": "ab",
}


def test_filters_of_things(world):
    wrong = {}
    for text, expected in THINGS.items():
        try:
            found = "".join(world.keys(f"/Things?$filter={text}"))
        except Exception as error:
            found = repr(error)
        if found != expected:
            wrong[text] = (found, expected)
    assert wrong == {}


STREAMS = {
    "phenomenonTime ge 2026-03-01T00:00:00Z": "a1a2b1",
    "phenomenonTime gt 2026-03-01T00:00:00Z": "",
    "overlaps(phenomenonTime,2026-03-01T20:00:00Z/2026-03-01T21:00:00Z)": "a1b1",
    "during(phenomenonTime,2026-03-01T00:00:00Z/2026-03-01T13:00:00Z)": "a2",
    "resultTime ne null": "b1",
    "Thing/name eq 'Turm b'": "b1",
    "Thing/properties/floor eq 3": "a1a2",
    "Thing/Locations/name eq 'Turm a'": "a1a2",
    "Observations/result gt 30": "a1",
    "Observations/resultTime gt 2026-03-01T23:00:00Z": "b1",
    "observationType eq 'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement'": "a1a2b1",
    "properties/tags[1] eq 'a2'": "a2",
}


def test_filters_of_datastreams(world):
    assert {text: "".join(world.keys(f"/Datastreams?$filter={text}")) for text in STREAMS} == STREAMS


def test_filters_of_moments(world):
    for text in (
        "year(time) ge 2026 and month(time) ge 1 and day(time) ge 1 and hour(time) ge 0",
        "minute(time) lt 60 and second(time) lt 60 and fractionalseconds(time) lt 1",
        "date(time) le date(now()) and time(time) ge 00:00:00",
        "time add duration'PT1H' gt now() and time sub duration'PT1H' lt now()",
        "time add duration'P1M' gt now() and totaloffsetminutes(time) eq 0",
        "time gt mindatetime() and time lt maxdatetime() and time ne null",
        "before(time,now()) or time eq now()",
    ):
        assert world.get(f"/HistoricalLocations?$filter={text}&$count=true")["@iot.count"] == 2, text


def test_what_is_hidden_neither_shows_nor_matches(world):
    assert world.keys("/Things") == ["a", "b", "c"]
    assert world.keys("/Things", SYSTEM) == ["a", "b", "c", "h"]
    for text in (
        "Datastreams/name eq 'Secret h1'",
        "Datastreams/Observations/result eq 99",
        "Datastreams/Sensor/name eq 'Spy'",
    ):
        assert world.keys(f"/Things?$filter={text}") == []
        assert world.keys(f"/Things?$filter={text}", SYSTEM) == ["h"]
    spies = "/ObservedProperties?$filter=Datastreams/name eq 'Secret h1'"
    assert world.get(spies)["value"] == [] and len(world.get(spies, SYSTEM)["value"]) == 1
    every = world.get("/ObservedProperties?$expand=Datastreams,Datastreams/Thing&$count=true")
    assert "Secret h1" not in str(every)
    assert world.get("/Observations/$count") == "53" and world.get("/Observations/$count", SYSTEM) == "54"
    assert world.get("/Sensors?$count=true")["@iot.count"] == 2


def test_orders(world):
    def names(url):
        return [each["name"] for each in world.get(url)["value"]]

    assert names("/Things?$orderby=name desc") == ["Turm c", "Turm b", "Turm a"]
    assert names("/Things?$orderby=properties/owner,name desc") == ["Turm c", "Turm a", "Turm b"]
    assert names("/Datastreams?$orderby=Thing/name desc,name desc") == [
        "Temperature b1",
        "Temperature a1",
        "Humidity a2",
    ]
    assert names("/Datastreams?$orderby=phenomenonTime desc,id&$top=1") in (["Temperature a1"], ["Temperature b1"])
    assert names("/Datastreams?$orderby=length(name)")[0] == "Humidity a2"


@pytest.mark.parametrize(
    "text",
    [
        "properties eq 'x'",
        "Datastreams/Observations/result gt properties/floor",
        "geo.distance(Locations/location,geography'POINT (1 1)') lt properties/floor",
    ],
)
def test_what_cannot_be_asked_is_said_with_its_place(world, text):
    with pytest.raises(QueryError) as refused:
        world.get(f"/Things?$filter={text}")
    assert refused.value.position >= 0 and refused.value.reason

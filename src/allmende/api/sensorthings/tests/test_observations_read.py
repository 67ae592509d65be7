"""Observations read: filters, orders, pages by key, data arrays; and what entities look like."""

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.reading.context import Missing

pytestmark = [pytest.mark.relational, pytest.mark.django_db]

DAY = "2026-03-01T"
FILTERS = {
    "result gt 30": 3,
    "result ge 30 and result le 31": 2,
    "result eq 8.25": 1,
    "result eq 'wet'": 1,
    "result ne 'wet'": 52,
    "result eq true": 1,
    "result eq null": 0,
    "result/grade eq 2": 1,
    "result/list[1] eq 6": 1,
    "result/list/0 eq 5": 1,
    "startswith(result,'we')": 1,
    "length(result) eq 3": 11,
    "round(result) eq 8 and result ne 8": 2,
    "result mod 2 eq 1": 19,
    "resultTime eq null": 29,
    "resultTime ge 2026-03-01T23:00:00Z": 1,
    "resultTime gt phenomenonTime": 24,
    "resultTime sub phenomenonTime eq duration'PT30M'": 24,
    "resultQuality/code eq 'ok'": 1,
    "validTime ne null": 1,
    "during(phenomenonTime,validTime)": 1,
    "parameters/run eq 1": 8,
    "parameters/run ne 1": 16,
    "parameters/who eq 'x' and result gt 10": 3,
    "parameters/nothing eq null": 53,
    f"phenomenonTime ge {DAY}12:00:00Z and phenomenonTime lt {DAY}13:00:00Z": 4,
    f"phenomenonTime lt {DAY}06:00:00Z": 13,
    f"phenomenonTime le {DAY}06:00:00Z": 15,
    f"phenomenonTime gt {DAY}22:30:00Z": 2,
    f"phenomenonTime eq {DAY}00:00:00Z": 2,
    f"phenomenonTime eq {DAY}00:00:00Z/{DAY}06:00:00Z": 1,
    f"overlaps(phenomenonTime,{DAY}02:30:00Z/{DAY}02:45:00Z)": 1,
    f"during(phenomenonTime,{DAY}00:00:00Z/{DAY}05:00:00Z)": 12,
    f"starts(phenomenonTime,{DAY}00:00:00Z/{DAY}06:00:00Z)": 3,
    f"finishes(phenomenonTime,{DAY}00:00:00Z/{DAY}06:00:00Z)": 3,
    f"meets(phenomenonTime,{DAY}12:00:00Z/{DAY}13:00:00Z)": 8,
    f"before(phenomenonTime,{DAY}01:00:00Z)": 2,
    f"after(phenomenonTime,{DAY}23:00:00Z)": 0,
    "hour(phenomenonTime) eq 5": 2,
    "minute(phenomenonTime) eq 0 and second(phenomenonTime) eq 0 and fractionalseconds(phenomenonTime) eq 0": 53,
    "date(phenomenonTime) eq 2026-03-01": 53,
    "time(phenomenonTime) ge 23:00:00": 2,
    "year(phenomenonTime) eq 2026 and month(phenomenonTime) eq 3 and day(phenomenonTime) eq 1": 53,
    f"phenomenonTime add duration'PT1H' gt {DAY}23:30:00Z": 2,
    "phenomenonTime add duration'P1M' gt 2026-04-01T22:30:00Z": 2,
    "Datastream/name eq 'Temperature a1'": 24,
    "Datastream/ObservedProperty/name eq 'Temperature' and result gt 11": 23,
    "Datastream/Thing/name eq 'Turm b' or result gt 30": 27,
    "not (Datastream/Thing/name eq 'Turm b') and not (result gt 11)": 4,
    "result gt Datastream/properties/limit": 36,
    "Datastream/name eq 'Secret h1'": 0,
    "FeatureOfInterest/name eq 'nowhere'": 0,
    "id eq 'obs-nothing-0'": 0,
}


def test_filters_of_observations(world):
    wrong = {}
    for text, expected in FILTERS.items():
        try:
            found = world.get(f"/Observations?$filter={text}&$count=true&$top=0")["@iot.count"]
        except Exception as error:
            found = repr(error)
        if found != expected:
            wrong[text] = (found, expected)
    assert wrong == {}


@pytest.mark.parametrize(
    "query",
    [
        "$top=7",
        "$top=7&$orderby=phenomenonTime",
        "$top=7&$orderby=phenomenonTime desc",
        "$top=7&$orderby=result",
        "$top=7&$orderby=result desc,phenomenonTime",
        "$top=7&$orderby=resultTime desc",
        "$top=7&$orderby=parameters/run,id desc",
        "$top=7&$orderby=Datastream/name",
        "$top=7&$filter=result gt 15&$orderby=phenomenonTime desc",
        "$top=7&$skip=3&$orderby=phenomenonTime",
    ],
)
def test_next_links_lead_through_everything_once(world, query):
    whole = world.get(f"/Observations?{query.replace('$top=7', '$top=1000')}")
    seen, url = [], f"/Observations?{query}"
    while url:
        page = world.get(url)
        seen += [each["@iot.id"] for each in page["value"]]
        url = page.get("@iot.nextLink", "").removeprefix("https://town.example/api/sta/v1.1")
        assert len(seen) < 200
    assert seen == [each["@iot.id"] for each in whole["value"]] and len(set(seen)) == len(seen)


def test_one_of_several_at_the_same_time(world):
    found = world.get(
        f"/Observations?$filter=Datastream/name eq 'Humidity a2' and phenomenonTime eq {DAY}12:00:00Z&$orderby=id"
    )["value"]
    assert [each["result"] for each in found] == [{"grade": 2, "list": [5, 6]}, 7]
    assert found[1]["@iot.id"] == found[0]["@iot.id"] + "-1"
    for each in found:
        assert world.get(f"/Observations('{each['@iot.id']}')") == each
        assert world.get(f"/Observations?$filter=id eq '{each['@iot.id']}'")["value"] == [each]


def test_what_an_observation_shows(world):
    first = world.get("/Observations?$filter=parameters/run eq 2&$top=1&$orderby=phenomenonTime")["value"][0]
    code = world.streams["b1"].code
    assert first["phenomenonTime"] == "2026-03-01T02:00:00Z" and first["resultTime"] == "2026-03-01T02:30:00Z"
    assert first["result"] == 1 and first["parameters"] == {"run": 2, "who": "x"}
    assert first["@iot.selfLink"].endswith(f"/Observations('{first['@iot.id']}')")
    assert world.get(f"/Observations('{first['@iot.id']}')/Datastream")["@iot.id"] == code
    assert world.get(f"/Datastreams('{code}')/Observations('{first['@iot.id']}')") == first
    wet = world.get("/Observations?$filter=result eq 'wet'&$select=phenomenonTime,result,parameters")["value"]
    assert wet == [{"phenomenonTime": "2026-03-01T00:00:00Z/2026-03-01T06:00:00Z", "result": "wet", "parameters": None}]
    assert world.get(f"/Observations('{first['@iot.id']}')/parameters/run/$value") == "2"
    assert world.get(f"/Observations('{first['@iot.id']}')/parameters/nix") is None
    assert world.get(f"/Observations('{first['@iot.id']}')/result") == {"result": 1}


def test_the_newest_of_many_streams(world):
    streams = world.get("/Datastreams?$expand=Observations($top=1;$orderby=phenomenonTime desc;$select=result)")[
        "value"
    ]
    assert [each["Observations"] for each in streams] == [[{"result": 33}], [{"result": 8.25}], [{"result": 11.5}]]
    assert all("Observations@iot.navigationLink" not in each for each in streams)


def test_expanding_observations_page_by_page(world):
    thing = world.get("/Things?$filter=name eq 'Turm a'&$expand=Datastreams/Observations($top=5;$count=true)")["value"][
        0
    ]
    first = thing["Datastreams"][0]
    assert first["Observations@iot.count"] == 24 and len(first["Observations"]) == 5
    onward = first["Observations@iot.nextLink"].removeprefix("https://town.example/api/sta/v1.1")
    further = world.get(onward)
    assert further["value"][0]["phenomenonTime"] == "2026-03-01T05:00:00Z" and further["@iot.count"] == 24


def test_data_arrays(world):
    code = world.streams["a1"].code
    body = world.get(
        f"/Datastreams('{code}')/Observations?$resultFormat=dataArray&$top=2&$count=true&$select=id,result"
    )
    assert body["@iot.count"] == 24 and body["@iot.nextLink"]
    (array,) = body["value"]
    assert array["components"] == ["id", "result"] and array["dataArray@iot.count"] == 2
    assert [row[1] for row in array["dataArray"]] == [10, 11]
    several = world.get("/Observations?$resultFormat=dataArray&$top=1000")["value"]
    assert sorted(array["dataArray@iot.count"] for array in several) == [5, 24, 24]


def test_what_is_hidden_cannot_be_reached_by_its_id(world):
    hidden = world.get("/Observations?$filter=result eq 99", SYSTEM)["value"][0]
    for url in (f"/Observations('{hidden['@iot.id']}')", f"/Datastreams('{world.streams['h1'].code}')/Observations"):
        assert world.get(url, SYSTEM)
        with pytest.raises(Missing):
            world.get(url)


def test_references_and_properties(world):
    code = world.things["a"].code
    assert world.get(f"/Things('{code}')/$ref") == {
        "@iot.selfLink": f"https://town.example/api/sta/v1.1/Things('{code}')"
    }
    links = world.get(f"/Things('{code}')/Datastreams/$ref?$top=1&$count=true")
    assert links["@iot.count"] == 2 and list(links["value"][0]) == ["@iot.selfLink"] and links["@iot.nextLink"]
    assert world.get(f"/Things('{code}')/properties/deep/er/1") == {"1": "two"}
    assert world.get(f"/Things('{code}')/name/$value", language="en") == "Tower a"
    assert world.get(f"/Things('{code}')?$select=properties/owner,id") == {
        "@iot.id": code,
        "@iot.selfLink": f"https://town.example/api/sta/v1.1/Things('{code}')",
        "properties": {"owner": "Amt"},
    }


def test_the_service_document_names_all_sets(world):
    document = world.get("/")
    assert [each["name"] for each in document["value"]][:3] == ["Things", "Locations", "HistoricalLocations"]
    assert document["serverSettings"]["conformance"]


@pytest.mark.parametrize("text", ["$skiptoken=abc", "$filter=id gt 'obs-a-1'", "$orderby=validTime/x"])
def test_refusals_name_a_place(world, text):
    with pytest.raises(QueryError) as refused:
        world.get(f"/Observations?{text}")
    assert refused.value.reason


def test_buckets_of_the_towns_day(world):
    code = world.streams["a1"].code
    days = world.get(f"/Datastreams('{code}')/Observations?bucket=day")["value"]
    # The town is an hour ahead of UTC in winter: its first of March ends at 23:00 UTC.
    assert [each["phenomenonTime"] for each in days] == [
        "2026-02-28T23:00:00Z/2026-03-01T23:00:00Z",
        "2026-03-01T23:00:00Z/2026-03-02T23:00:00Z",
    ]
    assert [(each["count"], each["minimum"], each["maximum"]) for each in days] == [(23, 10, 32), (1, 33, 33)]
    hours = world.get(
        f"/Datastreams('{code}')/Observations?bucket=hour"
        f"&$filter=phenomenonTime ge {DAY}03:00:00Z and phenomenonTime lt {DAY}05:00:00Z"
    )["value"]
    assert [(each["mean"], each["sum"]) for each in hours] == [(13, 13), (14, 14)]
    assert world.get(f"/Datastreams('{world.streams['a2'].code}')/Observations?bucket=month")["value"][0]["count"] == 2


@pytest.mark.parametrize(
    "text",
    ["bucket=fortnight", "bucket=day&$top=3", "bucket=day&$filter=result gt 3", "bucket=day&$orderby=result"],
)
def test_what_buckets_cannot_do_is_said(world, text):
    with pytest.raises(QueryError):
        world.get(f"/Datastreams('{world.streams['a1'].code}')/Observations?{text}")
    with pytest.raises(QueryError):
        world.get("/Observations?bucket=day")

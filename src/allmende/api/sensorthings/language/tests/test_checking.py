"""What makes no sense is refused, at its place, with a reason that helps."""

import pytest

from allmende.api.sensorthings.entities import ENTITY_SETS
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.language.tests.valid import encoded

DAY = "2026-03-01T00:00:00Z/2026-03-02T00:00:00Z"
POINT = "geography'POINT(1 2)'"


def refused(entity_set: str, query: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse_query(encoded(query), ENTITY_SETS[entity_set])
    return caught.value


@pytest.mark.parametrize(
    ("entity_set", "text", "at", "said"),
    [
        # names
        ("Things", "nam eq 'x'", 0, "Did you mean «name»?"),
        ("Things", "Name eq 'x'", 0, "Did you mean «name»?"),
        ("Things", "zzz eq 'x'", 0, "Known here: name, description, properties, id, Locations"),
        ("Things", "name eq 'a' and Datastream/nme eq 'x'", 27, "Datastream has no property or link «nme»"),
        ("Things", "Datastreams/Thing/Foo/name eq 'x'", 18, "Thing has no property or link «Foo»"),
        ("Things", "Datastreams eq 'x'", 11, "name a property of it"),
        ("Things", "name/x eq 'x'", 0, "nothing lies below"),
        ("Things", "id/x eq 'x'", 0, "nothing lies below"),
        ("Things", "properties/ eq 1", 10, "«/»"),
        ("Things", "properties/a[-1] eq 1", 12, "cannot stand"),
        ("Things", "/".join(["Datastreams/Thing"] * 5) + "/name eq 'x'", 72, "at most 8 links"),
        ("Datastreams", "unitOfMeasurement/nam eq 'x'", 0, "Did you mean «name»?"),
        ("Datastreams", "unitOfMeasurement/name/x eq 'x'", 0, "no part"),
        ("MultiDatastreams", "unitOfMeasurements/name eq 'x'", 0, "unitOfMeasurements[0]"),
        ("Things", "lenght(name) eq 1", 0, "Did you mean «length»?"),
        ("Things", "Datastreams/any(d:d/name eq 'x')", 0, "holds for any of them"),
        ("Things", "@iot.selfLink eq 'x'", 0, "no property"),
        # grammar
        ("Things", "name eqq 'x'", 5, "Did you mean «eq»?"),
        ("Things", "name eq", 7, "a value was expected, but the end comes"),
        ("Things", "name eq eq 'x'", 8, "A value is missing before «eq»"),
        ("Things", "eq 'x'", 0, "A value is missing"),
        ("Things", "name eq 'x' eq true", 12, "Comparisons cannot follow each other"),
        ("Things", "name eq 'x' name eq 'y'", 12, "an operator or the end"),
        ("Things", "(name eq 'x'", 12, "«)»"),
        ("Things", "name eq 'x')", 11, "an operator or the end"),
        ("Things", "name eq ()", 9, "a value was expected"),
        ("Things", "name eq 'x", 8, "no closing quote"),
        ("Things", "name eq 'it's'", 13, "no closing quote"),
        ("Things", 'name eq "x"', 8, "single quotes"),
        ("Things", "name eq 5x", 8, "is no number"),
        ("Things", "name eq 1.", 8, "is no number"),
        ("Things", "name eq 1e5000", 8, "too large"),
        ("Things", "name = 'x'", 5, "«=»"),
        ("Things", "name == 'x'", 5, "«=»"),
        ("Things", "time eq datetime'2026-01-01T00:00:00'", 8, "OData 4 writes no «datetime»"),
        ("Things", "name in ()", 9, "a value was expected"),
        ("Things", "name in 'x'", 8, "«(»"),
        # types
        ("Things", "name", 0, "must be true or false; this is a string"),
        ("Things", "5", 0, "must be true or false"),
        ("Things", "name and true", 0, "What «and» joins"),
        ("Things", "true or id", 8, "What «or» joins"),
        ("Things", "not name", 4, "What «not» turns around"),
        ("Things", "name eq 5", 5, "A string cannot be compared with a number. Text is written in single quotes"),
        ("Things", "properties eq 5", 11, "A JSON object cannot be compared with a number. Name a member of it"),
        ("Locations", "location eq 5", 9, "A geometry cannot be compared with a number. Use functions"),
        ("Locations", f"location eq {POINT}", 9, "st_equals"),
        ("Observations", f"result eq {POINT}", 7, "cannot be compared"),
        ("Observations", "phenomenonTime gt '2026-03-01T00:00:00Z'", 15, "without quotes"),
        ("Observations", "phenomenonTime gt 5", 15, "A time cannot be compared with a number"),
        ("Observations", "resultTime gt duration'PT1H'", 11, "cannot be compared"),
        ("Observations", "date(resultTime) eq time(resultTime)", 17, "cannot be compared"),
        ("Observations", "06:00 eq 2026-03-01", 6, "cannot be compared"),
        ("Things", "name in ('a',5)", 13, "cannot be compared"),
        ("Things", "name in (name)", 9, "plain values"),
        # functions
        ("Things", "startswith(name) eq true", 0, "startswith() takes 2 arguments, not 1"),
        ("Things", "now(1) lt now()", 0, "takes 0 arguments"),
        ("Things", "substring(name) eq 'x'", 0, "takes 2 or 3 arguments"),
        ("Things", "length(5) eq 1", 7, "cannot take a number as argument 1; it takes a string"),
        ("Things", "startswith('a',null)", 15, "cannot take a null"),
        ("Observations", "year('2026') eq 2026", 5, "cannot take a string"),
        ("Observations", "round(resultTime) eq 1", 6, "cannot take an instant"),
        ("Observations", "during(resultTime,2026-03-01T00:00:00Z)", 18, "it takes a time or an interval"),
        ("Observations", f"during({DAY},resultTime)", 49, "cannot take an instant"),
        ("Locations", "st_within(name,location)", 10, "cannot take a string"),
        ("Locations", "st_within(location/geometry,location)", 10, "cannot take a value of any type"),
        ("Locations", f"st_relate(location,{POINT},'T')", 41, "nine of the signs"),
        ("Locations", f"st_relate(location,{POINT},name)", 41, "nine of the signs"),
        ("Locations", "geo.distance(location, 5) gt 1", 23, "cannot take a number"),
        # arithmetic
        ("Things", "name add 1 eq 2", 5, "«add» is not possible between a string and a number"),
        ("Things", "-name eq 1", 0, "Minus is not possible before a string"),
        ("Observations", "result add duration'PT1H' gt now()", 7, "not possible"),
        ("Observations", "resultTime add resultTime gt now()", 11, "not possible"),
        ("Observations", "duration'PT1H' sub now() lt now()", 15, "not possible"),
        ("Observations", "result div 0 eq 1", 11, "Division by zero"),
        ("Observations", "result mod 0.0 eq 1", 11, "Division by zero"),
    ],
)
def test_filters_without_sense(entity_set: str, text: str, at: int, said: str):
    error = refused(entity_set, f"$filter={text}")
    assert (error.option, error.position) == ("$filter", at)
    assert said in error.message
    assert error.message.startswith(f"$filter, position {at}, ")


@pytest.mark.parametrize(
    ("entity_set", "text", "at", "said"),
    [
        ("Things", "Datastreams/name", 0, "link to many"),
        ("Things", "name,length(Datastreams/name) desc", 12, "link to many"),
        ("Things", "5", 0, "constant"),
        ("Things", "name up", 5, "end"),
        ("Things", "name asc desc", 9, "end"),
        ("Things", "name,", 5, "a value"),
        ("Datastreams", "unitOfMeasurement", 0, "Name one part"),
        ("MultiDatastreams", "multiObservationDataTypes", 0, "Name one part"),
        ("Things", ",".join(["name"] * 21), 100, "at most 20 keys"),
    ],
)
def test_orders_without_sense(entity_set: str, text: str, at: int, said: str):
    error = refused(entity_set, f"$orderby={text}")
    assert (error.option, error.position) == ("$orderby", at)
    assert said in error.message

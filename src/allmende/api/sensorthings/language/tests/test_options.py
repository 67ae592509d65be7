"""$expand with its options inside, $select, numbers, and what becomes of an option that is given twice."""

import pytest

from allmende.api.sensorthings.entities import DATASTREAM, ENTITY_SETS, LOCATION, OBSERVATION, THING
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.options import Expand, Options
from allmende.api.sensorthings.language.query import LONGEST, parse_query
from allmende.api.sensorthings.language.tests.valid import encoded
from allmende.api.sensorthings.language.tree import without_positions


def shape(expanded: tuple[Expand, ...]) -> dict:
    """{link: {link: …}} of what is expanded."""
    return {one.navigation.name: shape(one.options.expand) for one in expanded}


def expanded(text: str, entity=THING) -> tuple[Expand, ...]:
    return parse_query(f"$expand={encoded(text)}", entity).expand


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Datastreams", {"Datastreams": {}}),
        ("Datastreams()", {"Datastreams": {}}),
        (" Datastreams , Locations ", {"Datastreams": {}, "Locations": {}}),
        ("Datastreams/Sensor", {"Datastreams": {"Sensor": {}}}),
        ("Datastreams($expand=Sensor)", {"Datastreams": {"Sensor": {}}}),
        ("Datastreams,Locations,Datastreams/Sensor", {"Datastreams": {"Sensor": {}}, "Locations": {}}),
        ("Datastreams/Sensor,Datastreams", {"Datastreams": {"Sensor": {}}}),
        ("Datastreams/Sensor,Datastreams/Thing", {"Datastreams": {"Sensor": {}, "Thing": {}}}),
        ("Datastreams($expand=Sensor),Datastreams/Thing", {"Datastreams": {"Sensor": {}, "Thing": {}}}),
        ("Datastreams($expand=Sensor)/Thing", {"Datastreams": {"Sensor": {}, "Thing": {}}}),
        ("Datastreams($top=1)/Thing/Locations", {"Datastreams": {"Thing": {"Locations": {}}}}),
        ("Datastreams,Datastreams", {"Datastreams": {}}),
    ],
)
def test_what_is_expanded(text: str, meant: dict):
    assert shape(expanded(text)) == meant


def test_both_styles_become_the_same():
    nested = expanded("Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))")
    path = expanded("Datastreams/Observations($orderby=phenomenonTime desc;$top=1)")
    assert without_positions(nested) == without_positions(path)


def test_options_inside():
    text = (
        "Datastreams($filter=name eq 'a;b)';$select=name,id;$orderby=name desc;$top=3;$skip=1;$count=true;"
        "$expand=Observations($filter=result gt 1 and (result lt 5)))"
    )
    (one,) = expanded(text)
    options = one.options
    assert (options.top, options.skip, options.count) == (3, 1, True)
    assert options.filter.right.value == "a;b)"
    assert [chosen.item.name for chosen in options.select] == ["name", "@iot.id"]
    assert options.orderby[0].descending
    assert options.expand[0].options.filter.operator == "and"
    assert options.filter.left.leaf is DATASTREAM.properties["name"]


def test_options_of_the_same_link_are_joined():
    text = "Datastreams($filter=name eq 'a'),Datastreams/Observations($top=1),Datastreams($top=5;$filter=name eq  'a')"
    (one,) = expanded(text)
    assert one.options.top == 5
    assert one.options.filter is not None
    assert one.options.expand[0].options == Options(top=1)


def test_the_same_link_deeper_down_is_joined_too():
    (one,) = expanded("Things/Datastreams($top=2),Things/Datastreams/Observations($top=1)", LOCATION)
    (streams,) = one.options.expand
    assert streams.options.top == 2
    assert streams.options.expand[0].options.top == 1


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ("", 0, "$expand is empty"),
        ("name", 0, "Thing has no link «name»"),
        ("Datastream", 0, "Did you mean «Datastreams»?"),
        ("Datastreams/Sensr", 12, "Did you mean «Sensor»?"),
        ("Datastreams/Sensor/Thing", 19, "Sensor has no link «Thing»"),
        ("Datastreams,", 12, "the name of a link"),
        ("Datastreams;Locations", 11, "end"),
        ("Datastreams[0]", 0, "no link"),
        ("Datastreams(", 12, "an option such as"),
        ("Datastreams($top=1", 18, "«;»"),
        ("Datastreams($top=1,$skip=1)", 18, "«;»"),
        ("Datastreams($top=1;)", 19, "an option such as"),
        ("Datastreams($top)", 16, "«=»"),
        ("Datastreams(top=1)", 12, "an option such as"),
        ("Datastreams($top=1;$top=1)", 19, "given twice"),
        ("Datastreams($tpo=1)", 12, "Did you mean «$top»?"),
        ("Datastreams($resultFormat=dataArray)", 12, "no option «$resultFormat» for an expanded link"),
        ("Datastreams($filter=result gt 1)", 20, "Datastream has no property or link «result»"),
        ("Datastreams($filter=name eq 'a' $top=1)", 32, "an operator or the end"),
        ("Datastreams($filter=name)", 20, "true or false"),
        ("Datastreams($top=1),Datastreams($top=2)", 20, "different $top"),
        ("Datastreams($select=name),Datastreams($select=id)", 26, "different $select"),
        ("Datastreams/Observations($top=1),Datastreams/Observations($top=2)", 45, "different $top"),
        ("Datastreams/Thing/" * 5 + "Locations", 0, "at most 10 deep"),
        ("Datastreams($expand=Thing($expand=" * 6 + "Locations" + "))" * 6, 0, "at most 10 deep"),
        (",".join(["Datastreams/Sensor"] * 51), 0, "More than 100 links"),
    ],
)
def test_bad_expansions(text: str, at: int, said: str):
    with pytest.raises(QueryError) as caught:
        expanded(text)
    assert caught.value.option == "$expand"
    assert said in caught.value.message
    if at:
        assert caught.value.position == at or "deep" in said


@pytest.mark.parametrize(
    ("query", "option", "at", "said"),
    [
        ("$top=", "$top", 0, "$top is empty"),
        ("$top=-1", "$top", 0, "not negative"),
        ("$top=1.0", "$top", 0, "whole number"),
        ("$top=five", "$top", 0, "whole number"),
        ("$top=5 5", "$top", 2, "end"),
        ("$top=9999999999999999999", "$top", 0, "too large"),
        ("$skip=٣", "$skip", 0, "cannot stand"),
        ("$count=yes", "$count", 0, "true or false"),
        ("$count=1", "$count", 0, "true or false"),
        ("$resultFormat=dataarray", "$resultFormat", 0, "Did you mean «dataArray»?"),
        ("$resultFormat=GeoJSON", "$resultFormat", 0, "Known here: dataArray"),
        ("$select=", "$select", 0, "empty"),
        ("$select=name,", "$select", 5, "the name of a property"),
        ("$select=nam", "$select", 0, "Did you mean «name»?"),
        ("$select=*", "$select", 0, "cannot stand"),
        ("$select=name/x", "$select", 0, "nothing lies below"),
        ("$select=Datastreams/name", "$select", 0, "no property or link"),
        ("$select=distinct:name", "$select", 0, "no property or link"),
        ("$select=" + ",".join(["id"] * 101), "$select", 300, "more than 100 members"),
        ("$orderby=", "$orderby", 0, "empty"),
        ("$filter=  ", "$filter", 0, "empty"),
        ("$filter", "$filter", 0, "empty"),
        ("$skiptoken=", "$skiptoken", 0, "handed back"),
        ("$skiptoken=a b", "$skiptoken", 0, "handed back"),
        ("$top=1&$top=1", "$top", 0, "given twice"),
        ("$filter=true&%24filter=true", "$filter", 0, "given twice"),
        ("$fliter=true", "$fliter", 0, "Did you mean «$filter»?"),
        ("$Filter=true", "$Filter", 0, "Did you mean «$filter»?"),
        ("$apply=x", "$apply", 0, "no option «$apply»"),
        ("$=x", "$", 0, "no option"),
        ("$filter=true or " + "x" * 16_000, "$filter", 16_000, "longer than"),
        ("&".join(["a=b"] * 51), "query", 0, "more than 50"),
        ("x" * (LONGEST + 1), "query", LONGEST, "longer than"),
    ],
)
def test_bad_options(query: str, option: str, at: int, said: str):
    with pytest.raises(QueryError) as caught:
        parse_query(query, THING)
    error = caught.value
    assert (error.option, error.position) == (option, at)
    assert said in error.message


def test_an_option_that_does_not_exist_is_said_to_be_unsupported():
    for query in ("$search=x", "$expand=Datastreams($levels=2)"):
        with pytest.raises(QueryError) as caught:
            parse_query(query, THING)
        assert caught.value.unsupported
    with pytest.raises(QueryError) as caught:
        parse_query("$top=x", THING)
    assert not caught.value.unsupported


def nested(levels: int) -> str:
    return "(" * levels + "true" + ")" * levels


@pytest.mark.parametrize("opening", ["(", "not (", "not ", "-", "-(", "length(", "tolower("])
def test_nesting_is_limited(opening: str):
    with pytest.raises(QueryError, match="levels are nested"):
        parse_query(f"$filter={opening * 500}", ENTITY_SETS["Things"])


def test_fifty_levels_are_read_and_no_more():
    parse_query(f"$filter={nested(50)}", THING)
    with pytest.raises(QueryError, match="More than 50 levels"):
        parse_query(f"$filter={nested(51)}", THING)


def test_long_chains_are_flat_or_limited():
    chain = " or ".join(["result eq 1"] * 800)
    assert len(parse_query(f"$filter={chain}", OBSERVATION).filter.operands) == 800
    with pytest.raises(QueryError, match="operators of arithmetic"):
        parse_query("$filter=" + "1 add " * 51 + "1 eq 1", OBSERVATION)
    with pytest.raises(QueryError, match="more than 1000 members"):
        parse_query(f"$filter=result in ({'1,' * 1000}1)", OBSERVATION)

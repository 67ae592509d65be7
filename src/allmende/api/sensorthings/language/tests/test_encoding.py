"""Query strings as they really come: by forms, by browsers, by hand; and what no text may hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.api.sensorthings.entities import LOCATION, OBSERVATION, THING
from allmende.api.sensorthings.language.encoding import decoded
from allmende.api.sensorthings.language.faults import QueryError, printable
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.language.tree import without_positions

MOMENT = 1_292_880_000_000_000  # 2010-12-20T21:20:00Z


@pytest.mark.parametrize(
    "query",
    [
        "$filter=phenomenonTime%20ge%202010-12-20T22:20:00%2B01:00",
        "$filter=phenomenonTime+ge+2010-12-20T22:20:00+01:00",
        "$filter=phenomenonTime%20ge%202010-12-20T22:20:00+01:00",
        "$filter=phenomenonTime+ge+2010-12-20T22%3A20%3A00.000+01%3A00",
        "$filter=phenomenonTime+ge+2010-12-20T22:20+0100",
        "%24filter=phenomenonTime+ge+2010-12-20T22%3A20%3A00%2B01%3A00",
        "%24filter%3DphenomenonTime+ge+2010-12-20T21%3A20%3A00Z",
        "$filter=phenomenonTime ge 2010-12-20T21:20:00Z",
    ],
)
def test_a_time_with_an_offset(query: str):
    assert parse_query(query, OBSERVATION).filter.right.value == MOMENT


def test_a_plus_that_is_a_space_after_a_time():
    tree = parse_query("$filter=phenomenonTime+ge+2010-12-20T21:20:00Z+and+result+eq+10", OBSERVATION).filter
    assert [operand.operator for operand in tree.operands] == ["ge", "eq"]


def test_a_plus_in_a_text():
    assert parse_query("$filter=name+eq+'a+b'", THING).filter.right.value == "a b"
    assert parse_query("$filter=name+eq+'a%2Bb'", THING).filter.right.value == "a+b"


def test_signs_that_part_options_may_be_in_a_text():
    tree = parse_query("$filter=name eq 'a%26b=c%3Bd%23e%25'&$top=1", THING).filter
    assert tree.right.value == "a&b=c;d#e%"


def test_everything_encoded_or_as_little_as_possible():
    much = "%24%66ilter%3D%73t_within%28location%2Cgeography%27POINT%281%202%29%27%29"
    little = "$filter=st_within(location,geography'POINT(1 2)')"
    assert without_positions(parse_query(much, LOCATION)) == without_positions(parse_query(little, LOCATION))


@pytest.mark.parametrize(
    ("query", "option", "at", "said"),
    [
        ("$filter=name eq '%'", "$filter", 9, "two hexadecimal digits"),
        ("$filter=name eq '%4'", "$filter", 9, "two hexadecimal digits"),
        ("$filter=name+eq+'%zz'", "$filter", 9, "two hexadecimal digits"),
        ("$filter=name eq '%FF'", "$filter", 9, "not UTF-8"),
        ("$filter=name eq 'a%C3'", "$filter", 10, "not UTF-8"),
        ("$filter=name eq '%41%42%ED%A0%80'", "$filter", 15, "not UTF-8"),
        ("$filter=name eq '%00'", "$filter", 9, "not allowed"),
        ("$filter=name eq 'ä%7F'", "$filter", 10, "not allowed"),
        ("$filter=name eq '\ud800'", "$filter", 9, "not allowed"),
        ("$filter=name eq '%EF%BF%BF'", "$filter", 9, "not allowed"),
        ("a%zz=1", "query", 1, "two hexadecimal digits"),
        ("a=%FF", "query", 0, "not UTF-8"),
        ("%FF", "query", 0, "not UTF-8"),
        ("$f%00=1", "query", 2, "not allowed"),
    ],
)
def test_what_cannot_be_decoded(query: str, option: str, at: int, said: str):
    with pytest.raises(QueryError) as caught:
        parse_query(query, THING)
    error = caught.value
    assert (error.option, error.position) == (option, at)
    assert said in error.message
    error.message.encode()


def test_positions_count_decoded_letters():
    with pytest.raises(QueryError) as caught:
        parse_query("$filter=name%20eq%20'%C3%A4%C3%B6' or nme eq 'x'", THING)
    assert (caught.value.position, caught.value.near) == (16, "nme eq 'x'")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_texts_come_through(text: str):
    from urllib.parse import quote, quote_plus

    text = text.replace("\ufffe", "").replace("\uffff", "")
    for encode in (quote, quote_plus):
        assert decoded(encode(text), "query") == text


@given(st.text(max_size=40))
def test_any_text_is_decoded_or_refused(text: str):
    try:
        decoded(text, "query")
    except QueryError as error:
        assert 0 <= error.position <= len(error.text)
        assert printable(error.message) == error.message

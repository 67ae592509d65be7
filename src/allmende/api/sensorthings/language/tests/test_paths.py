"""Resource paths: what they address, ids as they are in the wild, and where a bad path is bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.api.sensorthings.entities import DATASTREAM, ID, LOCATION, OBSERVATION, SELF_LINK, THING
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.paths import Answer, ResourcePath, Step, parse_path
from allmende.api.sensorthings.language.tests.valid import encoded

PLAIN = "/()$'"  # what browsers leave as it is


def thing(key: str | int = 1) -> Step:
    return Step(THING, key, None, False)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", ResourcePath(Answer.ROOT)),
        ("/", ResourcePath(Answer.ROOT)),
        ("$batch", ResourcePath(Answer.BATCH)),
        ("/CreateObservations", ResourcePath(Answer.CREATE_OBSERVATIONS)),
        ("Things", ResourcePath(Answer.COLLECTION, (Step(THING, None, None, True),))),
        ("Things/$ref", ResourcePath(Answer.REFERENCES, (Step(THING, None, None, True),))),
        ("Things/$count", ResourcePath(Answer.COUNT, (Step(THING, None, None, True),))),
        ("Things(1)", ResourcePath(Answer.ENTITY, (thing(),))),
        ("Things('a')/", ResourcePath(Answer.ENTITY, (thing("a"),))),
        ("Things(1)/$ref", ResourcePath(Answer.REFERENCES, (thing(),))),
        ("Things(1)/name", ResourcePath(Answer.PROPERTY, (thing(),), THING.properties["name"])),
        ("Things(1)/name/$value", ResourcePath(Answer.VALUE, (thing(),), THING.properties["name"])),
        ("Things(1)/id", ResourcePath(Answer.PROPERTY, (thing(),), ID)),
        ("Things(1)/@iot.selfLink", ResourcePath(Answer.PROPERTY, (thing(),), SELF_LINK)),
        (
            "Things(1)/properties/a[0]/b c/7/$value",
            ResourcePath(Answer.VALUE, (thing(),), THING.properties["properties"], ("a", 0, "b c", "7")),
        ),
        (
            "Datastreams(1)/Thing/Locations",
            ResourcePath(
                Answer.COLLECTION,
                (
                    Step(DATASTREAM, 1, None, False),
                    Step(THING, None, DATASTREAM.navigations["Thing"], False),
                    Step(LOCATION, None, THING.navigations["Locations"], True),
                ),
            ),
        ),
        (
            "Datastreams(1)/Observations('o')/result[2]",
            ResourcePath(
                Answer.PROPERTY,
                (
                    Step(DATASTREAM, 1, None, False),
                    Step(OBSERVATION, "o", DATASTREAM.navigations["Observations"], False),
                ),
                OBSERVATION.properties["result"],
                (2,),
            ),
        ),
    ],
)
def test_what_a_path_means(text: str, meant: ResourcePath):
    assert parse_path(encoded(text, safe="/()$'")) == meant
    assert parse_path(text, encoded=False) == meant
    assert meant.entity is (meant.steps[-1].entity if meant.steps else None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Things('K440~BLN1%2F1~color')", "K440~BLN1/1~color"),
        ("Things('K440~BLN1/1~color')", "K440~BLN1/1~color"),
        ("Things(%27K440~BLN1%2f1~color%27)", "K440~BLN1/1~color"),
        ("Things('it''s')", "it's"),
        ("Things(%27it%27%27s%27)", "it's"),
        ("Things('a%20b+c')", "a b+c"),
        ("Things('%2527')", "%27"),
        ("Things('(1)/name')", "(1)/name"),
        ("Things('')", ""),
        ("Things('%C3%A4')", "ä"),
        ("Things('5')", "5"),
        ("Things(5)", 5),
        ("Things(-9223372036854775)", -9223372036854775),
    ],
)
def test_ids(text: str, key: str | int):
    assert parse_path(text).steps[0].id == key
    assert parse_path(f"{text}/Datastreams").steps[0].id == key


def test_an_encoded_slash_does_not_part_a_name():
    assert parse_path("Things(1)/properties/a%2Fb/c").below == ("a/b", "c")


def test_topics_are_not_decoded():
    assert parse_path("Things('a%20b')/Datastreams", encoded=False).steps[0].id == "a%20b"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_any_id_comes_through(key: str):
    key = key.replace("\ufffe", "").replace("\uffff", "")
    quoted = "'" + key.replace("'", "''") + "'"
    assert parse_path(f"Things({encoded(quoted, safe='')})/Datastreams/$ref").steps[0].id == key
    assert parse_path(f"Things({encoded(quoted, safe=PLAIN)})/Datastreams/$ref").steps[0].id == key
    assert parse_path(f"Things({quoted})/Datastreams/$ref", encoded=False).steps[0].id == key


BAD = [
    ("Thing", 0, "Did you mean «Things»?"),
    ("things", 0, "Did you mean «Things»?"),
    ("Foo", 0, "no entity set «Foo»"),
    ("Things(1", 6, "not closed"),
    ("Things('a", 6, "not closed"),
    ("Things('a)", 7, "no id"),
    ("Things()", 7, "no id"),
    ("Things(a)", 7, "single quotes"),
    ("Things('a'b')", 7, "no id"),
    ("Things(1)(2)", 7, "no id"),
    ("Things(1.5)", 7, "no id"),
    ("Things(1)x", 6, "not closed"),
    ("Things(9999999999999999999)", 7, "no id"),
    ("Things/name", 7, "a whole collection"),
    ("Things/Datastreams", 7, "a whole collection"),
    ("Things(1)/Datastreams/name", 22, "Datastreams('…')"),
    ("Things(1)//name", 10, "empty"),
    ("//Things", 1, "empty"),
    ("Things(1)/nme", 10, "Did you mean «name»?"),
    ("Things(1)/Thing", 10, "no property or link"),
    ("Datastreams(1)/Thing(2)", 20, "takes no id"),
    ("Things(1)/name/x", 10, "nothing lies below"),
    ("Things(1)/name/$ref", 15, "behind a property"),
    ("Things(1)/name/$value/x", 15, "behind a property"),
    ("Things(1)/$value", 10, "It follows a property"),
    ("Things(1)/$count", 10, "It follows a collection"),
    ("Things/$foo", 7, "cannot stand here"),
    ("Things/$ref/name", 11, "Nothing can follow «$ref»"),
    ("$batch/1", 6, "Nothing can follow «$batch»"),
    ("$metadata", 0, "no entity set"),
    ("CreateObservations(1)", 0, "no entity set"),
    ("Things(1)/properties/a[x]", 21, "no step into a value"),
    ("MultiDatastreams(1)/unitOfMeasurements/name", 20, "is an array"),
    ("Datastreams(1)/Thing" + "/Locations(1)/Things(1)" * 6, 136, "at most 12 steps"),
    ("Things(1)/properties" + "/a" * 21, 62, "at most 20 steps"),
]


@pytest.mark.parametrize(("text", "at", "said"), BAD)
def test_bad_paths(text: str, at: int, said: str):
    for is_encoded in (True, False):
        with pytest.raises(QueryError) as caught:
            parse_path(encoded(text, safe="/()$'") if is_encoded else text, encoded=is_encoded)
        error = caught.value
        assert (error.option, error.position) == ("path", at)
        assert said in error.message


@pytest.mark.parametrize(
    "text", ["Things('%')", "Things('%FF')", "Things('%00')", "Things('\x00')", "T" * 4001, "\ud800"]
)
def test_paths_that_cannot_be_decoded(text: str):
    with pytest.raises(QueryError):
        parse_path(text)


@given(st.text("Things(1)'/$ref%2Fname properties[0]a", max_size=40))
def test_any_path_is_read_or_refused_in_its_place(text: str):
    for is_encoded in (True, False):
        try:
            parse_path(text, encoded=is_encoded)
        except QueryError as error:
            assert 0 <= error.position <= len(error.text)

"""The schema holds together, and says what the tables of 18-088 say."""

import pytest

from allmende.api.sensorthings.entities import (
    ENTITY_SETS,
    ENTITY_TYPES,
    MULTI_DATASTREAM,
    OBSERVATION,
    EntityType,
    Kind,
)

TYPES = ENTITY_TYPES.values()


@pytest.mark.parametrize("entity", TYPES, ids=lambda entity: entity.name)
def test_each_link_has_its_way_back(entity: EntityType):
    for link in entity.navigations.values():
        back = link.target.navigations[link.inverse]
        assert back.target is entity
        assert back.inverse == link.name
        assert link.name == (link.target.set_name if link.many else link.target.name)


def test_the_sets_are_those_of_the_standard():
    assert sorted(ENTITY_SETS) == [
        "Datastreams",
        "FeaturesOfInterest",
        "HistoricalLocations",
        "Locations",
        "MultiDatastreams",
        "Observations",
        "ObservedProperties",
        "Sensors",
        "Things",
    ]


def test_all_but_two_types_carry_properties():
    without = [entity.name for entity in TYPES if "properties" not in entity.properties]
    assert without == ["HistoricalLocation", "Observation"]


def test_what_must_be_sent():
    needed = {entity.name: [p.name for p in entity.properties.values() if p.mandatory] for entity in TYPES}
    assert needed["Thing"] == ["name", "description"]
    assert needed["Observation"] == ["result"]
    assert needed["HistoricalLocation"] == ["time"]
    assert needed["Datastream"] == ["name", "description", "unitOfMeasurement", "observationType"]


def test_what_the_service_keeps_by_itself():
    kept = [p.name for p in MULTI_DATASTREAM.properties.values() if not p.writable]
    assert kept == ["observedArea", "phenomenonTime", "resultTime"]
    assert OBSERVATION.properties["phenomenonTime"].kind == Kind.TIME

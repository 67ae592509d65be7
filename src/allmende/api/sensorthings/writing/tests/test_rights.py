"""Who may change what: role × class of the dataset × request. What one may not see does not exist."""

import pytest

from allmende.accounts.actors import Actor
from allmende.api.sensorthings.writing.tests.face import Face, feature, link, place, quantity, sensor, station, stream
from allmende.catalogue.queries import Dataset

CLASSES = ("open", "shared", "protected")


def token(*scopes, datasets=()):
    return Actor(kind="token", code="tok-0000000000", scopes=frozenset(scopes), datasets=frozenset(datasets))


READ, WRITE, MANAGE = "observations:read", "observations:write", "observations:manage"


@pytest.fixture
def actors(cast, town):
    codes = {name: getattr(town, f"{name}_dataset").code for name in CLASSES}
    return {
        "nobody": cast.anonymous.actor,
        "resident": cast.resident.actor,
        "steward": cast.steward.actor,
        "administrator": cast.administrator.actor,
        "reader": token(READ),
        "sensor": token(READ, WRITE),
        "blind sensor": token(WRITE),
        "machine": token(READ, WRITE, MANAGE),
        "protected machine": token(READ, WRITE, MANAGE, datasets=[codes["protected"]]),
        "open machine": token(READ, WRITE, MANAGE, datasets=[codes["open"]]),
    }


# Per actor the status for open, shared and protected. Machines may be allowed to write where they may not read.
OBSERVING = {
    "nobody": (401, 401, 401),
    "resident": (403, 403, 403),
    "steward": (201, 201, 404),
    "administrator": (201, 201, 201),
    "reader": (403, 403, 403),
    "sensor": (201, 201, 404),
    "blind sensor": (201, 201, 404),
    "machine": (201, 201, 404),
    "protected machine": (404, 404, 201),
    "open machine": (201, 404, 404),
}


@pytest.mark.parametrize("who", sorted(OBSERVING))
def test_who_may_observe(face: Face, town, actors, who):
    face.actor = actors[who]
    found = []
    for name in CLASSES:
        ds = getattr(town, f"{name}_stream").code
        found.append(face.ask("POST", f"/Datastreams('{ds}')/Observations", {"result": 1}).status)
        body = {"result": 2, "Datastream": link(ds)}
        status = face.ask("POST", "/Observations", body).status
        assert (status if status != 400 else 404) == found[-1]  # a link to nowhere is a fault of the body
        array = [{"Datastream": link(ds), "components": ["result"], "dataArray": [[3]]}]
        answer = face.ask("POST", "/CreateObservations", array)
        status = 404 if answer.body == ["error"] else answer.status
        assert status == found[-1]
    assert (who, tuple(found)) == (who, OBSERVING[who])


# Changing the Thing of each class: PATCH, DELETE, and a Datastream more.
MANAGING = {
    "nobody": (401, 401, 401),
    "resident": (403, 403, 403),
    "steward": (200, 200, 404),
    "administrator": (200, 200, 200),
    "reader": (403, 403, 403),
    "sensor": (403, 403, 403),
    "blind sensor": (403, 403, 403),
    "machine": (200, 404, 404),
    "protected machine": (404, 404, 404),
    "open machine": (200, 404, 404),
}


@pytest.mark.parametrize("who", sorted(MANAGING))
def test_who_may_manage(face: Face, town, actors, who):
    face.actor = actors[who]
    found = []
    for name in CLASSES:
        thing = f"/Things('{getattr(town, f'{name}_thing').code}')"
        found.append(face.ask("PATCH", thing, {"description": "x"}).status)
        made = face.ask("POST", f"{thing}/Datastreams", stream(Sensor=sensor(), ObservedProperty=quantity())).status
        assert made == (201 if found[-1] == 200 else found[-1])
        assert face.ask("PUT", thing, {"name": "a", "description": "b"}).status == found[-1]
        assert face.ask("POST", f"{thing}/Locations", place()).status == made
        assert face.ask("DELETE", thing).status == found[-1]
    assert (who, tuple(found)) == (who, MANAGING[who])


def test_nothing_was_changed_by_those_who_may_not(face, town, actors):
    before = face.counts()
    for who in ("nobody", "resident", "reader", "sensor", "blind sensor"):
        face.actor = actors[who]
        for name in CLASSES:
            thing, ds = getattr(town, f"{name}_thing").code, getattr(town, f"{name}_stream").code
            for path, body in (
                ("/Things", station()),
                ("/Sensors", sensor()),
                ("/ObservedProperties", quantity()),
                ("/FeaturesOfInterest", feature()),
                ("/Locations", {**place(), "Things": [link(thing)]}),
                (
                    "/HistoricalLocations",
                    {"time": "2030-01-01T00:00:00Z", "Thing": link(thing), "Locations": [place()]},
                ),
                ("/Datastreams", stream(Thing=link(thing), Sensor=sensor(), ObservedProperty=quantity())),
                (f"/Datastreams('{ds}')/Observations", {"result": 1, "FeatureOfInterest": feature()}),
            ):
                assert face.ask("POST", path, body).status in (400, 401, 403, 404), (who, path)
            for path in (f"/Things('{thing}')", f"/Datastreams('{ds}')", f"/Datastreams('{ds}')/Sensor"):
                assert face.ask("DELETE", path).status in (401, 403, 404)
                assert face.ask("DELETE", f"{path.partition('(')[0]}?$filter=name ne 'x'").status in (200, 401, 403)
    face.actor = Face().actor
    assert face.counts() == before


class TestDatasets:
    def dataset(self, made):
        from allmende.observations.queries import Thing

        return Thing.objects.get(code=made["@iot.id"]).dataset.slug

    def test_named(self, face, town):
        for name in ("open-weather", town.open_dataset.code):
            assert self.dataset(face.post("/Things", station(Dataset=link(name)))) == "open-weather"

    def test_what_belongs_to_it_is_there_too(self, face, town):
        from allmende.observations.queries import Datastream

        face.post("/Things", station(Dataset=link("shared-weather")))
        made = Datastream.objects.order_by("-pk").first()
        newest = [made, made.sensor, made.thing.locations.get()]
        assert {row.dataset.slug for row in newest} == {"shared-weather"}

    def test_below_a_thing(self, face, town):
        from allmende.observations.queries import Datastream

        made = stream(Sensor=sensor(), ObservedProperty=quantity())
        face.post(f"/Things('{town.shared_thing.code}')/Datastreams", made)
        assert Datastream.objects.order_by("-pk").first().dataset == town.shared_dataset

    def test_the_only_one_of_a_token(self, face, town, actors):
        face.actor = actors["open machine"]
        assert self.dataset(face.post("/Things", station())) == "open-weather"

    def test_the_common_one_is_made_when_needed(self, face, town, actors):
        assert not Dataset.objects.filter(slug="sensorthings").exists()
        face.actor = actors["machine"]
        assert self.dataset(face.post("/Things", station())) == "sensorthings"
        assert Dataset.objects.get(slug="sensorthings").access_class == "open"
        face.actor = actors["sensor"]
        assert face.ask("POST", "/Things", station()).status == 403

    def test_not_one_that_is_not_theirs(self, face, town, actors):
        face.actor = actors["open machine"]
        face.refused("POST", "/Things", station(Dataset=link("protected-weather")))
        face.actor = actors["machine"]
        assert face.ask("POST", "/Things", station(Dataset=link("protected-weather"))).status == 400


def test_open_writes(face, town, actors, settings):
    """For conformance runs on a loopback address: strangers may do everything with what they see."""
    settings.OPEN_WRITES = True
    face.actor = actors["nobody"]
    made = face.post("/Things", station())
    (ds,) = face.value(f"/Things('{made['@iot.id']}')/Datastreams")
    assert face.ask("POST", f"/Datastreams('{ds['@iot.id']}')/Observations", {"result": 1}).status == 201
    assert face.ask("DELETE", f"/Things('{made['@iot.id']}')").status == 200
    assert face.ask("PATCH", f"/Things('{town.protected_thing.code}')", {"name": "x"}).status == 404


def test_a_quantity_is_changed_by_those_who_may_change_all_that_is_measured_by_it(face, town, actors):
    from allmende.observations.queries import Datastream

    shared = Datastream.objects.get(pk=town.open_stream.pk).observed_property.code
    face.actor = actors["open machine"]
    mine = face.post("/ObservedProperties", quantity())["@iot.id"]
    assert face.ask("PATCH", f"/ObservedProperties('{mine}')", {"name": "x"}).status == 200
    assert face.ask("PATCH", f"/ObservedProperties('{shared}')", {"name": "x"}).status == 403
    assert face.ask("DELETE", f"/ObservedProperties('{shared}')").status == 403
    face.actor = actors["administrator"]
    assert face.ask("DELETE", f"/ObservedProperties('{shared}')").status == 200


def test_deleting_what_others_depend_on(face, town, actors):
    """A sensor of an open dataset that a protected Datastream uses is not deleted by who may not touch that one."""
    from allmende.observations.queries import Datastream

    sensor_of_all = Datastream.objects.get(pk=town.open_stream.pk).sensor
    Datastream.objects.filter(pk=town.protected_stream.pk).update(sensor=sensor_of_all)
    face.actor = actors["machine"]
    assert face.ask("DELETE", f"/Sensors('{sensor_of_all.code}')").status == 403
    assert Datastream.objects.count() == 3


def test_an_observation_is_written_by_its_writers(face, town, actors):
    made = face.post(f"/Datastreams('{town.open_stream.code}')/Observations", {"result": 1})
    path = f"/Observations('{made['@iot.id']}')"
    for who, status in (("nobody", 401), ("reader", 403), ("protected machine", 404), ("sensor", 200)):
        face.actor = actors[who]
        assert face.ask("PATCH", path, {"result": 2}).status == status
    for who, status in (("nobody", 401), ("reader", 403), ("protected machine", 404), ("sensor", 200)):
        face.actor = actors[who]
        assert face.ask("DELETE", path).status == status


def test_a_filter_deletes_only_what_one_sees(face, town, actors):
    for name in CLASSES:
        face.post(f"/Datastreams('{getattr(town, f'{name}_stream').code}')/Observations", {"result": 1})
    face.actor = actors["open machine"]
    assert face.ask("DELETE", "/Observations?$filter=result eq 1").status == 200
    face.actor = Face().actor
    assert face.counts()["Observations"] == 2

"""`$ref`: links alone (an extension after OData)."""

from allmende.api.sensorthings.writing.tests.face import ROOT, feature, link, place, sensor


def names(face, path):
    return [one["name"] for one in face.value(path)]


def test_a_location_more_and_less(face, garden):
    thing = f"/Things('{garden[0]}')"
    hill = face.post("/Locations", place(1, 2, "Hill"))["@iot.id"]
    assert face.ask("POST", f"{thing}/Locations/$ref", link(hill)).status == 204
    assert names(face, f"{thing}/Locations") == ["Hill"]
    tower = face.value("/Locations?$filter=name eq 'Tower'")[0]["@iot.id"]
    face.ask("PATCH", thing, {"Locations": [link(hill), link(tower)]})
    assert face.ask("DELETE", f"{thing}/Locations('{hill}')/$ref").status == 204
    assert names(face, f"{thing}/Locations") == ["Tower"]
    assert face.ask("DELETE", f"{thing}/Locations/$ref?$id=../../Locations('{tower}')").status == 204
    assert names(face, f"{thing}/Locations") == []
    assert face.counts()["Locations"] == 2
    face.refused("DELETE", f"{thing}/Locations('{hill}')/$ref", status=404)


def test_another_sensor(face, garden):
    other = face.post("/Sensors", sensor("Other"))["@iot.id"]
    path = f"/Datastreams('{garden[1]}')/Sensor/$ref"
    assert face.ask("PUT", path, {"@odata.id": f"{ROOT}/Sensors('{other}')"}).status == 204
    assert face.get(f"/Datastreams('{garden[1]}')/Sensor")["name"] == "Other"
    face.refused("DELETE", path, status=400)
    face.refused("POST", path, link(other), status=405)


def test_what_cannot_be_linked(face, garden):
    thing, ds = f"/Things('{garden[0]}')", f"/Datastreams('{garden[1]}')"
    lake = face.post("/FeaturesOfInterest", feature())["@iot.id"]
    made = face.post(f"{ds}/Observations", {"result": 1})["@iot.id"]
    face.refused("POST", f"{thing}/Locations/$ref", link("loc-0000000000"))
    face.refused("POST", f"{thing}/Locations/$ref", {"@odata.id": f"Sensors('{lake}')"})
    face.refused("POST", f"{thing}/Locations/$ref", {"colour": 1})
    face.refused("DELETE", f"{thing}/Locations/$ref")
    face.refused("DELETE", f"{thing}/Locations/$ref?$id=Datastreams('x')")
    face.refused("DELETE", f"{thing}/Datastreams('{garden[1]}')/$ref")
    face.refused("POST", "/Things/$ref", link("x"), status=405)
    face.refused("POST", f"/FeaturesOfInterest('{lake}')/Observations/$ref", link(made))
    face.refused("POST", "/Things('thg-0000000000')/Locations/$ref", link("x"), status=404)

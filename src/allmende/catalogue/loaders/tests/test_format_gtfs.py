"""A small timetable in GTFS, whole and with the usual gaps."""

import io
import os
import random
import zipfile
from pathlib import Path

import pytest

from allmende.catalogue.loaders.formats import gtfslines
from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.loaders.tests.tabled import Tabled, survives

FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Ulmenfurter Verkehr,https://town.example,Europe/Berlin\n",
    "stops.txt": "stop_id,stop_code,stop_name,stop_lat,stop_lon,parent_station\n"
    "de:1:001,001,Größer Platz,50.92,11.58,\nde:1:002,002,Am Ufer,50.93,11.59,\nde:1:003,003,Ohne Ort,,,\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\n10,1,5,0\n11,1,12,3\n",
    "trips.txt": "route_id,service_id,trip_id,shape_id\n10,mo-fr,100,s1\n10,mo-fr,101,s1\n11,sa,102,s2\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "100,23:50:00,23:51:00,de:1:001,1\n100,24:10:00,24:10:00,de:1:002,2\n101,5:00:00,5:00:00,de:1:001,1\n",
    "calendar.txt": "service_id,monday,start_date,end_date\nmo-fr,1,20260101,20261231\nsa,0,20260101,20261231\n",
    "calendar_dates.txt": "service_id,date,exception_type\n",
    "shapes.txt": "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n"
    "s1,50.92,11.58,1\ns1,50.94,11.60,3\ns1,50.93,11.59,2\ns2,50.92,11.58,1\ns3,50.9,11.5,1\ns3,50.9,11.6,2\n",
}


def feed(folder: str = "", without: tuple[str, ...] = (), **changed: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in FEED.items():
            if name not in without:
                archive.writestr(folder + name, "\ufeff" + changed.get(name.removesuffix(".txt"), text))
    return packed.getvalue()


def of(content: bytes, name: str) -> Tabled:
    return Tabled(content, layer=name)


@pytest.mark.parametrize("folder", ["", "fahrplan/"])
def test_each_text_is_a_table(folder: str):
    content = feed(folder)
    table = Tabled(content)
    names = [each["recipe"]["table"] for each in table.tables]
    assert names == ["agency", "stops", "routes", "trips", "stop-times", "calendar", "shapes"]
    assert ("calendar_dates.txt", "header_only") in table.of("ignored") and not table.of("missing")
    stops = of(content, "stops")
    assert stops.types == {"stop_id": "text", "stop_code": "text", "stop_name": "text"} | {
        "stop_lat": "number",
        "stop_lon": "number",
    }
    assert stops.wkt() == ["POINT (11.58 50.92)", "POINT (11.59 50.93)", None]
    assert stops.column("stop_code")[0] == "001" and stops.recipe.key == ("stop_id",)
    times = of(content, "stop_times")
    assert times.column("arrival_time")[1] == "24:10:00" and times.recipe.key == ("trip_id", "stop_sequence")
    assert times.types["stop_sequence"] == "integer" and times.types["trip_id"] == "text"
    assert of(content, "calendar").types["start_date"] == "date"


def test_shapes_are_lines_in_the_order_of_their_numbers():
    shapes = of(feed(), "shapes")
    assert shapes.wkt()[0] == "LINESTRING (11.58 50.92, 11.59 50.93, 11.6 50.94)"
    assert shapes.column("shape_id") == ["s1", "s2", "s3"] and shapes.column("points") == [3, 1, 2]
    assert shapes.done["kinds"] == ["LineString", "Point"] and shapes.recipe.key == ("shape_id",)


def test_points_that_do_not_stand_together(monkeypatch: pytest.MonkeyPatch):
    head, *lines = FEED["shapes.txt"].splitlines(keepends=True)
    mixed = feed(shapes=head + "".join(sorted(lines, key=lambda line: line.split(",")[3])))
    shapes = of(mixed, "shapes")
    assert shapes.column("points") == [3, 1, 2] and shapes.column("shape_id") == ["s1", "s2", "s3"]
    monkeypatch.setattr(gtfslines, "_SCATTERED", 3)
    assert of(mixed, "shapes").refused == "too_large"


def test_points_that_are_none_are_set_aside():
    shapes = of(feed(shapes=FEED["shapes.txt"].replace("50.94", "x").replace("s2,50.92", "s2,95")), "shapes")
    assert [(each["row"], each["code"]) for each in shapes.aside] == [(3, "place_unknown"), (5, "place_unknown")]
    assert shapes.column("points") == [2, 2] and shapes.column("shape_id") == ["s1", "s3"]


def test_what_is_missing_is_told():
    table = Tabled(feed(without=("agency.txt", "calendar.txt", "calendar_dates.txt", "shapes.txt")))
    assert table.of("missing") == [("agency.txt, calendar.txt / calendar_dates.txt", "gtfs_needed")]
    assert of(feed(), "fares").refused == "no_such_layer"
    assert of(feed(shapes="shape_id,a\n1,2\n"), "shapes").refused == "no_rows"


def test_it_is_read_in_the_sandbox(tmp_path: Path):
    (tmp_path / "gtfs.zip").write_bytes(feed())
    with Tabling(tmp_path / "gtfs.zip", tmp_path / "loading") as tabling:
        for proposal in tabling.propose():
            loaded = tabling.read(proposal.recipe)
            assert loaded.spool.rows > 0 and not loaded.aside.count
            loaded.close()


def test_broken_files_are_refused_in_words():
    content, chance = feed(), random.Random(5)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x")
    for _ in range(1000 if os.environ.get("ALLMENDE_LONG") else 30):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x")
    for _ in range(500 if os.environ.get("ALLMENDE_LONG") else 15):
        texts = {name.removesuffix(".txt"): _scrambled(text, chance) for name, text in FEED.items()}
        survives(feed(**texts), "x")


def _scrambled(text: str, chance: random.Random) -> str:
    letters = list(text)
    for _ in range(chance.randint(0, 3)):
        letters[chance.randrange(len(letters))] = chance.choice(['"', ",", "\n", "x", "-", "9", "\x1a"])
    return "".join(letters)

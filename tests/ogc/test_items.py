"""Pages of features: boxes, times, properties, order, paging, coordinate reference systems (parts 1 and 2)."""

import re

import pyproj
import pytest
import shapely
from shapely.geometry import shape

from allmende.api.ogc.crs import KNOWN
from tests.ogc.layers import TREES, place, tree

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
ITEMS = "/collections/trees/items"


def box(*sides) -> str:
    return ",".join(map(str, sides))


def test_a_page_says_how_many_there_are(get):
    page = get(ITEMS, limit=3)
    assert (page["numberMatched"], page["numberReturned"], len(page["features"])) == (TREES, 3, 3)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", page["timeStamp"])
    assert page["simulated"] is True


def test_features_have_every_property_with_its_type(get):
    feature = get(f"{ITEMS}/B001")
    assert feature["type"] == "Feature"
    assert feature["id"] == "B001"
    assert feature["geometry"] == {"type": "Point", "coordinates": [11.581, 50.92]}
    assert feature["properties"] == {
        "nr": "B001",
        "art": "Ahorn",
        "hoehe": 5.25,
        "umfang": 3,
        "gesund": False,
        "gepflanzt": "1950-07-20",
        "geprueft": "2026-03-02T09:00:00.000000Z",
        "bemerkung": {"a": 1},
    }
    assert get(f"{ITEMS}/B099")["geometry"] is None


def test_ids_with_strokes_and_umlauts_have_an_address(client, get):
    feature = get(ITEMS, umfang=0)["features"][0]
    assert feature["id"] == "way/0 ü"
    own = get(ITEMS + "/way%2F0%20%C3%BC")
    assert own["properties"] == feature["properties"]
    assert get(own["links"][0]["href"])["id"] == "way/0 ü"
    assert client.get(f"{ITEMS}/way").status_code == 404


def test_pages_follow_one_another_and_hold_each_feature_once(get):
    for parameters in ({"limit": 7}, {"limit": 7, "sortby": "-art"}, {"limit": 50}, {"limit": 30, "art": "Linde"}):
        found, page = [], get(ITEMS, **parameters)
        while True:
            found += [feature["id"] for feature in page["features"]]
            following = [each["href"] for each in page["links"] if each["rel"] == "next"]
            if not following:
                break
            assert "version=1" in following[0]
            page = get(following[0])
        expected = TREES if "art" not in parameters else TREES // 5
        assert len(found) == len(set(found)) == expected == page["numberMatched"]


def test_a_limit_beyond_the_largest_is_no_error(get, refused):
    assert get(ITEMS, limit=1_000_000)["numberReturned"] == TREES
    for bad in (0, -1, "x", ""):
        assert refused(limit=bad)["parameter"] == "limit"


def test_offset(get):
    everything = [feature["id"] for feature in get(ITEMS, limit=1000)["features"]]
    assert [feature["id"] for feature in get(ITEMS, limit=5, offset=20)["features"]] == everything[20:25]
    assert get(ITEMS, offset=1000)["features"] == []


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((11.58, 50.92, 11.5815, 50.9215), [0, 1, 10, 11]),
        ((11.58, 50.92, 0, 11.5815, 50.9215, 100), [0, 1, 10, 11]),
        ((0, 0, 1, 1), []),
        ((-180, -90, 180, 90), list(range(99))),
        ((170, -90, -170, 90), []),
        ((11.5, -90, -170, 90), list(range(99))),
    ],
)
def test_boxes(numbers, sides, expected):
    assert numbers(bbox=box(*sides)) == expected


@pytest.mark.parametrize("crs", KNOWN, ids=lambda crs: crs.code)
def test_boxes_and_answers_in_each_system(numbers, client, crs):
    change = pyproj.Transformer.from_crs("OGC:CRS84", crs.code, always_xy=not crs.latitude_first)
    corners = change.transform(11.5799, 50.9199), change.transform(11.5815, 50.9215)
    assert numbers(bbox=box(*corners[0], *corners[1]), bbox_crs=crs.uri) == [0, 1, 10, 11]
    answer = client.get(f"{ITEMS}/B001", params={"crs": crs.uri})
    assert answer.headers["content-crs"] == f"<{crs.uri}>"
    expected = change.transform(11.581, 50.92)
    assert answer.json()["geometry"]["coordinates"] == pytest.approx(expected, abs=1e-3 if not crs.degrees else 1e-6)


def test_areas_and_lines_in_other_systems(get):
    plain = get("/collections/town.districts/items")["features"]
    other = get("/collections/town.districts/items", crs=EPSG + "25832")["features"]
    turned = get("/collections/town.districts/items", crs=EPSG + "4326")["features"]
    change = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:25832", always_xy=True)
    for one, two, three in zip(plain, other, turned, strict=True):
        moved = shapely.transform(shape(one["geometry"]), change.transform, interleaved=False)
        assert moved.hausdorff_distance(shape(two["geometry"])) < 0.02
        swapped = shapely.transform(shape(three["geometry"]), lambda xy: xy[:, ::-1])
        assert swapped.equals_exact(shape(one["geometry"]), 1e-7)
    assert plain[-1]["geometry"]["type"] == "Polygon"
    assert max(len(each["geometry"]["coordinates"]) for each in plain) == 2


def test_boxes_meet_geometries_not_their_boxes(get):
    """The hole of the ring, and the empty half of the box of a diagonal."""
    inside = box(11.6035, 50.9535, 11.6055, 50.9555)
    assert get("/collections/town.districts/items", bbox=inside)["numberMatched"] == 0
    beside = box(11.5801, 50.929, 11.5802, 50.9295)
    assert get("/collections/town.ways/items", bbox=beside)["numberMatched"] == 0
    between = box(11, 50.4, 11.1, 50.6)  # between the two lines of one feature
    assert get("/collections/town.ways/items", bbox=between)["numberMatched"] == 0
    assert get("/collections/town.ways/items", bbox=box(11, 50.4, 11.1, 51))["numberMatched"] == 1
    rightwards = box(681300, 5644100, 681400, 5644200)
    found = get("/collections/town.districts/items", bbox=rightwards, **{"bbox-crs": EPSG + "25832"})
    assert [each["properties"]["name"] for each in found["features"]] == ["West"]


@pytest.mark.parametrize(
    "bad", ["1,2,3", "a,b,c,d", "1,2,3,nan", "1,2,3,inf", "1,5,3,4", "200,0,210,1", "1,2,3,4,5", "1;2;3;4", " "]
)
def test_bad_boxes_are_refused_with_words(refused, bad):
    problem = refused(bbox=bad)
    assert problem["parameter"] == "bbox"
    assert len(problem["detail"]) > 20
    if bad != "200,0,210,1":
        assert refused(bbox=bad, bbox_crs=EPSG + "25832")["parameter"] == "bbox"


def test_systems_that_are_not_spoken(refused):
    for name in ("crs", "bbox-crs", "filter-crs"):
        problem = refused(bbox="1,2,3,4", **{name: EPSG + "9999"})
        assert problem["parameter"] == name
        assert EPSG + "25832" in problem["detail"]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-03-02", [1]),
        ("2026-03-02T09:00:00Z", [1]),
        ("2026-03-02T10:00:00+01:00", [1]),
        ("2026-03-02T09:00:01Z", []),
        ("2026-03-02/2026-03-04", [1, 2, 3]),
        ("2026-03-02T09:00:00Z/2026-03-04", [1, 2, 3]),
        ("../2026-03-03T10:00:00Z", [0, 1, 2]),
        ("/2026-03-02", [0, 1]),
        ("2026-06-07/..", [98, 99]),
        ("2026-06-07/", [98, 99]),
    ],
)
def test_times(numbers, moment, expected):
    assert numbers(datetime=moment) == expected


@pytest.mark.parametrize(
    "bad", ["2026-13-01", "yesterday", "2026-03-02T09:00:00", "../..", "/", "2026-03-05/2026-03-02"]
)
def test_bad_times_are_refused_with_words(refused, bad):
    assert refused(datetime=bad)["parameter"] == "datetime"
    assert refused(path="/collections/grid/items", datetime=bad)["parameter"] == "datetime"


def test_features_without_times_match_any_time(get):
    assert get("/collections/grid/items", datetime="2026-03-02", limit=1)["numberMatched"] == 142 * 142


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"art": "Nußbaum"}, [k for k in range(TREES) if k % 5 == 4]),
        ({"umfang": "30"}, [10]),
        ({"hoehe": "5.25"}, [1]),
        ({"gesund": "true", "art": "Linde"}, [k for k in range(TREES) if k % 3 == 0 and k % 5 == 0]),
        ({"gepflanzt": "1950-07-20"}, [1]),
        ({"geprueft": "2026-03-02T09:00:00Z"}, [1]),
        ({"nr": "way/0 ü"}, [0]),
        ({"art": "' OR 1=1 --"}, []),
    ],
)
def test_properties(numbers, parameters, expected):
    assert numbers(**parameters) == expected


def test_parameters_that_are_none_are_refused(refused):
    assert refused(arte="Linde")["parameter"] == "arte"
    assert "art" in refused(arte="Linde")["detail"]
    assert refused(umfang="thick")["parameter"] == "umfang"
    assert refused(_row="1")["parameter"]
    for path in ("/collections", "/collections/trees", "/", "/conformance", f"{ITEMS}/B001"):
        refused(path=path, limit="3")


def test_everything_together(numbers):
    found = numbers(
        bbox=box(11.58, 50.92, 11.5845, 50.9245), art="Linde", datetime="../2026-03-25", filter="umfang > 10"
    )
    assert found == [k for k in range(5, TREES) if k % 10 < 5 and k < 45 and k % 5 == 0 and k <= 24]


def test_order(get):
    def heights(sortby: str) -> list:
        return [each["properties"]["hoehe"] for each in get(ITEMS, limit=1000, sortby=sortby)["features"]]

    known = sorted(tree(k)["hoehe"] for k in range(TREES) if tree(k)["hoehe"] is not None)
    nothing = [None] * (TREES - len(known))
    assert heights("hoehe") == heights("+hoehe") == known + nothing
    assert heights("-hoehe") == known[::-1] + nothing
    rows = [each["properties"] for each in get(ITEMS, limit=1000, sortby="art,-umfang")["features"]]
    assert rows == sorted(rows, key=lambda row: (row["art"], -row["umfang"]))


def test_an_order_by_nothing_known_is_refused(refused):
    assert refused(sortby="hight")["parameter"] == "sortby"
    assert refused(properties="hight")["parameter"] == "properties"


def test_only_some_properties(get):
    feature = get(ITEMS, properties="art,umfang", limit=1)["features"][0]
    assert list(feature["properties"]) == ["art", "umfang"]
    assert list(get(f"{ITEMS}/B001", properties="art")["properties"]) == ["art"]


def test_large_layers_answer_the_same_from_their_copies(get, layers):
    sides = box(11.4199, 50.8199, 11.4301, 50.8301)
    first = get("/collections/grid/items", bbox=sides, limit=1000)
    for _ in range(5):
        again = get("/collections/grid/items", bbox=sides, limit=1000)
        assert again["features"] == first["features"]
    assert first["numberMatched"] == 121
    assert {each["id"] for each in first["features"]} == {
        str(row * 142 + column + 1) for row in range(20, 31) for column in range(20, 31)
    }


def test_places_are_as_they_were_given(get):
    for k, feature in ((each["properties"]["umfang"] // 3, each) for each in get(ITEMS, limit=1000)["features"]):
        expected = place(k)
        found = feature["geometry"] and feature["geometry"]["coordinates"]
        assert found == (expected and [round(expected.x, 7), round(expected.y, 7)])

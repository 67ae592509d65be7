"""Loading files and managing datasets through the API: from a file to open rows, as a script does."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.serving import Server

TREES = "Nr;Art;Höhe;X;Y\n1;Linde;12,5;11,58;50,93\n2;Ahorn;8,0;11,59;50,92\n3;Eiche;viel;11,60;50,91\n"
MORE = TREES.replace("3;Eiche;viel", "3;Eiche;7,0") + "4;Esche;3,5;11,61;50,90\n"
PEOPLE = "Name;Mail\nA. Muster;a.muster@example.org\nB. Muster;b.muster@example.org\n"


@pytest.fixture
def steward(server: Server) -> Iterator[httpx.Client]:
    with server.client("manage", timeout=60) as client:
        yield client


@pytest.fixture
def stranger(server: Server) -> Iterator[httpx.Client]:
    with server.client("") as client:
        yield client


def dataset(steward: httpx.Client, slug: str, **details) -> dict:
    new = {"slug": slug, "title": {"de": slug.title()}, "details": {"owner": "office", **details}}
    answer = steward.post("/api/v1/datasets", json=new)
    assert answer.status_code == 201, answer.text
    return answer.json()


def sent(steward: httpx.Client, text: str, name: str, **params) -> dict:
    answer = steward.post("/api/v1/uploads", params={"name": name, **params}, content=text.encode("cp1252"))
    assert answer.status_code == 201, answer.text
    return answer.json()


def loaded(steward: httpx.Client, upload: str) -> dict:
    for _ in range(200):
        found = steward.get(f"/api/v1/uploads/{upload}").json()
        if found["state"] != "loading":
            return found
        time.sleep(0.1)
    raise AssertionError("It is still being loaded.")


def test_from_a_file_to_open_rows(steward, stranger):
    dataset(steward, "trees")
    upload = sent(steward, TREES, "trees-2025.csv", dataset="trees")["id"]
    proposal = steward.post(f"/api/v1/uploads/{upload}/proposal").json()
    assert (proposal["known"], proposal["differs"]) == (False, "")
    (table,) = proposal["tables"]
    topics = {each["topic"] for each in table["assumed"]}
    assert {"encoding", "delimiter", "crs"} <= topics and all(each["why"] for each in table["assumed"])
    # The height is a text because of one cell; whoever knows better says so, and sees what will not fit.
    proposal = steward.post(f"/api/v1/uploads/{upload}/proposal", json={"types": {"Höhe": "number"}, "key": ["Nr"]})
    (table,) = proposal.json()["tables"]
    assert len(table["aside"]) == 1 and table["places"][0] == [11.58, 50.93]
    answer = steward.post(f"/api/v1/uploads/{upload}/load", json={"publish": True})
    assert answer.status_code == 202, answer.text
    done = loaded(steward, upload)
    assert (done["state"], done["version"], done["not_published"]) == ("done", 1, "")
    (became,) = done["tables"]
    assert (became["rows"], became["kept"], became["aside"]) == (3, 2, 1)
    aside = steward.get(became["aside_url"])
    assert aside.headers["content-type"].startswith("text/csv") and "Eiche" in aside.text
    assert stranger.get(became["aside_url"]).status_code == 401
    rows = stranger.get("/api/v1/datasets/trees/tables/trees/rows").json()
    assert rows["rows"][0]["hoehe"] == 12.5


def test_the_next_file_loads_in_one_call(steward, stranger):
    dataset(steward, "parks")
    first = sent(steward, TREES, "parks-2025.csv", dataset="parks", load=True)
    assert loaded(steward, first["id"])["state"] == "done"
    second = sent(steward, MORE, "parks-2026.csv", dataset="parks", load=True, publish=True)
    done = loaded(steward, second["id"])
    assert (done["state"], done["version"]) == ("done", 2)
    third = sent(steward, MORE, "parks-2026.csv", dataset="parks", load=True, publish=True)
    done = loaded(steward, third["id"])
    assert (done["nothing_new"], done["version"]) == (True, None)
    other = steward.post(
        "/api/v1/uploads",
        params={"name": "parks-2027.csv", "dataset": "parks", "load": True},
        content=b"a,b\n1,2\n3,4\n",
    )
    assert other.status_code == 422 and other.json()["code"] == "file_unreadable"
    assert "do not fall into cells" in other.json()["detail"] or "“a,b”" in other.json()["detail"]


def test_what_the_gate_stops_is_loaded_and_not_published(steward, stranger):
    dataset(steward, "people")
    upload = sent(steward, PEOPLE, "people.csv", dataset="people", load=True, publish=True)
    done = loaded(steward, upload["id"])
    assert (done["state"], done["version"]) == ("done", 1) and done["not_published"]
    address = "/api/v1/datasets/people/versions/1"
    answer = steward.post(f"{address}/publish")
    assert answer.status_code == 409
    assert {"stop"} <= {each["weight"] for each in answer.json()["errors"]}
    found = steward.get(f"{address}/findings").json()
    assert any("mail" in each["columns"] for each in found)
    assert stranger.get(address.replace("/versions/1", "/tables/people/rows")).status_code == 404


def test_describing_and_withdrawing(steward, stranger):
    dataset(steward, "lamps", keywords=["Licht"])
    upload = sent(steward, TREES, "lamps.csv", dataset="lamps", load=True, publish=True)
    assert loaded(steward, upload["id"])["not_published"] == ""
    said = {"description": {"de": "Alle Leuchten"}, "begins": "2020-01-01", "frequency": "ANNUAL"}
    answer = steward.patch("/api/v1/datasets/lamps", json=said)
    assert answer.status_code == 200 and answer.json()["keywords"] == ["Licht"]
    for wrong in ({"begins": "heute"}, {"owner": "nobody"}, {"themes": ["XXXX"]}, {"access_class": "protected"}):
        answer = steward.patch("/api/v1/datasets/lamps", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_fields"), answer.text
        assert answer.json()["errors"][0]["message"]
    answer = steward.post("/api/v1/datasets/lamps/versions/1/withdraw", json={"reason": "Falsche Werte"})
    assert answer.json() == {"number": 1, "state": "withdrawn"}
    (version,) = stranger.get("/api/v1/datasets/lamps/versions").json()["versions"]
    assert version["reason"] == "Falsche Werte"


@pytest.mark.parametrize(
    ("content", "params", "status", "code"),
    [
        (b"", {"name": "a.csv"}, 422, "file_unreadable"),
        (b"a;b\n1;2\n", {"name": "a.csv", "load": True}, 422, "no_dataset"),
        (b"a;b\n1;2\n", {"name": "a.csv", "dataset": "nothing"}, 404, "not_found"),
        (b"a;b\n1;2\n", {"name": "a.csv", "dataset": "weather", "load": True}, 403, "not_allowed"),
        (b"a;b\n1;2\n", {}, 400, "bad_parameter"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_stays(steward, content, params, status, code):
    before = len(steward.get("/api/v1/uploads").json())
    answer = steward.post("/api/v1/uploads", params=params, content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    waiting = steward.get("/api/v1/uploads").json()
    assert len(waiting) == before


def test_a_picture_is_no_table(steward):
    upload = sent(steward, "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "plan.svg")
    answer = steward.post(f"/api/v1/uploads/{upload['id']}/proposal")
    assert answer.status_code == 422 and answer.json()["detail"]
    assert steward.delete(f"/api/v1/uploads/{upload['id']}").json()["name"] == "plan.svg"
    assert steward.get(f"/api/v1/uploads/{upload['id']}").status_code == 404


def test_a_sender_that_goes_away_leaves_nothing(server, steward):
    before = len(steward.get("/api/v1/uploads").json())

    def pieces():
        yield b"Nr;Art\n" * 1000
        raise RuntimeError("gone")

    with pytest.raises(RuntimeError):
        steward.post("/api/v1/uploads", params={"name": "half.csv"}, content=pieces())
    deadline = time.monotonic() + 10
    while len(steward.get("/api/v1/uploads").json()) > before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(steward.get("/api/v1/uploads").json()) == before
    assert not [path for path in (server.data / "loading" / "uploads").glob("*") if path.stat().st_size == 7000]

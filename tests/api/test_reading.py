"""GET endpoints of the native API over a real socket: lists, latest values, status, and who sees what."""

import pytest

from tests.api.conftest import HOURS, MANY, URL, follow
from tests.api.test_sending import problem


class TestLists:
    """Things and datastreams."""

    def test_things(self, client, streams):
        things = client.get("/api/v1/things").json()["things"]
        assert [thing["name"]["en"] for thing in things] == ["Station 0", "Station 1", "Station 2"]
        first = things[0]
        assert first["datastreams"] == [streams["hourly"]]
        assert first["location"] == {"type": "Point", "coordinates": [11.5, 50.9]}
        assert first["dataset"] == "weather" and first["simulated"] is True
        assert client.get(f"/api/v1/things/{first['id']}").json() == first

    def test_datastreams(self, client, streams):
        found = client.get("/api/v1/datastreams").json()["datastreams"]
        assert [stream["id"] for stream in found] == list(streams.values())
        first = found[0]
        assert first["name"] == {"de": "Lufttemperatur", "en": "Air temperature"}
        assert first["unit"]["code"] == "Cel" and first["unit"]["symbol"] == "°C"
        assert (first["count"], first["first"], first["last"]) == (
            HOURS,
            "2026-10-23T22:00:00Z",
            "2026-10-27T21:00:00Z",
        )
        one = client.get(f"/api/v1/datastreams/{first['id']}").json()
        assert one.pop("latest") == {"time": "2026-10-27T21:00:00Z", "value": 47.5, "quality": 0, "parameters": None}
        assert one == first

    @pytest.mark.parametrize("kind", ["things", "datastreams"])
    def test_pages_follow_each_other(self, client, kind):
        whole = client.get(f"/api/v1/{kind}").json()[kind]
        pages = follow(client, f"/api/v1/{kind}", {"limit": 2, "dataset": "weather"})
        assert [len(page[kind]) for page in pages] == [2, 1]
        assert [row for page in pages for row in page[kind]] == whole

    @pytest.mark.parametrize("kind", ["things", "datastreams"])
    def test_boxes_and_datasets(self, client, kind):
        def count(**params):
            return len(client.get(f"/api/v1/{kind}", params=params).json()[kind])

        assert count(bbox="11.4995,50.8,11.5015,51") == 2
        assert count(bbox="0,0,1,1") == 0
        assert count(dataset="weather") == 3
        assert count(dataset="nowhere") == 0

    def test_datastreams_of_a_thing(self, client, streams):
        thing = client.get("/api/v1/things").json()["things"][1]["id"]
        found = client.get("/api/v1/datastreams", params={"thing": thing}).json()["datastreams"]
        assert [stream["id"] for stream in found] == [streams["many"]]

    @pytest.mark.parametrize(
        ("path", "params", "parameter"),
        [
            ("things", {"limit": 0}, "limit"),
            ("things", {"limit": "many"}, "limit"),
            ("things", {"limit": 1001}, "limit"),
            ("things", {"bbox": "1,2,3"}, "bbox"),
            ("things", {"bbox": "a,b,c,d"}, "bbox"),
            ("things", {"bbox": "nan,0,1,1"}, "bbox"),
            ("datastreams", {"bbox": "0,0,1,inf"}, "bbox"),
            ("things", {"after": "thg-unknown"}, "after"),
            ("things", {"colour": "red"}, ""),
            ("latest", {}, "datastream"),
            ("latest", {"datastream": ",".join(["dst-0000000000"] * 2001)}, "datastream"),
        ],
    )
    def test_bad_parameters_are_named(self, client, path, params, parameter):
        body = problem(client.get(f"/api/v1/{path}", params=params), 400, "bad_parameter")
        assert body["parameter"] == parameter and body["detail"]

    def test_unknown_addresses(self, client):
        for path in ("things/thg-0000000000", "datastreams/dst-0000000000", "datastreams/dst-0000000000/latest"):
            problem(client.get(f"/api/v1/{path}"), 404, "not_found")
        problem(client.get("/api/v1/nothing"), 404, "no_such_address")
        problem(client.delete("/api/v1/things"), 405, "wrong_method")


class TestLatest:
    """The newest value of one datastream or of many."""

    def test_of_one(self, client, streams):
        assert client.get(f"/api/v1/datastreams/{streams['hourly']}/latest").json()["value"] == 47.5
        odd = client.get(f"/api/v1/datastreams/{streams['odd']}/latest").json()
        assert odd == {
            "time": "2026-01-01T00:00:02.000003Z",
            "value": 1e-05,
            "quality": 0,
            "parameters": {"battery": 3.1},
        }

    def test_of_many(self, client, streams, server):
        codes = [*streams.values(), server.seeds["hidden"], "dst-0000000000"]
        body = client.get("/api/v1/latest", params={"datastream": ",".join(codes)}).json()
        assert list(body["latest"]) == list(streams.values())  # what is hidden or unknown is left out
        assert body["latest"][streams["hourly"]]["value"] == 47.5
        assert sorted(body["simulated"]) == sorted(streams.values())

    def test_of_a_thing_and_of_a_dataset(self, client, streams):
        thing = client.get("/api/v1/things").json()["things"][0]["id"]
        assert list(client.get("/api/v1/latest", params={"thing": thing}).json()["latest"]) == [streams["hourly"]]
        assert len(client.get("/api/v1/latest", params={"dataset": "weather"}).json()["latest"]) == 3


class TestRights:
    """What is protected does not exist for those who may not see it."""

    PATHS = ("", "/latest", "/observations", "/observations?format=csv", "/buckets")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("who", ["", "read", "write", "narrow"])
    def test_hidden_from_all_who_may_not(self, server, streams, path, who):
        with server.client(who) as client:
            problem(client.get(f"/api/v1/datastreams/{server.seeds['hidden']}{path}"), 404, "not_found")

    @pytest.mark.parametrize("path", PATHS)
    def test_seen_with_a_fitting_token(self, server, streams, path):
        hidden = server.seeds["hidden"]
        with server.client("narrow") as writer:
            row = {"datastream": hidden, "time": "2026-01-01T00:00:00Z", "value": 3}
            assert writer.post(URL, json=row).status_code == 201
        with server.client("insider") as client:
            assert client.get(f"/api/v1/datastreams/{hidden}{path}").status_code == 200
            assert [each["id"] for each in client.get("/api/v1/datastreams").json()["datastreams"]] == [hidden]

    def test_lists_do_not_count_what_is_hidden(self, server, client):
        assert server.seeds["hidden"] not in client.get("/api/v1/datastreams").text
        assert "Hidden" not in client.get("/api/v1/things").text

    def test_a_bad_token_is_refused_also_for_what_is_open(self, client):
        answer = client.get("/api/v1/things", headers={"Authorization": "Bearer alm_wrong"})
        problem(answer, 401, "bad_token")
        problem(client.get("/api/v1/things", headers={"Authorization": "Basic eDp5"}), 401, "unknown_authorization")


def test_status_tells_what_there_is(client):
    status = client.get("/api/v1/status").json()
    assert status["writes"] == "ok" and status["drain"] == "ok"
    assert status["observations"] + status["waiting_rows"] >= MANY

"""`$batch`, in JSON and as multipart (18-088 § 11)."""

import json

import pytest

from allmende.api.sensorthings.writing.multipart import parse
from allmende.api.sensorthings.writing.tests.face import ROOT, link, place, quantity, sensor, stream


def request(id_, method, url, body=None, **more):
    made = {"id": id_, "method": method, "url": url, **more}
    return made if body is None else {**made, "body": body}


def run(face, *requests):
    answer = face.ask("POST", "/$batch", {"requests": list(requests)})
    assert answer.status == 200, answer
    replies = json.loads(__import__("msgspec").json.encode(answer.body))["responses"]
    assert [reply["id"] for reply in replies] == [str(one["id"]) for one in requests]
    return replies


THING = {"name": "New", "description": "Thing"}


def test_one_after_the_other(face, garden):
    replies = run(
        face,
        request("0", "get", f"Things('{garden[0]}')?$select=name"),
        request("1", "post", "Things", THING),
        request("2", "PATCH", f"/Things('{garden[0]}')", {"name": "Patched"}),
        request("3", "get", f"{ROOT}/Things('{garden[0]}')?$select=name"),
        request("4", "get", "Things('nobody')"),
        request("5", "delete", f"/api/sta/v1.1/Datastreams('{garden[1]}')"),
        request("6", "get", "/v1.1/Datastreams?$count=true"),
    )
    assert [reply["status"] for reply in replies] == [200, 201, 200, 200, 404, 200, 200]
    assert replies[0]["body"]["name"] == "Station"
    assert replies[1]["location"] == replies[1]["headers"]["location"] == replies[1]["body"]["@iot.selfLink"]
    assert replies[3]["body"]["name"] == "Patched"
    assert replies[4]["body"]["code"] == "not_found"
    assert replies[6]["body"]["@iot.count"] == 0


def test_references(face, garden):
    replies = run(
        face,
        request("thing", "post", "Things", {**THING, "Locations": [place()]}),
        request("s1", "post", "Sensors", sensor()),
        request("ds", "post", "$thing/Datastreams", stream(Sensor=link("$s1"), ObservedProperty=quantity())),
        request("o", "post", "Observations", {"result": 5, "Datastream": link("$ds")}),
        request("p", "patch", "$o", {"result": 6}),
        request("q", "get", "/$ds/Observations"),
        request("x", "post", "Observations", {"result": 5, "Datastream": link("$nobody")}),
    )
    assert [reply["status"] for reply in replies] == [201, 201, 201, 201, 200, 200, 400]
    assert [one["result"] for one in replies[5]["body"]["value"]] == [6]


class TestGroups:
    def test_all(self, face, garden):
        replies = run(
            face,
            request("s", "post", "Sensors", sensor("Mine"), atomicityGroup="g"),
            request("t", "post", "Things", {**THING, "Locations": [place()]}, atomicityGroup="g"),
            request(
                "d",
                "post",
                "$t/Datastreams",
                stream(Sensor=link("$s"), ObservedProperty=quantity()),
                atomicityGroup="g",
            ),
            request("o", "post", "$d/Observations", {"result": 1}, atomicityGroup="g"),
            request("e", "patch", f"Things('{garden[0]}')", {"name": "x"}, atomicityGroup="g"),
            request("z", "get", "$d/Observations"),
        )
        assert [reply["status"] for reply in replies] == [201, 201, 201, 201, 200, 200]
        assert {reply.get("atomicityGroup") for reply in replies[:5]} == {"g"}
        assert [one["result"] for one in replies[5]["body"]["value"]] == [1]

    @pytest.mark.parametrize(
        "last",
        [
            request("x", "post", "Things", {"name": "no description"}),
            request("x", "patch", "Things('nobody')", {"name": "y"}),
            request("x", "get", "Things"),
            request("x", "post", "Observations", {"result": 1, "Datastream": link("nobody")}),
            request("x", "post", "Nothings", {}),
            request("x", "post", "$nobody/Datastreams", {}),
        ],
    )
    def test_or_nothing(self, face, garden, last):
        before, thing = face.counts(), face.get(f"/Things('{garden[0]}')")
        replies = run(
            face,
            request("a", "post", "Things", THING, atomicityGroup="g"),
            request("b", "patch", f"Things('{garden[0]}')", {"name": "y"}, atomicityGroup="g"),
            request("c", "post", f"Datastreams('{garden[1]}')/Observations", {"result": 1}, atomicityGroup="g"),
            request("d", "delete", f"Datastreams('{garden[1]}')", atomicityGroup="g"),
            {**last, "atomicityGroup": "g"},
            request("n", "get", "Things"),
            request("m", "post", "Sensors", sensor(), dependsOn=["g"]),
        )
        assert [reply["status"] for reply in replies[:4]] == [424] * 4
        assert replies[4]["status"] in (400, 404)
        assert [reply["status"] for reply in replies[5:]] == [200, 424]
        assert face.counts() == before
        assert face.get(f"/Things('{garden[0]}')") == thing

    def test_deleting_in_one(self, face, garden):
        face.post(f"/Datastreams('{garden[1]}')/Observations", {"result": 1})
        replies = run(
            face,
            request("a", "delete", f"Datastreams('{garden[1]}')", atomicityGroup="g"),
            request("b", "post", "Things", THING, atomicityGroup="g"),
        )
        assert [reply["status"] for reply in replies] == [200, 201]
        counts = face.counts()
        assert (counts["Observations"], counts["Datastreams"], counts["Things"]) == (0, 0, 2)


def test_stopping_at_the_first_error(face):
    face.prefer = "odata.continue-on-error=false"
    replies = run(face, request("a", "get", "Things('x')"), request("b", "post", "Things", THING))
    assert [reply["status"] for reply in replies] == [404, 424]
    assert face.counts()["Things"] == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        {},
        [],
        {"requests": {}},
        {"requests": [{"id": "1", "method": "get"}]},
        {"requests": [{"id": "1", "method": 5, "url": "Things"}]},
        {"requests": [request("1", "get", "Things"), request("1", "get", "Things")]},
        {"requests": [request(str(number), "get", "Things") for number in range(1001)]},
        {
            "requests": [
                request("1", "post", "Things", THING, atomicityGroup="a"),
                request("2", "get", "Things"),
                request("3", "post", "Things", THING, atomicityGroup="a"),
            ]
        },
    ],
)
def test_what_is_no_batch(face, body):
    face.refused("POST", "/$batch", body)
    assert face.counts()["Things"] == 0


def test_other_things_that_cannot_be(face):
    face.refused("GET", "/$batch", status=404)
    face.refused("PUT", "/$batch", {}, status=405)
    replies = run(face, request("a", "post", "$batch", {"requests": []}), request("b", "TRACE", "Things"))
    assert [reply["status"] for reply in replies] == [400, 405]
    assert run(face) == []


MULTIPART = "multipart/mixed;boundary=batch_36522ad7"


def part(head, line, body=""):
    """One part of a multipart batch, as OData writes it."""
    inner = f"{line} HTTP/1.1\r\nHost: localhost\r\n"
    inner += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}" if body else "\r\n"
    return f"Content-Type: application/http\r\n{head}\r\n{inner}\r\n"


def batch(*parts):
    return "".join(f"--batch_36522ad7\r\n{each}" for each in parts) + "--batch_36522ad7--"


def change_set(*parts):
    inner = "".join(f"--changeset_77\r\n{each}" for each in parts)
    return f"Content-Type: multipart/mixed;boundary=changeset_77\r\n\r\n{inner}--changeset_77--\r\n"


def test_multipart(face, garden):
    body = batch(
        part("", f"GET /v1.1/Things('{garden[0]}')?$select=name"),
        change_set(
            part("Content-ID: sensor1\r\n", "POST /v1.1/Sensors", json.dumps(sensor("DS18B20"))),
            part(
                "Content-ID: any\r\n",
                f"POST /v1.1/Things('{garden[0]}')/Datastreams",
                json.dumps(stream(Sensor=link("$sensor1"), ObservedProperty=quantity())),
            ),
            part("Content-ID: 3\r\n", f"PATCH {ROOT}/Things('{garden[0]}')", json.dumps({"name": "Patched"})),
        ),
        part("", "GET Things('nobody')"),
        part("", f"GET Things('{garden[0]}')/name"),
    )
    answer = face.ask("POST", "/$batch", body.encode(), kind=MULTIPART)
    assert answer.status == 200, answer
    text = answer.body.decode()
    kind = answer.headers["Content-Type"]
    assert text.startswith(f"--{kind.partition('boundary=')[2]}\r\n")
    assert [text.count(f"HTTP/1.1 {status} ") for status in (200, 201, 404)] == [3, 2, 1]
    assert "Content-ID: sensor1" in text
    assert f"Location: {ROOT}/Sensors('" in text
    assert '{"name":"Patched"}' in text
    (made,) = face.value("/Datastreams?$filter=Sensor/name eq 'DS18B20'")
    assert face.get(f"/Datastreams('{made['@iot.id']}')/Thing")["@iot.id"] == garden[0]


def test_a_change_set_that_fails(face, garden):
    body = batch(
        change_set(
            part("Content-ID: 1\r\n", "POST /v1.1/Things", json.dumps(THING)),
            part("Content-ID: 2\r\n", "POST /v1.1/Things", "{}"),
        )
    )
    text = face.ask("POST", "/$batch", body.encode(), kind=MULTIPART).body.decode()
    assert text.count("HTTP/1.1 424 ") == text.count("HTTP/1.1 400 ") == 1
    assert face.counts()["Things"] == 1


def test_with_bare_newlines():
    body = batch(part("", "GET Things"), part("", "POST Things", json.dumps(THING))).replace("\r\n", "\n")
    first, second = parse(body.encode())
    assert (first.method, first.url, first.body) == ("GET", "Things", b"")
    assert (second.method, json.loads(second.body)) == ("POST", THING)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "nonsense",
        "--b\r\n",
        "--b\r\nContent-Type: application/http\r\n\r\nGET Things HTTP/1.1\r\n\r\n",
        "--b\r\nContent-Type: application/http\r\n\r\nnonsense\r\n--b--",
        "--b\r\nContent-Type: multipart/mixed\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n--b--",
    ],
)
def test_what_is_no_multipart(face, body):
    face.refused("POST", "/$batch", body.encode(), kind="multipart/mixed")

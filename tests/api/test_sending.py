"""POST /api/v1/observations over a real socket: what is kept, and how each kind of bad input is answered."""

import gzip
import json

import httpx
import numpy as np
import pyarrow as pa
import pytest

T = "2026-11-23T12:00:00Z"
URL = "/api/v1/observations"


@pytest.fixture
def client(server):
    with server.client() as client:
        yield client


@pytest.fixture
def stream(server):
    return server.seeds["datastreams"][0]


def row(stream, time=T, value=1.5, **more):
    return {"datastream": stream, "time": time, "value": value, **more}


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def kept(client, stream, begin, end=None):
    answer = client.get(
        f"/api/v1/datastreams/{stream}/observations", params={"from": begin, **({"to": end} if end else {})}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["observations"]


def problem(answer: httpx.Response, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["code"] == code and body["status"] == status
    return body


def test_one_object_is_kept_and_read_back(client, stream):
    answer = client.post(URL, json=row(stream, "2020-01-01T00:00:00+01:00", 3.25))
    assert (answer.status_code, answer.json()["accepted"]) == (201, 1)
    assert kept(client, stream, "2019-12-31T23:00:00Z", "2019-12-31T23:00:01Z") == [
        {"time": "2019-12-31T23:00:00Z", "value": 3.25, "quality": 0}
    ]


@pytest.mark.parametrize("count", [2, 6_000])
@pytest.mark.parametrize("kind", ["json", "ndjson", "csv", "arrow"])
def test_every_format_keeps_the_same_rows(client, server, kind, count):
    stream = server.seeds["datastreams"][1]
    times = np.datetime64("2021-03-01T00:00:00", "s") + np.arange(count)
    texts = [f"{t}Z" for t in times.astype(str)]
    values = (np.arange(count) / 4).tolist()
    rows = [row(stream, t, v) for t, v in zip(texts, values, strict=True)]
    body = {
        "json": lambda: json.dumps(rows).encode(),
        "ndjson": lambda: "\n".join(json.dumps(r) for r in rows).encode(),
        "csv": lambda: (
            "datastream,time,value\n" + "".join(f"{stream},{t},{v}\n" for t, v in zip(texts, values, strict=True))
        ).encode(),
        "arrow": lambda: arrow(
            pa.table(
                {
                    "datastream": [stream] * count,
                    "time": pa.array(times.astype("datetime64[us]")).cast(pa.timestamp("us", tz="UTC")),
                    "value": values,
                }
            )
        ),
    }[kind]()
    media = {
        "json": "application/json",
        "ndjson": "application/x-ndjson",
        "csv": "text/csv",
        "arrow": "application/vnd.apache.arrow.stream",
    }[kind]
    answer = client.post(URL, content=body, headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["accepted"]) == (201, count), answer.text
    found = kept(client, stream, "2021-03-01T00:00:00Z", "2021-03-02T00:00:00Z")
    assert len(found) == 6_000 or count == 2
    assert found[1] == {"time": "2021-03-01T00:00:01Z", "value": 0.25, "quality": 0}


def test_gzip_is_unpacked(client, stream):
    body = gzip.compress(json.dumps([row(stream)]).encode())
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"value": "warm"}, "value", "wrong_type"),
        ({"value": True}, "value", "wrong_type"),
        ({"time": "2026-11-23T12:00:00"}, "time", "wrong_type"),
        ({"time": "yesterday"}, "time", "wrong_type"),
        ({"time": "0001-01-01T00:00:00Z"}, "time", "time_out_of_range"),
        ({"time": "9999-12-31T23:59:59Z"}, "time", "time_out_of_range"),
        ({"datastream": "dst-0000000000"}, "datastream", "unknown_datastream"),
        ({"unit": "km/h"}, "unit", "wrong_unit"),
        ({"result": 3}, "", "wrong_type"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_kept(client, stream, change, field, code):
    rows = [row(stream, "2022-01-01T00:00:00Z"), row(stream, "2022-01-01T00:00:01Z"), {**row(stream), **change}]
    body = problem(client.post(URL, json=rows), 422, "rows_refused")
    assert [(e["row"], e["field"], e["code"]) for e in body["errors"]] == [(2, field, code)]
    assert kept(client, stream, "2022-01-01T00:00:00Z", "2022-01-02T00:00:00Z") == []


def test_partial_keeps_the_good_rows_and_names_the_others(client, stream):
    rows = [row(stream, "bad"), row(stream, "2023-01-01T00:00:00Z"), row("dst-0000000000"), row(stream, value=None)]
    receipt = client.post(URL, params={"partial": "true"}, json=rows).json()
    assert (receipt["accepted"], receipt["flagged"], receipt["refused_total"]) == (2, 1, 2)
    assert [e["row"] for e in receipt["refused"]] == [0, 2]
    assert len(kept(client, stream, "2023-01-01T00:00:00Z", "2023-01-02T00:00:00Z")) == 1


def test_partial_without_one_good_row_is_refused(client, stream):
    problem(client.post(URL, params={"partial": "true"}, json=[row(stream, "bad")]), 422, "rows_refused")


@pytest.mark.parametrize("body", [b'[{"datastream": "x"', b"{]", b"", b"\xff\xfe", b'[{"value": NaN}]', b"nul"])
def test_broken_json_says_where(client, body):
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    detail = problem(answer, 400, "broken_json")["detail"]
    assert "byte" in detail or "truncated" in detail


def test_infinity_from_a_huge_number_is_refused(client, stream):
    body = json.dumps([row(stream)]).replace("1.5", "1e999").encode()
    answer = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize(
    ("text", "status", "code", "words"),
    [
        ("datastream;time;value\n{s};{t};1\n", 400, "wrong_header", "semicolons"),
        ("datastream\ttime\tvalue\n{s}\t{t}\t1\n", 400, "wrong_header", "tabs"),
        ("id,when,value\n", 400, "wrong_header", "datastream, time is missing"),
        ('datastream,time,value\n{s},{t},"1,5"\n', 422, "rows_refused", "decimal point"),
        ("datastream,time,value\n{s},23.11.2026,1\n", 422, "rows_refused", "not a date and time"),
        ("datastream,time,value\n{s},2026-11-23T12:00:00,1\n", 422, "rows_refused", "no time zone"),
        ("datastream,time,value\n{s},{t}\n", 422, "rows_refused", "2 cells"),
        ("datastream,time,value\n{s},{t},nan\n", 422, "rows_refused", "NaN"),
    ],
)
def test_csv_of_another_dress(client, stream, text, status, code, words):
    body = text.format(s=stream, t=T).encode()
    answer = client.post(URL, content=body, headers={"Content-Type": "text/csv"})
    assert words in json.dumps(problem(answer, status, code), ensure_ascii=False)


def test_csv_with_a_byte_order_mark_is_read(client, stream):
    body = b"\xef\xbb\xbf" + f"datastream,time,value\n{stream},{T},1\n".encode()
    assert client.post(URL, content=body, headers={"Content-Type": "text/csv"}).status_code == 201


def test_latin1_is_named_with_its_line(client, stream):
    body = f"datastream,time,value\n{stream},{T},1\nWöllnitz,{T},1\n".encode("latin-1")
    answer = problem(client.post(URL, content=body, headers={"Content-Type": "text/csv"}), 400, "not_utf8")
    assert answer["line"] == 3 and "0xF6" in answer["detail"]


def test_a_body_of_200_mb_is_refused_and_the_server_lives(client, stream):
    def flood():
        for _ in range(200):
            yield b" " * 1_000_000

    try:
        answer = client.post(URL, content=flood(), headers={"Content-Type": "application/json"})
        problem(answer, 413, "body_too_large")
    except httpx.WriteError:
        pass  # the server had answered and closed before everything was sent
    assert client.get("/api/v1/status").status_code == 200


@pytest.mark.parametrize(
    ("packed", "status", "code"),
    [
        (gzip.compress(b"0" * 50_000_000), 413, "gzip_bomb"),
        (gzip.compress(b'[{"a": 1}]')[:-6], 400, "broken_gzip"),
        (b"no gzip at all", 400, "broken_gzip"),
    ],
    ids=["bomb", "cut off", "none"],  # the bytes hold the time of day, and names of tests must not differ
)
def test_bad_gzip(client, packed, status, code):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    problem(client.post(URL, content=packed, headers=headers), status, code)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"datastream": ["a"], "time": ["x"], "value": [1.0]}, "timestamp"),
        ({"datastream": ["a"], "value": [1.0]}, "«time»"),
        ({"datastream": ["a"], "time": pa.array([0], pa.timestamp("us")), "value": [1.0]}, "time zone"),
        ({"datastream": [1], "time": pa.array([0], pa.timestamp("us", tz="UTC")), "value": [1.0]}, "text"),
        ({"datastream": ["a"], "time": pa.array([0], pa.timestamp("us", tz="UTC")), "value": ["x"]}, "numbers"),
    ],
)
def test_arrow_of_another_shape(client, columns, words):
    headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    answer = client.post(URL, content=arrow(pa.table(columns)), headers=headers)
    assert words in problem(answer, 422, "wrong_columns")["detail"]


@pytest.mark.parametrize("cut", [0, 10, 100, -10])
def test_broken_arrow(client, stream, cut):
    body = arrow(
        pa.table({"datastream": [stream], "time": pa.array([0], pa.timestamp("us", tz="UTC")), "value": [1.0]})
    )
    answer = client.post(URL, content=body[:cut], headers={"Content-Type": "application/vnd.apache.arrow.stream"})
    problem(answer, 400, "broken_arrow")


def test_who_may_write(server, stream):
    with server.client("") as nobody:
        assert problem(nobody.post(URL, json=row(stream)), 401, "token_needed")
        nobody.headers["Authorization"] = "Bearer alm_wrong"
        problem(nobody.post(URL, json=row(stream)), 401, "bad_token")
    with server.client("read") as reader:
        problem(reader.post(URL, json=row(stream)), 403, "not_allowed")
    with server.client("narrow") as narrow:
        body = problem(narrow.post(URL, json=[row(stream)]), 422, "rows_refused")
        assert body["errors"][0]["code"] == "not_allowed"
        assert narrow.post(URL, json=row(server.seeds["hidden"])).status_code == 201


def test_unknown_parameters_and_types(client, stream):
    problem(client.post(URL, params={"partiel": "1"}, json=[]), 400, "bad_parameter")
    problem(client.post(URL, content=b"x", headers={"Content-Type": "image/png"}), 415, "unknown_media_type")
    headers = {"Content-Type": "application/json", "Content-Encoding": "br"}
    problem(client.post(URL, content=b"x", headers=headers), 415, "unknown_encoding")
    problem(client.put(URL, json=[]), 405, "wrong_method")

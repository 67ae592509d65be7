"""Raw observations in every format and order, and buckets in the town's calendar, over a real socket."""

import csv
import io

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.api.conftest import FIRST, HOURS, MANY, follow, series
from tests.api.test_sending import problem


def buckets(client: httpx.Client, stream: str, **params) -> list[dict]:
    answer = client.get(f"/api/v1/datastreams/{stream}/buckets", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["buckets"]


class TestSeries:
    """Raw observations: which, in which order, in which dress."""

    def test_a_range_has_its_begin_and_not_its_end(self, client, streams):
        rows = series(client, streams["hourly"], **{"from": "2026-10-24T00:00:00Z", "to": "2026-10-24T03:00:00+00:00"})
        assert [row["time"] for row in rows.json()["observations"]] == [
            f"2026-10-24T0{hour}:00:00Z" for hour in range(3)
        ]

    def test_dates_are_days_of_the_town(self, client, streams):
        one = series(client, streams["hourly"], **{"from": "2026-10-24", "to": "2026-10-25"}).json()["observations"]
        assert (len(one), one[0]["time"]) == (24, "2026-10-23T22:00:00Z")
        # On the 25th clocks go back: the town's day has 25 hours.
        long = series(client, streams["hourly"], **{"from": "2026-10-25", "to": "2026-10-26"}).json()["observations"]
        assert (len(long), long[-1]["time"]) == (25, "2026-10-25T22:00:00Z")

    def test_a_plus_that_was_not_encoded_is_understood(self, client, streams):
        path = f"/api/v1/datastreams/{streams['hourly']}/observations"
        answer = client.get(f"{path}?from=2026-10-24T02:00:00+02:00&to=2026-10-24T03:00:00+02:00")
        assert [row["time"] for row in answer.json()["observations"]] == ["2026-10-24T00:00:00Z"]

    @pytest.mark.parametrize("order", ["asc", "desc"])
    def test_pages_in_both_directions(self, client, streams, order):
        path = f"/api/v1/datastreams/{streams['hourly']}/observations"
        pages = follow(client, path, {"limit": 40, "order": order})
        assert [len(page["observations"]) for page in pages] == [40, 40, 16]
        times = [row["time"] for page in pages for row in page["observations"]]
        assert times == sorted(set(times), reverse=order == "desc") and len(times) == HOURS

    def test_pages_inside_a_range_and_of_the_exact_size(self, client, streams):
        path = f"/api/v1/datastreams/{streams['hourly']}/observations"
        whole = {"from": "2026-10-24", "to": "2026-10-25", "limit": 12}
        assert [len(page["observations"]) for page in follow(client, path, whole)] == [12, 12]

    def test_finer_fractions_are_kept_across_pages(self, client, streams):
        path = f"/api/v1/datastreams/{streams['odd']}/observations"
        for order in ("asc", "desc"):
            rows = [row for page in follow(client, path, {"limit": 1, "order": order}) for row in page["observations"]]
            assert len(rows) == 4 and len({row["time"] for row in rows}) == 4

    def test_json_says_what_each_value_is(self, client, streams):
        body = series(client, streams["odd"]).json()
        assert (body["datastream"], body["unit"], body["simulated"]) == (streams["odd"], "Cel", True)
        assert body["observations"] == [
            {"time": "2026-01-01T00:00:00.000000Z", "value": 1234.5, "quality": 1},
            {"time": "2026-01-01T00:00:00.250000Z", "value": None, "quality": 2},
            {"time": "2026-01-01T00:00:01.000000Z", "value": None, "quality": 2},
            {
                "time": "2026-01-01T00:00:02.000003Z",
                "value": 1e-05,
                "quality": 0,
                "parameters": {"battery": 3.1},
            },
        ]

    def test_csv(self, client, streams):
        answer = series(client, streams["odd"], format="csv")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert f'filename="{streams["odd"]}-simulated.csv"' in answer.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["value"] for row in rows] == ["1234.5", "", "", "0.00001"] or float(rows[3]["value"]) == 0.00001
        assert {row["simulated"] for row in rows} == {"simulated"}
        assert rows[1]["quality"] == "2" and rows[3]["time"] == "2026-01-01T00:00:02.000003Z"

    def test_csv_for_german_excel(self, client, streams):
        answer = series(client, streams["hourly"], format="csv-de", **{"from": "2026-10-25", "to": "2026-10-26"})
        assert answer.content.startswith(b"\xef\xbb\xbf")
        lines = answer.content.decode("utf-8-sig").split("\r\n")
        assert lines[0].split(";")[:3] == ["Zeit", "Wert (°C)", "Qualität"] and "Simulierte Daten" in lines[0]
        assert lines[1].split(";")[:2] == ["25.10.2026 00:00:00", "12"] or lines[1].split(";")[1] == "12,0"
        assert lines[2].split(";")[1] == "12,5"
        assert lines[-1] == "" and len(lines) == 27
        assert all(line.endswith(";ja") for line in lines[1:-1])
        # The hour that clocks show twice: both rows are there, and they can be told apart.
        twice = [line for line in lines if line.startswith("25.10.2026 02:00:00")]
        assert len(twice) == 2 and twice[0] != twice[1]

    def test_parquet(self, client, streams):
        answer = series(client, streams["many"], format="parquet")
        table = parquet.read_table(io.BytesIO(answer.content))
        assert table.num_rows == MANY
        assert table.schema.field("time").type == pa.timestamp("us", tz="UTC")
        assert table.column("value").to_numpy()[:3].tolist() == [0.0, 0.1, 0.2]
        said = table.schema.metadata
        assert (said[b"simulated"], said[b"unit"], said[b"symbol"].decode()) == (b"true", b"Cel", "°C")

    def test_arrow(self, client, streams):
        answer = series(client, streams["hourly"], format="arrow")
        table = pa.ipc.open_stream(answer.content).read_all()
        assert table.num_rows == HOURS and table.column("time")[0].as_py() == FIRST
        assert table.schema.metadata[b"simulated"] == b"true"

    @pytest.mark.parametrize("kind", ["json", "csv", "csv-de"])
    def test_a_long_series_comes_whole(self, client, streams, kind):
        answer = series(client, streams["many"], format=kind)
        if kind == "json":
            assert len(answer.json()["observations"]) == MANY
        else:
            assert answer.text.count("\n") == MANY + 1
        assert "content-length" not in answer.headers  # streamed, not gathered

    @pytest.mark.parametrize("kind", ["json", "csv", "csv-de", "parquet", "arrow"])
    def test_an_empty_range_is_a_whole_file(self, client, streams, kind):
        answer = series(client, streams["many"], format=kind, **{"from": "1999-01-01", "to": "1999-01-02"})
        match kind:
            case "json":
                assert answer.json()["observations"] == []
            case "parquet":
                assert parquet.read_table(io.BytesIO(answer.content)).num_rows == 0
            case "arrow":
                assert pa.ipc.open_stream(answer.content).read_all().num_rows == 0
            case _:
                assert len(answer.text.splitlines()) == 1

    def test_a_reader_who_hangs_up_leaves_nothing_locked(self, client, server, streams):
        for _ in range(8):
            with client.stream("GET", f"/api/v1/datastreams/{streams['many']}/observations?format=csv") as answer:
                next(answer.iter_bytes())
        with server.client("") as other:
            assert series(other, streams["hourly"], limit=1).json()["next"]

    def test_head_has_no_body(self, client, streams):
        answer = client.head(f"/api/v1/datastreams/{streams['hourly']}/observations?format=csv")
        assert (answer.status_code, answer.content) == (200, b"")

    @pytest.mark.parametrize(
        ("params", "parameter"),
        [
            ({"from": "yesterday"}, "from"),
            ({"to": "2026-01-01T00:00:00"}, "to"),
            ({"from": "1066-10-14"}, "from"),
            ({"from": "2026-02-30"}, "from"),
            ({"limit": "0"}, "limit"),
            ({"limit": "1.5"}, "limit"),
            ({"order": "up"}, "order"),
            ({"format": "xlsx"}, "format"),
            ({"until": "2026-01-01"}, ""),
        ],
    )
    def test_bad_parameters_are_named(self, client, streams, params, parameter):
        answer = client.get(f"/api/v1/datastreams/{streams['hourly']}/observations", params=params)
        assert problem(answer, 400, "bad_parameter")["parameter"] == parameter


class TestBuckets:
    """Aggregates per step of the town's calendar."""

    @pytest.mark.parametrize(
        ("step", "starts"),
        [
            ("minute", ["2026-10-23T22:00:00Z", "2026-10-23T23:00:00Z"]),
            ("quarter_hour", ["2026-10-23T22:00:00Z", "2026-10-23T23:00:00Z"]),
            ("hour", ["2026-10-23T22:00:00Z", "2026-10-23T23:00:00Z"]),
            ("day", ["2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-26T23:00:00Z"]),
            ("week", ["2026-10-18T22:00:00Z", "2026-10-25T23:00:00Z"]),
            ("month", ["2026-09-30T22:00:00Z"]),
            ("quarter", ["2026-09-30T22:00:00Z"]),
            ("year", ["2025-12-31T23:00:00Z"]),
        ],
    )
    def test_borders_are_those_of_the_town(self, client, streams, step, starts):
        found = buckets(client, streams["hourly"], step=step, **{"from": "2026-10-24", "to": "2026-10-28"})
        assert [bucket["start"] for bucket in found][: len(starts)] == starts
        assert sum(bucket["count"] for bucket in found) == HOURS
        if len(starts) != 2 or step == "week":
            assert len(found) == len(starts)

    def test_the_day_on_which_clocks_change_has_25_hours(self, client, streams):
        days = buckets(client, streams["hourly"], step="day", **{"from": "2026-10-24", "to": "2026-10-28"})
        assert [day["count"] for day in days] == [24, 25, 24, 23]
        first = days[0]
        assert (first["minimum"], first["maximum"], first["mean"], first["sum"]) == (0.0, 11.5, 5.75, 138.0)
        assert first["flagged"] == 0 and first["weighted_mean"] is None

    def test_flagged_values_are_left_out_and_counted(self, client, streams):
        (only,) = buckets(client, streams["odd"], step="day", **{"from": "2026-01-01", "to": "2026-01-02"})
        assert (only["count"], only["flagged"], only["maximum"]) == (1, 3, 1e-05)

    def test_without_a_range_it_is_the_last_day(self, client, streams):
        found = buckets(client, streams["hourly"])
        assert len(found) == 24 and found[-1]["start"] == "2026-10-27T21:00:00Z"

    def test_csv_and_arrow_hold_the_same_and_are_marked(self, client, streams):
        path = f"/api/v1/datastreams/{streams['hourly']}/buckets"
        params = {"step": "day", "from": "2026-10-24", "to": "2026-10-28"}
        rows = list(csv.DictReader(io.StringIO(client.get(path, params={**params, "format": "csv"}).text)))
        assert [row["count"] for row in rows] == ["24", "25", "24", "23"]
        assert {row["simulated"] for row in rows} == {"simulated"}
        table = pa.ipc.open_stream(client.get(path, params={**params, "format": "arrow"}).content).read_all()
        assert table.column("count").to_pylist() == [24, 25, 24, 23]
        assert table.schema.metadata[b"simulated"] == b"true"

    @pytest.mark.parametrize(
        ("params", "code"),
        [
            ({"step": "fortnight"}, "bad_parameter"),
            ({"format": "parquet"}, "bad_parameter"),
            ({"format": "csv-de"}, "bad_parameter"),
            ({"from": "2026-13-01"}, "bad_parameter"),
            ({"step": "minute", "from": "1800-01-01", "to": "2026-01-01"}, "range_too_long"),
        ],
    )
    def test_bad_parameters(self, client, streams, params, code):
        problem(client.get(f"/api/v1/datastreams/{streams['hourly']}/buckets", params=params), 400, code)

    def test_a_range_upside_down_is_empty(self, client, streams):
        assert buckets(client, streams["hourly"], **{"from": "2026-10-28", "to": "2026-10-24"}) == []

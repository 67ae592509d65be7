"""What is due is gone from the disk: a marker that stands in every place that a dataset leaves traces in is looked for
in every byte of the data folder, before and after `allmende erase --due`."""

import csv
import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from tests.serving import ROOT, Server, _environment, filled, free_port

MARK = "zq9Xw7kP3mVt5Rb2"


def traces(data: Path) -> dict[str, int]:
    """The files that hold the marker, as bytes or packed, and how often."""
    found = {}
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            count = content.count(MARK.encode())
            if path.suffix == ".parquet":
                count += str(parquet.read_table(io.BytesIO(content)).to_pylist()).count(MARK)
            if count:
                found[str(path.relative_to(data))] = count
    return found


def allmende(data: Path, *words: str) -> str:
    line = [sys.executable, "-m", "allmende.run", *words, "--data", str(data)]
    done = subprocess.run(line, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def old_data(tmp_path: Path) -> Iterator[Server]:
    """A dataset of which everything was loaded forty days ago, and that is to be kept for thirty."""
    data = tmp_path / "data"
    server = Server(data, free_port(), filled(data, "tests.seeding", 1))
    rows = [["nr", "wert", "datum"], *([str(n), f"{MARK}{n}", "01.02.2026"] for n in range(200))]
    rows.append(["999", f"{MARK}999", "31.02.2026"])
    file = tmp_path / "akten.csv"
    with file.open("w") as out:
        csv.writer(out, delimiter=";").writerows(rows)
    allmende(data, "load", str(file), "--yes", "--publish", "--as", "table", "--dataset", "akten")
    file.write_text(file.read_text().replace(MARK, f"{MARK}second"))
    allmende(data, "load", str(file), "--yes", "--as", "table", "--dataset", "akten")
    yield server
    server.stop()


def age(data: Path, days: int) -> None:
    """As if it had been loaded so long ago; with a retention of thirty days."""
    with sqlite3.connect(data / "allmende.sqlite3") as database:
        database.execute("UPDATE catalogue_dataset SET retention_days = 30")
        database.execute("UPDATE catalogue_version SET created = datetime(created, ?)", [f"-{days} days"])
    database.close()


def test_nothing_of_it_remains_on_the_disk(old_data: Server):
    data = old_data.data
    with old_data.start().client("write") as client:
        stream = old_data.seeds["datastreams"][0]
        sent = {"datastream": stream, "time": "2026-01-05T00:00:00Z", "value": 1.5, "parameters": {"who": MARK}}
        assert client.post("/api/v1/observations", json=sent).status_code == 201
        assert client.get("/api/v1/datasets/akten/tables/akten/rows").json()["matched"] == 200
    before = traces(data)
    kinds = {Path(name).suffix for name in before}
    assert len([name for name in before if name.endswith(".parquet")]) == 2, before
    assert ".csv" in kinds, before  # the rows that were set aside
    assert any("observations" in name for name in before), before
    assert any("sqlite3" in name for name in before), before  # least and greatest values of columns
    old_data.stop()
    age(data, 40)
    for path in (data / "loading").glob("*.csv"):
        os.utime(path, (0, 0))
    said = allmende(data, "erase", "--due", "--yes")
    assert "akten, version 1" in said and "2 versions" in said and "1 observations" in said
    assert traces(data) == {}
    assert "Everything is in order" in allmende(data, "check")
    assert "No version and no value is due" in allmende(data, "erase", "--due", "--yes")
    with old_data.start().client("") as client:
        for path in ("rows", "rows/1", "download"):
            gone = client.get(f"/api/v1/datasets/akten/tables/akten/{path}", params={"version": 1})
            assert gone.status_code == 410 and gone.json()["code"] == "version_gone", gone.text
            assert "erased" in gone.json()["detail"]
        listed = client.get("/api/v1/datasets/akten/versions").json()["versions"]
        assert [(each["number"], each["state"]) for each in listed] == [(1, "erased")]
        page = client.get("/de/datasets/akten/versions/1/")
        assert page.status_code == 410 and "Aufbewahrungsfrist abgelaufen" in page.text


def test_the_command_says_what_it_needs(tmp_path: Path):
    data = tmp_path / "data"
    filled(data, "tests.seeding", 1)
    line = [sys.executable, "-m", "allmende.run", "erase", "--data", str(data)]
    done = subprocess.run(line, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "--due" in done.stdout

"""The row about loading a real file: the parking counts where they are at hand, else made-up counts of their shape."""

import gzip
import statistics
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.csv as pacsv

from bench.ground import scratch, set_up, timed
from bench.table import Row, si

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "parking" / "jena_parking_2020_2026.csv.gz"
_ROUNDS = 3


def _made_up(path: Path, rows: int = 1_800_000) -> None:
    """Change-only counts of 40 places over six years."""
    random = np.random.default_rng(5)
    times = np.datetime64("2020-08-01T00:00:01") + np.sort(random.integers(0, 6 * 365 * 96, rows)) * 900
    places = random.integers(0, 40, rows)
    free = random.integers(0, 300, rows)
    with gzip.open(path, "wt", compresslevel=6) as file:
        file.write("timestamp_utc,place,free\n")
        lines = zip(times.astype(str).tolist(), places.tolist(), free.tolist(), strict=True)
        file.writelines(f"{time}+00:00,Place-{place},{count}\n" for time, place, count in lines)


def parking() -> list[Row]:
    """`allmende load` end to end against PyArrow's CSV reading + DuckDB's sorted load.

    Both are timed inside a process that has started and imported; the sandbox that parses the file counts as ours.
    """
    with scratch() as folder:
        path = REAL
        if not path.exists():
            path = folder / "parking.csv.gz"
            _made_up(path)
        ours, theirs, rows = [], [], 0
        for round_ in range(_ROUNDS):
            data = folder / f"data{round_}"
            command = [sys.executable, "-m", "bench.loads", str(path), str(data)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            ours.append(float(done.stdout.rsplit(maxsplit=1)[-1]))

            def peer(round_=round_) -> None:
                nonlocal rows
                table = pacsv.read_csv(path)
                rows = table.num_rows
                first, second = table.column_names[1], table.column_names[0]
                with duckdb.connect(str(folder / f"peer{round_}.duckdb"), config={"threads": 2}) as connection:
                    connection.execute(f'CREATE TABLE obs AS SELECT * FROM "table" ORDER BY "{first}", "{second}"')

            theirs.append(timed(peer))
    a, b = rows / statistics.median(ours), rows / statistics.median(theirs)
    name = f"loading the parking file end to end ({si(rows)} rows), rows/s"
    return [Row(name, f"{si(a)} rows/s", f"{si(b)} rows/s PyArrow + DuckDB", a / b, 0.4)]


def _load(path: str, data: str) -> float:
    """Seconds of one load into a fresh folder, in this process."""
    import argparse

    Path(data).mkdir(parents=True)
    set_up(Path(data))
    from allmende.run import databases, load

    databases.prepare()
    parser = argparse.ArgumentParser()
    load.add_arguments(parser)
    options = parser.parse_args([path, "--yes"])
    return timed(lambda: load.run(options))


if __name__ == "__main__":
    print(_load(*sys.argv[1:]))

"""A folder that a running server watches."""

from tests.connectors.running import add, command, datastreams, show, wait_for

TABLE = "Station;Zeit;Temperatur_C\n" + "".join(f"Turm;{day:02d}.06.2026 12:00;{day},5\n" for day in range(1, 29))


def test_a_file_that_is_dropped_is_loaded_and_a_bad_one_told(server):
    folder = server.data / "drop" / "towers"
    code, _ = add(server, "csv_folder", {"folder": "towers", "every": 1, "rest": 1})
    wait_for(folder.exists)
    (folder / "turm.csv").write_text(TABLE)
    (folder / "bild.csv").write_bytes(b"\x89PNG\r\n")
    wait_for((folder / "done" / "turm.csv").exists, 60)
    wait_for((folder / "failed" / "bild.csv.reason.txt").exists, 60)
    made = next(each for each in datastreams(server) if each["count"] == 28)
    assert made["unit"]["symbol"] == "°C"
    state = wait_for(lambda: (now := show(server, code)["state"]) and now["observations"] == 28 and now)
    assert "bild.csv" in state["faults"][0]["why"]
    command(server, "remove", code)

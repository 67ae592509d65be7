"""A folder of files: half-written ones are left, good ones are loaded and moved, bad ones told why."""

import asyncio
import os
from types import SimpleNamespace

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.connectors import services
from allmende.connectors.csv_folder import filing, watching
from allmende.connectors.csv_folder.places import place_of
from allmende.connectors.csv_folder.watching import Watcher
from allmende.connectors.health import Health
from allmende.core.audit import history
from allmende.observations import queries
from allmende.observations.stores import StoreBusy

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "Station;Zeit;Temperatur_C\n" + "".join(
    f"Markt;{day:02d}.06.2026 {hour:02d}:00;{day},{hour}\n" for day in range(1, 6) for hour in range(24)
)


@pytest.fixture
def folder(town):
    connector = services.add(SYSTEM, "csv_folder", "drop", "open-weather", {"folder": "boxes"}).connector
    place = place_of("boxes")
    place.mkdir(parents=True)
    config = SimpleNamespace(folder="boxes", every=1, rest=5)
    way = SimpleNamespace(code=connector.code, dataset=connector.dataset.code, config=config, health=Health())
    return SimpleNamespace(path=place, way=way, connector=connector)


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(watching, "monotonic", lambda: now[0])
    return now


def stream():
    return queries.visible_datastreams(SYSTEM).get(external_key="Markt / Temperatur_C")


def names(path):
    return sorted(each.name for each in path.iterdir()) if path.exists() else []


def file_away(folder, name):
    return filing.file_away(folder.path / name, folder.connector.code, folder.connector.dataset.code)


def test_a_good_file_is_loaded_and_moved(folder):
    (folder.path / "wetter.csv").write_text(GOOD)
    assert file_away(folder, "wetter.csv") == (120, "")
    assert queries.extents([stream().pk])[stream().pk].count == 120
    assert names(folder.path) == ["done"] and names(folder.path / "done") == ["wetter.csv"]
    assert history("datastream", stream().code)[-1].actor_code == folder.connector.code


def test_the_same_file_again_changes_nothing_and_both_are_kept(folder):
    for _ in range(2):
        (folder.path / "wetter.csv").write_text(GOOD)
        assert file_away(folder, "wetter.csv") == (120, "")
    assert queries.extents([stream().pk])[stream().pk].count == 120
    assert names(folder.path / "done") == ["wetter-2.csv", "wetter.csv"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"\x00" * 100, b"only,a,header\n", b"no table at all\n"])
def test_a_bad_file_goes_to_failed_with_its_reason(folder, content):
    (folder.path / "bad.csv").write_bytes(content)
    filed = file_away(folder, "bad.csv")
    assert filed.observations == 0 and filed.problem
    assert names(folder.path / "failed") == ["bad.csv", "bad.csv.reason.txt"]
    reason = (folder.path / "failed" / "bad.csv.reason.txt").read_text()
    assert str(filed.problem) in reason and len(reason.splitlines()) == 2


def test_rows_that_do_not_fit_are_set_aside_beside_it(folder):
    (folder.path / "wetter.csv").write_text(GOOD + "Markt;31.02.2026 10:00;1,0\n")
    filed = file_away(folder, "wetter.csv")
    assert filed.observations == 120 and "failed/" in str(filed.problem)
    aside = next((folder.path / "failed").iterdir())
    assert "31.02.2026" in aside.read_text()
    assert names(folder.path / "done") == ["wetter.csv"]


def test_files_are_left_until_they_rest(folder, clock):
    watcher = Watcher(folder.way)
    (folder.path / "wetter.csv").write_text(GOOD[:200])
    for name in (".hidden", "upload.csv.part", "x.tmp", "note~"):
        (folder.path / name).write_text("x")
    (folder.path / "done").mkdir()
    (folder.path / "link.csv").symlink_to("/etc/hostname")
    assert watcher._look() == []
    clock[0] += 6
    with (folder.path / "wetter.csv").open("a") as file:
        file.write(GOOD[200:])
    assert watcher._look() == []  # it grew meanwhile
    clock[0] += 4
    assert watcher._look() == []
    clock[0] += 2
    os.utime(folder.path / "wetter.csv", (4e9, 4e9))  # a clock that jumped
    assert watcher._look() == []
    clock[0] += 6
    assert watcher._look() == ["wetter.csv"]


def test_while_the_store_is_full_the_file_stays(folder, monkeypatch):
    (folder.path / "wetter.csv").write_text(GOOD)
    tries = []

    def take(*arguments, **options):
        tries.append(1)
        if len(tries) == 1:
            raise StoreBusy("full")
        return SimpleNamespace(rows=120)

    monkeypatch.setattr(filing, "take", take)
    monkeypatch.setattr(watching, "pause_after", lambda *_: 0.01)
    folder.way.config.rest, folder.way.config.every = 0, 0.05

    async def run():
        stop = asyncio.Event()
        work = asyncio.create_task(Watcher(folder.way).run(stop))
        while not (folder.path / "done" / "wetter.csv").exists():
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        stop.set()
        await work

    asyncio.run(asyncio.wait_for(run(), 20))
    assert "full" in folder.way.health.facts()["faults"][0]["why"]
    assert folder.way.health.connected and folder.way.health.observations == 120


@pytest.mark.parametrize(
    "folder", ["../x", "/etc", "a/../../x", "", ".", "a\0b", "/tmp", "../observations", "~/../../x", "//etc"]
)
def test_only_folders_that_are_allowed_are_watched(settings, tmp_path, folder):
    settings.DATA_DIR = tmp_path
    with pytest.raises(ValueError):
        place_of(folder)


def test_a_folder_that_the_administrator_named(settings, tmp_path):
    settings.DATA_DIR, settings.DROP_FOLDERS = tmp_path / "data", [tmp_path / "ftp"]
    assert place_of(str(tmp_path / "ftp" / "a")) == tmp_path / "ftp" / "a"
    assert place_of("a/b") == tmp_path / "data" / "drop" / "a" / "b"
    (tmp_path / "data" / "drop").mkdir(parents=True)
    (tmp_path / "data" / "drop" / "way-out").symlink_to("/etc")
    with pytest.raises(ValueError):
        place_of("way-out")

"""Files through the sandbox, from a path to a spool: the good, the bad, and what is left behind."""

import csv
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from allmende.catalogue.loaders.reading import Loaded, Reading
from allmende.catalogue.loaders.recipe import Hints, Recipe
from allmende.catalogue.loaders.said import Unreadable
from allmende.catalogue.loaders.words import words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "loading"


def load(path: Path, folder: Path, recipe: Recipe | None = None, **options) -> Loaded:
    with Reading(path, folder) as reading:
        return reading.read(recipe or reading.propose().recipe, **options)


def refused(path: Path, folder: Path, **options) -> str:
    """The words with which a file is refused; nothing may be left of it."""
    with pytest.raises(Unreadable) as caught:
        load(path, folder, **options)
    assert not list(folder.glob("*")) if folder.exists() else True
    return words(caught.value.said)


def test_a_proposal_has_meanings_and_units(files: Path, folder: Path):
    with Reading(files / "klima_tage.csv", folder) as reading:
        proposal = reading.propose()
    assert [(each.unit, each.minimum, each.maximum) for each in proposal.recipe.values] == [
        ("Cel", -50.0, 60.0),
        ("%", 0.0, 105.0),
        ("m/s", 0.0, 75.0),
    ]
    assert Recipe.from_json(proposal.recipe.to_json()) == proposal.recipe
    assert all(words(each.why) for each in proposal.said)


def test_a_file_arrives_whole(files: Path, folder: Path):
    seen = []
    loaded = load(files / "parken_2024_03.csv", folder, progress=lambda consumed, rows: seen.append((consumed, rows)))
    assert {place.key for place in loaded.places} == {("Am-Steg",), ("Markt-Garage",), ("Nord-Platz",)}
    assert loaded.spool.rows == loaded.rows == sum(batch.num_rows for batch in loaded.spool.batches()) == 595
    assert loaded.spool.counts.sum() == 595
    assert seen[-1] == ((files / "parken_2024_03.csv").stat().st_size, 595)
    assert not list(folder.glob("*"))
    loaded.close()


def test_rows_set_aside_can_be_mended_and_sent_again(files: Path, folder: Path):
    loaded = load(files / "verirrt.csv", folder)
    loaded.close()
    path = loaded.aside.path
    assert path.name == "verirrt.set-aside.csv" and loaded.aside.count == 9
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["allmende_row"]) for row in rows] == [4, 5, 6, 7, 9, 10, 12, 13, 14]
    assert rows[0]["zeit"] == "2024-01-32T02:00Z" and rows[0]["allmende_problem"]
    assert rows[3]["notiz"] == "a,b"  # what was too much stays visible

    mended = path.read_text().replace("01-32", "01-02").replace("viel", "3.75").replace("inf", "11.5")
    path.write_text(mended)
    with Reading(files / "verirrt.csv", folder) as reading:
        recipe = reading.propose().recipe
    with Reading(path, folder) as reading:
        again = reading.read(recipe)
    assert (again.rows, again.spool.rows, again.aside.count) == (9, 5, 4)
    assert again.aside.path.name == "verirrt.set-aside-2.csv"  # the file that was just read is not overwritten
    again.close()


def test_a_file_that_turns_out_to_be_latin_1_is_read_once_more(write: Callable[..., Path], folder: Path):
    plain = "".join(
        f"2024-01-01T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,Steg,{n}\n" for n in range(80_000)
    )
    path = write(("time,station,value\n" + plain + "2024-01-01T00:00Z,Brücke,1\n").encode("cp1252"))
    loaded = load(path, folder)
    assert (loaded.encoding, loaded.rows, loaded.places[-1].key) == ("cp1252", 80_001, ("Brücke",))
    loaded.close()


def test_a_truncated_packed_file(files: Path, write: Callable[..., Path], folder: Path):
    content = gzip.compress((files / "parken_2024_03.csv").read_bytes() * 20)
    path = write(content[: len(content) * 2 // 3], "cut.csv.gz")
    assert "ends in the middle" in refused(path, folder)
    partial = load(path, folder, partial=True)
    assert partial.broken and partial.broken.code == "truncated_gzip" and 0 < partial.spool.rows < 20 * 595
    partial.close()


def test_a_bomb(write: Callable[..., Path], folder: Path):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    line = b"2024-01-01T00:00Z,1\n"
    bomb = (
        packer.compress(b"time,value\n") + b"".join(packer.compress(line * 50_000) for _ in range(100)) + packer.flush()
    )
    assert len(bomb) < 2_000_000
    assert "no file of measurements" in refused(write(bomb), folder)


def test_one_cell_without_end(write: Callable[..., Path], folder: Path):
    good = b"time,value\n" + b"2024-01-01T00:00Z,1\n" * 200_000
    assert "row of more than" in refused(write(gzip.compress(good + b"9" * 40_000_000)), folder)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"time,value\n", "no rows"),
        (b"time,value\n2024-01-01T00:00Z,1\n\x00\x00\n", "Byte 31 is zero"),
        (b"PK\x03\x04" + b"x" * 100, "ZIP"),
        (b'{"a": 1}', "no delimited text"),
        (bytes(range(256)) * 40, "zero"),
        (b"\xff\xfe\x00\x00abc", "UTF-32"),
        (b"just one line of words\nand another\n", "do not fall into cells"),
        (b"time,value\n2024-01-01T00:00Z,\n2024-01-02T00:00Z,\n", "No column has numbers"),
    ],
)
def test_files_that_cannot_be_read(write: Callable[..., Path], folder: Path, content: bytes, told: str):
    assert told in refused(write(content), folder)


def test_where_most_rows_do_not_fit_it_is_the_recipe(files: Path, write: Callable[..., Path], folder: Path):
    with Reading(files / "parken_2024_03.csv", folder) as reading:
        recipe = reading.propose().recipe
    bad = "timestamp_utc,place,free\n" + "1.5.2024 0:00,Steg,5\n" * 60 + "2024-05-01T00:00:00+00:00,Steg,5\n" * 40
    path = write(bad)
    with Reading(path, folder) as reading, pytest.raises(Unreadable) as caught:
        reading.read(recipe)
    assert "60 of 100 rows do not fit; the first: 2, timestamp_utc" in words(caught.value.said)


def test_a_child_that_is_ended_is_told_as_such(files: Path, folder: Path):
    with Reading(files / "parken_2024_03.csv", folder) as reading:
        reading._box._child.kill()
        with pytest.raises(Unreadable) as caught:
            reading.propose(Hints())
    assert caught.value.said.code == "sandbox"
    assert not folder.exists()


def test_much_is_kept_on_disk_and_gone_afterwards(write: Callable[..., Path], folder: Path, monkeypatch):
    monkeypatch.setattr("allmende.catalogue.loaders.spool._IN_MEMORY", 10_000)
    rows = "".join(f"2024-01-01T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z,{n}\n" for n in range(80_000))
    loaded = load(write("time,value\n" + rows), folder)
    values = [value for batch in loaded.spool.batches() for value in batch["value"].to_pylist()]
    assert values == list(map(float, range(80_000)))
    loaded.close()
    assert not list(folder.glob("*"))

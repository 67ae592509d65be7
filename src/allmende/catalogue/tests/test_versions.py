"""Versions: immutable, numbered, compared, published without what is withheld, taken back with a reason."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.comparisons import rows_changed
from allmende.catalogue.holdings import reading
from allmende.catalogue.holdings.files import path_of
from allmende.catalogue.holdings.reading import Question
from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.models import Column, Part
from allmende.catalogue.queries import (
    NoContent,
    UnknownVersion,
    current_version,
    get_version,
    newest_version,
    readable,
    versions,
)
from allmende.catalogue.services import (
    NotPublishable,
    built_from,
    describe_column,
    publish_version,
    register_dataset,
    withdraw_version,
)
from allmende.catalogue.tests.contents import TREES, load, published
from allmende.core import audit
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_file_becomes_a_version_that_readers_see_once_it_is_published(tmp_path):
    dataset = register_dataset(SYSTEM, "trees", "Trees")
    version = load(tmp_path, dataset)
    assert version is not None and (version.number, version.state) == (1, "draft")
    with pytest.raises(NoContent):
        readable(ANONYMOUS, "trees")
    assert list(versions(ANONYMOUS, dataset)) == [] and current_version(dataset) is None
    version = publish_version(SYSTEM, version)
    found = readable(ANONYMOUS, "trees")
    rows = reading.rows(found.holding, Question(order=(("nr", False),)))
    assert rows["art"].to_pylist() == ["Linde", "Ahorn", "Eiche", "Linde"]
    assert rows["_id"].to_pylist() == ["1", "2", "3", "4"]
    assert rows["geometry"].null_count == 1
    assert found.part.geometry["bbox"] == [11.58, 50.92, 11.6, 50.93]
    told = {entry.action for entry in audit.history("dataset", dataset.code)}
    assert told == {"dataset.registered", "version.added", "version.published"}


def test_the_same_file_again_is_no_new_version(tmp_path):
    dataset = published(tmp_path)
    assert load(tmp_path, dataset) is None
    assert newest_version(dataset).number == 1  # type: ignore[union-attr]


def test_what_changed_is_told_by_key(tmp_path):
    dataset = published(tmp_path)
    after = TREES.replace("3;Eiche;7,25;;Pate C;11,600;50,920\n", "5;Buche;1,0;;;11,6;50,9\n").replace("8,0;", "8,5;")
    version = load(tmp_path, dataset, after)
    assert version is not None and version.number == 2
    version = publish_version(SYSTEM, version)
    changes = version.parts.get().changes
    assert (changes["added"], changes["removed"], changes["changed"]) == (1, 1, 1)
    assert changes["columns"] == {"hoehe": 1}
    [row] = rows_changed(version, "trees", "changed", 10)
    assert row == {"id": "2", "moved": False, "before": {"hoehe": 8.0}, "after": {"hoehe": 8.5}}
    [gone] = rows_changed(version, "trees", "removed", 10)
    assert gone["before"]["art"] == "Eiche"
    old = readable(ANONYMOUS, "trees", version=1)
    assert reading.count(old.holding) == 4  # the version before stays as it was


def test_without_a_key_rows_are_compared_as_they_are(tmp_path):
    dataset = published(tmp_path, text="tag,art\nMo,a\nDi,b\nDi,b\n", key=("-",))
    version = load(tmp_path, dataset, "tag,art\nMo,a\nDi,b\nMi,c\n", key=("-",))
    assert version is not None
    changes = version.parts.get().changes
    assert (changes["added"], changes["removed"], changes["keyed"]) == (1, 1, False)


def test_a_key_that_is_none_is_said_and_nothing_is_lost(tmp_path):
    dataset = register_dataset(SYSTEM, "doubled", "Doubled")
    version = load(tmp_path, dataset, "id,art\n1,a\n1,b\n,c\n2,d\n", key=("id",))
    assert version is not None
    part = version.parts.get()
    assert (part.key, part.rows) == ([], 4)


def test_withheld_columns_are_not_in_the_published_file(tmp_path):
    dataset = register_dataset(SYSTEM, "trees", "Trees")
    version = load(tmp_path, dataset, withhold=("pate",))
    assert version is not None
    version = publish_version(SYSTEM, version)
    part = version.parts.get()
    assert part.published != part.holding
    names = duckdb.sql(f"DESCRIBE SELECT * FROM '{path_of(part.published)}'").fetchall()
    assert "pate" not in {name for name, *_ in names}
    assert b"Pate A" not in path_of(part.published).read_bytes()
    assert "pate" not in readable(ANONYMOUS, "trees").holding.names


def test_a_withheld_key_does_not_name_the_rows(tmp_path):
    dataset = register_dataset(SYSTEM, "people", "People")
    version = load(tmp_path, dataset, "id,art\nKANARI-1,a\nKANARI-2,b\n", withhold=("id",))
    assert version is not None
    version = publish_version(SYSTEM, version)
    holding = readable(ANONYMOUS, "people").holding
    assert reading.rows(holding, Question())["_id"].to_pylist() == ["1", "2"]
    assert b"KANARI" not in path_of(holding.digest).read_bytes()


def test_withholding_later_holds_from_the_next_version_on(tmp_path):
    dataset = published(tmp_path)
    describe_column(SYSTEM, Column.objects.get(table__dataset=dataset, name="pate"), withheld=True)
    assert "pate" in readable(ANONYMOUS, "trees").holding.names
    version = load(tmp_path, dataset, TREES.replace("12,5", "13"))
    assert version is not None
    version = publish_version(SYSTEM, version)
    assert "pate" not in readable(ANONYMOUS, "trees").holding.names
    assert rows_changed(version, "trees", "changed", 10)[0]["after"] == {"hoehe": 13.0}


def test_a_withdrawn_version_is_gone_and_says_why(tmp_path):
    dataset = published(tmp_path)
    version = current_version(dataset)
    assert version is not None
    with pytest.raises(NotPublishable):
        withdraw_version(SYSTEM, version, " ")
    withdraw_version(SYSTEM, version, "wrong file")
    with pytest.raises(NoContent):
        readable(ANONYMOUS, "trees")
    assert get_version(ANONYMOUS, dataset, 1).end_reason == "wrong file"
    with pytest.raises(NotPublishable):
        publish_version(SYSTEM, version)


def test_numbers_are_never_given_again(tmp_path):
    dataset = published(tmp_path)
    version = current_version(dataset)
    assert version is not None
    withdraw_version(SYSTEM, version, "wrong")
    after = load(tmp_path, dataset, TREES.replace("Linde", "Buche"))
    assert after is not None and after.number == 2


def test_two_tables_of_a_dataset_go_on_together(tmp_path):
    dataset = published(tmp_path)
    both = load(tmp_path, dataset, "nr,wert\n1,2\n2,3\n", name="values.csv")
    assert both is not None and [part.table.name for part in both.parts.all()] == ["trees", "values"]
    publish_version(SYSTEM, both)
    assert readable(ANONYMOUS, "trees", "values").holding.rows == 2
    assert readable(ANONYMOUS, "trees", "trees").holding.rows == 4  # carried over as it was
    assert readable(ANONYMOUS, "trees").name == "trees"


def test_a_file_with_other_columns_is_the_same_table_with_other_columns(tmp_path):
    dataset = published(tmp_path)
    other = load(tmp_path, dataset, "nr,wert\n1,2\n2,3\n")
    assert other is not None
    changes = other.parts.get().changes
    assert "wert" in changes["new_columns"] and "art" in changes["gone_columns"]


def test_who_may_not(tmp_path, cast: Cast):
    dataset = published(tmp_path)
    version = current_version(dataset)
    assert version is not None
    for nobody in (ANONYMOUS, cast.resident.actor, cast.sensor.actor):
        with pytest.raises(Denied):
            load(tmp_path, dataset, TREES.replace("Linde", "Buche"), actor=nobody)
        with pytest.raises(Denied):
            withdraw_version(nobody, version, "no")
    with pytest.raises(UnknownVersion):
        get_version(ANONYMOUS, dataset, 7)


def test_the_same_content_is_kept_once(tmp_path):
    one, two = published(tmp_path, "one"), published(tmp_path, "two")
    digests = set(Part.objects.values_list("holding", flat=True))
    assert one != two and len(digests) == 1


def test_two_files_may_be_built_at_once(tmp_path):
    path = tmp_path / "trees.csv"
    path.write_text(TREES)
    with Tabling(path, tmp_path / "loading") as tabling:
        recipe = tabling.propose()[0].recipe
        loaded = [tabling.read(recipe) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        built = list(pool.map(lambda each: built_from(each, {}).built, loaded))
    assert {each.digest for each in built} == {built[0].digest} and built[0].rows == 4
    for each in loaded:
        each.close()

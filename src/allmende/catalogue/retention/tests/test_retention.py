"""Retention: what is due, what pauses it, and that nothing of it remains on the disk."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue import uploads
from allmende.catalogue.holdings import files
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.models import Part, Upload, Version
from allmende.catalogue.queries import VersionGone, get_version, newest_version, readable, versions
from allmende.catalogue.retention import (
    NotErasable,
    due_versions,
    end_hold,
    erase_due,
    erase_version,
    hold,
    schedule,
    tidy_up,
)
from allmende.catalogue.services import change_dataset, examine_version, publish_version, register_dataset, set_remedies
from allmende.catalogue.tests.contents import TREES, load, published
from allmende.core import audit
from allmende.core.clock import now
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.relational]


@pytest.fixture(autouse=True)
def folder(tmp_path, settings) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return settings.DATA_DIR


def aged(version: Version, days: int) -> Version:
    """As if it had been loaded so many days ago."""
    Version.objects.filter(pk=version.pk).update(created=now() - timedelta(days=days))
    version.refresh_from_db()
    return version


def only(dataset) -> Version:
    found = newest_version(dataset)
    assert found is not None
    return found


def holdings() -> set[str]:
    return {digest for digest, _ in files.kept()}


def test_what_is_due_is_told_before_and_erased_then(tmp_path):
    dataset = published(tmp_path)
    version = aged(only(dataset), 29)
    assert schedule(dataset) == [] and due_versions() == []
    dataset = change_dataset(SYSTEM, dataset, retention_days=30)
    [planned] = schedule(dataset)
    assert planned.when == version.created + timedelta(days=30) and due_versions() == []
    gone = erase_due(now() + timedelta(days=2))
    assert gone.versions == 1 and gone.files and gone.bytes > 1000 and holdings() == set()
    version.refresh_from_db()
    assert version.state == "erased" and version.ended and "30" in version.end_reason
    assert not Part.objects.exists() and schedule(dataset) == []
    with pytest.raises(VersionGone) as told:
        readable(ANONYMOUS, "trees", version=1)
    assert "erased" in str(told.value)
    told_of = [entry for entry in audit.history("dataset", dataset.code) if entry.action == "version.erased"]
    assert told_of[0].actor_kind == "system" and told_of[0].details["files"] == 1
    assert erase_due(now() + timedelta(days=2)).versions == 0


def test_numbers_are_never_given_again(tmp_path):
    dataset = published(tmp_path)
    erase_version(SYSTEM, only(dataset), "Art. 17")
    version = load(tmp_path, dataset)
    assert version is not None and version.number == 2


def test_a_file_that_a_younger_version_holds_stays_until_that_is_due(tmp_path):
    dataset = published(tmp_path)
    first = aged(only(dataset), 40)
    load(tmp_path, dataset, "a;b\n1;2\n2;3\n", "more.csv")
    second = only(dataset)
    assert second.parts.count() == 2
    publish_version(SYSTEM, second)
    change_dataset(SYSTEM, dataset, retention_days=30)
    assert erase_due().versions == 1
    first.refresh_from_db()
    assert first.state == "erased" and len(holdings()) == 2
    assert readable(ANONYMOUS, "trees").holding.rows == 4
    assert erase_due(now() + timedelta(days=31)).files == 2 and holdings() == set()


def test_the_same_content_of_another_dataset_stays(tmp_path):
    one, other = published(tmp_path, "one"), published(tmp_path, "other")
    assert len(holdings()) == 1
    erase_version(SYSTEM, only(one), "Art. 17")
    assert readable(ANONYMOUS, "other").holding.rows == 4 and len(holdings()) == 1
    erase_version(SYSTEM, only(other), "Art. 17")
    assert holdings() == set()


def test_a_hold_pauses_it(tmp_path, cast: Cast):
    dataset = published(tmp_path)
    version = aged(only(dataset), 40)
    dataset = change_dataset(SYSTEM, dataset, retention_days=30)
    with pytest.raises(Denied):
        hold(cast.resident.actor, dataset, "because")
    with pytest.raises(ValidationError):
        hold(cast.steward.actor, dataset, "  ")
    hold(cast.steward.actor, dataset, "Az. 4 K 17/26")
    hold(cast.administrator.actor, dataset, "another")
    assert due_versions() == [] and erase_due().versions == 0
    with pytest.raises(NotErasable, match="4 K 17/26"):
        erase_version(SYSTEM, version, "Art. 17")
    assert end_hold(cast.steward.actor, dataset) and not end_hold(cast.steward.actor, dataset)
    assert erase_due().versions == 1
    actions = [entry.action for entry in audit.history("dataset", dataset.code)]
    assert actions[:3] == ["version.erased", "dataset.hold_ended", "dataset.held"]


def test_who_may_erase_and_why(tmp_path, cast: Cast):
    version = only(published(tmp_path))
    with pytest.raises(Denied):
        erase_version(cast.clerk.actor, version, "Art. 17")
    with pytest.raises(NotErasable):
        erase_version(cast.steward.actor, version, " ")
    erase_version(cast.steward.actor, version, "Art. 17 DSGVO")
    assert get_version(ANONYMOUS, version.dataset, 1).end_reason == "Art. 17 DSGVO"


def test_strangers_do_not_hear_of_what_never_was_published(tmp_path):
    dataset = register_dataset(SYSTEM, "inner", "Inner")
    draft = load(tmp_path, dataset)
    assert draft is not None
    erase_version(SYSTEM, draft, "wrong file")
    assert list(versions(ANONYMOUS, dataset)) == [] and versions(SYSTEM, dataset).count() == 1


def test_files_that_came_in_go_as_well(tmp_path, folder):
    dataset = register_dataset(SYSTEM, "trees", "Trees", retention_days=30)
    waiting = uploads.begin_upload(SYSTEM, "a.csv", [TREES.encode()], dataset)
    text = TREES + "9;Ulme;hoch;31.02.2020;Pate Z;11,6;50,9\n"
    done = uploads.begin_upload(SYSTEM, "b.csv", [text.encode()], dataset)
    recipes = [each.recipe for each in uploads.propose(done, TableHints(types={"hoehe": "number"}))]
    uploads._load(SYSTEM, done, dataset, recipes, publish=False)
    done.refresh_from_db()
    names = [each["aside_file"] for each in done.report["tables"] if each["aside_file"]]
    aside = folder / "loading" / names[0]
    assert b"Pate Z" in aside.read_bytes() and uploads.path_of(waiting).exists()
    assert erase_due(now() + timedelta(days=31)).files >= 3
    assert not Upload.objects.exists() and not aside.exists() and not uploads.path_of(waiting).exists()


def test_what_belongs_to_nothing_is_swept_away(tmp_path, folder):
    version = load(tmp_path, register_dataset(SYSTEM, "trees", "Trees"))
    assert version is not None
    table = version.parts.get().table
    for keep in (2, 1):  # each trial of the gate makes a file
        set_remedies(SYSTEM, table, [{"kind": "digits", "column": "pate", "keep": keep}])
        examine_version(SYSTEM, version)
    held = version.parts.get().holding
    assert len(holdings()) == 3
    left = [folder / "holdings" / "new-0.parquet", folder / "loading" / "x.set-aside.csv"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"Pate")
    assert tidy_up() == 0 and len(holdings()) == 3  # what is young may be on its way
    assert tidy_up(time.time() + 2 * 86_400) == 3 and holdings() == {held}
    assert not left[0].exists() and left[1].exists()
    os.utime(left[1], (0, 0))
    assert tidy_up() == 1 and not left[1].exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_go_of_what_was_deleted(tmp_path):
    dataset = published(tmp_path)
    change_dataset(SYSTEM, dataset, retention_days=30)
    assert erase_due(now() + timedelta(days=31)).versions == 1  # outside of a transaction, as the server does it
    assert load(tmp_path, dataset) is not None

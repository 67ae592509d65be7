"""Uses: counted without knowing by whom, and shown when somebody has looked at what was made."""

from time import monotonic

import pytest
from django.core.cache import cache
from django.db import DatabaseError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.catalogue.services import register_dataset
from allmende.catalogue.uses import counting, showcases
from allmende.catalogue.uses.counting import UseKind, count, flush, used
from allmende.catalogue.uses.tables import DatasetUse

pytestmark = [pytest.mark.django_db, pytest.mark.relational]
MADE = {"title": "Baumfinder", "url": "https://example.org/baum", "text": "Welcher Baum steht hier?"}


@pytest.fixture(autouse=True)
def nothing_waits():
    cache.clear()
    counting._waiting.clear()
    counting._flushed = monotonic()
    yield
    counting._waiting.clear()


@pytest.fixture
def trees():
    return register_dataset(SYSTEM, "trees", "Bäume")


def body(response, status=200) -> str:
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def test_counts_add_up_and_are_written_together(trees):
    for _time in range(3):
        count(trees.pk, UseKind.PAGE)
    count(trees.pk, UseKind.DOWNLOAD, "curl/8")
    count(trees.pk, UseKind.DOWNLOAD, "Mozilla/5.0 (compatible; Googlebot/2.1)")
    assert used(trees.pk) == {"page": 3, "download": 1} and not DatasetUse.objects.exists()
    flush()
    count(trees.pk, UseKind.PAGE)
    flush()
    assert used(trees.pk) == {"page": 4, "download": 1}
    assert DatasetUse.objects.count() == 2


def test_a_dataset_that_is_gone_takes_its_counts_along(trees):
    count(trees.pk, UseKind.PAGE)
    number = trees.pk
    trees.delete()
    flush()
    assert used(number) == {}


def test_a_database_that_cannot_be_written_gets_them_later(trees, monkeypatch):
    count(trees.pk, UseKind.PAGE)

    def full(taken):
        raise DatabaseError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(counting, "_write", full)
        flush()
    assert used(trees.pk) == {"page": 1}
    flush()
    assert DatasetUse.objects.get().count == 1


def test_readers_are_counted_and_the_office_is_not(client, signed_in, administrator, trees):
    body(client.get("/de/datasets/trees/"))
    body(signed_in(administrator).get("/de/datasets/trees/"))
    assert used(trees.pk) == {"page": 1}
    assert "1 Seitenaufrufe" in body(client.get("/de/datasets/trees/")) or used(trees.pk)["page"] == 2


def test_what_was_made_is_shown_when_somebody_has_looked_at_it(client, signed_in, administrator, resident, trees):
    assert "Hier steht noch nichts" in body(client.get("/de/datasets/uses/"))
    assert client.post("/de/datasets/uses/new/", MADE | {"dataset": "trees", "maker": "Klasse 8b"}).status_code == 302
    assert "Baumfinder" not in body(client.get("/de/datasets/uses/"))
    office = signed_in(administrator)
    assert "Baumfinder" in body(office.get("/de/datasets/uses/"))
    [waits] = showcases.waiting(administrator.actor)
    with pytest.raises(Denied):
        showcases.decide(resident.actor, waits.code, show=True)
    assert office.post("/de/datasets/uses/", {"code": waits.code, "do": "show"}).status_code == 302
    text = body(client.get("/de/datasets/uses/"))
    assert "Baumfinder" in text and "Klasse 8b" in text and "/de/datasets/trees/" in text
    assert "Baumfinder" in body(client.get("/de/datasets/trees/"))
    office.post("/de/datasets/uses/", {"code": waits.code, "do": "drop"})
    assert "Baumfinder" not in body(client.get("/de/datasets/uses/"))


def test_a_dataset_that_is_hidden_is_not_named(client, trees):
    made = showcases.offer(ANONYMOUS, **MADE, datasets=[trees])
    showcases.decide(SYSTEM, made.code, show=True)
    trees.access_class, trees.legal_ground = "protected", "§ 1 Test"
    trees.save()
    text = body(client.get("/de/datasets/uses/"))
    assert "Baumfinder" in text and "/datasets/trees/" not in text


@pytest.mark.parametrize("wrong", [{"url": "javascript:alert(1)"}, {"title": ""}, {"dataset": "nothing"}])
def test_what_does_not_fit_is_said(client, wrong):
    assert "Was Sie" in body(client.post("/de/datasets/uses/new/", MADE | wrong), 422)
    assert not showcases.Showcase.objects.exists()

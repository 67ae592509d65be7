"""Facts out of the tables, and finding datasets in them, on both databases; with as few questions as they need."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.catalogue import dcat
from allmende.catalogue.dcat import gathering
from allmende.catalogue.dcat.search import WrongQuery, facets, search
from allmende.catalogue.models import Column, Dataset, Part, Table, Version, VersionState
from allmende.catalogue.queries import visible_datasets
from allmende.catalogue.services import register_dataset
from allmende.core.clock import now
from tests.cast import Cast


def with_rows(dataset: Dataset, *, placed: bool = False, versions: int = 1) -> None:
    """Published versions of one table, of which only descriptions are needed."""
    table = Table.objects.create(dataset=dataset, name="rows", title={"de": "Zeilen"})
    for name in ("id", "name", "secret"):
        Column.objects.create(table=table, name=name, title={"de": name.title()}, withheld=name == "secret")
    for number in range(1, versions + 1):
        version = Version.objects.create(dataset=dataset, number=number, state=VersionState.PUBLISHED, published=now())
        Part.objects.create(
            version=version,
            table=table,
            holding="1" * 64,
            published="2" * 64,
            rows=9,
            published_rows=7,
            size=99,
            columns=[{"name": name, "source": name, "type": "text"} for name in ("id", "name", "secret")],
            published_columns=["id", "name"],
            geometry={"types": ["Point"], "bbox": [11, 50, 12, 51]} if placed else {},
        )


@pytest.fixture
def made(cast: Cast) -> dict[str, Dataset]:
    trees = register_dataset(
        SYSTEM,
        "trees",
        {"de": "Straßenbäume", "en": "Street trees"},
        description={"de": "Jeder Baum mit Kürzel.", "en": "Each of them."},
        keywords=["Grünfläche", "Baum"],
        themes=["ENVI"],
        owner=cast.office.pk,
        licence="http://dcat-ap.de/def/licenses/dl-by-de/2.0",
    )
    budget = register_dataset(SYSTEM, "budget", {"de": "Haushalt", "en": "Budget"}, themes=["ECON", "GOVE"])
    hidden = register_dataset(
        SYSTEM,
        "hidden",
        "Geheim",
        access_class="protected",
        legal_ground="§ 1",
        owner=cast.office.pk,
        keywords=["Baum"],
    )
    with_rows(trees, placed=True, versions=3)
    with_rows(budget)
    with_rows(hidden)
    return {"trees": trees, "budget": budget, "hidden": hidden}


def test_what_is_gathered(made: dict[str, Dataset]):
    trees, budget = dcat.gather(visible_datasets(ANONYMOUS), lambda ids: {ids[0]: 4}, columns=True)
    assert (trees.slug, trees.streams, trees.owner and trees.owner.name["en"]) == ("trees", 4, "Environment office")
    assert trees.version and trees.version.number == 3 and [each.number for each in trees.earlier] == [2, 1]
    [table] = trees.tables
    assert (table.placed, table.bbox, table.rows) == (True, (11, 50, 12, 51), 7)
    assert [each.name for each in table.columns] == ["id", "name"]  # not what is withheld
    assert table.size == 0  # the readers' file is another than the office's, and is not there in this test
    assert (budget.owner, budget.streams, budget.tables[0].bbox) == (None, 0, None)


def test_a_draft_and_a_withdrawn_version_are_not_told_of(made: dict[str, Dataset]):
    Version.objects.filter(dataset=made["trees"], number=3).update(state=VersionState.WITHDRAWN)
    Version.objects.create(dataset=made["trees"], number=4)
    (facts,) = dcat.facts_of([made["trees"]])
    assert facts.version and facts.version.number == 2 and [each.number for each in facts.earlier] == [1]


def test_one_dataset_is_told_of_as_in_the_whole(made: dict[str, Dataset]):
    assert list(dcat.facts_of([made["trees"], made["budget"]])) == list(dcat.gather(visible_datasets(ANONYMOUS)))


def test_questions_do_not_grow_with_the_datasets(made: dict[str, Dataset], monkeypatch: pytest.MonkeyPatch):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(dcat.gather(Dataset.objects.all()))
        return len(asked)

    few = questions()
    for number in range(20):
        with_rows(register_dataset(SYSTEM, f"more-{number}", f"Mehr {number}"))
    assert questions() == few == 5  # datasets, owners, versions, parts; and that there are no more datasets
    monkeypatch.setattr(gathering, "_AT_ONCE", 4)
    assert len({each.code for each in dcat.gather(Dataset.objects.all())}) == 23


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Straßenbäume", ["trees"]),
        ("kürzel", ["trees"]),
        ("Grünfläche", ["trees"]),
        ("grünfl", ["trees"]),
        ("tags:Grünfläche", ["trees"]),
        ("tags:Grün", []),
        ("NOT tags:Baum", ["budget"]),
        ("groups:(econ OR envi)", ["budget", "trees"]),
        ("groups:(econ AND gove)", ["budget"]),
        ("res_format:GPKG", ["trees"]),
        ("-res_format:GPKG", ["budget"]),
        ("res_format:XLSX", []),
        ("license_id:dl-by-de/2.0", ["trees"]),
        ("organization:office", ["trees"]),
        ("capacity:public", ["budget", "trees"]),
        ("metadata_modified:[2020-01-01T00:00:00Z TO *] budget", ["budget"]),
    ],
)
def test_finding(made: dict[str, Dataset], query: str, found: list[str]):
    assert [each.slug for each in search(visible_datasets(ANONYMOUS), query).order_by("slug")] == found


@pytest.mark.parametrize(
    "query", ["colour:green", '"open', "rows:[1 TO 2]", "metadata_modified:[soon TO *]", "x" * 2001]
)
def test_what_cannot_be_asked(made: dict[str, Dataset], query: str):
    with pytest.raises(WrongQuery):
        search(visible_datasets(ANONYMOUS), query)


def test_counts(made: dict[str, Dataset]):
    found = facets(visible_datasets(ANONYMOUS), ["tags", "groups", "res_format", "none"], 50)
    assert found["tags"] == {"Grünfläche": 1, "Baum": 1}  # not that of what is withheld
    assert found["groups"] == {"envi": 1, "econ": 1, "gove": 1}
    assert found["res_format"] == {"CSV": 2, "JSON": 2, "PARQUET": 2, "GEOJSON": 1, "GPKG": 1}
    assert found["none"] == {}

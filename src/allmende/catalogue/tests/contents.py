"""What tests of versions share: small tables, loaded the real way."""

from pathlib import Path

from allmende.accounts.actors import SYSTEM, Actor
from allmende.catalogue.loaders.tabling import Tabling
from allmende.catalogue.loaders.tabular.recipe import TableHints
from allmende.catalogue.queries import Dataset, Version
from allmende.catalogue.services import add_version, built_from, publish_version, register_dataset

TREES = """nr;art;hoehe;gepflanzt;pate;lon;lat
1;Linde;12,5;01.11.1996;Pate A;11,580;50,930
2;Ahorn;8,0;15.03.2004;;11,590;50,925
3;Eiche;7,25;;Pate C;11,600;50,920
4;Linde;3,0;20.10.2021;;;
"""


def load(
    folder: Path, dataset: Dataset, text: str = TREES, name: str = "trees.csv", actor: Actor = SYSTEM, **hints
) -> Version | None:
    """The next version, from a text."""
    path = folder / name
    path.write_text(text)
    with Tabling(path, folder / "loading") as tabling:
        loaded = tabling.read(tabling.propose(TableHints(**hints))[0].recipe)
        try:
            return add_version(actor, dataset, [built_from(loaded, {"name": name})])
        finally:
            loaded.close()


def published(folder: Path, slug: str = "trees", text: str = TREES, **hints) -> Dataset:
    """A dataset with one published version."""
    dataset = register_dataset(SYSTEM, slug, slug.capitalize())
    version = load(folder, dataset, text, **hints)
    assert version is not None
    publish_version(SYSTEM, version)
    return dataset

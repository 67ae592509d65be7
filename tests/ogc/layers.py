"""Layers for tests and benchmarks of the OGC API: `python -m tests.ogc.layers DIR N` fills a data folder, prints JSON.

trees: points, with every type of column, one of them without a place; town: the layers districts and ways; grid: 20,000
points; secret: protected; lists: a table without places; draft: not published. N > 0: only `big`, with N points.
"""

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

KINDS = {"string": "text", "int64": "integer", "double": "number", "bool": "boolean", "date32[day]": "date"}
ARTS = ("Linde", "Ahorn", "Eiche", "Birke", "Nußbaum")
TREES = 100


def tree(k: int) -> dict[str, Any]:
    """Tree number k, of 0 to 99: ten rows of ten, a thousandth of a degree apart."""
    return {
        "nr": f"B{k:03}" if k else "way/0 ü",
        "art": ARTS[k % 5],
        "hoehe": None if k % 10 == 3 else 5 + k / 4,
        "umfang": k * 3,
        "gesund": k % 3 == 0,
        "gepflanzt": date(1950, 1, 1) + timedelta(days=200 * k),
        "geprueft": datetime(2026, 3, 1, 8, tzinfo=UTC) + timedelta(days=k, hours=k % 24),
        "bemerkung": '{"a": 1}' if k == 1 else None,
    }


def place(k: int) -> Any:
    return None if k == 99 else shapely.Point(11.58 + k % 10 / 1000, 50.92 + k // 10 / 1000)


def content(table: str, shapes: Sequence[Any], key: tuple[str, ...] = (), placed: bool = True, **columns: Any) -> Any:
    """The content of a table, as a loader's rows would make it."""
    from allmende.catalogue.holdings.building import Plan, build
    from allmende.catalogue.holdings.columns import BOX, ColumnFacts
    from allmende.catalogue.loaders.tabular.recipe import Field, TableRecipe, Where
    from allmende.catalogue.services import Content

    found = np.array(shapes, dtype=object)
    arrays = {"_line": pa.array(np.arange(1, len(found) + 1))}
    arrays |= {name: values if isinstance(values, pa.Array) else pa.array(values) for name, values in columns.items()}
    types = {name: KINDS.get(str(arrays[name].type), "datetime") for name in columns} | {"bemerkung": "json"}
    if placed:
        arrays["geometry"] = pa.array(list(shapely.to_wkb(found)), pa.binary())
        arrays |= {name: pa.array(shapely.bounds(found)[:, side], from_pandas=True) for side, name in enumerate(BOX)}
    facts = tuple(ColumnFacts(name, name.title(), types[name], "m" if name == "hoehe" else "") for name in columns)
    built = build(pa.table(arrays).to_reader(max_chunksize=20_000), Plan(facts, key, placed))
    fields = tuple(Field(each.source, each.name, each.type, unit=each.unit) for each in facts)
    where = Where("native") if placed else None
    recipe = TableRecipe("delimited", {}, fields, table, table.title(), where, key)
    kinds = tuple(sorted({shape.geom_type for shape in found if shape is not None}))
    return Content(recipe, built, {}, 0, kinds)


def published(slug: str, *contents: Any, publish: bool = True, **details: Any) -> Any:
    """A dataset with this as its current version."""
    from allmende.accounts.actors import SYSTEM
    from allmende.catalogue.services import add_version, publish_version, register_dataset

    title = {"de": f"{slug.title()} (de)", "en": f"{slug.title()} (en)"}
    dataset = register_dataset(SYSTEM, slug, details.pop("title", title), **details)
    version = add_version(SYSTEM, dataset, contents)
    if publish:
        publish_version(SYSTEM, version)
    return dataset


def trees(least: int = 0) -> Any:
    rows = [tree(k) for k in range(least, TREES)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return content("trees", [place(k) for k in range(least, TREES)], ("nr",), **columns)


def grid(n: int) -> Any:
    """n × n points, a thousandth of a degree apart."""
    x, y = np.meshgrid(np.arange(n), np.arange(n))
    numbers = pa.array(np.arange(n * n))
    return content("grid", shapely.points(11.4 + x.ravel() / 1000, 50.8 + y.ravel() / 1000), number=numbers)


def scattered(n: int) -> Any:
    """n points at random in a town of 25 by 30 kilometres, with columns as a register of trees has them."""
    random = np.random.default_rng(7)
    shapes = shapely.points(11.4 + 0.4 * random.random(n), 50.8 + 0.3 * random.random(n))
    days = np.datetime64("1950-01-01") + random.integers(0, 27_000, n).astype("timedelta64[D]")
    return content(
        "big",
        shapes,
        nr=pa.array(np.char.add("B", np.arange(n).astype(str))),
        art=pa.array(np.array(ARTS)[random.integers(0, 5, n)]),
        strasse=pa.array(np.char.add("Straße ", random.integers(0, 3_000, n).astype(str))),
        hoehe=pa.array(np.round(random.random(n) * 30, 1)),
        umfang=pa.array(random.integers(10, 400, n)),
        gepflanzt=pa.array(days),
    )


def fill() -> dict[str, str]:
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_organisation
    from allmende.accounts.tokens import create_token
    from allmende.catalogue.licences import DL_BY

    about = {"de": "Bäume am Weg", "en": "Trees <by> the road"}
    published("trees", trees(), description=about, licence=DL_BY, attribution="Stadt", simulated=True, keywords=["x"])
    squares = [shapely.box(11.58 + k / 200, 50.92, 11.585 + k / 200, 50.93) for k in range(3)]
    hole = shapely.Polygon(
        shapely.box(11.6, 50.95, 11.61, 50.96).exterior, [shapely.box(11.603, 50.953, 11.606, 50.956).exterior]
    )
    districts = content("districts", [*squares, hole], name=["West", "Mitte", "Ost", "Ring"])
    lines = [
        shapely.LineString([(11.58, 50.92), (11.59, 50.93)]),
        shapely.MultiLineString([[(11, 50), (11.1, 50)], [(11, 51), (11.1, 51)]]),
    ]
    published("town", districts, content("ways", lines, name=["Allee", "Ring"]))
    published("grid", grid(142))
    published("lists", content("lists", [None], placed=False, name=["x"]))
    published("draft", trees(), publish=False)
    office = create_organisation(SYSTEM, "Office", key="office")
    guarded = {"access_class": "protected", "owner": office.pk, "legal_ground": "§ 1 Test"}
    secret = published("secret", trees(50), **guarded)
    scopes = ["catalogue:read", "observations:read"]
    _, insider = create_token(SYSTEM, "insider", scopes, datasets=[secret.code], organisation=office)
    return {"insider": insider}


def main(folder: str, count: int) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.core import outbox
    from allmende.run.databases import prepare

    prepare()
    found = fill() if not count else {"big": published("big", scattered(count)).code}
    while outbox.deliver_pending():
        continue
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

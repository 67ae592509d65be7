"""Fills a fresh data folder with many datasets that are well described: `python -m bench.many_datasets DIR COUNT`.

Rows go straight into the tables: only what describes data is read, so there are no files behind them.
"""

import json
import os
import sys
from datetime import UTC, date, datetime

_WORDS = ("Baum", "Straße", "Haushalt", "Wetter", "Schule", "Verkehr", "Lärm", "Wasser", "Wohnen", "Kultur")


def main(folder: str, count: int) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_organisation
    from allmende.catalogue.licences import DL_BY
    from allmende.catalogue.models import Dataset, Part, Table, Version, VersionState
    from allmende.core.codes import new_code
    from allmende.run.databases import prepare

    prepare()
    owners = [create_organisation(SYSTEM, f"Amt {number}", key=f"office-{number}") for number in range(20)]
    when = datetime(2026, 3, 1, tzinfo=UTC)
    datasets = [
        Dataset(
            code=new_code("set"),
            slug=f"dataset-{number}",
            title={"de": f"{_WORDS[number % 10]} {number}", "en": f"Dataset {number}"},
            description={"de": f"Alles über {_WORDS[number % 10]} im Ortsteil {number % 30}. " * 4, "en": "All of it."},
            licence=DL_BY,
            attribution="Stadt Musterstadt",
            owner=owners[number % 20],
            contact_name="Fachdienst Daten",
            contact_email="daten@musterstadt.example",
            themes=["ENVI", "REGI"],
            keywords=[_WORDS[number % 10], _WORDS[number % 7]],
            place="Musterstadt",
            place_uri="http://dcat-ap.de/def/politicalGeocoding/municipalityKey/16053000",
            begins=date(2020, 1, 1),
            ends=date(2026, 1, 1),
            frequency="MONTHLY",
        )
        for number in range(count)
    ]
    datasets = Dataset.objects.bulk_create(datasets)
    tables = Table.objects.bulk_create(
        Table(code=new_code("tbl"), dataset=each, name="rows", title={"de": "Zeilen", "en": "Rows"})
        for each in datasets
    )
    versions = Version.objects.bulk_create(
        Version(code=new_code("ver"), dataset=each, number=number, state=VersionState.PUBLISHED, published=when)
        for each in datasets
        for number in (1, 2)
    )
    columns = [{"name": name, "source": name, "type": "text"} for name in ("id", "name", "ort")]
    Part.objects.bulk_create(
        Part(
            version=version,
            table=tables[place // 2],
            holding="0" * 64,
            published="0" * 64,
            rows=1000,
            size=50_000,
            columns=columns,
            published_columns=["id", "name", "ort"],
            geometry={"types": ["Point"], "bbox": [11.5, 50.9, 11.6, 51.0]},
        )
        for place, version in enumerate(versions)
    )
    print(json.dumps({"count": count}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

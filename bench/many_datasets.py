"""Fills a fresh data folder with many datasets that are well described: `python -m bench.many_datasets DIR COUNT`.

Rows go straight into the tables: only what describes data is read, so there are no files behind them.
"""

import json
import os
import sys
from datetime import UTC, date, datetime

_WORDS = (
    *("Baum", "Straßen", "Haushalts", "Wetter", "Schul", "Verkehrs", "Lärm", "Wasser", "Wohnungs", "Kultur", "Luft"),
    *("Energie", "Boden", "Fahrrad", "Abfall", "Spielplatz", "Brücken", "Sport", "Markt", "Bevölkerungs", "Unfall"),
    *("Gebäude", "Ampel", "Parkplatz", "Solar", "Kinder", "Bibliotheks", "Denkmal", "Gewerbe", "Friedhofs", "Wald"),
)
_HEADS = (
    *("kataster", "verzeichnis", "karte", "plan", "zählung", "statistik", "bericht", "messung", "netz", "liste"),
    *("bestand", "bedarf", "analyse", "kosten", "flächen", "standorte", "zahlen", "grenzen", "anträge"),
)
_PLACES = tuple(
    f"{one}{two}" for one in ("Ober", "Unter", "Neu", "Alt", "Groß", "Klein") for two in ("dorf", "bach", "berg")
)
_THEMES = ("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "JUST", "REGI", "SOCI", "TECH", "TRAN")
_COLUMNS = (
    "Nummer",
    "Name",
    "Ort",
    "Höhe",
    "Breite",
    "Baujahr",
    "Zustand",
    "Art",
    "Fläche",
    "Betreiber",
    "Datum",
    "Wert",
)


def _named(number: int) -> str:
    """One of some six hundred compounds."""
    return _WORDS[number % len(_WORDS)] + _HEADS[number % len(_HEADS)]


def main(folder: str, count: int) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_organisation
    from allmende.catalogue.licences import DL_BY
    from allmende.catalogue.models import Column, Dataset, Part, Table, Version, VersionState
    from allmende.catalogue.search.indexing import catch_up
    from allmende.core.codes import new_code
    from allmende.run.databases import prepare

    prepare()
    owners = [create_organisation(SYSTEM, f"Amt {number}", key=f"office-{number}") for number in range(20)]
    when = datetime(2026, 3, 1, tzinfo=UTC)
    datasets = [
        Dataset(
            code=new_code("set"),
            slug=f"dataset-{number}",
            title={"de": f"{_named(number)} {_PLACES[number % 18]} {2000 + number % 26}", "en": f"Dataset {number}"},
            description={
                "de": f"{_named(number)} für {_PLACES[number % 18]}, mit Angaben aus {_named(number // 7)} und"
                f" {_named(number // 3)}. Erhoben vom Fachdienst {_WORDS[number % 29]}, Stand {number % 365}.",
                "en": "All of it.",
            },
            licence=DL_BY,
            attribution="Stadt Musterstadt",
            owner=owners[number % 20],
            contact_name="Fachdienst Daten",
            contact_email="daten@musterstadt.example",
            themes=[_THEMES[number % 12], _THEMES[number % 5 + 6]],
            keywords=[_WORDS[number % 31], _named(number * 5)],
            place=_PLACES[number % 18],
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
    Column.objects.bulk_create(
        Column(table=each, name=f"c{place}", title={"de": _COLUMNS[(number + place) % 12]}, position=place)
        for number, each in enumerate(tables)
        for place in range(4)
    )
    columns = [{"name": f"c{place}", "source": f"c{place}", "type": "text"} for place in range(4)]
    Part.objects.bulk_create(
        Part(
            version=version,
            table=tables[place // 2],
            holding="0" * 64,
            published="0" * 64,
            rows=1000,
            size=50_000,
            columns=columns,
            published_columns=columns,
            geometry={"types": ["Point"], "bbox": [11.5, 50.9, 11.6, 51.0]},
        )
        for place, version in enumerate(versions)
    )
    catch_up()
    print(json.dumps({"count": count}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

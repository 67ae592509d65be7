"""Fills a fresh data folder with a small catalogue: `python -m tests.catalogue.seeding DIR` prints JSON.

Trees (placed, two versions, everything described), budget (a table without places, little described), weather (one
datastream), cases (protected, one table), plans (shared with a partner); each of the last two has a word in every
field that no stranger may read.
"""

import contextlib
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

CANARY = "Kanarienvogel-4711"
TREES = "nr;art;hoehe;lon;lat\n1;Linde;12,5;11,581;50,921\n2;Eiche;20,1;11,592;50,932\n3;Ahorn;8;11,588;50,929\n"
MORE_TREES = TREES + "4;Kastanie;3,5;11,6;50,94\n"
BUDGET = "jahr;posten;betrag\n2025;Kultur;1200,50\n2026;Kultur;1300,00\n2026;Straßen;98000,10\n"
CASES = f"nr;name;ort\n1;{CANARY};Musterstadt\n2;{CANARY};Musterstadt\n"


def main(folder: str) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_organisation
    from allmende.accounts.tokens import create_token
    from allmende.catalogue.licences import DL_BY, DL_ZERO
    from allmende.catalogue.queries import get_dataset
    from allmende.catalogue.services import change_dataset, register_dataset
    from allmende.core import outbox
    from allmende.run.databases import prepare

    prepare()
    office = create_organisation(SYSTEM, {"de": "Grünflächenamt", "en": "Parks office"}, key="parks")
    partner = create_organisation(SYSTEM, "Verein", key="club")
    load(folder, "trees", TREES)
    load(folder, "trees", MORE_TREES)
    load(folder, "budget", BUDGET)
    change_dataset(
        SYSTEM,
        get_dataset(SYSTEM, "trees"),
        title={"de": "Straßenbäume", "en": "Street trees"},
        description={"de": "Jeder Baum an einer Straße.", "en": "Each tree along a street."},
        licence=DL_BY,
        attribution="Stadt Musterstadt",
        owner=office.pk,
        contact_name="Grünflächenamt",
        contact_email="baeume@musterstadt.example",
        themes=["ENVI"],
        keywords=["Baum", "Grünfläche"],
        place="Musterstadt",
        place_uri="http://dcat-ap.de/def/politicalGeocoding/municipalityKey/16053000",
        begins=date(2020, 1, 1),
        ends=date(2026, 6, 30),
        frequency="MONTHLY",
    )
    change_dataset(SYSTEM, get_dataset(SYSTEM, "budget"), title={"de": "Haushalt", "en": "Budget"}, licence=DL_ZERO)
    secret: dict[str, Any] = {
        "description": CANARY,
        "purpose": CANARY,
        "legal_ground": CANARY,
        "attribution": CANARY,
        "contact_name": CANARY,
        "keywords": [CANARY],
        "place": CANARY,
        "owner": office.pk,
    }
    cases = register_dataset(SYSTEM, "cases", CANARY, access_class="protected", **secret)
    register_dataset(SYSTEM, "plans", CANARY, access_class="shared", shared_with=[partner.pk], **secret)
    load(folder, "cases", CASES)
    streams(SYSTEM, register_dataset(SYSTEM, "weather", {"de": "Wetter", "en": "Weather"}, simulated=True))
    _, insider = create_token(SYSTEM, "insider", ["catalogue:read"], datasets=[cases.code], organisation=office)
    while outbox.deliver_pending():
        continue
    print(json.dumps({"insider": insider, "cases": cases.code}))


def load(folder: str, name: str, text: str) -> None:
    """As `allmende load … --publish` does."""
    from allmende.run import cli

    path = Path(folder) / f"{name}.csv"
    path.write_text(text)
    arguments = ["load", str(path), "--data", folder, "--yes", "--publish", "--as", "table", "--dataset", name]
    try:
        with contextlib.redirect_stdout(sys.stderr):
            cli.main(arguments)
    except SystemExit as ended:
        assert ended.code == 0, ended.code
    path.unlink()


def streams(actor: Any, dataset: Any) -> None:
    """One datastream, with no value yet."""
    from allmende.observations.services import register_datastream, register_thing

    thing = register_thing(actor, dataset=dataset, name="Station", external_key="s", point=(11.58, 50.92))
    register_datastream(
        actor,
        thing=thing,
        name={"de": "Lufttemperatur", "en": "Air temperature"},
        observed_property=(
            "https://qudt.org/vocab/quantitykind/Temperature",
            {"de": "Temperatur", "en": "Temperature"},
        ),
        unit="Cel",
        external_key="s/t",
    )


if __name__ == "__main__":
    main(sys.argv[1])

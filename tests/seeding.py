"""Fills a fresh data folder for tests over real sockets: `python -m tests.seeding DIR [datastreams]` prints JSON.

One open dataset «weather» with as many datastreams as asked for, one protected dataset of an
office, and tokens.
"""

import json
import os
import sys


def main(folder: str, count: int) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from django.db import transaction

    from allmende.accounts.actors import SYSTEM
    from allmende.accounts.services import create_administrator, create_organisation
    from allmende.accounts.tokens import create_token
    from allmende.catalogue.services import register_dataset
    from allmende.core import outbox
    from allmende.observations.services import register_datastream, register_thing
    from allmende.run.databases import prepare

    prepare()
    with transaction.atomic():
        weather = register_dataset(SYSTEM, "weather", {"de": "Wetter", "en": "Weather"}, simulated=True)
        office = create_organisation(SYSTEM, "Office", key="office")
        secret = register_dataset(
            SYSTEM,
            "secret",
            {"de": "Geschützt", "en": "Protected"},
            access_class="protected",
            owner=office.pk,
            legal_ground="§ 1 Test",
        )
        codes = []
        for number in range(count):
            thing = register_thing(
                SYSTEM,
                dataset=weather,
                name=f"Station {number}",
                external_key=f"s{number}",
                point=(11.5 + number / 1000, 50.9),
            )
            codes.append(_stream(register_datastream, thing, f"s{number}").code)
        hidden = _stream(
            register_datastream, register_thing(SYSTEM, dataset=secret, name="Hidden", external_key="h"), "h"
        ).code
        _, write = create_token(SYSTEM, "writer", ["observations:write"])
        _, read = create_token(SYSTEM, "reader", ["observations:read"])
        _, narrow = create_token(SYSTEM, "narrow", ["observations:write"], datasets=[secret.code])
        _, insider = create_token(SYSTEM, "insider", ["observations:read"], datasets=[secret.code], organisation=office)
        manage_scopes = ["catalogue:manage", "catalogue:read"]
        _, manage = create_token(SYSTEM, "steward", manage_scopes, organisation=office)
        create_administrator("admin@example.org", "correct horse battery staple")
    tokens = {"write": write, "read": read, "narrow": narrow, "insider": insider, "manage": manage}
    while outbox.deliver_pending():  # what registering has set off is over before a test or a benchmark begins
        continue
    print(json.dumps({"datastreams": codes, "hidden": hidden, **tokens}))


def _stream(register_datastream, thing, key):
    from allmende.accounts.actors import SYSTEM

    return register_datastream(
        SYSTEM,
        thing=thing,
        name={"de": "Lufttemperatur", "en": "Air temperature"},
        observed_property=(
            "https://qudt.org/vocab/quantitykind/Temperature",
            {"de": "Temperatur", "en": "Temperature"},
        ),
        unit="Cel",
        external_key=f"{key}/t",
        expected_interval=600,
        minimum=-60,
        maximum=60,
        sentinels=[-9999],
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)

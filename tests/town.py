"""A small town for tests: an open, a shared and a protected dataset with a few Things and Datastreams, and a store."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.observations.store import runtime
from allmende.observations.streams import book


@pytest.fixture
def store(tmp_path: Path, settings) -> Iterator[runtime.Store]:
    """An observation store of this test's own, used by services and queries."""
    runtime.release()
    settings.DATA_DIR = tmp_path
    yield runtime.own(tmp_path / "observations", memory_limit="256MB")
    runtime.release()


@pytest.fixture
def town(db, store) -> SimpleNamespace:
    """datasets open, shared, protected; one thing and one datastream in each, by the same names."""
    from allmende.accounts.services import create_organisation
    from allmende.catalogue.services import register_dataset
    from allmende.observations.services import register_datastream, register_thing

    book.forget()
    office = create_organisation(SYSTEM, {"de": "Umweltamt", "en": "Environment office"})
    town = SimpleNamespace(office=office, store=store)
    for access in ("open", "shared", "protected"):
        dataset = register_dataset(
            SYSTEM,
            f"{access}-weather",
            {"de": f"Wetter {access}", "en": f"Weather {access}"},
            access_class=access,
            owner=office.pk,
            legal_ground="" if access == "open" else "§ 1 Test",
        )
        thing = register_thing(
            SYSTEM,
            dataset=dataset,
            name={"de": f"Station {access}", "en": f"Station {access}"},
            external_key="s1",
            point=(11.58, 50.92),
        )
        stream = register_datastream(
            SYSTEM,
            thing=thing,
            name={"de": "Lufttemperatur", "en": "Air temperature"},
            observed_property=(
                "https://qudt.org/vocab/quantitykind/AirTemperature",
                {"de": "Lufttemperatur", "en": "Air temperature"},
            ),
            unit="Cel",
            external_key="s1/temperature",
            expected_interval=600,
            minimum=-60,
            maximum=60,
            sentinels=[-9999],
        )
        setattr(town, f"{access}_dataset", dataset)
        setattr(town, f"{access}_thing", thing)
        setattr(town, f"{access}_stream", stream)
    return town

"""Brings the demo town into a data folder: its offices, datasets, devices and accounts, then its history up to now.

Run again, it goes on where it ended. `python -m allmende.run.demo.filling` does it in a process of its own, so that the
server that follows does not carry the memory that two years of values took.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import transaction

from allmende.accounts.actors import SYSTEM
from allmende.accounts.services import create_token, grant_role, register_organisation, register_person
from allmende.catalogue.licences import DL_ZERO
from allmende.catalogue.queries import Dataset
from allmende.catalogue.services import register_dataset
from allmende.observations import queries, services
from allmende.observations.rows import Row
from allmende.run.demo.care import citizen_codes, describe_all, offer_all
from allmende.run.demo.chance import DAY
from allmende.run.demo.ground import ground
from allmende.run.demo.opendata import load_trees
from allmende.run.demo.simulator import Simulator
from allmende.run.demo.town import ACCOUNTS, CITIZEN, DEVICES, HOLDINGS, NAME, OFFICES, QUANTITIES, Device

HISTORY_DAYS = 730
SILENT_DAYS = 9  # since when one sensor has been silent and others have faults, at the first start
RETENTION_DAYS = 10 * 365
_PORTION = 1_000_000
_SCOPES = ("observations:write", "observations:read")
_MADE_UP = ("Erfunden und simuliert.", "Made up and simulated.")

Progress = Callable[[str], None]


@dataclass(slots=True)
class Demo:
    """What a demo data folder remembers, in demo.json that only its owner may read: how it is simulated, and who may
    sign in. since: up to when values were written (seconds UTC); citizen: code of the resident's sensor."""

    seed: int
    silent_since: int
    password: str
    token: str = ""
    since: int = 0
    citizen: str = ""

    def save(self) -> None:
        path = _notes()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file)


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was brought in, and who may sign in: (address, name, role)."""

    datasets: int
    things: int
    datastreams: int
    rows: int
    seconds: float
    password: str
    token: str
    people: tuple[tuple[str, str, str], ...] = field(default=())


def load_demo(days: int = HISTORY_DAYS, progress: Progress | None = None) -> DemoSummary:
    """Makes the town in this data folder, or goes on with it; then everything is there up to now."""
    begun = time.monotonic()
    demo = remembered() or Demo(seed=7, silent_since=int(time.time()) - SILENT_DAYS * DAY, password=_password())
    with transaction.atomic():
        datasets = _datasets()
        codes = _devices(datasets)
        _people(demo)
        if not demo.token:
            describe_all(datasets)
            demo.citizen = offer_all(demo.password)
        codes |= citizen_codes(demo.password, demo.citizen)
    if not demo.token:
        demo.token = create_token(SYSTEM, f"{NAME}: Demo", _SCOPES, datasets=[each.code for each in datasets.values()])[
            1
        ]
    load_trees(_trees())
    (settings.DATA_DIR / "ground.geojson").write_text(json.dumps(ground(), separators=(",", ":"), ensure_ascii=False))
    demo.save()
    until = int(time.time())
    rows = _history(demo, codes, until - days * DAY, until, progress or (lambda line: None))
    demo.since = until
    demo.save()
    people = tuple((f"{who.name}@demo.example", who.german, who.role or "resident") for who in ACCOUNTS)
    seconds = time.monotonic() - begun
    return DemoSummary(
        len(datasets), len(_reporting(codes)), len(codes), rows, seconds, demo.password, demo.token, people
    )


def remembered() -> Demo | None:
    """What this data folder remembers of its demo; None where it has none."""
    try:
        return Demo(**json.loads(_notes().read_text()))
    except FileNotFoundError:
        return None


def _notes() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"


class Live:
    """The town going on. Asked for the time since the last answer, it gives what was reported meanwhile."""

    def __init__(self, demo: Demo) -> None:
        self._simulator = Simulator(demo.seed, demo.silent_since)
        self._codes = _codes(_datasets()) | citizen_codes(demo.password, demo.citizen)

    def rows(self, since_us: int, until_us: int) -> list[Row]:
        """What all devices report after since and up to until (µs UTC), oldest first."""
        since, until = since_us // 1_000_000, until_us // 1_000_000
        if until <= since:
            return []
        rows = [
            Row(self._codes[f"{device.key}/{quantity}"], when * 1_000_000, value)
            for device in _reporting(self._codes)
            for quantity, (times, values) in self._simulator.between(device, since, until).items()
            for when, value in zip(times.tolist(), values.tolist(), strict=True)
        ]
        return sorted(rows, key=lambda row: row.time)


def live_rows(since_us: int, until_us: int) -> list[Row]:
    """What the demo town of this data folder reports after since and up to until (µs UTC), oldest first.

    Raises LookupError where there is no demo town. Whoever asks often keeps a `Live`.
    """
    demo = remembered()
    if demo is None:
        raise LookupError("There is no demo town in this data folder; «allmende demo» makes one.")
    return Live(demo).rows(since_us, until_us)


def _datasets() -> dict[str, Dataset]:
    offices = {
        office.key: register_organisation(
            SYSTEM, office.key, {"de": office.german, "en": office.english}, sector="administration"
        )
        for office in OFFICES
    }
    return {
        each.slug: register_dataset(
            SYSTEM,
            each.slug,
            {"de": each.german, "en": each.english},
            description={
                "de": f"{each.german} in {NAME}, einer Stadt, die es nicht gibt. {_MADE_UP[0]}",
                "en": f"{each.english} in {NAME}, a town that does not exist. {_MADE_UP[1]}",
                "easy": f"Das sind Zahlen aus der Stadt {NAME}. Die Stadt gibt es nicht. Die Zahlen sind erfunden.",
            },
            purpose={"de": each.purpose[0], "en": each.purpose[1]},
            licence=each.licence,
            owner=offices[each.office].pk,
            contact_email=f"{each.office.removeprefix('demo-')}@demo.example",
            retention_days=RETENTION_DAYS,
            simulated=True,
        )
        for each in HOLDINGS
    }


def _trees() -> Dataset:
    """The dataset of the register of trees, which has no sensors."""
    office = register_organisation(SYSTEM, OFFICES[0].key, {"de": OFFICES[0].german, "en": OFFICES[0].english})
    return register_dataset(
        SYSTEM,
        "baumkataster",
        {"de": "Baumkataster", "en": "Register of trees"},
        description={
            "de": f"Die Bäume in {NAME}, einer Stadt, die es nicht gibt: Art, Alter, Größe, Ort. {_MADE_UP[0]}",
            "en": f"The trees of {NAME}, a town that does not exist: species, age, size, place. {_MADE_UP[1]}",
            "easy": f"Das sind die Bäume aus der Stadt {NAME}. Die Stadt gibt es nicht. Die Bäume sind erfunden.",
        },
        purpose={"de": "Damit alle wissen, welcher Baum wo steht.", "en": "So that all know which tree stands where."},
        licence=DL_ZERO,
        owner=office.pk,
        contact_email="umwelt@demo.example",
        themes=["ENVI"],
        keywords=["Bäume", "Stadtgrün"],
        frequency="ANNUAL",
        place=NAME,
        simulated=True,
    )


def _devices(datasets: dict[str, Dataset]) -> dict[str, str]:
    """The code of each datastream by its key, such as `wetter-markt/temperature`."""
    codes = _codes(datasets)
    for device in DEVICES:
        if device.holding == CITIZEN:
            continue
        missing = [quantity for quantity in device.quantities if f"{device.key}/{quantity}" not in codes]
        if not missing:
            continue
        thing = services.register_thing(
            SYSTEM,
            dataset=datasets[device.holding],
            name={"de": device.german, "en": device.english},
            external_key=device.key,
            description={"de": f"Ein Ort in {NAME}. {_MADE_UP[0]}", "en": f"A place in {NAME}. {_MADE_UP[1]}"},
            properties={
                "simulated": True,
                **({"capacity": device.how["capacity"]} if "capacity" in device.how else {}),
            },
            point=device.point,
        )
        for quantity in missing:
            codes[f"{device.key}/{quantity}"] = _datastream(thing, device, quantity)
    return codes


def _codes(datasets: dict[str, Dataset]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for slug, dataset in datasets.items():
        keys = [f"{each.key}/{quantity}" for each in DEVICES if each.holding == slug for quantity in each.quantities]
        codes |= queries.codes_by_key(dataset.pk, keys)
    return codes


def _datastream(thing: queries.Thing, device: Device, quantity: str) -> str:
    base, _, depth = quantity.partition("/")
    what = QUANTITIES[base]
    name = {"de": what.german, "en": what.english}
    if depth:
        name = {"de": f"{what.german} in {depth} cm Tiefe", "en": f"{what.english} at {depth} cm"}
    properties: dict[str, Any] = {"simulated": True} | ({"depth_cm": int(depth)} if depth else {})
    if quantity in device.featured:
        properties["featured"] = device.featured[quantity]
    stream = services.register_datastream(
        SYSTEM,
        thing=thing,
        name=name,
        observed_property=(what.definition, {"de": what.german, "en": what.english}),
        unit=what.unit,
        sensor="Simulation",
        external_key=f"{device.key}/{quantity}",
        expected_interval=DAY if what.holding == "until_next" else device.step,
        minimum=what.least,
        maximum=device.how.get("capacity", what.most) if base == "free" else what.most,
        holding=what.holding,
        description={"de": _MADE_UP[0], "en": _MADE_UP[1]},
        properties=properties,
    )
    return stream.code


def _people(demo: Demo) -> None:
    """One account for each role. An account that somebody changed stays as it is."""
    offices = {
        office.key: register_organisation(SYSTEM, office.key, {"de": office.german, "en": office.english})
        for office in OFFICES
    }
    for who in ACCOUNTS:
        person = register_person(SYSTEM, f"{who.name}@demo.example", demo.password, display_name=f"Demo: {who.german}")
        if who.role:
            grant_role(SYSTEM, person.code, who.role, offices.get(who.office))


def _reporting(codes: dict[str, str]) -> list[Device]:
    """The devices that are there: the resident may have withdrawn hers."""
    return [device for device in DEVICES if f"{device.key}/{device.quantities[0]}" in codes]


def _password() -> str:
    """Chance enough for a demo on one's own machine, and easy to type from a screen."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def _history(demo: Demo, codes: dict[str, str], begin: int, until: int, progress: Progress) -> int:
    """Writes what is missing of each device's history; returns how many values."""
    simulator = Simulator(demo.seed, demo.silent_since)
    begin = max(begin, demo.since)
    total = 0
    for number, device in enumerate(_reporting(codes), 1):
        found = simulator.between(device, begin, until)
        for table in _tables(device, codes, found):
            total += services.append_table(SYSTEM, table).accepted
        progress(f"{number}/{len(DEVICES)} {device.german}: {sum(len(each.times) for each in found.values()):,}")
    return total


def _tables(device: Device, codes: dict[str, str], found: dict[str, Any]) -> Iterator[pa.Table]:
    """The values of a device in tables of at most a million rows."""
    keys = pa.array([codes[f"{device.key}/{quantity}"] for quantity in found], pa.string())
    series = np.repeat(np.arange(len(found), dtype=np.int32), [len(each.times) for each in found.values()])
    times = np.concatenate([each.times for each in found.values()]) * 1_000_000
    values = np.concatenate([each.values for each in found.values()])
    for start in range(0, len(times), _PORTION):
        part = slice(start, start + _PORTION)
        yield pa.table(
            {
                "datastream": pa.DictionaryArray.from_arrays(pa.array(series[part]), keys),
                "time": pa.array(times[part], pa.timestamp("us", tz="UTC")),
                "value": pa.array(values[part]),
            }
        )

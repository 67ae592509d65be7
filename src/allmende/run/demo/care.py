"""What the demo town says of its sensors in the public register, and the sensors that its resident offers."""

from dataclasses import dataclass

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.services import register_person
from allmende.catalogue.queries import Dataset
from allmende.catalogue.services import change_dataset
from allmende.observations import queries
from allmende.observations.care import citizens
from allmende.observations.care.register import PersonalData, describe, said
from allmende.run.demo.town import CITIZEN, DEVICES

_TASK = (
    "Art. 6 Abs. 1 Buchst. e DSGVO: Aufgabe im öffentlichen Interesse (erfundenes Beispiel)",
    "Art. 6 (1) (e) GDPR: a task in the public interest (made-up example)",
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the register says of a dataset's sensors. note: what happens to personal data."""

    personal: PersonalData
    images: bool = False
    note: tuple[str, str] = ("", "")


REGISTER = {
    "wetter": Said(PersonalData.NONE),
    "stadtbaeume-boden": Said(PersonalData.NONE),
    "luft": Said(PersonalData.NONE),
    "pegel": Said(PersonalData.NONE),
    "passanten": Said(
        PersonalData.ANONYMISED,
        images=True,
        note=(
            "Das Gerät zählt in seinem Bild und verwirft das Bild sofort; nur die Zahl verlässt es.",
            "The device counts in its picture and discards the picture at once; only the number leaves it.",
        ),
    ),
    "parken": Said(PersonalData.NONE),
}


def describe_all(datasets: dict[str, Dataset]) -> None:
    """Puts every dataset into the register."""
    for slug, each in REGISTER.items():
        describe(
            SYSTEM,
            said(dataset=datasets[slug]),
            legal_ground={"de": _TASK[0], "en": _TASK[1]},
            personal_data=each.personal,
            personal_note={"de": each.note[0], "en": each.note[1]} if each.note[0] else {},
            images=each.images,
            sound=False,
        )


def _resident(password: str) -> Actor:
    return register_person(SYSTEM, "resident@demo.example", password)


def offer_all(password: str) -> str:
    """The resident offers two sensors; the town approves one, the other waits. Returns the code of the approved one."""
    resident = _resident(password)
    device = next(each for each in DEVICES if each.holding == CITIZEN)
    sensor = citizens.offer(
        resident,
        name=device.german,
        quantities=device.quantities,
        device="Bausatz mit Feinstaubsensor (erfunden)",
        about="Drei Meter über der Straße. Erfunden und simuliert.",
        interval=device.step,
        point=device.point,
    )
    thing = citizens.approve(SYSTEM, sensor)
    change_dataset(SYSTEM, thing.dataset, simulated=True)
    thing.properties = {**thing.properties, "simulated": True}
    thing.save(update_fields=["properties", "changed"])
    citizens.offer(
        resident,
        name="Regenmesser im Gartenfeld",
        quantities=["rain", "temperature"],
        device="Kippwaage (erfunden)",
        about="Freistehend im Garten. Erfunden.",
        interval=600,
        point=(device.point[0] - 0.014, device.point[1] - 0.013),
        precision="1km",
    )
    return sensor.code


def citizen_codes(password: str, code: str) -> dict[str, str]:
    """The codes of the resident's datastreams by the demo's own keys; empty when she has withdrawn her sensor."""
    try:
        sensor = citizens.get_mine(_resident(password), code)
    except citizens.UnknownSensor:
        return {}
    if sensor.thing is None or sensor.state != citizens.CitizenState.APPROVED:
        return {}
    device = next(each for each in DEVICES if each.holding == CITIZEN)
    keys = {f"{sensor.code}/{quantity}": f"{device.key}/{quantity}" for quantity in device.quantities}
    found = queries.codes_by_key(sensor.thing.dataset_id, list(keys))
    return {keys[key]: stream for key, stream in found.items()}

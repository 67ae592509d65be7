"""Sensors of residents: offered with an account, approved or refused by the town, withdrawn whenever their owner likes.

Each resident has a dataset of her own for all of her sensors, because a key is limited by datasets: so nobody can write
to the sensor of another. The dataset has no owning office; data stewards of the whole town look after it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from allmende.accounts.actors import SYSTEM, Actor
from allmende.accounts.permissions import Denied, require
from allmende.accounts.services import create_token, revoke_token
from allmende.catalogue.licences import DL_ZERO
from allmende.catalogue.queries import Dataset
from allmende.catalogue.services import change_dataset, register_dataset
from allmende.core import audit, outbox
from allmende.core.clock import now
from allmende.core.texts import same
from allmende.observations.care.marks import CITIZEN, RETIRED
from allmende.observations.care.places import rounded
from allmende.observations.care.tables import CitizenSensor, CitizenState, PersonalData, Precision, RegisterEntry
from allmende.observations.models import Datastream, Location, Sensor, Thing
from allmende.observations.services.erasing import erase as erase_observations
from allmende.observations.services.registering import register_datastream, register_thing

MOST_WAITING, MOST_SENSORS = 5, 20
KEY_DAYS = 730
_FIVE_YEARS = 5 * 365
_CONSENT = {
    "de": "Art. 6 Abs. 1 Buchst. a DSGVO: Einwilligung der Person, die den Sensor betreibt",
    "en": "Art. 6 (1) (a) GDPR: consent of the person who runs the sensor",
}
_WITHDRAWN = "Art. 7 Abs. 3 DSGVO: Einwilligung widerrufen"
_CF = "http://vocab.nerc.ac.uk/standard_name/"
_OWN = "urn:allmende:property:"


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a resident's sensor may measure: nothing that tells of people. least, most: the plausible range."""

    definition: str
    german: str
    english: str
    unit: str
    least: float | None
    most: float | None
    holding: str = "instant"

    @property
    def name(self) -> dict[str, str]:
        """{de, en}."""
        return {"de": self.german, "en": self.english}


QUANTITIES = {
    "temperature": Quantity(_CF + "air_temperature/", "Lufttemperatur", "Air temperature", "Cel", -40, 60),
    "humidity": Quantity(_CF + "relative_humidity/", "Luftfeuchte", "Relative humidity", "%", 0, 100),
    "pressure": Quantity(_CF + "air_pressure/", "Luftdruck", "Air pressure", "hPa", 850, 1100),
    "rain": Quantity(
        _CF + "lwe_thickness_of_precipitation_amount/", "Niederschlag", "Precipitation", "mm", 0, 200, "interval"
    ),
    "wind": Quantity(_CF + "wind_speed/", "Windgeschwindigkeit", "Wind speed", "m/s", 0, 75),
    "pm25": Quantity(
        _CF + "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air/",
        "Feinstaub PM2,5",
        "Fine dust PM2.5",
        "ug/m3",
        0,
        1000,
    ),
    "pm10": Quantity(
        _CF + "mass_concentration_of_pm10_ambient_aerosol_particles_in_air/",
        "Feinstaub PM10",
        "Dust PM10",
        "ug/m3",
        0,
        1500,
    ),
    "noise": Quantity(_OWN + "sound-level", "Schallpegel (Mittelwert)", "Sound level (mean)", "dB[SPL]{A}", 10, 140),
    "soil": Quantity(_OWN + "soil-moisture", "Bodenfeuchte", "Soil moisture", "%", 0, 100),
    "light": Quantity(_OWN + "illuminance", "Beleuchtungsstärke", "Illuminance", "lx", 0, 200_000),
    "radiation": Quantity(_OWN + "uv-index", "UV-Index", "UV index", "{UV-Index}", 0, 20),
}


class UnknownSensor(LookupError):
    """There is no such sensor of a resident, or this actor may not see it."""


def offer(
    actor: Actor,
    *,
    name: str,
    quantities: Iterable[str],
    point: tuple[float, float],
    precision: str = Precision.BLOCK,
    device: str = "",
    about: str = "",
    interval: int | None = None,
) -> CitizenSensor:
    """A resident offers a sensor. point: (longitude, latitude), rounded before it is kept; interval: seconds.

    Raises Denied for anybody but people with an account; ValidationError naming the field.
    """
    require(actor, "observations:offer")
    wanted = [key for key in QUANTITIES if key in set(quantities)]
    if not wanted:
        raise ValidationError({"quantities": _("Please choose at least one quantity.")})
    try:
        lon, lat = rounded(*point, precision)
    except ValueError:
        raise ValidationError({"place": _("This is no place on the earth.")}) from None
    mine = CitizenSensor.objects.filter(person=actor.code)
    if mine.filter(state=CitizenState.OFFERED).count() >= MOST_WAITING or mine.count() >= MOST_SENSORS:
        raise ValidationError(_("Several of your sensors wait for the town already. Please wait for its answer."))
    with transaction.atomic():
        sensor = CitizenSensor(
            person=actor.code,
            name=name.strip(),
            device=device.strip(),
            about=about.strip(),
            quantities=wanted,
            interval=interval,
            longitude=lon,
            latitude=lat,
            precision=precision,
        )
        sensor.full_clean()
        sensor.save()
        _tell(actor, "citizen.offered", sensor)
    return sensor


def mine(actor: Actor) -> list[CitizenSensor]:
    """The sensors that a person offered, newest first."""
    return list(CitizenSensor.objects.filter(person=actor.code).select_related("thing__dataset"))


def get_mine(actor: Actor, code: str) -> CitizenSensor:
    """One of them. Raises UnknownSensor."""
    found = CitizenSensor.objects.filter(person=actor.code, code=code).select_related("thing__dataset").first()
    if found is None:
        raise UnknownSensor(f"There is no sensor {code}, or it is not yours.")
    return found


def waiting(actor: Actor) -> list[CitizenSensor]:
    """What waits for the town's answer, oldest first. Raises Denied."""
    require(actor, "observations:admit")
    return list(CitizenSensor.objects.filter(state=CitizenState.OFFERED).order_by("pk"))


def decided(actor: Actor, limit: int = 50) -> list[CitizenSensor]:
    """What the town has answered, newest first. Raises Denied."""
    require(actor, "observations:admit")
    rows = CitizenSensor.objects.exclude(state=CitizenState.OFFERED).select_related("thing")
    return list(rows.order_by("-decided", "-pk")[:limit])


def get_offer(actor: Actor, code: str) -> CitizenSensor:
    """A sensor by its code, for those who decide. Raises Denied, UnknownSensor."""
    require(actor, "observations:admit")
    found = CitizenSensor.objects.filter(code=code).select_related("thing__dataset").first()
    if found is None:
        raise UnknownSensor(f"There is no sensor {code}.")
    return found


def approve(actor: Actor, sensor: CitizenSensor) -> Thing:
    """The town takes the sensor up: it becomes a thing with its datastreams. Raises Denied, ValidationError."""
    require(actor, "observations:admit")
    with transaction.atomic():
        row = _locked(sensor, CitizenState.OFFERED)
        dataset = _dataset(row.person)
        thing = register_thing(
            SYSTEM,
            dataset=dataset,
            name=same(row.name),
            external_key=row.code,
            description=same(row.about) if row.about else None,
            properties={
                CITIZEN: True,
                "location_precision": row.precision,
                **({"device": row.device} if row.device else {}),
            },
            point=(row.longitude, row.latitude),
        )
        for key in row.quantities:
            _datastream(thing, row, key)
        RegisterEntry.objects.create(thing=thing, personal_data=PersonalData.NONE, images=False, sound=False)
        row.thing, row.state = thing, CitizenState.APPROVED
        _decide(actor, row, "citizen.approved")
    return thing


def refuse(actor: Actor, sensor: CitizenSensor, reason: str) -> None:
    """The town refuses the sensor and says why. Raises Denied, ValidationError without a reason."""
    require(actor, "observations:admit")
    if not reason.strip():
        raise ValidationError({"reason": _("Please say why; the person will read it.")})
    with transaction.atomic():
        row = _locked(sensor, CitizenState.OFFERED)
        row.reason, row.state = reason.strip(), CitizenState.REFUSED
        _decide(actor, row, "citizen.refused")


def new_key(actor: Actor, sensor: CitizenSensor) -> str:
    """A key with which the sensor sends, limited to its owner's dataset and shown this once; an earlier one ends.

    Raises Denied for anybody but the owner; ValidationError for a sensor that is not approved.
    """
    _own(actor, sensor)
    with transaction.atomic():
        row = _locked(sensor, CitizenState.APPROVED)
        assert row.thing is not None
        if row.token:
            revoke_token(SYSTEM, row.token)
        token, secret = create_token(
            SYSTEM,
            row.code,  # not her name for it: what is said of a key stays when the sensor is erased
            ["observations:write"],
            expires_days=KEY_DAYS,
            datasets=[row.thing.dataset.code],
        )
        row.token = token.code
        row.save(update_fields=["token", "changed"])
        _tell(actor, "citizen.key_made", row)
    sensor.token = row.token
    return secret


def stop(actor: Actor, sensor: CitizenSensor) -> None:
    """The sensor ends: its key too; its values stay. By its owner, or by the town. Raises Denied, ValidationError."""
    _own_or_town(actor, sensor)
    with transaction.atomic():
        row = _locked(sensor, CitizenState.APPROVED)
        _end_key(row)
        assert row.thing is not None
        row.thing.properties = {**row.thing.properties, RETIRED: now().date().isoformat()}
        row.thing.save(update_fields=["properties", "changed"])
        row.state = CitizenState.STOPPED
        row.save(update_fields=["state", "token", "changed"])
        _tell(actor, "citizen.stopped", row)


def erase(actor: Actor, sensor: CitizenSensor) -> int:
    """The sensor, what is known of it and all of its values go for good; returns how many values. Blocks for seconds.

    By its owner alone. Raises Denied, StoreError (then it is stopped, and erasing can be asked for again).
    """
    _own(actor, sensor)
    if sensor.state == CitizenState.APPROVED:
        stop(actor, sensor)
    gone = 0
    thing = sensor.thing
    codes = list(Datastream.objects.filter(thing=thing).values_list("code", flat=True)) if thing else []
    for code in codes:
        gone += erase_observations(SYSTEM, code)
    with transaction.atomic():
        row = CitizenSensor.objects.select_for_update().get(pk=sensor.pk)
        if thing is not None:
            Location.objects.filter(things=thing).delete()
            dataset = thing.dataset
            thing.delete()
            if not Thing.objects.filter(dataset=dataset).exists():
                _close(dataset)
        row.name, row.device, row.about, row.quantities, row.reason = "–", "", "", [], ""
        row.longitude = row.latitude = 0.0
        row.thing, row.state = None, CitizenState.ERASED
        row.save()
        for kind, known in (
            ("citizen_sensor", [row.code]),
            ("datastream", codes),
            ("thing", [thing.code] if thing else []),
        ):
            for code in known:  # that it was there stays on the trail, what it was called does not
                audit.erase_details([entry.number for entry in audit.history(kind, code, limit=1_000)])
        _tell(actor, "citizen.erased", row, {"values": gone})
    return gone


def _dataset(person: str) -> Dataset:
    """The dataset of this person's sensors. Its name tells nothing of the person."""
    group = person.partition("-")[2][:6]
    found = register_dataset(
        SYSTEM,
        f"buergersensoren-{person.partition('-')[2]}",
        {"de": f"Bürgersensoren, Gruppe {group}", "en": f"Citizen sensors, group {group}"},
        description={
            "de": "Sensoren, die jemand aus der Stadt selbst betreibt. Die Stadt prüft die Werte nicht.",
            "en": "Sensors that a resident runs. The town does not check their values.",
            "easy": "Diese Sensoren gehören Menschen aus der Stadt. Die Stadt prüft die Zahlen nicht.",
        },
        purpose={
            "de": "Damit Messungen aus der Bürgerschaft neben denen der Stadt zu sehen sind.",
            "en": "So that measurements of residents are seen beside those of the town.",
        },
        licence=DL_ZERO,
        retention_days=_FIVE_YEARS,
    )
    if found.access_class != "open":  # she had withdrawn all of her sensors, and comes again
        found = change_dataset(SYSTEM, found, access_class="open", legal_ground="")
    RegisterEntry.objects.get_or_create(dataset=found, defaults={"legal_ground": _CONSENT})
    return found


def _close(dataset: Dataset) -> None:
    """Nothing is left in it: nobody needs to see it."""
    Sensor.objects.filter(dataset=dataset, datastreams=None).delete()  # it names the model of her device
    change_dataset(SYSTEM, dataset, access_class="protected", legal_ground=_WITHDRAWN)


def _datastream(thing: Thing, sensor: CitizenSensor, key: str) -> None:
    quantity = QUANTITIES[key]
    register_datastream(
        SYSTEM,
        thing=thing,
        name=quantity.name,
        observed_property=(quantity.definition, quantity.name),
        unit=quantity.unit,
        sensor=sensor.device,
        external_key=f"{sensor.code}/{key}",
        expected_interval=sensor.interval,
        minimum=quantity.least,
        maximum=quantity.most,
        holding=quantity.holding,
        properties={CITIZEN: True},
    )


def _locked(sensor: CitizenSensor, state: CitizenState) -> CitizenSensor:
    """The row as it is now, held until the transaction ends. Raises ValidationError when it is in another state."""
    row = CitizenSensor.objects.select_for_update(of=("self",)).select_related("thing__dataset").get(pk=sensor.pk)
    if row.state != state:
        raise ValidationError(
            _("This cannot be done any more: the sensor is «%(state)s».") % {"state": row.get_state_display()}
        )
    return row


def _decide(actor: Actor, row: CitizenSensor, event: str) -> None:
    row.decided_by, row.decided = actor.code, now()
    row.save()
    _tell(actor, event, row)


def _end_key(row: CitizenSensor) -> None:
    if row.token:
        revoke_token(SYSTEM, row.token)
        row.token = ""


def _own(actor: Actor, sensor: CitizenSensor) -> None:
    require(actor, "observations:offer")
    if sensor.person != actor.code:
        raise Denied("observations:offer", actor)


def _own_or_town(actor: Actor, sensor: CitizenSensor) -> None:
    if sensor.person != actor.code:
        require(actor, "observations:admit")


def _tell(actor: Actor, event: str, sensor: CitizenSensor, details: dict[str, Any] | None = None) -> None:
    audit.record(actor.kind, actor.code, event, "citizen_sensor", sensor.code, details or {})
    outbox.publish(event, {"citizen_sensor": sensor.code})

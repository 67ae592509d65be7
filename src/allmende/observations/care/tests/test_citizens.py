"""Sensors of residents: offering, the town's answer, keys that reach only one's own, stopping and erasing."""

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.permissions import Denied
from allmende.accounts.queries import actor_of_token
from allmende.catalogue.queries import visible_datasets
from allmende.core import audit
from allmende.core.models import AuditEntry
from allmende.observations.care import citizens
from allmende.observations.care.register import entry
from allmende.observations.care.tables import CitizenSensor
from allmende.observations.care.watching import Watch
from allmende.observations.models import Datastream, Location, Sensor, Thing
from allmende.observations.queries import series, visible_things
from allmende.observations.rows import BatchRefused, Row
from allmende.observations.services import append

HOME = (11.58612, 50.92712)
Token = apps.get_model("accounts", "Token")
TIME = 1_780_000_000_000_000


def offer(actor, **fields):
    given = {"name": "Balkon Süd", "quantities": ["temperature", "pm25"], "point": HOME, "interval": 600}
    return citizens.offer(actor, **{**given, **fields})


@pytest.fixture
def approved(store, resident, steward):
    sensor = offer(resident.actor)
    citizens.approve(steward.actor, sensor)
    sensor.refresh_from_db()
    return sensor


def stream_of(sensor, key="temperature"):
    return Datastream.objects.get(external_key=f"{sensor.code}/{key}")


def test_the_place_is_rounded_before_it_is_kept(resident):
    for precision in ("250m", "1km", "exact"):
        sensor = offer(resident.actor, precision=precision)
        sensor.refresh_from_db()
        kept = (sensor.longitude, sensor.latitude)
        assert (kept == HOME) is (precision == "exact")
    assert "11.586" not in str(list(AuditEntry.objects.values_list("detail__details", flat=True)))


def test_only_people_offer(anonymous, sensor):
    for nobody in (anonymous.actor, sensor.actor, SYSTEM):
        with pytest.raises(Denied):
            offer(nobody)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"quantities": []}, "quantities"),
        ({"quantities": ["people"]}, "quantities"),
        ({"point": (500, 3)}, "place"),
        ({"name": "x" * 81}, "name"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_offered(resident, fields, field):
    with pytest.raises(ValidationError) as caught:
        offer(resident.actor, **fields)
    assert field in caught.value.message_dict


def test_only_so_many_may_wait(resident):
    for _ in range(5):
        offer(resident.actor)
    with pytest.raises(ValidationError):
        offer(resident.actor)


def test_the_town_approves(store, resident, steward, clerk):
    sensor = offer(resident.actor, about="Am Geländer", device="Marke Eigenbau")
    for nobody in (resident.actor, clerk.actor):
        with pytest.raises(Denied):
            citizens.approve(nobody, sensor)
        with pytest.raises(Denied):
            citizens.waiting(nobody)
    assert [each.code for each in citizens.waiting(steward.actor)] == [sensor.code]
    thing = citizens.approve(steward.actor, sensor)
    assert citizens.waiting(steward.actor) == []
    assert citizens.decided(steward.actor)[0].decided_by == steward.actor.code
    assert thing.properties == {"citizen_sensor": True, "location_precision": "250m", "device": "Marke Eigenbau"}
    assert thing.longitude != HOME[0]
    assert visible_things(ANONYMOUS).filter(pk=thing.pk).exists()
    stream = stream_of(sensor)
    assert (stream.unit, stream.expected_interval, stream.minimum, stream.maximum) == ("Cel", 600, -40, 60)
    shown = entry(thing.code)
    assert shown and (shown.citizen, shown.personal, shown.images) == (True, "none", False)
    assert shown.legal_ground["en"].startswith("Art. 6 (1) (a) GDPR")
    assert resident.actor.code.partition("-")[2] not in shown.dataset_title["de"]
    with pytest.raises(ValidationError):
        citizens.approve(steward.actor, sensor)  # once is enough


def test_the_town_refuses_with_a_reason(resident, steward):
    sensor = offer(resident.actor)
    with pytest.raises(ValidationError):
        citizens.refuse(steward.actor, sensor, "  ")
    citizens.refuse(steward.actor, sensor, "Der Ort liegt nicht in der Stadt.")
    [mine] = citizens.mine(resident.actor)
    assert (mine.state, mine.reason) == ("refused", "Der Ort liegt nicht in der Stadt.")
    assert not Thing.objects.exists()
    with pytest.raises(ValidationError):
        citizens.approve(steward.actor, sensor)


def test_a_key_reaches_only_ones_own_datastreams(approved, resident, moderator, steward, town):
    with pytest.raises(Denied):
        citizens.new_key(moderator.actor, approved)
    other = offer(moderator.actor)
    citizens.approve(steward.actor, other)
    machine = actor_of_token(citizens.new_key(resident.actor, approved))
    assert machine and machine.scopes == {"observations:write"}
    assert append(machine, [Row(stream_of(approved).code, TIME, 21.5)]).accepted == 1
    for foreign in (stream_of(other), town.open_stream, town.protected_stream):
        with pytest.raises(BatchRefused) as caught:
            append(machine, [Row(foreign.code, TIME, 1.0)])
        assert caught.value.receipt.refused[0].code == "not_allowed"


def test_a_new_key_ends_the_old_one(approved, resident):
    first = citizens.new_key(resident.actor, approved)
    second = citizens.new_key(resident.actor, approved)
    assert actor_of_token(first) is None
    assert actor_of_token(second) is not None


def test_no_key_before_the_town_has_approved(resident):
    with pytest.raises(ValidationError):
        citizens.new_key(resident.actor, offer(resident.actor))


def test_a_second_sensor_shares_the_dataset(approved, resident, steward):
    second = offer(resident.actor, name="Garten")
    thing = citizens.approve(steward.actor, second)
    assert thing.dataset == Thing.objects.get(citizen=approved).dataset


def test_stopping_ends_the_key_and_keeps_the_values(approved, resident, moderator):
    secret = citizens.new_key(resident.actor, approved)
    append(actor_of_token(secret), [Row(stream_of(approved).code, TIME, 21.5)])
    with pytest.raises(Denied):
        citizens.stop(moderator.actor, approved)
    citizens.stop(resident.actor, approved)
    approved.refresh_from_db()
    assert approved.state == "stopped"
    assert actor_of_token(secret) is None
    assert approved.thing.properties["retired"]
    assert series(stream_of(approved).pk, None, None).num_rows == 1
    assert Watch().look().streams == 0  # nobody waits for it
    with pytest.raises(ValidationError):
        citizens.stop(resident.actor, approved)


def test_the_town_may_stop_it_too(approved, steward):
    citizens.stop(steward.actor, approved)
    approved.refresh_from_db()
    assert approved.state == "stopped"


def test_erasing_leaves_nothing_of_it(approved, resident, steward):
    thing, secret = approved.thing, citizens.new_key(resident.actor, approved)
    streams = [stream_of(approved, key) for key in ("temperature", "pm25")]
    machine = actor_of_token(secret)
    append(machine, [Row(stream.code, TIME + n, 20.0) for stream in streams for n in range(3)])
    with pytest.raises(Denied):
        citizens.erase(steward.actor, approved)
    assert citizens.erase(resident.actor, approved) == 6
    assert actor_of_token(secret) is None
    assert all(series(stream.pk, None, None).num_rows == 0 for stream in streams)
    assert not Thing.objects.filter(pk=thing.pk).exists()
    assert not Location.objects.filter(dataset=thing.dataset).exists()
    assert not Sensor.objects.filter(dataset=thing.dataset).exists()
    kept = CitizenSensor.objects.get(pk=approved.pk)
    assert (kept.state, kept.name, kept.longitude, kept.thing) == ("erased", "–", 0.0, None)
    assert not AuditEntry.objects.filter(detail__details__contains="Balkon").exists()
    assert not Token.objects.filter(name__contains="Balkon").exists()
    assert audit.verify() == []
    assert not visible_datasets(ANONYMOUS).filter(pk=thing.dataset_id).exists()


@pytest.mark.django_db(transaction=True)
def test_erasing_needs_no_transaction_around_it(approved, resident):
    append(SYSTEM, [Row(stream_of(approved).code, TIME, 20.0)])
    assert citizens.erase(resident.actor, approved) == 1


def test_who_comes_again_gets_her_dataset_back(approved, resident, steward):
    dataset = approved.thing.dataset
    citizens.erase(resident.actor, approved)
    thing = citizens.approve(steward.actor, offer(resident.actor))
    assert thing.dataset == dataset
    assert visible_datasets(ANONYMOUS).filter(pk=dataset.pk).exists()


def test_one_of_two_is_erased_alone(approved, resident, steward):
    citizens.approve(steward.actor, offer(resident.actor, name="Garten"))
    citizens.erase(resident.actor, approved)
    assert Thing.objects.count() == 1
    assert visible_datasets(ANONYMOUS).filter(slug__startswith="buergersensoren").exists()


def test_an_offer_that_waits_or_was_refused_can_be_erased(resident):
    sensor = offer(resident.actor)
    assert citizens.erase(resident.actor, sensor) == 0
    assert CitizenSensor.objects.get(pk=sensor.pk).state == "erased"


def test_each_sees_only_their_own(resident, moderator):
    sensor = offer(resident.actor)
    assert citizens.get_mine(resident.actor, sensor.code) == sensor
    with pytest.raises(citizens.UnknownSensor):
        citizens.get_mine(moderator.actor, sensor.code)
    assert citizens.mine(moderator.actor) == []

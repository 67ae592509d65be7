"""The demo town in a data folder: made, gone on with, lived in."""

import asyncio
import stat
import time

import pytest
from django.conf import settings
from django.contrib.auth import authenticate

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.accounts.queries import actor_of_token
from allmende.accounts.services import register_person
from allmende.catalogue.queries import visible_datasets
from allmende.core.texts import pick
from allmende.observations import queries, services
from allmende.observations.care import citizens
from allmende.observations.care.concerns import Need, concerns
from allmende.observations.care.register import entries
from allmende.observations.care.watching import Watch
from allmende.observations.queries import visible_datastreams, visible_things
from allmende.run.demo import command, filling
from allmende.run.demo.filling import Live, live_rows, load_demo, remembered
from allmende.run.demo.town import ACCOUNTS, DEVICES

pytestmark = pytest.mark.usefixtures("store", "db")


def counts() -> dict[str, int]:
    streams = {stream.id: stream.external_key for stream in visible_datastreams(SYSTEM)}
    return {streams[number]: extent.count for number, extent in queries.extents(list(streams)).items()}


def latest() -> int:
    return max(
        extent.last for extent in queries.extents(visible_datastreams(SYSTEM).values_list("id", flat=True)).values()
    )


def test_a_town_is_made_and_marked_as_made_up():
    told: list[str] = []
    summary = load_demo(days=3, progress=told.append)
    assert (summary.things, summary.datastreams) == (len(DEVICES), visible_datastreams(ANONYMOUS).count())
    assert summary.rows == sum(counts().values()) > 20_000
    assert len(told) == len(DEVICES)
    assert abs(latest() / 1e6 - time.time()) < 600
    assert all(dataset.simulated and dataset.licence for dataset in visible_datasets(ANONYMOUS))
    assert [each.slug[:15] for each in visible_datasets(ANONYMOUS) if not each.owner] == ["buergersensoren"]
    assert all("easy" in dataset.description for dataset in visible_datasets(ANONYMOUS))
    for thing in visible_things(ANONYMOUS):
        assert thing.properties["simulated"] and "Erfunden" in thing.description["de"] and thing.longitude
    assert (settings.DATA_DIR / "ground.geojson").exists()


def test_run_again_it_goes_on_and_doubles_nothing(monkeypatch: pytest.MonkeyPatch):
    present = int(time.time())
    monkeypatch.setattr(filling.time, "time", lambda: present - 3 * 3600)
    first = load_demo(days=2)
    before = counts()
    monkeypatch.setattr(filling.time, "time", lambda: present)
    second = load_demo(days=2)
    after = counts()
    assert second.rows == sum(after.values()) - sum(before.values()) > 0
    assert second.rows < first.rows / 5
    assert (second.password, second.token) == (first.password, first.token)
    assert load_demo(days=2).rows == 0
    assert visible_datastreams(SYSTEM).count() == first.datastreams


def test_going_on_live_gives_what_loading_would_have_given():
    load_demo(days=1)
    demo = remembered()
    assert demo is not None
    end = demo.since * 1_000_000
    hour = 3_600_000_000
    town = Live(demo)
    ahead = town.rows(end, end + 2 * hour)
    assert [row.time for row in ahead] == sorted(row.time for row in ahead) and len(ahead) > 100
    pieces = [
        row for start in range(end, end + 2 * hour, hour // 4) for row in Live(demo).rows(start, start + hour // 4)
    ]
    assert {(row.datastream, row.time, row.value) for row in pieces} == {
        (row.datastream, row.time, row.value) for row in ahead
    }
    behind = live_rows(end - hour, end)
    before = sum(counts().values())
    services.append(SYSTEM, behind)
    assert sum(counts().values()) == before and len(behind) > 50
    assert town.rows(end, end) == []


def test_without_a_town_there_is_nothing_to_go_on_with():
    with pytest.raises(LookupError, match="allmende demo"):
        live_rows(0, 1)


def test_people_and_the_key_work_and_are_kept_from_others():
    summary = load_demo(days=1)
    assert {role for _, _, role in summary.people} >= {"resident", "steward", "administrator", "clerk"}
    for address, _, role in summary.people:
        person = authenticate(None, username=address, email=address, password=summary.password)
        assert person is not None, address
        assert role == "resident" or person.grants.filter(role=role).exists()
    assert all(who.german for who in ACCOUNTS)
    actor = actor_of_token(summary.token)
    assert actor is not None and len(actor.datasets) == summary.datasets
    notes = settings.DATA_DIR / "demo.json"
    assert stat.S_IMODE(notes.stat().st_mode) == 0o600


def test_the_flags_that_a_demo_needs():
    load_demo(days=4)
    lot = visible_datastreams(SYSTEM).get(external_key="parken-ostkai/free")
    flags = queries.series(lot.id, None, None)["quality"].to_pylist()
    assert lot.maximum == 130 and any(flags) and not all(flags)
    silent = visible_datastreams(SYSTEM).get(external_key="baum-kalkhang/tension/30")
    assert silent.id not in queries.extents([silent.id])


def test_something_of_every_sort_needs_care():
    load_demo(days=10)
    Watch().look()
    found = {pick(concern.name, "de"): concern.need for concern in concerns(ANONYMOUS)}
    assert found["Kiefer am Kalkhang"] == Need.SILENT
    assert found["Feldahorn am Ulmenring"] == Need.IMPLAUSIBLE
    assert found["Apfelbaum im Gartenfeld"] == Need.WEAK
    assert found.get("Uferpromenade", Need.LATE) == Need.LATE  # every five hours it is heard for a moment
    assert all(concern.simulated for concern in concerns(ANONYMOUS))


def test_a_resident_takes_part_and_another_sensor_waits(monkeypatch: pytest.MonkeyPatch):
    summary = load_demo(days=1)
    [offer] = citizens.waiting(SYSTEM)
    assert offer.name == "Regenmesser im Gartenfeld"
    thing = visible_things(ANONYMOUS).get(properties__citizen_sensor=True)
    assert thing.dataset.simulated and thing.properties["simulated"]
    streams = thing.datastreams.values_list("id", flat=True)
    assert len(queries.latest(streams)) == 3
    demo = remembered()
    assert demo is not None and demo.citizen == thing.external_key
    resident = register_person(SYSTEM, "resident@demo.example", summary.password)
    citizens.erase(resident, citizens.get_mine(resident, demo.citizen))
    end = demo.since * 1_000_000
    assert len(Live(demo).rows(end, end + 3_600_000_000)) > 50  # the town goes on without it
    assert load_demo(days=1).things == len(DEVICES) - 1


def test_the_register_says_something_of_every_sensor():
    load_demo(days=1)
    assert all(entry.purpose and entry.legal_ground and entry.personal for entry in entries())
    assert {entry.images for entry in entries()} == {False, True}


@pytest.mark.django_db(transaction=True)
def test_the_server_goes_on_when_the_resident_has_withdrawn_her_sensor(monkeypatch: pytest.MonkeyPatch):
    summary = load_demo(days=1)
    demo = remembered()
    assert demo is not None
    demo.since -= 1800
    demo.save()
    resident = register_person(SYSTEM, "resident@demo.example", summary.password)
    monkeypatch.setattr(command, "PAUSE", 0.01)
    written: list[int] = []
    keep = services.append

    def append(actor, rows):
        if not written:
            written.append(0)
            citizens.erase(resident, citizens.get_mine(resident, demo.citizen))
        written.append(keep(actor, rows).accepted)

    monkeypatch.setattr(services, "append", append)

    async def live_for_a_moment() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(command.live(stop))
        while len(written) < 2:
            await asyncio.sleep(0.02)
        stop.set()
        await task

    asyncio.run(asyncio.wait_for(live_for_a_moment(), 60))
    assert written[1] > 0


@pytest.mark.django_db(transaction=True)
def test_the_server_goes_on_with_it(monkeypatch: pytest.MonkeyPatch):
    load_demo(days=1)
    demo = remembered()
    assert demo is not None
    demo.since -= 1800
    demo.save()
    written: list[int] = []
    monkeypatch.setattr(command, "PAUSE", 0.01)
    monkeypatch.setattr(command, "STRIDE", 600)
    monkeypatch.setattr(services, "append", lambda actor, rows: written.append(len(rows)))

    async def live_for_a_moment() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(command.live(stop))
        while len(written) < 3:
            await asyncio.sleep(0.02)
        stop.set()
        await task

    asyncio.run(asyncio.wait_for(live_for_a_moment(), 30))
    after = remembered()
    assert after is not None and after.since >= demo.since + 1800

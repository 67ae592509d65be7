"""A small world behind the SensorThings face: three visible things, one hidden, observations of several shapes."""

import re
from types import SimpleNamespace
from urllib.parse import quote

import msgspec
import pytest

from allmende.accounts.actors import ANONYMOUS, SYSTEM
from allmende.api.sensorthings.language.paths import parse_path
from allmende.api.sensorthings.reading.answers import answer
from allmende.api.sensorthings.reading.context import Reader
from allmende.core.clock import parse_instant
from allmende.observations.extras import Extra, pack
from allmende.observations.remembered import memory

ROOT = "https://town.example/api/sta/v1.1"


def us(text):
    return parse_instant(text)


@pytest.fixture
def world(db, store):
    from allmende.catalogue.services import register_dataset
    from allmende.observations.services import register_datastream, register_thing

    memory.forget()
    open_set = register_dataset(SYSTEM, "open", {"de": "Offen", "en": "Open"})
    closed = register_dataset(
        SYSTEM, "closed", {"de": "Zu", "en": "Closed"}, access_class="protected", legal_ground="§ 1 Test"
    )
    world = SimpleNamespace(things={}, streams={}, store=store)

    def thing(key, dataset, place, properties=None):
        name = {"de": f"Turm {key}", "en": f"Tower {key}"}
        made = register_thing(
            SYSTEM, dataset=dataset, name=name, external_key=key, point=place, properties=properties or {}
        )
        world.things[key] = made
        return made

    def stream(key, thing, prop, unit, sensor):
        world.streams[key] = register_datastream(
            SYSTEM,
            thing=thing,
            name={"de": f"{prop} {key}", "en": f"{prop} {key}"},
            observed_property=(f"https://example.org/{prop}", {"de": prop, "en": prop}),
            unit=unit,
            sensor=sensor,
            external_key=key,
            properties={"limit": 20 if key == "a1" else 1, "tags": ["x", key]},
        )

    a = thing("a", open_set, (11.58, 50.92), {"floor": 3, "owner": "Amt", "lit": True, "deep": {"er": [1, "two"]}})
    b = thing("b", open_set, (11.60, 50.95), {"floor": "3", "owner": "Verein", "lit": False})
    thing("c", open_set, None, {"owner": None})
    h = thing("h", closed, (11.58, 50.92), {"floor": 9})
    stream("a1", a, "Temperature", "Cel", "Pt100")
    stream("a2", a, "Humidity", "%", "Hygro")
    stream("b1", b, "Temperature", "Cel", "Pt100")
    stream("h1", h, "Secret", "Cel", "Spy")
    rows = []
    for hour in range(24):
        rows.append((world.streams["a1"].pk, us(f"2026-03-01T{hour:02d}:00:00Z"), 10.0 + hour, 0, None, 0))
        extra = pack(Extra(result_time=us(f"2026-03-01T{hour:02d}:30:00Z"), parameters={"run": hour % 3, "who": "x"}))
        rows.append((world.streams["b1"].pk, us(f"2026-03-01T{hour:02d}:00:00Z"), 0.5 * hour, 0, extra, 0))
    a2, whole_day = world.streams["a2"].pk, (us("2026-03-01T00:00:00Z"), us("2026-03-02T00:00:00Z"))
    rows += [
        (a2, us("2026-03-01T00:00:00Z"), None, 0, pack(Extra(finish=us("2026-03-01T06:00:00Z"), result="wet")), 0),
        (a2, us("2026-03-01T06:00:00Z"), None, 0, pack(Extra(finish=us("2026-03-01T12:00:00Z"), result=True)), 0),
        (a2, us("2026-03-01T12:00:00Z"), None, 0, pack(Extra(result={"grade": 2, "list": [5, 6]})), 0),
        (a2, us("2026-03-01T12:00:00Z"), 7.0, 0, pack(Extra(result_quality={"code": "ok"})), 1),
        (a2, us("2026-03-01T13:00:00Z"), 8.25, 0, pack(Extra(valid_time=whole_day)), 0),
    ]  # fmt: skip
    rows.append((world.streams["h1"].pk, us("2026-03-01T00:00:00Z"), 99.0, 0, None, 0))
    store.append(rows[:30])
    store.drain()
    store.append(rows[30:])
    world.names = {row.code: key for key, row in [*world.things.items(), *world.streams.items()]}

    def get(url, actor=ANONYMOUS, language="de"):
        """The body of a GET; the query is written plainly and encoded here."""
        path, _, query = url.partition("?")
        encoded = (
            query
            if re.search("%[0-9A-F]{2}", query)
            else "&".join(  # a next link is encoded already
                f"{name}={quote(value)}"
                for name, _, value in (pair.partition("=") for pair in query.split("&"))
                if name
            )
        )
        body = answer(Reader(actor, ROOT, path, language), parse_path(path), encoded)
        return body if isinstance(body, str) else msgspec.json.decode(msgspec.json.encode(body))

    def keys(url, actor=ANONYMOUS):
        """The keys of the things or streams in an answer, sorted."""
        return sorted(world.names[each["@iot.id"]] for each in get(url, actor)["value"])

    world.get, world.keys = get, keys
    return world

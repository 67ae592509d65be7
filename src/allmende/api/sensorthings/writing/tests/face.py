"""The SensorThings service in this process, as a client sees it: what threads do is done at once, in the test's own
transaction, so that every test runs on both databases and leaves nothing behind."""

import asyncio
import json
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec

from allmende.accounts.actors import SYSTEM, Actor
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.faults import fault
from allmende.api.sensorthings.service import handle

ROOT = "https://town.example/api/sta/v1.1"


class Inline(ThreadPoolExecutor):
    """Runs what is submitted at once, outside the event loop, as a thread would: Django looks at that."""

    def submit(self, call, /, *args, **kwargs):
        future: Future = Future()
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            future.set_result(call(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        finally:
            asyncio._set_running_loop(loop)
        return future


class Face:
    """Sends requests as one actor; answers are (status, body, headers) as a client gets them."""

    def __init__(self, actor: Actor = SYSTEM) -> None:
        self.actor = actor
        self.prefer = ""
        self.language = "en"

    def ask(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Answer:
        return self.together([(method, path, body, kind)])[0]

    def together(self, requests) -> list[Answer]:
        """Several at the same time."""

        async def run():
            asyncio.get_running_loop().set_default_executor(Inline())
            return await asyncio.gather(*(self._one(*request) for request in requests))

        return asyncio.run(run())

    async def _one(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Answer:
        path, _, query = path.removeprefix(ROOT).partition("?")
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        ask = Ask(self.actor, method, path, query, sent, kind, ROOT, self.language, self.prefer)
        try:
            return await handle(ask)
        except Exception as error:
            problem = fault(error)
            return Answer(problem.status, problem.body, problem.headers)

    def get(self, path: str) -> Any:
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return plain(answer.body)

    def value(self, path: str) -> list[dict[str, Any]]:
        return self.get(path)["value"]

    def post(self, path: str, body: Any) -> dict[str, Any]:
        """Creates, and returns what stands at the Location."""
        answer = self.ask("POST", path, body)
        assert answer.status == 201, answer
        made = self.get(answer.headers["Location"])
        assert plain(answer.body) == made
        return made

    def refused(self, method: str, path: str, body: Any = None, status: int = 400, **kind: str) -> dict[str, Any]:
        answer = self.ask(method, path, body, **kind)
        assert answer.status == status, answer
        return answer.body

    def counts(self) -> dict[str, int]:
        """How many there are of everything."""
        return {name: self.get(f"/{name}?$count=true&$top=0")["@iot.count"] for name in SETS}


def plain(body: Any) -> Any:
    """An answer as it is when it has been sent."""
    return msgspec.json.decode(msgspec.json.encode(body))


SETS = (
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "MultiDatastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
)
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
CELSIUS = {"name": "degree Celsius", "symbol": "°C", "definition": "ucum:Cel"}


def place(lon: float = 11.58, lat: float = 50.92, name: str = "Tower") -> dict[str, Any]:
    return {
        "name": name,
        "description": "on the roof",
        "encodingType": "application/geo+json",
        "location": {"type": "Point", "coordinates": [lon, lat]},
    }


def feature(lon: float = 12.0, lat: float = 51.0, name: str = "Lake") -> dict[str, Any]:
    made = place(lon, lat, name)
    made["feature"] = made.pop("location")
    return made


def sensor(name: str = "Pt100") -> dict[str, Any]:
    return {
        "name": name,
        "description": "a thermometer",
        "encodingType": "application/pdf",
        "metadata": "https://example.org/pt100.pdf",
    }


def quantity(name: str = "Temperature") -> dict[str, Any]:
    return {"name": name, "definition": f"https://example.org/{name}", "description": "how warm it is"}


def stream(**more: Any) -> dict[str, Any]:
    return {
        "name": "Air temperature",
        "description": "two metres above ground",
        "unitOfMeasurement": CELSIUS,
        "observationType": MEASUREMENT,
        **more,
    }


def multi(**more: Any) -> dict[str, Any]:
    return {
        "name": "Wind",
        "description": "speed and direction",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation",
        "multiObservationDataTypes": [MEASUREMENT, MEASUREMENT],
        "unitOfMeasurements": [
            {"name": "metre per second", "symbol": "m/s", "definition": "ucum:m/s"},
            {"name": "degree", "symbol": "°", "definition": "ucum:deg"},
        ],
        **more,
    }


def station(**more: Any) -> dict[str, Any]:
    """A Thing with a Location and a Datastream."""
    return {
        "name": "Station",
        "description": "in the garden",
        "properties": {"owner": "school"},
        "Locations": [place()],
        "Datastreams": [stream(Sensor=sensor(), ObservedProperty=quantity())],
        **more,
    }


def link(id_: str) -> dict[str, str]:
    return {"@iot.id": id_}

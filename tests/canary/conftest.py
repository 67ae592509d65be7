"""A town full of canaries, and a stranger who must not see any."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.canary.crawling import Crawler
from tests.serving import Server, filled, free_port


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("canary") / "data"
    port = free_port()
    seeds = filled(data, "tests.canary.planting")
    public = {"ALLMENDE_PUBLIC_URL": f"http://127.0.0.1:{port}", "ALLMENDE_TOWN": "Musterstadt"}
    server = Server(data, port, seeds, environment=public)
    yield server.start()
    server.stop()


@pytest.fixture
def stranger(town: Server) -> Iterator[Crawler]:
    with httpx.Client(base_url=town.url, timeout=60) as client:
        crawler = Crawler(client, town.seeds["birds"])
        yield crawler
        assert not crawler.leaks, "\n".join(sorted(set(crawler.leaks))[:60])
        assert not crawler.broken, "\n".join(crawler.broken[:20])


@pytest.fixture
def guesses(town: Server) -> dict[str, list[str]]:
    return town.seeds["guesses"]


@pytest.fixture(scope="module", autouse=True)
def more(town: Server) -> None:
    """What comes in through the interfaces: SensorThings entities of a guarded dataset, messages that fit nothing."""
    birds = itertools.count(900)

    def word(place: str) -> str:
        bird = f"qzvogel{next(birds)}"
        town.seeds["birds"][bird] = place
        return bird

    point = {"type": "Point", "coordinates": [11.739199997, 50.9]}
    town.seeds["birds"]["739199997"] = "place of a thing"
    belongs = {"Dataset": {"@iot.id": town.seeds["guarded"]}}
    thing = {
        **belongs,
        "name": word("STA: thing"),
        "description": word("STA: description"),
        "properties": {word("STA: property"): word("STA: value")},
        "Locations": [
            {
                **belongs,
                "name": word("STA: location"),
                "description": word("STA: its description"),
                "encodingType": "application/geo+json",
                "location": point,
            }
        ],
        "Datastreams": [
            {
                **belongs,
                "name": word("STA: datastream"),
                "description": word("STA: its description"),
                "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
                "unitOfMeasurement": {"name": word("STA: unit"), "symbol": "x", "definition": word("STA: its meaning")},
                "Sensor": {
                    "name": word("STA: sensor"),
                    "description": "",
                    "encodingType": "text/html",
                    "metadata": word("STA: metadata"),
                },
                "ObservedProperty": {
                    "name": word("STA: observed property"),
                    "definition": f"https://{word('STA: its definition')}.example/",
                    "description": word("STA: its description"),
                },
                "Observations": [
                    {
                        "phenomenonTime": "2026-03-02T00:00:00Z",
                        "result": word("STA: result"),
                        "resultQuality": word("STA: quality"),
                        "parameters": {word("STA: parameter"): word("STA: its value")},
                        "FeatureOfInterest": {
                            "name": word("STA: feature"),
                            "description": word("STA: its description"),
                            "encodingType": "application/geo+json",
                            "feature": point,
                        },
                    }
                ],
            }
        ],
    }
    with town.client("inside") as client:
        made = client.post("/api/sta/v1.1/Things", json=thing)
        assert made.status_code == 201, made.text
        for code, secret in town.seeds["hooks"]:
            message = {word("field of a faulty message"): word("value of a faulty message")}
            answer = client.post(f"/api/hooks/{code}/{secret}", json=message)
            assert answer.status_code < 500, answer.text

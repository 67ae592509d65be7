"""A small SensorThings server for tests: made-up pages in the shape of real ones, with their oddities.

Its links name a host that only it knows; ids hold `~`, `/` and blanks; units may be null; it gives at most three
entities a page, whatever one asks for.
"""

import json
import re
from urllib.parse import parse_qs, quote, urlsplit

HOST = "http://inside.example:8080/sta/v1.1"
PAGE = 3
NUMBER = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
TEXT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation"


class FakeSta:
    """observations: id of the datastream → [(phenomenonTime, result)]. nested: whether $expand takes options."""

    def __init__(self) -> None:
        self.nested = True
        self.broken = False
        self.questions: list[str] = []
        self.observations: dict[str, list[tuple[str, object]]] = {
            "K 1~A/1~t": [(f"2026-05-{day:02d}T10:00:00.000Z", day) for day in range(1, 11)],
            "K 1~A/1~rain": [("2026-05-01T00:00:00Z/2026-05-01T01:00:00Z", 0.5)],
            "K 1~A/1~colour": [("2026-05-01T00:00:00Z", "red")],
            "K 1~A/1~empty": [],
        }

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        self.questions.append(path)
        if self.broken:
            return 503, {}, b""
        parts = urlsplit(path)
        options = {name.lstrip("$"): values[-1] for name, values in parse_qs(parts.query).items()}
        if "(" in options.get("expand", "") and not self.nested:
            return 400, {}, b'{"message": "expand"}'
        found = self._resource(parts.path.removeprefix("/sta/v1.1/"), options, path)
        return (404, {}, b"{}") if found is None else (200, {}, json.dumps(found).encode())

    def _resource(self, resource: str, options: dict[str, str], path: str):
        if resource == "Datastreams":
            return self._page(
                [self._datastream(name, "expand" in options) for name in self.observations], options, path
            )
        match = re.fullmatch(r"Datastreams\((.+)\)(?:/(\w+))?", resource)
        name = next((each for each in self.observations if match and quote(each, safe="~") == match[1]), None)
        if name is None:
            return self._page([_PLACE], options, path) if resource.endswith("/Locations") else None
        return {
            "Observations": lambda: self._page(self._observations(name, options), options, path),
            "Thing": lambda: {**_THING, "Locations@iot.navigationLink": f"{HOST}/Things(7)/Locations"},
            "ObservedProperty": lambda: _property(name),
        }[match[2]]()

    def _page(self, entities: list, options: dict[str, str], path: str):
        skip = int(options.get("skip", 0))
        size = min(PAGE, int(options.get("top", PAGE)))
        answer = {"value": entities[skip : skip + size]}
        if skip + size < len(entities) and int(options.get("top", 100)) > size:
            bare = re.sub(r"[?&]\$?skip=\d+", "", path.removeprefix("/sta/v1.1"))
            answer["@iot.nextLink"] = f"{HOST}{bare}{'&' if '?' in bare else '?'}$skip={skip + size}"
        return answer

    def _datastream(self, name: str, expanded: bool):
        own = f"{HOST}/Datastreams({quote(name, safe='~')})"
        unit = {"name": "degree Celsius", "symbol": "°C", "definition": None}
        if not name.endswith("~t"):
            unit = {"name": None, "symbol": None, "definition": None}
        entity = {
            "@iot.id": name,
            "@iot.selfLink": own,
            "name": name.rpartition("~")[2],
            "observationType": TEXT if name.endswith("colour") else NUMBER,
            "unitOfMeasurement": unit,
            "properties": {"room": "a", "nested": {"x": 1}},
            "Observations@iot.navigationLink": f"{own}/Observations",
            "Thing@iot.navigationLink": f"{own}/Thing",
            "ObservedProperty@iot.navigationLink": f"{own}/ObservedProperty",
        }
        if expanded:
            last = self._observations(name, {"orderby": "phenomenonTime desc"})[:1]
            entity |= {"Thing": {**_THING, "Locations": [_PLACE]}, "ObservedProperty": _property(name)}
            entity["Observations"] = last
        return entity

    def _observations(self, name: str, options: dict[str, str]):
        found = sorted(self.observations[name], reverse="desc" in options.get("orderby", ""))
        for operator, instant in re.findall(r"phenomenonTime (gt|ge|lt|le) (\S+)", options.get("filter", "")):
            found = [each for each in found if _holds(_begin(each[0]), operator, _begin(instant))]
        return [{"phenomenonTime": time, "resultTime": None, "result": result} for time, result in found]


_THING = {"@iot.id": 7, "@iot.selfLink": f"{HOST}/Things(7)", "name": "Crossing 7", "properties": {"owner": "town"}}
_PLACE = {
    "name": "here",
    "encodingType": "application/geo+json",
    "location": {"type": "Point", "coordinates": [11.5, 50.9]},
}


def _property(name: str):
    return {"@iot.id": 1, "name": name.rpartition("~")[2], "definition": "http://example.org/property/" + name[-4:]}


def _begin(time: str) -> str:
    """Comparable as text: the beginning, with microseconds."""
    text = time.partition("/")[0].rstrip("Z")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction:0<6}"


def _holds(left: str, operator: str, right: str) -> bool:
    return {"gt": left > right, "ge": left >= right, "lt": left < right, "le": left <= right}[operator]

"""Entities as bodies hold them, turned into drafts: properties checked by the schema, links and what is inside them."""

from typing import Any, NamedTuple

from msgspec import structs

from allmende.api.problems import Problem
from allmende.api.sensorthings.entities import OBSERVATION, EntityType, Navigation, Property
from allmende.api.sensorthings.writing.bodies import as_object, bad, kind_of
from allmende.api.sensorthings.writing.moments import instant, moment, period
from allmende.api.sensorthings.writing.properties import COLUMNS, check_place, complete, unknown, value_of
from allmende.observations.extras import RESERVED, Extra
from allmende.observations.services.entities import Draft, Ref
from allmende.observations.services.observing import Sent

DATASET = "Dataset"  # an extension: which dataset a new entity belongs to, by slug or code
_DEEPEST = 12  # entities within entities
_PLACES = {"Location": "location", "FeatureOfInterest": "feature"}


class Said(NamedTuple):
    """A body taken apart: properties by their names, links, the dataset that is named."""

    properties: dict[str, Any]
    links: dict[str, Any]
    dataset: str | None


def draft(entity: EntityType, body: Any, path: str = "$", depth: int = 0) -> Draft:
    """A new entity with all that it brings along. Raises Problem."""
    if depth > _DEEPEST:
        raise bad(path, f"Entities are nested more than {_DEEPEST} deep.")
    said = take_apart(entity, as_object(body, path), path)
    made = Draft(entity.name, path, dataset=said.dataset)
    if entity is OBSERVATION:
        made.sent = sent(said.properties, path)
    else:
        made.values = complete(entity, columns(entity, said.properties, path), path)
        if entity.name in _PLACES:
            check_encoded(entity, made.values, made.values["encoding_type"], path)
    for name, value in said.links.items():
        made.links[name] = _inside(entity.navigations[name], value, f"{path}.{name}", depth)
    return made


def take_apart(entity: EntityType, body: dict[str, Any], path: str) -> Said:
    """Control information (names with an @) is left out, and so is what the service itself keeps. Raises Problem."""
    properties: dict[str, Any] = {}
    links: dict[str, Any] = {}
    dataset = None
    for name, value in body.items():
        found = entity.properties.get(name)
        if found is not None:
            if found.writable:
                properties[name] = value
        elif name in entity.navigations:
            if value is not None:
                links[name] = value
        elif name == DATASET:
            dataset = _id(value, f"{path}.{name}")
        elif "@" not in name:
            raise unknown(entity, name, path)
    return Said(properties, links, dataset)


def columns(entity: EntityType, properties: dict[str, Any], path: str) -> dict[str, Any]:
    """The properties that are given, as columns. Raises Problem."""
    found: dict[str, Property] = entity.properties
    return {COLUMNS[name]: value_of(found[name], value, f"{path}.{name}") for name, value in properties.items()}


def refs(entity: EntityType, links: dict[str, Any], path: str) -> dict[str, list[Ref]]:
    """Links of an update: to what exists, by its id; nothing can be created within one (§ 10.3). Raises Problem."""
    found: dict[str, list[Ref]] = {}
    for name, value in links.items():
        link = entity.navigations[name]
        found[name] = []
        for where, one in _targets(link, value, f"{path}.{name}"):
            if "@iot.id" not in one:
                what = "An update can only link to what exists; give its @iot.id, or create it by itself first."
                raise bad(where, what)
            found[name].append(Ref(_id(one, where), where))
    return found


def _inside(link: Navigation, value: Any, path: str, depth: int) -> list[Draft | Ref]:
    found: list[Draft | Ref] = []
    for where, one in _targets(link, value, path):
        if "@iot.id" not in one:
            found.append(draft(link.target, one, where, depth + 1))
            continue
        ref = Ref(_id(one, where), where)
        if all("@" in name for name in one):
            found.append(ref)
            continue
        try:  # a whole entity with an id: the one that exists, else a new one with an id of ours (§ 10.2.1.2)
            made = draft(link.target, one, where, depth + 1)
            made.known = ref
            found.append(made)
        except Problem:
            found.append(ref)
    return found


def _targets(link: Navigation, value: Any, path: str) -> list[tuple[str, dict[str, Any]]]:
    if not link.many:
        return [(path, as_object(value, path))]
    if not isinstance(value, list):
        raise bad(path, f"A list was expected, not {kind_of(value)}: there may be several {link.name}.")
    return [(f"{path}[{place}]", as_object(one, f"{path}[{place}]")) for place, one in enumerate(value)]


def _id(value: Any, path: str) -> str:
    found = value.get("@iot.id") if isinstance(value, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise bad(path, 'A link is written {"@iot.id": "…"} with the id of what it leads to.')
    return str(found)


def check_encoded(entity: EntityType, values: dict[str, Any], encoding: str, path: str) -> None:
    """Raises Problem where the place of a Location or feature is not what its encodingType says."""
    check_place(values, encoding, f"{path}.{_PLACES[entity.name]}")


def sent(properties: dict[str, Any], path: str) -> Sent:
    """What an Observation says. Raises Problem."""
    if "result" not in properties:
        raise bad(f"{path}.result", "An Observation needs a result; it may be null.")
    check_extra(properties, path)
    time, finish = None, None
    if properties.get("phenomenonTime") is not None:
        time, finish = moment(properties["phenomenonTime"], f"{path}.phenomenonTime")
    extra = changed(Extra(finish=finish), properties, path)
    return Sent(time, properties["result"], None if extra == _NOTHING else extra)


_NOTHING = Extra()


def changed(extra: Extra, properties: dict[str, Any], path: str) -> Extra:
    """An extra with what is said about an Observation beside its time and result. Raises Problem."""
    given: dict[str, Any] = {}
    if "resultTime" in properties:
        text = properties["resultTime"]
        given["result_time"] = None if text is None else instant(text, f"{path}.resultTime")
    if "validTime" in properties:
        text = properties["validTime"]
        given["valid_time"] = None if text is None else period(text, f"{path}.validTime")
    if "resultQuality" in properties:
        given["result_quality"] = properties["resultQuality"]
    if "parameters" in properties:
        given["parameters"] = properties["parameters"] or None
    return structs.replace(extra, **given) if given else extra


def check_extra(properties: dict[str, Any], path: str) -> None:
    """Raises Problem for parameters that cannot be kept."""
    parameters = properties.get("parameters")
    if parameters is None:
        return
    if not isinstance(parameters, dict):
        raise bad(f"{path}.parameters", f"An object was expected, not {kind_of(parameters)}.")
    if taken := RESERVED & parameters.keys():
        raise bad(f"{path}.parameters", f"A parameter cannot be named {', '.join(sorted(taken))}.")

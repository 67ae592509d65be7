"""Names against the schema: properties, links, and what may follow a property inside its JSON."""

import re
from collections.abc import Sequence

from allmende.api.sensorthings.entities import ID, EntityType, Kind, Navigation, Property
from allmende.api.sensorthings.language.faults import Fault, guess, shown
from allmende.api.sensorthings.language.tree import Path

MOST_HOPS = 8  # links that one path may follow
MOST_BELOW = 20  # steps into JSON
_SEGMENT = re.compile(r"([^\[\]]*)((?:\[[0-9]{1,9}\])*)")

Below = tuple[str | int, ...]


def property_of(entity: EntityType, name: str) -> Property | None:
    """The property of that name; the id is both `id` and `@iot.id`."""
    return ID if name in ("id", "@iot.id") else entity.properties.get(name)


def link_of(entity: EntityType, name: str) -> Navigation | None:
    """The navigation property of that name, also if it is written in the wrong number.

    18-088 § 9.3.3.1 itself orders Observations by `Datastreams/id`, and clients copied it.
    """
    found = entity.navigations.get(name)
    if found is None:
        for link in entity.navigations.values():
            if name in (link.target.name, link.target.set_name):
                return link
    return found


def path(text: str, at: int, root: EntityType) -> Path:
    """The property that a path such as `Datastream/Thing/properties/owner` means, seen from an entity type."""
    entity, start = root, at
    hops: list[Navigation] = []
    segments = text.split("/")
    for index, segment in enumerate(segments):
        name = segment.partition("[")[0]
        found = property_of(entity, name)
        if found is not None:
            steps = below(segments[index:], at)
            return Path(start, kind_below(found, steps, at), tuple(hops), found, steps)
        link = link_of(entity, segment)
        if link is None:
            raise unknown(entity, name, at)
        hops.append(link)
        if len(hops) > MOST_HOPS:
            raise Fault(f"A path follows at most {MOST_HOPS} links.", at)
        entity = link.target
        at += len(segment) + 1
    raise Fault(f"{shown(text)} leads to {entity.name}; name a property of it, such as {text[-60:]}/id.", at - 1)


def below(segments: Sequence[str], at: int) -> Below:
    """The steps into the JSON of the property that the first segment names: `a[0]` is two steps, "a" and 0."""
    if len(segments) == 1 and "[" not in segments[0]:
        return ()
    steps: list[str | int] = []
    for segment in segments:
        match = _SEGMENT.fullmatch(segment)
        if match is None or not match[1]:
            raise Fault(f"{shown(segment)} is no step into a value; write name or name[0].", at)
        steps.append(match[1])
        steps += map(int, match[2].strip("[]").split("][") if match[2] else ())
        at += len(segment) + 1
    if len(steps) > MOST_BELOW:
        raise Fault(f"A path goes at most {MOST_BELOW} steps into a value.", at - 1)
    return tuple(steps[1:])


def kind_below(found: Property, steps: Below, at: int) -> Kind:
    """The type of what lies so deep inside a property. Raises Fault if nothing can lie there."""
    if not steps:
        return found.kind
    if found.open:
        return Kind.ANY
    if not found.parts and not found.many:
        raise Fault(f"«{found.name}» is {found.kind.words}; nothing lies below it.", at)
    if found.many:
        if not isinstance(steps[0], int) and not (steps[0].isascii() and steps[0].isdigit()):
            raise Fault(f"«{found.name}» is an array; write {found.name}[0].", at)
        steps = steps[1:]
        if not steps:
            return Kind.OBJECT if found.parts else Kind.STRING
    if len(steps) > 1 or steps[0] not in found.parts:
        known = guess(str(steps[0]), found.parts)
        raise Fault(f"«{found.name}» has no part {shown('/'.join(map(str, steps)))}.{known}", at)
    return Kind.STRING


def unknown(entity: EntityType, name: str, at: int) -> Fault:
    """The fault of a name that an entity type does not have."""
    known = [*entity.properties, "id", *entity.navigations]
    return Fault(f"{entity.name} has no property or link {shown(name)}.{guess(name, known)}", at)


def unknown_link(entity: EntityType, name: str, at: int) -> Fault:
    """The fault of a link that an entity type does not have."""
    return Fault(f"{entity.name} has no link {shown(name)}.{guess(name, entity.navigations)}", at)

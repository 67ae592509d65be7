"""The resource path after `/v1.1/` (18-088 § 9.2): which collection, entity, property or link is meant.

Topics of MQTT are the same paths, not percent-encoded (§ 13).
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct

from allmende.api.sensorthings.entities import ENTITY_SETS, SELF_LINK, EntityType, Navigation, Property
from allmende.api.sensorthings.language import names
from allmende.api.sensorthings.language.encoding import allowed, decoded
from allmende.api.sensorthings.language.faults import Fault, QueryError, guess, shown

LONGEST = 4_000
MOST_STEPS = 12
_SIGN = re.compile("['/]")
_ENCODED_SIGN = re.compile("['/]|%27")
_STEP = re.compile(r"([^(]*)(?:\((.*)\))?", re.DOTALL)
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_TEXT = re.compile(r"'([^']*(?:''[^']*)*)'")


class Answer(StrEnum):
    """What a path addresses."""

    ROOT = "root"  # the service document
    COLLECTION = "collection"
    ENTITY = "entity"
    PROPERTY = "property"
    VALUE = "value"  # a property's raw value
    REFERENCES = "references"  # of a collection or of an entity
    COUNT = "count"  # of a collection; OData 4, not in 18-088
    CREATE_OBSERVATIONS = "CreateObservations"
    BATCH = "$batch"


class Segment(NamedTuple):
    """What stands between two slashes, and where."""

    text: str
    at: int


class Step(Struct, frozen=True):
    """A collection, or one entity of it. navigation: the link that leads here, None for the first step.

    many: it is a collection still, because no id follows.
    """

    entity: EntityType
    id: str | int | None
    navigation: Navigation | None
    many: bool


class ResourcePath(Struct, frozen=True):
    """steps: from the entity set on. leaf, below: a property of the last entity, and the way into its JSON."""

    answer: Answer
    steps: tuple[Step, ...] = ()
    leaf: Property | None = None
    below: names.Below = ()

    @property
    def entity(self) -> EntityType | None:
        """The type of what the last step leads to."""
        return self.steps[-1].entity if self.steps else None


def parse_path(text: str, *, encoded: bool = True) -> ResourcePath:
    """The path, as it came (percent-encoded) or, with encoded=False, as a topic has it. Raises QueryError only.

    An id may hold slashes, encoded or, in its quotes, bare. One slash before and one behind are let pass.
    """
    if len(text) > LONGEST:
        raise QueryError(f"The path is longer than {LONGEST} characters.", "path", LONGEST, text)
    plain = decoded(text, "path", plus=False) if encoded else allowed(text, "path")
    try:
        return _Reader(list(_segments(text, encoded))).whole()
    except Fault as fault:
        raise QueryError.of(fault, "path", plain) from None


def _segments(text: str, encoded: bool) -> Iterator[Segment]:
    """The steps of the path, decoded, each with its position in the decoded path. Slashes in quotes part nothing."""
    quoted, start, at = False, 0, 0
    for match in (*(_ENCODED_SIGN if encoded else _SIGN).finditer(text), None):
        if match is not None and match[0] != "/":
            quoted = not quoted
        elif match is None or not quoted:
            segment = text[start : match.start() if match else None]
            segment = decoded(segment, "path", plus=False) if encoded else segment
            if segment or (match and start):
                yield Segment(segment, at)
            start, at = match.end() if match else 0, at + len(segment) + 1


class _Reader:
    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments

    def whole(self) -> ResourcePath:
        if not self.segments:
            return ResourcePath(Answer.ROOT)
        first, at = self.segments[0]
        if first in (Answer.BATCH, Answer.CREATE_OBSERVATIONS):
            self.nothing_after(0)
            return ResourcePath(Answer(first))
        name, key = self.parts(0)
        entity = ENTITY_SETS.get(name)
        if entity is None:
            known = [*ENTITY_SETS, Answer.CREATE_OBSERVATIONS, Answer.BATCH]
            raise Fault(f"There is no entity set {shown(name)}.{guess(name, known)}", at)
        return self.onward([Step(entity, key, None, key is None)])

    def onward(self, steps: list[Step]) -> ResourcePath:
        for index in range(1, len(self.segments)):
            text, at = self.segments[index]
            here = steps[-1]
            if text.startswith("$"):
                self.nothing_after(index)
                return self.reserved(text, at, steps)
            if here.many:
                which = f"{here.navigation.name if here.navigation else here.entity.set_name}('…')"
                raise Fault(f"This is asked of a whole collection; say of which entity, as in {which}.", at)
            found = names.property_of(here.entity, text.partition("[")[0])
            if text == SELF_LINK.name:
                found = SELF_LINK
            if found is not None:
                return self.of_property(found, index, steps)
            steps.append(self.link(here.entity, index))
            if len(steps) > MOST_STEPS:
                raise Fault(f"A path has at most {MOST_STEPS} steps.", at)
        return ResourcePath(Answer.COLLECTION if steps[-1].many else Answer.ENTITY, tuple(steps))

    def link(self, entity: EntityType, index: int) -> Step:
        name, key = self.parts(index)
        at = self.segments[index].at
        link = entity.navigations.get(name)
        if link is None:
            raise names.unknown(entity, name, at)
        if key is not None and not link.many:
            raise Fault(f"«{name}» is one entity; it takes no id.", at + len(name))
        return Step(link.target, key, link, link.many and key is None)

    def reserved(self, text: str, at: int, steps: list[Step]) -> ResourcePath:
        if text == "$ref":
            return ResourcePath(Answer.REFERENCES, tuple(steps))
        if text == "$count" and steps[-1].many:
            return ResourcePath(Answer.COUNT, tuple(steps))
        hint = (
            " It follows a property." if text == "$value" else " It follows a collection." if text == "$count" else ""
        )
        raise Fault(f"{shown(text)} cannot stand here.{hint}", at)

    def of_property(self, found: Property, index: int, steps: list[Step]) -> ResourcePath:
        at = self.segments[index].at
        texts = [text for text, _ in self.segments[index:]]
        answer = Answer.PROPERTY
        if texts[-1] == "$value":
            texts.pop()
            answer = Answer.VALUE
        for text, place in self.segments[index : index + len(texts)]:
            if text.startswith("$"):
                raise Fault(f"{shown(text)} cannot stand behind a property.", place)
        below = names.below(texts, at)
        names.kind_below(found, below, at)
        return ResourcePath(answer, tuple(steps), found, below)

    def parts(self, index: int) -> tuple[str, str | int | None]:
        """The name of a step and the id in its brackets."""
        text, at = self.segments[index]
        if not text:
            raise Fault("A step of the path is empty.", at)
        match = _STEP.fullmatch(text)
        if match is None:
            raise Fault("The bracket is not closed.", at + text.find("("))
        name, key = match.groups()
        if key is None:
            return name, None
        if quoted := _TEXT.fullmatch(key):
            return name, quoted[1].replace("''", "'")
        if _NUMBER.fullmatch(key):
            return name, int(key)
        hint = "write it in single quotes, as in Things('a-1')"
        raise Fault(f"{shown(key)} is no id; {hint}.", at + len(name) + 1)

    def nothing_after(self, index: int) -> None:
        if len(self.segments) > index + 1:
            text, at = self.segments[index]
            raise Fault(f"Nothing can follow {shown(text)}.", at + len(text))

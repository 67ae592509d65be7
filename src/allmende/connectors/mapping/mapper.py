"""A mapping made ready: from a message to readings."""

from typing import Any

from django.utils.translation import gettext_noop as _

from allmende.connectors.mapping import times
from allmende.connectors.mapping.expressions import NotComputable, Scope
from allmende.connectors.mapping.formats import FORMATS
from allmende.connectors.mapping.paths import NOTHING, Path, spread
from allmende.connectors.mapping.rules import Mapping
from allmende.connectors.mapping.templates import TopicPattern
from allmende.connectors.mapping.values import Value, expression, readings_of
from allmende.connectors.readings import Decoded, Message, Reading, Unmapped
from allmende.core.said import Said

_FEW = 3  # records whose faults are told; the others are counted
_LONGEST_NAME = 120


class Mapper:
    """Raises Unmapped at once for a mapping that cannot work."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.topic = TopicPattern(mapping.topic) if mapping.topic else None
        given = set(self.topic.names) if self.topic else set[str]()
        if twice := given & mapping.names.keys():
            raise Unmapped(_("The name %(twice)s stands in the topic and in the payload."), twice=min(twice))
        self._names = [(name, Path(path)) for name, path in mapping.names.items()]
        self._values = [Value(rule, given | mapping.names.keys()) for rule in mapping.values]
        self._when = expression(mapping.when)
        self._content = FORMATS[mapping.format]
        self._records = mapping.records or ("" if mapping.format == "json" else "*")
        self._time = Path(mapping.time) if mapping.time else None
        self._read_time = times.reader(mapping.time_unit, mapping.time_zone)
        self._place = (Path(mapping.longitude), Path(mapping.latitude)) if mapping.longitude else None
        self._looks = any(value.when or value.compute for value in self._values) or bool(self._when)

    def read(self, message: Message) -> Decoded:
        """The values of a message: those that can be read, also where others cannot. Raises Unmapped."""
        names = self.topic.read(message.topic) if self.topic else {}
        root = self._content(message.payload)
        if not self._records:
            readings, said = self._record(root, root, names, message.arrival)
            if said and not readings:
                raise Unmapped.of_all(said[:_FEW])
            return Decoded(readings, tuple(said[:_FEW]))
        return self._all(root, names, message.arrival)

    def _all(self, root: Any, names: dict[str, str], arrival: int) -> Decoded:
        """Several records in one message."""
        found: list[Reading] = []
        problems: list[Said] = []
        count = 0
        for number, record in enumerate(spread(root, self._records)):
            try:
                readings, said = self._record(record, root, names, arrival)
            except Unmapped as error:
                readings, said = [], [error.said]
            found += readings
            count += bool(said)
            if said and count <= _FEW:
                problems.append(Said(_("Record %(number)s: %(problem)s"), {"number": number + 1, "problem": said[0]}))
        if count > _FEW:
            problems.append(Said(_("%(count)s more records cannot be used."), {"count": count - _FEW}))
        if problems and not found:
            raise Unmapped.of_all(problems)
        return Decoded(found, tuple(problems))

    def _record(
        self, record: Any, root: Any, topic_names: dict[str, str], arrival: int
    ) -> tuple[list[Reading], list[Said]]:
        scope = self._scope(record, root) if self._looks else Scope()
        try:
            if self._when is not None and not self._when(scope):
                return [], []
        except NotComputable as error:
            raise Unmapped.of(error) from None
        names = topic_names
        if self._names:
            names = {**topic_names, **{name: _text(path, record, root) for name, path in self._names}}
        time = arrival
        if self._time is not None:
            found = self._time.find(record, root)
            if found is NOTHING:
                raise Unmapped(
                    _("There is nothing at «%(time)s» in the payload, where the time should be."),
                    time=self.mapping.time,
                )
            time = self._read_time(found, arrival)
            times.check_ahead(time, arrival, self.mapping.ahead)
        point = _point(self._place, record, root) if self._place else None
        return readings_of(self._values, record, root, scope, names, time, point)

    def _scope(self, record: Any, root: Any) -> Scope:
        def get(path: str) -> Any:
            found = Path(path).find(record, root)
            return None if found is NOTHING else found

        return Scope(get=get)


def _text(path: Path, record: Any, root: Any) -> str:
    """What a name stands for in this record."""
    found = path.find(record, root)
    if found is NOTHING or found is None or isinstance(found, dict | list) or not str(found).strip():
        raise Unmapped(_("There is nothing at «%(text)s» in the payload that could be a name."), text=path.text)
    return str(found).strip()[:_LONGEST_NAME]


def _point(place: tuple[Path, Path], record: Any, root: Any) -> tuple[float, float] | None:
    """(longitude, latitude), where the message has both."""
    try:
        longitude, latitude = (float(path.find(record, root)) for path in place)
    except (TypeError, ValueError):
        return None
    return (longitude, latitude) if -180 <= longitude <= 180 and -90 <= latitude <= 90 else None

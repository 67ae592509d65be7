"""SenML packs, over any transport of messages: each named record becomes a value of the datastream of that name."""

from typing import Annotated

from msgspec import Meta, Struct

from allmende.connectors.mapping.formats import decode_json
from allmende.connectors.mapping.meanings import meaning
from allmende.connectors.mapping.templates import TopicPattern
from allmende.connectors.mapping.times import check_ahead
from allmende.connectors.readings import Decoded, Message, Reading, Wanted
from allmende.connectors.senml.pack import Record, resolve
from allmende.connectors.senml.units import ucum


class Senml(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """topic: pattern of MQTT topics; register: whether datastreams that are not there are made; ahead: seconds that a
    time may lie in the future."""

    topic: str = ""
    register: bool = True
    ahead: Annotated[int, Meta(ge=0)] | None = 86_400


class SenmlReader:
    """A decoder. The key of a datastream is the record's name; of a sum, the name and `#sum`."""

    def __init__(self, config: Senml) -> None:
        self._config = config
        self._topic = TopicPattern(config.topic) if config.topic else None

    def read(self, message: Message) -> Decoded:
        """Raises Unmapped."""
        if self._topic:
            self._topic.read(message.topic)
        pack = decode_json(message.payload)
        readings: list[Reading] = []
        for record in resolve(pack, message.arrival):
            check_ahead(record.time, message.arrival, self._config.ahead)
            maker = _Maker(record, self._config.register)
            names = {"device": maker.device}
            for value, suffix in ((record.value, ""), (record.sum, "#sum")):
                if value is not None:
                    readings.append(Reading(record.name + suffix, record.time, value * maker.factor, maker, names))
        return Decoded(readings)


class _Maker:
    """Knows how the datastream of a record is made: its thing is the base name, or the name up to its last part."""

    __slots__ = ("_name", "_register", "device", "factor", "unit")

    def __init__(self, record: Record, register: bool) -> None:
        cut = max(record.name.rfind(sign) for sign in ":/.") + 1
        base = record.base if record.base and record.base != record.name else record.name[:cut]
        self.device = base.rstrip(":/._-") or record.name
        self._name = record.name[len(base) :] or record.name
        self._register = register
        self.unit, self.factor = ucum(record.unit)

    def wanted(self, reading: Reading) -> Wanted | None:
        """The thing by the device's name, the datastream by what its own name means."""
        if not self._register:
            return None
        means = meaning(self._name)
        suffix = {"de": ", Summe", "en": ", sum"} if reading.key.endswith("#sum") else {}
        unit = "" if suffix else self.unit or means.unit
        name = {language: text + suffix.get(language, "") for language, text in means.name.items()}
        return Wanted(self.device, self.device, name, means.definition, means.name, unit=unit)

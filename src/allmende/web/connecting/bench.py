"""The workbench of a mapping: a configuration, a message to set it up by, and others to try it on."""

from dataclasses import dataclass, field
from typing import Any

from django import forms

from allmende.connectors.mapping.guessing import Shape, shape_of
from allmende.connectors.mapping.leaves import leaves
from allmende.connectors.payload import FORMATS, uplink_in, uplink_of
from allmende.connectors.queries import Connector, Draft
from allmende.connectors.readings import Message, Unmapped, arrival_now
from allmende.connectors.suggesting import suggest
from allmende.core.clock import to_us
from allmende.web.connecting.forms import LorawanForm
from allmende.web.connecting.mapping_form import MappingForm
from allmende.web.connecting.preview import Previewed, preview

_MOST_TRIED = 8


@dataclass(slots=True)
class Bench:
    """code: of the connector or draft; sample: the message that the form is made from, None where there is none;
    others: further messages that the preview shows."""

    code: str
    kind: str
    config: dict[str, Any]
    sample: Message | None
    others: list[Message] = field(default_factory=list)

    @property
    def format(self) -> str:
        """Which format the configuration names; empty where none is chosen yet."""
        named = [name for name in FORMATS if name in self.config]
        if not named and self.kind in FORMATS:
            return self.kind
        return named[0] if named and (named[0] != "mapping" or self.config["mapping"].get("values")) else ""

    @property
    def rules(self) -> dict[str, Any]:
        """What is said under the format."""
        return dict(self.config.get(self.format, {})) if self.format else {}

    @property
    def topics(self) -> bool:
        """Whether messages come on topics."""
        return self.kind == "mqtt"

    def suggested(self) -> dict[str, Any]:
        """The configuration with a first proposal for the sample. Raises Unmapped."""
        assert self.sample is not None
        if self.kind in FORMATS:
            uplink_of(self.kind, self.sample.payload)
        heard = next((each["topic"] for each in self._said().values() if each.get("topic")), "")
        found = suggest(self.sample.payload, self.sample.topic, heard, alone=self.code)
        if self.kind in FORMATS and found.format != self.kind:
            found = found._replace(format=self.kind, rules={})
        rest = {name: value for name, value in self.config.items() if name not in FORMATS}
        return {**rest, found.format: found.rules}

    def _said(self) -> dict[str, dict[str, Any]]:
        return {name: self.config[name] for name in FORMATS if isinstance(self.config.get(name), dict)}

    def form(self, data: Any = None) -> forms.Form | None:
        """The form for the format; None where it needs none, or no message is there to make it from."""
        if self.sample is None:
            return None
        if self.format == "mapping":
            shape = self._shape()
            return shape and MappingForm(data, shape, self.rules, topics=self.topics, alone=self.code)
        if self.format in ("chirpstack", "ttn"):
            uplink = uplink_in(self.format, self.sample.payload)
            return LorawanForm(data, uplink.decoded if uplink else None, self.rules)
        return None

    def _shape(self) -> Shape | None:
        assert self.sample is not None
        try:
            return shape_of(self.sample.payload)
        except Unmapped:
            return None

    def with_rules(self, rules: dict[str, Any]) -> dict[str, Any]:
        """The configuration with other rules."""
        return {**self.config, self.format: rules}

    def previews(self, config: dict[str, Any] | None = None) -> tuple[list[Previewed], str]:
        """What the messages would become; and why the configuration cannot work at all."""
        messages = ([self.sample] if self.sample else []) + self.others
        return preview(self.kind, self.config if config is None else config, messages[:_MOST_TRIED])


def bench_of_draft(draft: Draft) -> Bench:
    """With the message that was pasted or received."""
    sample = None
    if draft.sample:
        arrival = to_us(draft.sample_at) if draft.sample_at else arrival_now()
        sample = Message(bytes(draft.sample), draft.sample_topic, arrival)
    return Bench(draft.code, draft.kind, draft.config, sample)


def bench_of_connector(connector: Connector, faulty: list[Message]) -> Bench:
    """With the last messages and those that could not be used. faulty: newest first."""
    whole = [each for each in connector.samples if len(each["payload"].encode()) == each["size"]]
    last = [Message(each["payload"].encode(), each["topic"], each["arrival"]) for each in whole]
    messages = list(dict.fromkeys([*last[:5], *faulty[:5]]))
    readable = [each for each in messages if _readable(each)] or messages
    sample = next((each for each in readable if _fits(connector, each)), readable[0] if readable else None)
    others = [each for each in messages if each is not sample]
    return Bench(connector.code, connector.kind, connector.config, sample, others)


def _fits(connector: Connector, message: Message) -> bool:
    """Whether it can be used as the connector is set up: the best one to change that by."""
    shown, _problem = preview(connector.kind, connector.config, [message])
    return bool(shown and shown[0].becomes and not shown[0].problems)


def _readable(message: Message) -> bool:
    """Whether a form can be made from it."""
    try:
        return bool(leaves(shape_of(message.payload).record))
    except Unmapped:
        return False

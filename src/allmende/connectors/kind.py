"""What a kind of connector is made of. Each folder has one; `table.KINDS` is the table of them all."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from allmende.connectors.health import Health
from allmende.connectors.intake import Intake
from allmende.connectors.readings import Decoder

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from allmende.connectors.forms import SourceForm


class WayConfig(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every kind's configuration has. per_second: messages that one device may send for long; burst: at once."""

    per_second: Annotated[float, Meta(gt=0)] = 10.0
    burst: Annotated[int, Meta(ge=1)] = 36_000


@dataclass(frozen=True, slots=True)
class Way:
    """One running connector, as its transport sees it. dataset: its code; intake: takes messages one by one;
    trial: it only waits for a first message, and should leave nothing behind elsewhere."""

    code: str
    dataset: str
    config: Any
    health: Health
    intake: Intake
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. config: the struct of its configuration; check: raises ValueError for one that cannot work.

    decoder: from a configuration; None where the kind reads tables of its own rather than messages.
    run: the transport: works until the event is set; None where messages only come to the door for webhooks.
    hook: whether messages may come to that door.
    form: what is asked in the browser about where messages come from; None: nothing.
    """

    name: str
    label: "str | Promise"
    about: "str | Promise"
    config: type[WayConfig]
    check: Callable[[Any], object]
    decoder: Callable[[Any], Decoder] | None = None
    run: Callable[[Way, asyncio.Event], Awaitable[None]] | None = None
    hook: bool = False
    form: "type[SourceForm] | None" = None

    def read(self, given: Any) -> Any:
        """The checked configuration. Raises ValueError with the place that is wrong."""
        config = msgspec.convert(given, self.config)
        self.check(config)
        return config

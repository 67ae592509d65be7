"""docs/connectors.md says what the code does: every kind, every field of its configuration, every fact of its state."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct
from msgspec.inspect import StructType, type_info

from allmende.connectors.health import Health
from allmende.connectors.mapping.expressions import FUNCTIONS, NAMES, Expression
from allmende.connectors.readings import Message, arrival_now
from allmende.connectors.table import KINDS

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = (DOCS / "connectors.md").read_text()


def structs(struct: type[Struct]) -> Iterator[type[Struct]]:
    """A struct and all that are inside it."""
    yield struct
    for each in msgspec.structs.fields(struct):
        for inner in within(type_info(each.type)):
            yield from structs(inner)


def within(info) -> Iterator[type[Struct]]:
    if isinstance(info, StructType):
        yield info.cls
    for name in ("types", "item_type", "value_type"):
        inner = getattr(info, name, None)
        for each in inner if isinstance(inner, tuple) else [inner] if inner is not None else []:
            yield from within(each)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_kind_is_explained(kind):
    assert f"`{kind}`" in PAGE
    for struct in structs(KINDS[kind].config):
        for each in msgspec.structs.fields(struct):
            assert re.search(rf"^\|[^|]*`{each.encode_name}`", PAGE, flags=re.MULTILINE), (struct, each.name)


def test_every_fact_of_health_is_explained():
    for fact in Health().facts():
        assert f"`{fact}`" in PAGE, fact


@pytest.mark.parametrize("path", sorted((DOCS / "examples").glob("*.json")), ids=lambda path: path.name)
def test_the_examples_are_configurations(path):
    kind = path.name.partition("-")[0]
    KINDS[kind].read(msgspec.json.decode(path.read_bytes()))
    assert f"examples/{path.name}" in PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example(kind):
    assert list((DOCS / "examples").glob(f"{kind}-*.json"))


def test_the_language_of_expressions_is_explained():
    for name in (*FUNCTIONS, *NAMES):
        assert re.search(rf"`[^`]*\b{name}\b", PAGE), name
    examples = re.findall(r"^\| `([^`]+)` \| (?:in )?an expression", PAGE, flags=re.MULTILINE)
    assert len(examples) > 4
    for text in examples:
        Expression(text)


def shown() -> list[tuple[str, str]]:
    """(example, message) of each message that the page shows."""
    return re.findall(r"^```json ([\w-]+)\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_messages_are_shown_for_the_kinds_that_read_them():
    assert {example.partition("-")[0] for example, _ in shown()} == {"mqtt", "webhook", "chirpstack", "ttn"}


@pytest.mark.parametrize("example", [example for example, _ in shown()])
def test_a_message_becomes_what_the_page_says(example):
    """What is shown is what the code makes of it."""
    message = next(message for name, message in shown() if name == example)
    after = PAGE.partition(message)[2]
    table = after[after.index("| key | value |") :].partition("\n\n")[0]
    said = {key: float(value) for key, value in re.findall(r"^\| `([^`]+)` \| (\S+) \|$", table, re.MULTILINE)}
    kind = KINDS[example.partition("-")[0]]
    config = kind.read(msgspec.json.decode((DOCS / "examples" / f"{example}.json").read_bytes()))
    topic = "town/market/weather" if kind.name == "mqtt" else ""
    found = kind.decoder(config).read(Message(message.encode(), topic, arrival_now()))
    assert said and {each.key: each.value for each in found.readings} == pytest.approx(said)

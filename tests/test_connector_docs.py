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
    for shown in re.findall(r"^\| `([^`]+)` \| .*expression", PAGE, flags=re.MULTILINE):
        Expression(shown)

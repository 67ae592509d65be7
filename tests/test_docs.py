"""The pages in docs/ and the README say what the code does: commands, errors, units, rooms, functions, links."""

import argparse
import ast
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from allmende.core.units import TABLE, UNITS
from allmende.run.cli import COMMANDS
from tests.api.test_openapi import EVERY

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
SOURCE = ROOT / "src" / "allmende"


def page(name: str) -> str:
    return (DOCS / name).read_text()


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Commands


def parsers() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """(«token create», its parser) of every command and its parts."""
    for command, (module, _) in COMMANDS.items():
        parser = argparse.ArgumentParser()
        importlib.import_module(f"allmende.run.{module}").add_arguments(parser)
        yield command, parser
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                yield from ((f"{command} {part}", below) for part, below in action.choices.items())


def options(parser: argparse.ArgumentParser) -> set[str]:
    """The options that --help shows."""
    shown = (action for action in parser._actions if action.help != argparse.SUPPRESS)
    return {name for action in shown for name in action.option_strings if name.startswith("--")} - {"--help"}


def sections() -> dict[str, str]:
    """Command → its section in commands.md."""
    parts = re.split(r"^## `allmende (\w+)`$", page("commands.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_section_and_nothing_else():
    assert list(sections()) == list(COMMANDS)


def test_every_part_of_a_command_is_named():
    for name, _ in parsers():
        assert f"`allmende {name}" in page("commands.md"), name


def test_every_option_stands_with_its_command_and_no_other():
    real: dict[str, set[str]] = {}
    for name, parser in parsers():
        real.setdefault(name.split()[0], set()).update(options(parser))
    documented = {
        name: {found for found in re.findall(r"`(--[a-z-]+)`", text) if found != "--data"}
        for name, text in sections().items()
    }
    assert documented == real


def commands_shown() -> Iterator[tuple[str, str]]:
    """(page, command line) of every `allmende …` in a block of shell commands."""
    for path in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", path.read_text(), flags=re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                found = re.search(r"(?:^|\$\(|[ /])allmende ((?:" + "|".join(COMMANDS) + r")\b[^|)#]*)", line)
                if found:
                    yield names(path), found[1]


def test_commands_shown_are_commands_that_there_are():
    known = dict(parsers())
    seen = 0
    for where, line in commands_shown():
        words = shlex.split(line)
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        given = {word.split("=")[0] for word in words if word.startswith("--")}
        assert given <= options(known[name]) | {"--data"}, f"{where}: {line}"
        seen += 1
    assert seen >= 5


# Errors


def texts(node: ast.expr) -> list[str]:
    """The texts that an expression may be: a constant, or the sides of «a if … else b»."""
    if isinstance(node, ast.IfExp):
        return [*texts(node.body), *texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def calls(*folders: str) -> Iterator[tuple[str, ast.Call]]:
    for folder in folders:
        for path in (SOURCE / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    function = node.func
                    yield function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""), node


def problems() -> set[tuple[str, str]]:
    """(code, status) of every Problem that the data plane makes."""
    return {
        (call.args[1].value, str(call.args[0].value))
        for name, call in calls("api")
        if name == "Problem" and len(call.args) > 1
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[1], ast.Constant)
    }


def row_codes() -> set[str]:
    """Codes of rows: the argument before the message, wherever a row is refused."""
    refusals = (call for name, call in calls("api", "observations") if name in ("refuse", "_refuse"))
    return {text for call in refusals if len(call.args) > 2 for text in texts(call.args[-2])}


def test_the_reader_of_the_source_finds_what_is_known():
    assert {("not_found", "404"), ("too_busy", "429"), ("rows_refused", "422")} <= problems()
    assert {"wrong_type", "not_allowed", "unknown_datastream", "not_finite"} <= row_codes()


def test_every_error_is_documented_with_its_status():
    before, _, after = page("errors.md").partition("## Codes of rows")
    listed = re.findall(r"^\| `([a-z_0-9]+)` \| (\d+) \| .+ \|$", before, flags=re.MULTILINE)
    assert sorted(listed) == sorted(problems())
    assert [code for code, _ in listed] == sorted(code for code, _ in listed), "in the order of the alphabet, please"
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| .+ \|$", after, flags=re.MULTILINE)
    assert sorted(rows) == sorted(row_codes())


# The API and units


def test_every_address_of_the_api_is_named():
    for operation in EVERY:
        assert f"`{operation.method} /api/v1{operation.path}`" in page("api.md"), operation.path


def test_the_table_of_units_is_that_of_the_code():
    rows = []
    for unit, (*_, spellings) in zip(UNITS, TABLE, strict=True):
        also = ", ".join(f"`{each}`" for each in spellings)
        rows.append(f"| `{unit.code}` | {unit.symbol} | {unit.name['en']} | {unit.unece} | {also} |")
    listed = [line for line in page("units.md").splitlines() if line.startswith("| `")]
    assert listed == rows, "Write the table anew; a unit was added or changed."


# The house


def test_the_rooms_are_those_that_there_are():
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (exists|planned) \|$", page("architecture.md"), flags=re.MULTILINE)
    folders = {path.name for path in SOURCE.iterdir() if (path / "__init__.py").exists()}
    assert {name for name, state in rows if state == "exists"} == folders
    assert folders.isdisjoint(name for name, state in rows if state == "planned")


def test_files_named_in_the_architecture_exist():
    for name in re.findall(r"`((?:tests|docs|src|bench)/[\w/.*-]+)`", page("architecture.md")):
        assert list(ROOT.glob(name)), name
    for name in re.findall(r"`((?:run|core|api|web|observations|catalogue)/[\w/]+(?:\.py)?)`", page("architecture.md")):
        assert (SOURCE / name).exists(), name


def functions_named() -> list[tuple[str, str]]:
    """(page, dotted name) in the prose of docs/roads."""
    found = []
    for path in sorted((DOCS / "roads").glob("*.md")):
        rooms = "accounts|api|catalogue|connectors|core|observations|run|web"
        found += [(path.name, name) for name in re.findall(rf"`((?:{rooms})(?:\.\w+)+)`", path.read_text())]
    return found


def test_the_roads_name_functions():
    assert len(functions_named()) > 30


@pytest.mark.parametrize(("where", "name"), functions_named())
def test_a_function_that_a_road_names_exists(where, name):
    parts = f"allmende.{name}".split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            assert hasattr(found, part), f"{where}: {name} does not exist"
            found = getattr(found, part)
        assert cut < len(parts), f"{where}: {name} is a module, not a function"
        return
    pytest.fail(f"{where}: {name} does not exist")


# All pages


@pytest.mark.parametrize("path", PAGES, ids=names)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#\s]+)(#[^)]*)?\)", path.read_text()):
        if not target[0].startswith(("http://", "https://")):
            assert (path.parent / target[0]).exists(), f"{names(path)}: {target[0]}"


@pytest.mark.parametrize("path", PAGES, ids=names)
def test_anchors_lead_somewhere(path):
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", path.read_text()):
        if not target.startswith("http"):
            heads = re.findall(
                r"^#+ (.+)$", ((path.parent / target) if target else path).read_text(), flags=re.MULTILINE
            )
            slugs = {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}
            assert anchor in slugs, f"{names(path)}: #{anchor}"


def test_every_page_is_found_from_the_readme():
    readme = (ROOT / "README.md").read_text()
    for path in DOCS.rglob("*.md"):
        assert f"({path.relative_to(ROOT).as_posix()})" in readme, path

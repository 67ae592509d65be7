"""docs/settings.md lists every setting that the source reads, with its default, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "settings.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \|(.*?)\| (.+) \|$", re.MULTILINE)
OURS = re.compile(r"ALLMENDE_[A-Z_]+|DATABASE_URL")


def settings_read() -> Iterator[tuple[str, str | None]]:
    """(name, default where it is plain text) of each env(), env_flag(), env_list() and look into os.environ."""
    for path in (ROOT / "src").rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = node.args[0].value
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("env", "env_list", "env_flag", "get", "getenv", "pop") and isinstance(name, str):
                    if not OURS.fullmatch(name):
                        continue
                    default = node.args[1] if len(node.args) > 1 and called in ("env", "env_list") else None
                    yield name, default.value if isinstance(default, ast.Constant) else None
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                yield ast.literal_eval(node.slice), None


def documented() -> dict[str, str]:
    """Setting → default, as the page says."""
    return {name: default.strip(" `") for name, default, _ in ROW.findall(PAGE.read_text())}


def test_the_reader_finds_what_is_known_to_be_read():
    assert {"ALLMENDE_DATA", "DATABASE_URL", "ALLMENDE_HOSTS", "ALLMENDE_DEBUG"} <= {
        name for name, _ in settings_read()
    }


def test_every_setting_is_documented_and_nothing_else():
    assert sorted(documented()) == sorted({name for name, _ in settings_read()})


@pytest.mark.parametrize(
    ("name", "default"), sorted({(name, default) for name, default in settings_read() if default is not None})
)
def test_the_documented_default_is_the_real_one(name: str, default: str):
    assert documented()[name] == default


def test_no_setting_is_documented_twice():
    names = [name for name, _, _ in ROW.findall(PAGE.read_text())]
    assert len(names) == len(set(names))


def test_settings_named_in_other_pages_exist():
    known = set(documented()) | {"ALLMENDE_LONG"}
    for page in (*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"):
        assert set(OURS.findall(page.read_text())) <= known, page

"""Contracts between rooms that import-linter cannot express: parts of external packages, and foreign keys by name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

SOURCE = Path(__file__).resolve().parents[1] / "src" / "allmende"
PAGES = ("django.views", "django.shortcuts", "django.template", "django.forms")
LAYERS = ["core", "accounts", "catalogue", "observations", "connectors", "web"]


def modules_imported(path: Path) -> Iterator[str]:
    """Every module named in an import of the file, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted((SOURCE / "api").rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_the_data_plane_has_no_django_pages(path: Path):
    if "tests" in path.parts:
        return
    assert [name for name in modules_imported(path) if name.startswith(PAGES)] == []


def test_foreign_keys_point_down_the_layers_only():
    upward = []
    for model in apps.get_models():
        if not model.__module__.startswith("allmende."):
            continue
        for field in model._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            if target is None or not target.__module__.startswith("allmende."):
                continue
            if LAYERS.index(target._meta.app_label) > LAYERS.index(model._meta.app_label):
                upward.append(f"{model.__name__}.{field.name}")
    assert upward == []

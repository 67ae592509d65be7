"""The registry of kinds: names once, search over all, unknown names refused."""

import pytest

from allmende.core import kinds
from allmende.core.kinds import Hit, Kind


@pytest.fixture
def no_kinds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kinds, "_kinds", {})


def a_kind(name: str, hits: list[Hit] | None = None, label: object = "Bank") -> Kind:
    return Kind(
        name,
        label,
        url=lambda code: f"{name}/{code}/",
        title=lambda code, actor: code.upper(),
        **({"search": lambda text, actor, limit: hits} if hits is not None else {}),
    )


def test_a_kind_is_found_by_its_name(no_kinds: None):
    bench, tree = a_kind("bench"), a_kind("tree")
    kinds.register(bench)
    kinds.register(tree)
    assert kinds.get("tree") is tree
    assert kinds.all() == (bench, tree)


def test_a_name_is_given_once(no_kinds: None):
    kinds.register(a_kind("bench"))
    with pytest.raises(ValueError, match="registered already"):
        kinds.register(a_kind("bench"))


def test_an_unknown_kind_is_a_lookup_error(no_kinds: None):
    with pytest.raises(kinds.UnknownKind, match="no kind of thing named 'unicorn'"):
        kinds.get("unicorn")


def test_labels_are_texts_or_translations():
    assert a_kind("bench").label_in("en") == "Bank"
    assert a_kind("bench", label={"de": "Bank", "en": "bench"}).label_in("en") == "bench"


def test_search_puts_the_best_first_and_keeps_to_its_limit(no_kinds: None):
    kinds.register(a_kind("silent"))
    kinds.register(a_kind("bench", [Hit("bench", "b1", "One", weight=0.2), Hit("bench", "b2", "Two", weight=0.9)]))
    kinds.register(a_kind("tree", [Hit("tree", "t1", "Three", weight=0.6)]))
    assert [hit.code for hit in kinds.search("o", None)] == ["b2", "t1", "b1"]
    assert [hit.code for hit in kinds.search("o", None, limit=1)] == ["b2"]
    assert kinds.search("  ", None) == []

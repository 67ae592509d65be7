"""Links: stated once, seen from both ends, hidden with the thing at the other end."""

import pytest

from allmende.core import kinds
from allmende.core.kinds import Kind
from allmende.core.links import link, links_of, unlink

SECRET = "secret-b"


@pytest.fixture(autouse=True)
def two_kinds(monkeypatch: pytest.MonkeyPatch, db: None):
    monkeypatch.setattr(kinds, "_kinds", {})

    def title(code: str, actor: object) -> str | None:
        return None if code == SECRET and actor != "insider" else f"The {code}"

    for name in ("measure", "indicator"):
        kinds.register(Kind(name, name, url=lambda code, name=name: f"{name}s/{code}/", title=title))


def test_a_link_is_seen_from_both_ends():
    link("measure", "m", "measured_by", "indicator", "i", stated_by="per-1")
    (outward,) = links_of("measure", "m", None)
    assert (outward.direction, outward.kind, outward.code) == ("out", "indicator", "i")
    assert (outward.title, outward.url, outward.predicate) == ("The i", "indicators/i/", "measured_by")
    assert (outward.stated, outward.stated_by) == (True, "per-1")
    (inward,) = links_of("indicator", "i", None)
    assert (inward.direction, inward.kind, inward.code, inward.url) == ("in", "measure", "m", "measures/m/")
    assert inward.since == outward.since


def test_saying_it_twice_changes_nothing():
    link("measure", "m", "measured_by", "indicator", "i", stated_by="per-1")
    link("measure", "m", "measured_by", "indicator", "i", stated_by="per-2")
    (only,) = links_of("measure", "m", None)
    assert only.stated_by == "per-1"


def test_predicate_and_direction_make_it_another_link():
    link("measure", "m", "measured_by", "indicator", "i", stated_by="x")
    link("measure", "m", "mentions", "indicator", "i", stated_by="x")
    link("indicator", "i", "mentions", "measure", "m", stated_by="x")
    assert [(each.predicate, each.direction) for each in links_of("measure", "m", None)] == [
        ("measured_by", "out"),
        ("mentions", "out"),
        ("mentions", "in"),
    ]


def test_a_statement_replaces_an_inference_but_not_the_other_way_round():
    link("measure", "m", "near", "indicator", "i", stated_by="rule-near", stated=False)
    (inferred,) = links_of("measure", "m", None)
    assert (inferred.stated, inferred.stated_by) == (False, "rule-near")
    link("measure", "m", "near", "indicator", "i", stated_by="per-1")
    link("measure", "m", "near", "indicator", "i", stated_by="rule-near", stated=False)
    (stated,) = links_of("measure", "m", None)
    assert (stated.stated, stated.stated_by) == (True, "per-1")


def test_a_link_is_hidden_with_its_other_end():
    link("measure", "m", "measured_by", "indicator", SECRET, stated_by="x")
    assert links_of("measure", "m", "stranger") == []
    assert [each.code for each in links_of("measure", "m", "insider")] == [SECRET]


def test_ends_of_kinds_that_are_gone_are_left_out(monkeypatch: pytest.MonkeyPatch):
    link("measure", "m", "measured_by", "indicator", "i", stated_by="x")
    monkeypatch.delitem(kinds._kinds, "indicator")
    assert links_of("measure", "m", None) == []


def test_a_link_to_itself_is_shown_once():
    link("measure", "m", "continues", "measure", "m", stated_by="x")
    assert len(links_of("measure", "m", None)) == 1


def test_links_are_taken_away():
    link("measure", "m", "measured_by", "indicator", "i", stated_by="x")
    assert unlink("measure", "m", "measured_by", "indicator", "i") is True
    assert unlink("measure", "m", "measured_by", "indicator", "i") is False
    assert links_of("indicator", "i", None) == []


@pytest.mark.parametrize("predicate", ["", "Measured by", "x", "a-b", "1st", "a" * 61, "ä_b"])
def test_a_predicate_is_lower_case_words(predicate: str):
    with pytest.raises(ValueError, match="not a predicate"):
        link("measure", "m", predicate, "indicator", "i", stated_by="x")


def test_unknown_kinds_are_refused():
    with pytest.raises(kinds.UnknownKind):
        link("measure", "m", "about", "unicorn", "u", stated_by="x")


def test_reading_links_is_one_query(django_assert_num_queries):
    for number in range(5):
        link("measure", "m", "measured_by", "indicator", f"i{number}", stated_by="x")
    with django_assert_num_queries(1):
        assert len(links_of("measure", "m", None)) == 5

"""docs/sensor-care.md names functions that exist, addresses that lead somewhere, and the figures that the code has."""

import importlib
import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from allmende.core.signals import BY_DEFINITION
from allmende.observations.care import devices, notices, rules
from allmende.observations.quality import Quality

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "sensor-care.md").read_text()
NAMES = sorted(set(re.findall(r"`((?:observations|web|run|core)\.[\w.]+)`", PAGE)))
ADDRESSES = sorted(set(re.findall(r"`(/(?:de|s)/[^`]*)`", PAGE)))


@pytest.mark.parametrize("name", NAMES)
def test_what_it_names_exists(name: str):
    module, _dot, thing = name.rpartition(".")
    try:
        found = importlib.import_module(f"allmende.{name}")
    except ModuleNotFoundError:
        found = getattr(importlib.import_module(f"allmende.{module}"), thing)
    assert found


@pytest.mark.parametrize("address", ADDRESSES)
def test_its_addresses_lead_somewhere(address: str):
    try:
        resolve(address.replace("<code>", "thg-0123456789"))
    except Resolver404:
        pytest.fail(f"{address} leads nowhere")


def test_its_figures_are_those_of_the_code():
    for flag in (Quality.OUT_OF_RANGE, Quality.NO_VALUE, Quality.STEP, Quality.STUCK):
        assert f"| {int(flag)} |" in PAGE
    for definition in BY_DEFINITION:
        assert f"`{definition}`" in PAGE
    assert sorted(devices.LOW.values()) == [-120.0, -15.0, 20.0]
    assert (rules.RECENT, rules.UNSTEADY_CHANGES) == (10, 4)
    assert (notices.HOLD.total_seconds(), notices.MORNING, notices.MOST_ATTEMPTS) == (600, 7, 6)


def test_the_page_names_enough_to_be_checked():
    assert len(NAMES) > 15
    assert len(ADDRESSES) >= 8

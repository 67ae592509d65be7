"""Tests that belong to no single room, and what all tests share: their surroundings and the standing cast."""

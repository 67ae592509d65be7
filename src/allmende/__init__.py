"""Allmende: a smart-city platform that treats a town's data and knowledge as a commons."""

__version__ = "0.1.0"

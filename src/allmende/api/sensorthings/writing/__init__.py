"""Changing things by SensorThings: create, update, delete, data arrays, batches (18-088 § 10 to § 12)."""

from allmende.api.sensorthings.writing.batches import run_batch
from allmende.api.sensorthings.writing.doors import create_observation, write

__all__ = ["create_observation", "run_batch", "write"]

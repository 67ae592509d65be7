"""An empty town with the SensorThings service on it."""

import pytest

from allmende.api import threads
from allmende.api.sensorthings.writing.tests.face import Face, Inline, station
from allmende.core import connections
from allmende.observations.remembered import memory
from allmende.observations.services import features
from allmende.observations.streams import book


@pytest.fixture
def face(db, store, monkeypatch) -> Face:
    """The service, asked by the system itself."""
    monkeypatch.setattr(threads, "_pool", Inline())
    monkeypatch.setattr(connections, "close_old_connections", lambda: None)  # the test's own is within a transaction
    book.forget()
    memory.forget()
    features.forget()
    return Face()


@pytest.fixture
def garden(face: Face):
    """A station that was created with all that belongs to it: thing, stream (ids)."""
    thing = face.post("/Things", station())
    stream = face.value(f"/Things('{thing['@iot.id']}')/Datastreams")[0]
    return thing["@iot.id"], stream["@iot.id"]

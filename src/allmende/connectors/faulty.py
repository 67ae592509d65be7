"""Messages that could not be used, on their way to the table: noted in groups, bounded in number and bytes."""

import asyncio
import logging
from typing import NamedTuple

from django.db import DatabaseError
from django.db.models.functions import Length

from allmende.connectors.models import Connector, FaultyMessage
from allmende.connectors.readings import Message
from allmende.core.connections import cleanly
from allmende.core.said import Said

logger = logging.getLogger(__name__)

MOST_KEPT = 200  # of one connector
MOST_OF_ONE = 40  # of one topic or device, so that a broken one does not push out the others'
LARGEST_KEPT = 65_536  # bytes of a message; of a longer one the beginning is kept, to be looked at
MOST_BYTES = 2_000_000  # of one connector
_PAUSE, _LONGEST_PAUSE = 0.2, 30.0


class Fault(NamedTuple):
    """A message and why it cannot be used."""

    message: Message
    why: tuple[Said, ...]


class FaultBook:
    """One connector's. A fault that was awaited is on disk, so that its message may be acknowledged."""

    def __init__(self, connector: str) -> None:
        self._connector = connector
        self._waiting: list[tuple[Fault, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def note(self, fault: Fault) -> None:
        """Returns when the fault is in the table."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((fault, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        """Writes what waits, in groups with a pause between; goes on until nothing waits."""
        pause = _PAUSE
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(cleanly, keep, self._connector, [fault for fault, _ in group])
                pause = _PAUSE
            except (DatabaseError, OSError) as error:  # it is away: the messages stay unacknowledged until it is back
                logger.warning("Faults of %s could not be noted (%s); next try in %s s.", self._connector, error, pause)
                self._waiting = group + self._waiting
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            except Exception:  # a fault of ours would fail for ever; the log has the reason
                logger.exception("Faults of %s could not be noted.", self._connector)
            for _, done in group:
                if not done.done():
                    done.set_result(None)
            await asyncio.sleep(_PAUSE)  # a flood of them becomes few commits


def keep(connector: str, faults: list[Fault]) -> None:
    """Puts faults into the table and takes out what is too much. Blocks."""
    row = Connector.objects.filter(code=connector).first()
    if row is None:  # it was removed meanwhile
        return
    made = [_row(row, fault) for fault in faults[-MOST_KEPT:]]
    for each in made:
        each.save(force_insert=True)
    prune(row)


def _row(connector: Connector, fault: Fault) -> FaultyMessage:
    message = fault.message
    return FaultyMessage(
        connector=connector,
        arrival=message.arrival,
        topic=message.topic.replace("\0", "\ufffd")[:500],
        payload=message.payload[:LARGEST_KEPT],
        size=len(message.payload),
        why=" ".join(map(str, fault.why)).replace("\0", "\ufffd")[:500],
        said=[each.to_json() for each in fault.why[:10]],
    )


def prune(connector: Connector) -> None:
    """Keeps the newest, within the bounds of number and bytes, and of each topic only so many."""
    rows = connector.faulty.annotate(held=Length("payload")).order_by("-pk").values_list("pk", "topic", "held")
    kept, size, of_topic, surplus = 0, 0, dict[str, int](), []
    for pk, topic, held in rows:
        of_topic[topic] = of_topic.get(topic, 0) + 1
        fits = kept < MOST_KEPT and size + held <= MOST_BYTES and (not topic or of_topic[topic] <= MOST_OF_ONE)
        if fits:
            kept, size = kept + 1, size + held
        else:
            surplus.append(pk)
    if surplus:
        FaultyMessage.objects.filter(pk__in=surplus).delete()

"""The way in for everything that changes something: one request, or one observation that comes as a message."""

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.paths import Answer as Wanted
from allmende.api.sensorthings.language.paths import ResourcePath, parse_path
from allmende.api.sensorthings.reading.shapes import Observed
from allmende.api.sensorthings.writing.arrays import create_observations
from allmende.api.sensorthings.writing.observing import MINIMAL, at_once, created
from allmende.api.sensorthings.writing.performing import needed, wrong_method
from allmende.api.sensorthings.writing.transacting import Failed, carry_out

_STREAMS = ("Datastreams", "MultiDatastreams")


async def write(ask: Ask, path: ResourcePath) -> Answer:
    """POST, PUT, PATCH and DELETE on everything but `$batch`.

    Raises Problem, QueryError, Missing, Denied, StoreError.
    """
    if path.answer == Wanted.CREATE_OBSERVATIONS:
        if ask.method != "POST":
            raise wrong_method(ask, path)
        return await create_observations(ask)
    if ask.method == "POST" and (quick := await _at_once(ask, path)) is not None:
        return quick
    require(ask.actor, needed(path))
    try:
        return (await carry_out([(ask, path)]))[0]
    except Failed as failed:
        assert failed.__cause__ is not None
        raise failed.__cause__ from None


async def _at_once(ask: Ask, path: ResourcePath) -> Answer | None:
    """The commonest request of all: an observation, newest of its Datastream."""
    steps = path.steps
    if path.answer != Wanted.COLLECTION or steps[-1].entity.name != "Observation":
        return None
    stream, multi = None, False
    if len(steps) == 2 and steps[0].entity.set_name in _STREAMS:
        stream, multi = str(steps[0].id), steps[0].entity.set_name == "MultiDatastreams"
    elif len(steps) > 1:
        return None
    begun = at_once(ask.actor, ask.body, stream, multi)
    if begun is None:
        return None
    made, done = begun
    await done
    row = Observed(made.info.id, made.time, made.value, made.quality, made.extra, 0)
    return created(ask, made.info.code, made.info.parts > 0, (made.time, 0), row)


async def create_observation(actor: Actor, stream: str, body: bytes, *, multi: bool = False, root: str = "") -> str:
    """An observation in a Datastream (or MultiDatastream) by its code; returns the id. Durable when it returns.

    For messages that name their Datastream; all others go through `write`. Raises as `write`.
    """
    begun = at_once(actor, body, stream, multi)
    if begun is not None:
        made, done = begun
        await done
        return observation_id(stream, made.time, 0)
    collection = "MultiDatastreams" if multi else "Datastreams"
    address = f"/{collection}('{stream}')/Observations"
    ask = Ask(actor, "POST", address, "", body, "application/json", root, "de", MINIMAL)
    answer = await write(ask, parse_path(address))
    return answer.headers["Location"].rpartition("('")[2].removesuffix("')")

"""The way in for everything that changes something: one request, or one observation that comes as a message."""

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.ids import observation_id
from allmende.api.sensorthings.language.paths import Answer as Wanted
from allmende.api.sensorthings.language.paths import ResourcePath, parse_path
from allmende.api.sensorthings.writing.arrays import create_observations
from allmende.api.sensorthings.writing.observing import MINIMAL, checked, created, made_ready, target_of
from allmende.api.sensorthings.writing.performing import needed, wrong_method
from allmende.api.sensorthings.writing.transacting import Failed, carry_out
from allmende.observations.services.keeping import Entry, Kept, keep, keep_newest


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
    """The commonest request of all: an observation in a Datastream that is known, linked to what is known."""
    target = target_of(path)
    if target is None:
        return None
    found = await _kept(ask.actor, ask.body, *target)
    return None if found is None else created(ask, *found)


async def _kept(actor: Actor, body: bytes, stream: str | None, multi: bool) -> tuple[Entry, Kept] | None:
    """An observation of the commonest kind; durable when this returns. None for all others."""
    made = checked(actor, body, stream, multi)
    if made is None:
        await made_ready(actor, body, stream, multi)
        made = checked(actor, body, stream, multi)
        if made is None:
            return None
    done = keep_newest(made)
    if done is None:
        return made, (await keep([made]))[0]
    await done
    return made, Kept(made.time, 0)


async def create_observation(actor: Actor, stream: str, body: bytes, *, multi: bool = False, root: str = "") -> str:
    """An observation in a Datastream (or MultiDatastream) by its code; returns the id. Durable when it returns.

    For messages that name their Datastream; all others go through `write`. Raises as `write`.
    """
    found = await _kept(actor, body, stream, multi)
    if found is not None:
        return observation_id(stream, found[1].time, found[1].rank)
    collection = "MultiDatastreams" if multi else "Datastreams"
    address = f"/{collection}('{stream}')/Observations"
    ask = Ask(actor, "POST", address, "", body, "application/json", root, "de", MINIMAL)
    answer = await write(ask, parse_path(address))
    return answer.headers["Location"].rpartition("('")[2].removesuffix("')")

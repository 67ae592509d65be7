"""The service without its transport: one question, one answer, whether it came over HTTP or within a batch."""

from functools import lru_cache

from allmende.accounts.permissions import require
from allmende.api.problems import not_found
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.language.paths import Answer as Wanted
from allmende.api.sensorthings.language.paths import ResourcePath, parse_path
from allmende.api.sensorthings.reading.answers import RawValue, answer
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.writing import run_batch, write
from allmende.api.threads import in_thread

__all__ = ["Answer", "Ask", "handle", "read"]


_path = lru_cache(maxsize=4_000)(parse_path)  # clients ask for the same few again and again


async def handle(ask: Ask) -> Answer:
    """Answers. Raises Problem, QueryError and the errors of the domains; `door` knows what becomes of them."""
    path = _path(ask.path)
    if ask.method in ("GET", "HEAD"):
        return await in_thread(read, ask, path)
    if path.answer == Wanted.BATCH:
        return await run_batch(ask, handle)
    return await write(ask, path)


def read(ask: Ask, path: ResourcePath) -> Answer:
    """GET. Blocks."""
    require(ask.actor, "observations:read")
    if path.answer in (Wanted.BATCH, Wanted.CREATE_OBSERVATIONS):
        raise not_found("This address takes POST only.")
    body = answer(Reader(ask.actor, ask.root, ask.path, ask.language), path, ask.query)
    if body is None:
        return Answer(204)
    if isinstance(body, RawValue):
        return Answer(200, body, {"Content-Type": "text/plain; charset=utf-8"})
    return Answer(200, body)

"""What one request changes in the relational database, within a transaction; what the store has to do is left over.

Everything here blocks. Raises Problem, Missing, QueryError, Denied, and the domain's BadEntity and InUse.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct, field

from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.compiling.entities import filtered
from allmende.api.sensorthings.entities import OBSERVATION, EntityType
from allmende.api.sensorthings.language.options import Options
from allmende.api.sensorthings.language.paths import Answer as Wanted
from allmende.api.sensorthings.language.paths import ResourcePath
from allmende.api.sensorthings.language.query import parse_query
from allmende.api.sensorthings.reading.answers import one
from allmende.api.sensorthings.reading.context import Missing, Reader
from allmende.api.sensorthings.reading.scope import Observations, Rows, Scope, resolve
from allmende.api.sensorthings.reading.shapes import STREAMS
from allmende.api.sensorthings.writing.bodies import bad, decoded
from allmende.api.sensorthings.writing.drafting import draft
from allmende.api.sensorthings.writing.linking import change_link
from allmende.api.sensorthings.writing.observing import MINIMAL
from allmende.api.sensorthings.writing.revising import delete_observation, delete_observations, revise_observation
from allmende.api.sensorthings.writing.updating import update
from allmende.observations.queries.entities import rows_of
from allmende.observations.services.entities import BadEntity, Gone, Ref, Work, create, delete

Later = Callable[[], Awaitable[Answer]]


class Outcome(Struct):
    """What is left to do. observations: from where to where those that it creates stand in `Work.observations`; later:
    on the event loop, when the transaction is through; answer: in a thread, when all is done; made: (kind, code) of
    what was created."""

    first: int = 0
    last: int = 0
    gone: Gone = field(default_factory=Gone)
    later: Later | None = None
    answer: Callable[[], Answer] | None = None
    made: tuple[str, str] | None = None


def perform(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    """One request. The answer to the creation of a single Observation is made by the caller, who knows its key."""
    match ask.method, path.answer:
        case "POST", Wanted.COLLECTION:
            return _create(work, ask, path)
        case (("PATCH" | "PUT"), Wanted.ENTITY):
            return _update(work, ask, path)
        case "DELETE", Wanted.ENTITY:
            return _delete(work, ask, path)
        case "DELETE", Wanted.COLLECTION:
            return _delete_filtered(work, ask, path)
        case (("POST" | "PUT" | "DELETE"), Wanted.REFERENCES):
            change_link(work, ask, path, _reader(ask))
            return Outcome(answer=lambda: Answer(204))
    raise wrong_method(ask, path)


def needed(path: ResourcePath) -> str:
    """The action that an actor must be allowed at all to change something there."""
    return "observations:write" if path.entity is OBSERVATION else "observations:manage"


def wrong_method(ask: Ask, path: ResourcePath) -> Problem:
    """405 with what is possible."""
    allowed = {
        Wanted.COLLECTION: "GET, POST, DELETE",
        Wanted.ENTITY: "GET, PATCH, PUT, DELETE",
        Wanted.REFERENCES: "GET, POST, PUT, DELETE",
        Wanted.CREATE_OBSERVATIONS: "POST",
        Wanted.BATCH: "POST",
    }.get(path.answer, "GET")
    detail = f"{ask.method} is not possible here; these are: {allowed}."
    return Problem(405, "wrong_method", "Wrong method", detail, headers={"Allow": allowed})


def _reader(ask: Ask) -> Reader:
    return Reader(ask.actor, ask.root, ask.path, ask.language)


def _create(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    entity = path.entity
    assert entity is not None
    given = _given(work, ask, path)
    begin = len(work.observations)
    row = create(work, draft(entity, decoded(ask.body)), given)
    outcome = Outcome(begin, len(work.observations))
    if entity is not OBSERVATION:
        outcome.answer = lambda: _created(ask, entity, row.code)
        outcome.made = entity.name, row.code
    return outcome


def _given(work: Work, ask: Ask, path: ResourcePath) -> dict[str, list[Any]]:
    """What the address links the new entity to: Things('x')/Datastreams makes Datastreams of that Thing."""
    link = path.steps[-1].navigation
    if link is None:
        return {}
    row = _parent(work, ask, path)
    if link.inverse == "MultiDatastreams":
        raise bad(
            "$", "A MultiDatastream has as many ObservedProperties as its results have numbers; none can be added."
        )
    if link.target is not OBSERVATION:
        work.manage(row)
    return {link.inverse: [row]}


def _parent(work: Work, ask: Ask, path: ResourcePath) -> Any:
    """The row of the entity below which something is created. Whoever may write to a Datastream need not see it."""
    first = path.steps[0]
    if len(path.steps) == 2 and first.entity.name in STREAMS and path.entity is OBSERVATION:
        try:
            return work.find(first.entity.name, Ref(str(first.id), "$"), "observations:write")
        except BadEntity as error:
            raise Missing(error.message) from error
    scope = resolve(_reader(ask), path.steps[:-1])
    row = scope.rows.first() if isinstance(scope, Rows) else None
    if row is None:
        raise Missing("There is no such entity to add to, or you may not see it.")
    return row


def _created(ask: Ask, entity: EntityType, code: str) -> Answer:
    body = shown(ask, entity, code)
    headers = {"Location": body["@iot.selfLink"]}
    if MINIMAL in ask.prefer:
        return Answer(201, None, {**headers, "Preference-Applied": MINIMAL})
    return Answer(201, body, headers)


def shown(ask: Ask, entity: EntityType, code: str) -> dict[str, Any]:
    """An entity as its reader gets it."""
    scope = Rows(entity, rows_of(entity.name, None).filter(code=code), one=True)
    return one(_reader(ask), scope, Options())


def _update(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    scope = resolve(_reader(ask), path.steps)
    if isinstance(scope, Observations):
        return Outcome(later=revise_observation(work, ask, scope))
    row = _single(scope)
    update(work, ask, scope.entity, row.code, lambda: shown(ask, scope.entity, row.code))
    return Outcome(answer=lambda: _updated(ask, scope.entity, row.code))


def _updated(ask: Ask, entity: EntityType, code: str) -> Answer:
    if MINIMAL in ask.prefer:
        return Answer(204, None, {"Preference-Applied": MINIMAL})
    return Answer(200, shown(ask, entity, code))


def _single(scope: Rows) -> Any:
    row = scope.rows.first()
    if row is None:
        raise Missing(f"There is no such {scope.entity.name}, or you may not see it.")
    return row


def _delete(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    scope = resolve(_reader(ask), path.steps)
    if isinstance(scope, Observations):
        return Outcome(later=delete_observation(work, ask, scope))
    gone = delete(work, scope.entity.name, [_single(scope)])
    return Outcome(gone=gone, answer=lambda: Answer(200))


def _delete_filtered(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    entity = path.entity
    assert entity is not None
    options = parse_query(ask.query, entity)
    if options.filter is None:
        detail = "Deleting a whole collection at once is refused; say which of it, as in $filter=name eq 'old'."
        raise Problem(400, "filter_needed", "Which of them?", detail)
    reader = _reader(ask)
    scope: Scope = resolve(reader, path.steps)
    if isinstance(scope, Observations):
        return Outcome(gone=delete_observations(work, reader, scope, options), answer=lambda: Answer(200))
    rows = filtered(scope.rows, options.filter, entity, reader.datasets, reader.language)
    return Outcome(gone=delete(work, entity.name, rows), answer=lambda: Answer(200))

"""`$ref`: links alone, set and removed (OData 4.01 § 11.4.6); 18-088 reads them only, so this is an extension."""

from typing import Any

from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Ask
from allmende.api.sensorthings.entities import EntityType
from allmende.api.sensorthings.language.encoding import decoded as unquoted
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.language.paths import Answer, ResourcePath, parse_path
from allmende.api.sensorthings.reading.context import Missing, Reader
from allmende.api.sensorthings.reading.scope import Rows, resolve
from allmende.api.sensorthings.writing.bodies import as_object, bad, decoded
from allmende.observations.services.entities import Ref, Work, link, unlink


def change_link(work: Work, ask: Ask, path: ResourcePath, reader: Reader) -> None:
    """POST to a collection's `$ref` adds a link, PUT to that of a single entity replaces it, DELETE removes one, which
    the path or `$id` names. Raises Problem, Missing, Denied, BadEntity."""
    last = path.steps[-1]
    if last.navigation is None:
        raise Problem(
            405, "wrong_method", "Wrong method", "A link is below an entity, as in Things('x')/Locations/$ref."
        )
    owner = resolve(reader, path.steps[:-1])
    row = owner.rows.first() if isinstance(owner, Rows) else None
    if row is None or not isinstance(owner, Rows):
        raise Missing("There is no such entity whose links could be changed, or you may not see it.")
    work.manage(row)
    name, kind = last.navigation.name, owner.entity.name
    if ask.method == "DELETE":
        ref = _named(ask, last.navigation.target, str(last.id) if last.id is not None else None)
        unlink(work, kind, row, name, _linked(work, reader, path, last.navigation.target, ref))
        work.note(kind, row, "changed", {"unlinked": {name: ref.id}})
        return
    if (ask.method == "POST") != last.many:
        how = "PUT replaces a link to one entity" if ask.method == "POST" else "POST adds a link to several"
        raise Problem(405, "wrong_method", "Wrong method", f"{how}; {ask.method} is not possible here.")
    link(work, kind, row, name, [_target(decoded(ask.body), last.navigation.target)])
    work.note(kind, row, "changed", {"linked": name})


def _target(body: Any, entity: EntityType) -> Ref:
    said = as_object(body, "$")
    for name in ("@iot.id", "@odata.id", "@iot.selfLink", "@id"):
        value = said.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return Ref(str(value), "$")
        if isinstance(value, str):
            return Ref(value if name == "@iot.id" else _id_of(value, entity), "$")
    raise bad("$", 'A link is written {"@iot.id": "…"} with the id of what it leads to.')


def _named(ask: Ask, entity: EntityType, id_: str | None) -> Ref:
    """Which link is to be removed."""
    if id_ is not None:
        return Ref(id_, "$")
    for pair in ask.query.split("&"):
        name, _, value = pair.partition("=")
        if unquoted(name, "query") == "$id":
            return Ref(_id_of(value, entity), "$id")
    raise Problem(400, "bad_parameter", "Which link?", "Name it in the path or with $id=….", parameter="$id")


def _id_of(address: str, entity: EntityType) -> str:
    """The id in an address such as `../../Locations('x')` or `https://…/Locations('x')`. Raises Problem."""
    try:
        path = parse_path(address.rstrip("/").rpartition("/")[2])
    except QueryError as error:
        raise bad("$id", error.message) from None
    if path.answer != Answer.ENTITY or path.entity is not entity or len(path.steps) != 1:
        raise bad("$id", f"This does not lead to a {entity.name}.")
    return str(path.steps[0].id)


def _linked(work: Work, reader: Reader, path: ResourcePath, entity: EntityType, ref: Ref) -> Any:
    """The row at the other end of a link that exists. Raises Missing."""
    last = path.steps[-1]
    scope = resolve(reader, (*path.steps[:-1], type(last)(entity, ref.id, last.navigation, False)))
    row = scope.rows.first() if isinstance(scope, Rows) else None
    if row is None:
        raise Missing(f"There is no link to '{ref.id}' here.")
    work.manage(row)
    return row

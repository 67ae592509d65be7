"""From a request to its answer: the transaction in a thread, then the store, then what is shown.

The store is not part of the transaction. Entities are committed first; if the store then refuses the observations that
came with them, they are taken back. Observations that go with deleted entities are removed before the deletion is
committed, and once more after it, for those that came in meanwhile.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from msgspec import Struct, field

from allmende.api.problems import Problem
from allmende.api.sensorthings.asking import Answer, Ask
from allmende.api.sensorthings.entities import ENTITY_TYPES
from allmende.api.sensorthings.language.paths import ResourcePath, parse_path
from allmende.api.sensorthings.writing.bodies import bad
from allmende.api.sensorthings.writing.observing import created
from allmende.api.sensorthings.writing.performing import Outcome, perform
from allmende.api.threads import in_thread
from allmende.observations.services.entities import BadEntity, Gone, InUse, Work
from allmende.observations.services.keeping import Kept, TooManyAtOnce, keep
from allmende.observations.services.observing import Entry, NoFeature, Sent, WrongResult, entry, judged, make_about
from allmende.observations.services.removing import remove_matching
from allmende.observations.streams import StreamInfo, book, read_streams

Request = tuple[Ask, ResourcePath | None]  # None: the path refers to what an earlier one of them creates


class Failed(Exception):
    """One of several requests failed, so none of them was carried out. place: which one; `__cause__`: why."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class _Done(Struct):
    """What the transaction left to do. sent: observations with their Datastreams."""

    work: Work
    outcomes: list[Outcome]
    sent: list[tuple[StreamInfo, Sent]] = field(default_factory=list)
    gone: Gone = field(default_factory=Gone)
    answers: list[Answer] | None = None


async def carry_out(requests: Sequence[Request], names: Sequence[str] = ()) -> list[Answer]:
    """All of these requests, or none of them. names: by which later ones refer to what they create. Raises Failed."""
    done = await in_thread(_transaction, requests, names)
    if done.answers is not None:
        return done.answers
    entries = [entry(info, sent) for info, sent in done.sent]
    kept = await _keep(done.work, entries)
    answers: dict[int, Answer] = {}
    for place, outcome in enumerate(done.outcomes):
        if outcome.later is not None:
            try:
                answers[place] = await outcome.later()
            except Exception as error:
                raise Failed(place) from error
        elif outcome.answer is None:
            answers[place] = created(requests[place][0], entries[outcome.first], kept[outcome.first])
    return await in_thread(_answers, done, answers)


def _transaction(requests: Sequence[Request], names: Sequence[str]) -> _Done:
    """Everything that concerns the relational database; where nothing is left to do, the answers as well."""
    done = _attempt(requests, names, commit=False)
    if done.gone.searches:  # it can be done: so first what goes with it, which may be much and take its time
        _remove(done.gone)
        done = _attempt(requests, names, commit=True)
    for search in done.gone.late:
        remove_matching(search)
    codes = [one.stream for one in done.work.observations]
    streams = book.load(codes)
    done.sent = [(streams[one.stream], one.sent) for one in done.work.observations]
    if not codes and all(outcome.answer for outcome in done.outcomes):
        done.answers = _answers(done, {})
    return done


def _attempt(requests: Sequence[Request], names: Sequence[str], *, commit: bool) -> _Done:
    """Carries the requests out. Without `commit`, what would need observations to be removed is rolled back."""
    ask = requests[0][0]
    with transaction.atomic():
        done = _Done(Work(ask.actor, ask.language), [])
        for place, (one, path) in enumerate(requests):
            try:
                outcome = _performed(done.work, one, path or _located(done.work, one))
                _settle(done.work, outcome)
                if names and outcome.made:
                    done.work.names[f"${names[place]}"] = outcome.made
            except Exception as error:
                raise Failed(place) from error
            done.outcomes.append(outcome)
            done.gone.searches += outcome.gone.searches
            done.gone.late += outcome.gone.late
        if done.gone.searches and not commit:
            transaction.set_rollback(True)
            return done
        if commit:
            _remove(done.gone)
        done.work.finish()
    return done


def _located(work: Work, ask: Ask) -> ResourcePath:
    """The path of a request to what an earlier one created: `/$sensor1/Datastreams`."""
    name, slash, rest = ask.path.removeprefix("/").partition("/")
    known = work.names.get(name)
    if known is None:
        raise bad("$.url", f"«{name}» refers to no earlier request that created an entity.", "broken_batch")
    kind, code = known
    return parse_path(f"/{ENTITY_TYPES[kind].set_name}('{code}'){slash}{rest}")


def _performed(work: Work, ask: Ask, path: ResourcePath) -> Outcome:
    try:
        return perform(work, ask, path)
    except BadEntity as error:
        raise bad(error.path, error.message) from error
    except InUse as error:
        raise Problem(409, "in_use", "Something needs it", f"{error} Nothing was deleted.") from error


def _settle(work: Work, outcome: Outcome) -> None:
    """Sees to it that the observations of a request can be kept, and makes what they are about."""
    new = work.observations[outcome.first : outcome.last]
    streams = read_streams({one.stream for one in new})
    for one in new:
        info = streams[one.stream]
        try:
            judged(info, one.sent.result)
        except WrongResult as error:
            raise bad(f"{one.path}.result", str(error)) from error
        if one.sent.feature is None and info.feature is None and info.place is None and not info.due:
            raise bad(f"{one.path}.FeatureOfInterest", str(NoFeature()))
    if new:
        make_about([(streams[one.stream], one.sent) for one in new])


def _remove(gone: Gone) -> None:
    for search in gone.searches:
        remove_matching(search)


async def _keep(work: Work, entries: list[Entry]) -> list[Kept]:
    """The observations, or nothing of what came with them."""
    try:
        return await keep(entries) if entries else []
    except TooManyAtOnce as error:
        await in_thread(_take_back, work)
        raise Failed(0) from bad("$.phenomenonTime", str(error))
    except Exception as error:
        await in_thread(_take_back, work)
        raise Failed(0) from error


def _take_back(work: Work) -> None:
    """Deletes what was created, newest first; links of what existed before stay changed."""
    with transaction.atomic():
        for kind, row in reversed(work.created):
            if type(row).objects.filter(pk=row.pk).exists():
                work.note(kind, row, "deleted", {"because": "its observations could not be kept"})
                row.delete()
        work.finish()


def _answers(done: _Done, answers: dict[int, Any]) -> list[Answer]:
    """Blocks."""
    found = []
    for place, outcome in enumerate(done.outcomes):
        found.append(answers[place] if outcome.answer is None else outcome.answer())
    return found

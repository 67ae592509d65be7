"""Which fault of a request is which problem document, over HTTP and within batches."""

from allmende.api.faults import as_problem
from allmende.api.problems import Problem
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.reading.context import Missing
from allmende.api.sensorthings.reading.expanding import TooMuch


def fault(error: Exception) -> Problem:
    """What became of a request that failed. `message` repeats the detail for clients that look for it there."""
    match error:
        case QueryError():
            status, title = 400, "The query cannot be read"
            if error.option == "path":
                status, title = (404 if _unknown_set(error) else 400), "The path cannot be read"
            problem = Problem(status, "bad_query", title, error.message)
            problem.body |= {"option": error.option, "position": error.position, "near": error.near}
        case Missing():
            problem = Problem(404, "not_found", "Not found", str(error))
        case TooMuch():
            problem = Problem(400, "too_costly", "The query is too costly", str(error))
        case _:
            problem = as_problem(error)
    problem.body.setdefault("message", problem.body.get("detail", problem.body["title"]))
    return problem


def _unknown_set(error: QueryError) -> bool:
    """A path to nowhere is a resource that does not exist."""
    return error.reason.startswith("There is no entity set")

"""Which fault of a request is which problem document, over HTTP and within batches."""

from allmende.api.faults import as_problem
from allmende.api.problems import Problem, not_found
from allmende.api.sensorthings.language.faults import QueryError
from allmende.api.sensorthings.reading.context import Missing
from allmende.api.sensorthings.reading.expanding import TooMuch


def fault(error: Exception) -> Problem:
    """What became of a request that failed. `message` repeats the detail for clients that look for it there."""
    match error:
        case QueryError():
            title = "The path cannot be read" if error.option == "path" else "The query cannot be read"
            problem = Problem(400, "bad_query", title, error.message)
            if error.option == "path" and _unknown_set(error):
                problem = not_found(error.message)
            problem.body |= {"option": error.option, "position": error.position, "near": error.near}
        case Missing():
            problem = not_found(str(error))
        case TooMuch():
            problem = Problem(400, "too_costly", "The query is too costly", str(error))
        case _:
            problem = as_problem(error)
    problem.body.setdefault("message", problem.body.get("detail", problem.body["title"]))
    return problem


def _unknown_set(error: QueryError) -> bool:
    """A path to nowhere is a resource that does not exist."""
    return error.reason.startswith("There is no entity set")

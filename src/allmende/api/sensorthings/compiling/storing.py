"""The dialect of the observation store: terms of `observations.queries.searching`."""

from allmende.api.sensorthings.compiling.operands import Expression, Open, Operand, Scalar, Span
from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.faults import Fault
from allmende.api.sensorthings.language.tree import Path
from allmende.observations.extras import RESULT, RESULT_QUALITY
from allmende.observations.queries.searching import Call, Column, Inside, Term, Value


class StoreDialect:
    """Writes terms; paths are those of an Observation's own properties."""

    def value(self, value: bool | int | float | str) -> Term:
        """A constant."""
        return Value(value)

    def call(self, name: str, *arguments: Expression) -> Term:
        """A function or an operator."""
        return Call(name, arguments)

    def own(self, path: Path) -> Operand:
        """A property of the Observation itself."""
        name, below = path.leaf.name, path.below
        match name:
            case "phenomenonTime":
                return Span(Column("time"), Column("finish"))
            case "resultTime":
                return Scalar(Kind.INSTANT, Column("result_time"))
            case "validTime":
                return Span(Column("valid_begin"), Column("valid_end"))
            case "result" if not below:
                return _result()
            case "result":
                return opened(Inside((RESULT, *_steps(below))))
            case "resultQuality":
                return opened(Inside((RESULT_QUALITY, *_steps(below))))
            case "parameters" if below:
                return opened(Inside(_steps(below)))
            case _:
                raise Fault(f"Observations cannot be asked for by {name} as a whole.", path.at)


def opened(json: Term) -> Open:
    """A JSON value of unknown type."""
    call = lambda name: Call(name, (json,))  # noqa: E731
    return Open(
        call("json_number"), call("json_text"), call("json_boolean"), call("json_scalar_text"), call("json_present")
    )


def _result() -> Open:
    """The result: mostly the number of the row itself, else what stands in the extra."""
    kept = opened(Inside((RESULT,)))
    number = Column("value")
    text = Call("coalesce", (Call("number_text", (number,)), kept.anything))
    present = Call("or", (Call("is_not_null", (number,)), kept.present))
    return Open(number, kept.text, kept.boolean, text, present)


def _steps(below: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Digits between slashes mean a place in an array here: results and qualities are arrays far more often."""
    return tuple(int(step) if isinstance(step, str) and step.isascii() and step.isdigit() else step for step in below)
